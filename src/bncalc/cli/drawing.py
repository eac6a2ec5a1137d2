"""Charts in the characters of the terminal that a command writes to."""

from __future__ import annotations

import shutil
from collections.abc import Iterable

from bncalc.printable import printable
from bncalc.render.chart.chart import Chart
from bncalc.render.chart.glyphs import ASCII, UNICODE, in_ascii


def in_terminal(charts: Iterable[Chart], *, plain: bool = False) -> str:
    """Return the lines of charts, as wide as the terminal; `plain` ones without Unicode."""
    width = max(shutil.get_terminal_size((100, 24)).columns, 40)
    blocks = []
    for chart in charts:
        lines = [chart.title, *chart.lines(width, ASCII if plain else UNICODE)]
        text = "\n".join(map(printable, lines))
        blocks.append(in_ascii(text) if plain else text)
    return "\n\n".join(blocks) + "\n"
