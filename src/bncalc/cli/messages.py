"""Messages: what a person is told beside the answer, on standard error."""

import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from bncalc.printable import printable, without_commands

if TYPE_CHECKING:
    from bncalc.opening.model import Model


def complain(*lines: str) -> None:
    """Write lines to standard error, each made fit for a terminal and a log.

    Where nothing can be written there, the exit code alone says how it went.
    """
    if lines and sys.stderr is not None:  # closed by whoever started us
        text = "".join(f"{printable(line)}\n" for line in lines)
        with suppress(OSError):
            sys.stderr.write(without_commands(text))


def tell(models: Iterable["Model"]) -> None:
    """Say what the models of a call warn of, and what was noted when they were read, once each."""
    warnings = {problem: None for model in models for problem in model.warnings}
    notes = {note: None for model in models for note in model.notes}
    complain(*map(str, sorted(warnings)), *(f"note: {note}" for note in notes))
