"""The entry point: which commands there are, and how anything that goes wrong is said and counted.

Typer is imported within, so that all that happens from the first moment on is dealt with here.
"""

import gc
import os
import signal
import sys
from typing import Any

from bncalc.cli.messages import complain
from bncalc.errors import BncalcError, SpecError

COMMANDS = {
    "block": "cli.block:block",
    "compare": "cli.compare:compare",
    "show": "cli.show:show",
    "memory": "cli.memory:memory",
    "diff": "cli.diff:diff",
    "conventions": "cli.conventions:conventions",
    "fit": "cli.fit:fit",
    "formula": "cli.formula:formula",
    "check": "cli.check:check",
    "budget": "cli.budget:budget",
    "list": "cli.listing:list_",
    "schema": "cli.schema:schema",
}
MOST_PROBLEMS = 200


def main() -> None:
    """Run the command line; exit 0 when fine, 1 when a budget is broken, 2 for a wrong input."""
    gc.disable()  # a short life without cycles; collecting costs a twentieth of it
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader that has seen enough is no error
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        sys.exit(_run(sys.argv[1:] or ["--help"]))
    except BncalcError as error:
        complain(*_lines(error))
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if hasattr(error, "format_message"):  # of Typer's parser
            complain(*_misused(error))
            sys.exit(2)
        if os.environ.get("BNCALC_DEBUG"):
            raise
        complain(_unexpected(error))
        sys.exit(2)
    finally:
        gc.freeze()  # at its end the interpreter would look for cycles once more


def _run(arguments: list[str]) -> int:
    from bncalc.cli.program import program

    code = program(COMMANDS, arguments[0])(arguments, standalone_mode=False)
    return code if isinstance(code, int) else 0


def _lines(error: BncalcError) -> list[str]:
    if not isinstance(error, SpecError):
        return [f"error: {error}"]
    shown = error.problems[:MOST_PROBLEMS]
    lines = [str(problem) for problem in shown]
    if len(error.problems) > len(shown):
        lines.append(f"… and {len(error.problems) - len(shown)} more errors")
    return lines


def _misused(error: Any) -> list[str]:
    """Say what is wrong with a call, and where the help for it is."""
    message = error.format_message()
    lines = [f"error: {message[:1].lower()}{message[1:]}"]
    if error.ctx is not None:
        lines.append(f"`{error.ctx.command_path} --help` shows what there is")
    return lines


def _unexpected(error: Exception) -> str:
    if isinstance(error, OSError):  # a full disk, and whatever else a machine may do
        return f"error: {error}"
    where = f"{type(error).__name__}: {error}".splitlines()[0]
    hint = "this is a bug in bncalc; set BNCALC_DEBUG=1 to see the traceback"
    return f"bncalc: internal error: {where} ({hint})"
