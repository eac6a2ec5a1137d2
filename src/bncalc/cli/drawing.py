"""Charts in the characters of the terminal that a command writes to, or as pictures in files."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from bncalc.errors import UsageError
from bncalc.printable import printable
from bncalc.render.breadth import shortened
from bncalc.render.chart import Chart
from bncalc.render.chart.glyphs import ASCII, UNICODE, in_ascii
from bncalc.render.chart.svg import THEMES
from bncalc.render.formats import Format

_SUFFIXES = (".svg", ".png")


def in_terminal(charts: Iterable[Chart], *, plain: bool = False) -> str:
    """Return the lines of charts, as wide as the terminal; `plain` ones without Unicode."""
    width = max(shutil.get_terminal_size((100, 24)).columns, 40)
    blocks = []
    for chart in charts:
        title = shortened(chart.title, width)
        lines = [title, *chart.lines(width, ASCII if plain else UNICODE)]
        text = "\n".join(map(printable, lines))
        blocks.append(in_ascii(text) if plain else text)
    return "\n\n".join(blocks) + "\n"


def under_table(charts: Iterable[Chart], form: Format) -> str:
    """Return charts to stand under a table; raise UsageError if the answer is of another form."""
    if form is not Format.table:
        raise UsageError("--plot goes with a table; `bncalc plot` writes pictures")
    return in_terminal(charts)


def draw(charts: Sequence[Chart], output: str | None, *, theme: str, plain: bool = False) -> None:
    """Draw charts in the terminal, `plain` without Unicode, or write the one there is to a file.

    Raises UsageError for another suffix, and for several pictures in one file.
    """
    from bncalc.cli.answer import deliver

    if output is None:
        deliver(in_terminal(charts, plain=plain))
        return
    suffix = PurePath(output).suffix.lower()
    if suffix not in _SUFFIXES:
        raise UsageError(f"--output {output}: pictures are written as .svg or .png")
    if len(charts) > 1:
        drawn = "; ".join([*[chart.title for chart in charts[:3]], *["…"] * (len(charts) > 3)])
        raise UsageError(
            f"--output {output} can hold one picture, not {len(charts)} ({drawn}); name one "
            "model, as in FILE#NAME, or one metric with --by"
        )
    _write(charts[0], output, suffix, theme)


def _write(chart: Chart, output: str, suffix: str, theme: str) -> None:
    from bncalc.cli.answer import deliver, deliver_bytes

    svg = chart.svg(THEMES[theme])
    if suffix == ".svg":
        deliver(svg, output)
        return
    from bncalc.render.chart.svg import png

    deliver_bytes(png(svg), output)
