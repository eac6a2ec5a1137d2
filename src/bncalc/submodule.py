"""Submodules: folders whose files git gets when it is asked to, and not with a clone."""

from __future__ import annotations

import os
import re
from pathlib import Path

from bncalc.files import read_bounded
from bncalc.work_tree import top_of

_MOST = 100_000


def hint(path: str) -> str:
    """Return how to get a file that a path or a glob names; empty but in a submodule without files.

    It begins with a semicolon, for the end of a message.
    """
    folder = next((folder for folder in Path(path).parents if folder.is_dir()), Path())
    top = top_of(folder) if _is_empty(folder) else None
    if top is None:
        return ""
    inside = folder.resolve().relative_to(top).as_posix()
    if inside not in _submodules(top):
        return ""
    return f"; {folder} is a submodule without files: git submodule update --init {folder}"


def _is_empty(folder: Path) -> bool:
    try:
        return not any(folder.iterdir())
    except OSError:
        return False


def _submodules(top: Path) -> list[str]:
    """Return the folders of submodules, as `.gitmodules` has them."""
    try:
        text = os.fsdecode(read_bounded(str(top / ".gitmodules"), _MOST))
    except OSError:
        return []
    return re.findall(r"(?m)^\s*path\s*=\s*(.*?)\s*$", text)
