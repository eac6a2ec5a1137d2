"""Nothing is cut on a screen of any width: numbers stay whole, texts are folded."""

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


@pytest.mark.parametrize("width", range(20, 90))
def test_nothing_is_cut_in_a_table_under_headings(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    columns = (Column("check", "Check", "name"), Column("n", "Now"), Column("s", "", "text"))
    rows = (
        Row((Cell("models/mobile/mbv2_x1.yaml"), Cell(None), Cell(None)), role="heading"),
        Row((Cell("peak activation of the whole"), Cell(19_801_643_008), Cell("FAIL"))),
    )
    shown = render(Table("t", columns, rows), io.StringIO())
    assert "19,801,643,008" in shown
    assert "FAIL" in shown
