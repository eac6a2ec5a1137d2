"""Networks that a test types in, as files of YAML."""

from pathlib import Path

from tests.problems import told

import bncalc
from bncalc.model.graph import Graph


def written(text: str, folder: Path) -> Graph:
    """Return the first network of a file with this text."""
    path = folder / "net.yaml"
    path.write_text(text, encoding="utf-8")
    return bncalc.load(str(path))[0]


def problems_of(text: str, folder: Path) -> list[str]:
    """Return what is wrong with such a file, as it is printed but for its path."""
    return told(written, text, folder, of=f"{folder / 'net.yaml'}:")
