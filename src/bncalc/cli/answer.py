"""The answer: a comparison or a table, in the form asked for, to where it was asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from io import StringIO
from typing import TYPE_CHECKING

from bncalc.analysis.comparison import Comparison
from bncalc.cli.ignored_options import refuse_label
from bncalc.cli.options import Shown
from bncalc.errors import UsageError
from bncalc.loading import loaded
from bncalc.printable import without_commands
from bncalc.render.formats import Format

if TYPE_CHECKING:
    from bncalc.render.table import Table

Document = Mapping[str, object]
"""What becomes JSON."""


def answer(
    shown: Shown, comparison: Comparison, view: Callable[[], Table], under: str = ""
) -> None:
    """Write a comparison; `view` lays it out and is asked only where the form is a table.

    What is to stand `under` it comes after a blank line.
    """
    write(shown, lambda: loaded("render.json:document")(comparison), view, under)


def write(
    shown: Shown, document: Callable[[], Document], view: Callable[[], Table], under: str = ""
) -> None:
    """Write a result, as the JSON of `document` or as the table of `view`."""
    text = _rendered(shown, document, view)
    deliver(f"{text}\n{under}" if under else text, shown.output)


def deliver(text: str, output: str | None = None, *, commands: bool = False) -> None:
    """Write to a file or to standard output; raise UsageError where that cannot be.

    CI services take no line of standard output for a command, unless `commands` are meant.
    """
    try:
        if output is not None:
            with open(output, "w", encoding="utf-8", newline="\n") as file:  # noqa: PTH123
                file.write(text)
        elif sys.stdout is None:
            raise UsageError("cannot write the answer: standard output is closed")
        else:
            sys.stdout.write(text if commands else without_commands(text))
            sys.stdout.flush()
    except OSError as error:
        raise UsageError(f"cannot write {output or 'the answer'}: {_why(error, output)}") from None


def deliver_bytes(content: bytes, output: str) -> None:
    """Write a file that is not text; raise UsageError where that cannot be."""
    try:
        with open(output, "wb") as file:  # noqa: PTH123
            file.write(content)
    except OSError as error:
        raise UsageError(f"cannot write {output}: {_why(error, output)}") from None


def _why(error: OSError, output: str | None) -> str:
    """Return why a file cannot be written: what the system calls a file is the folder it is in."""
    if output and isinstance(error, FileNotFoundError):
        return f"there is no folder {os.path.dirname(output)!r}"  # noqa: PTH120
    return error.strerror or str(error)


def _rendered(shown: Shown, document: Callable[[], Document], view: Callable[[], Table]) -> str:
    refuse_label(shown)
    if shown.form is Format.json:
        from bncalc.render import json

        return json.text(document())
    render = loaded(shown.form.place)
    screen: dict[str, object] = {}
    if shown.form is Format.table:
        to_file = shown.output is not None or sys.stdout is None
        screen = {"stream": StringIO() if to_file else sys.stdout, "exact": shown.exact}
    text: str = render(shown.styled(view()), **screen)
    return text
