"""Scales: how deep and how wide a letter in a file's name makes the model of the file."""

from __future__ import annotations

import re
from math import ceil

from bncalc.named import NamedTuple

_NAME = r"(yolo(?:e-|v)?\d+|yoloe-v\d+)([nslmxtbc])(?=[-.]|$)"


class ModelScale(NamedTuple):
    """Depth multiplies repeats, width multiplies channels after they were cut to the most."""

    letter: str = ""
    depth: float = 1.0
    width: float = 1.0
    most: float = float("inf")

    def channels(self, written: int) -> int:
        """Return channels as built: a multiple of 8, rounded up."""
        return ceil(min(written, self.most) * self.width / 8) * 8

    def repeats(self, written: int) -> int:
        """Return repeats as built; a single one stays single. Halves round to even."""
        return max(round(written * self.depth), 1) if written > 1 else written


def letter_in(name: str) -> str:
    """Return the letter of the scale in a file's name: s in yolo11s-seg.yaml; empty without one."""
    match = re.search(_NAME, name.rpartition("/")[2])
    return match[2] if match else ""


def without_letter(path: str) -> str:
    """Return the name of the file that holds all scales: yolo11-seg.yaml for yolo11s-seg.yaml."""
    folder, slash, name = path.rpartition("/")
    return folder + slash + re.sub(_NAME, r"\1", name)
