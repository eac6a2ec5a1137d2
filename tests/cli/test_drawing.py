"""Charts in the terminal are as wide as it is, within reason."""

import sys

import pytest

from bncalc.cli.drawing import draw, in_terminal
from bncalc.errors import UsageError
from bncalc.render.chart.glyphs import Glyphs


class Width:
    """A chart that says how wide it is drawn."""

    title = "chart"

    def lines(self, width: int, glyphs: Glyphs) -> list[str]:
        return [f"{width}"]

    def svg(self, theme: object) -> str:
        return ""


def test_a_file_holds_one_picture() -> None:
    with pytest.raises(UsageError, match="can hold one picture, not 2"):
        draw([Width(), Width()], "charts.svg", theme="light")


def test_a_chart_is_as_wide_as_the_terminal_and_100_without_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for columns, width in (("132", 132), ("40", 40), ("39", 40), ("0", 100)):
        monkeypatch.setenv("COLUMNS", columns)
        monkeypatch.setattr(sys, "__stdout__", None)
        assert in_terminal([Width()]) == f"chart\n{width}\n"
