"""A text in the last column is folded, and never cut, on a screen of any width."""

import io

import pytest

from bncalc.render.table import Cell, Column, Row, Table
from bncalc.render.terminal import render


@pytest.mark.parametrize("width", range(20, 70))
def test_no_letter_of_the_last_column_is_lost(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    columns = (Column("a", "a", "name"), Column("n", "n"), Column("cause", "because", "text"))
    cells = ("stage3/0/conv2", 590_336, "out 256 → 512, kernel 3 → 5×5")
    shown = render(Table("t", columns, (Row(tuple(map(Cell, cells))),)), io.StringIO())
    letters = "".join(shown.split())
    for word in ("out", "256", "→", "512,", "kernel", "3", "5×5", "590,336"):
        assert word in letters
