"""The entry point: commands, and how anything that goes wrong is said and counted."""

from __future__ import annotations

import gc
import os
import signal
import sys
from importlib import import_module
from typing import Annotated

import typer

from bncalc._version import __version__
from bncalc.errors import BncalcError, SpecError

MOST_PROBLEMS = 200

app = typer.Typer(
    name="bncalc",
    help="What convolutional blocks and networks cost: params, MACs, memory. Nothing is executed.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"bncalc {__version__}")
        raise typer.Exit


@app.callback()
def bncalc(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Hold the options that stand before a command."""


COMMANDS = {
    "block": "block:block",
    "compare": "compare:compare",
    "show": "show:show",
    "conventions": "conventions:conventions",
    "list": "listing:list_",
    "schema": "schema:schema",
}
_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


def register(asked: str | None) -> None:
    """Give the app the command that is asked for, or all where it is none of them.

    Typer builds the options of every command that it knows, whichever is run: most of start-up.
    """
    for name in [asked] if asked in COMMANDS else COMMANDS:
        module, function = COMMANDS[name or ""].split(":")
        command = getattr(import_module(f"bncalc.cli.{module}"), function)
        own_help = name == "block"  # which depends on the kind
        settings = _PASSED_ON if own_help else None
        app.command(name, add_help_option=not own_help, context_settings=settings)(command)


def main() -> None:
    """Run the command line; exit 0 when fine, 1 when a budget is broken, 2 for a wrong input."""
    gc.disable()  # a short life without cycles; collecting costs a twentieth of it
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader that has seen enough is no error
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        register(sys.argv[1] if len(sys.argv) > 1 else None)
        app()
    except BncalcError as error:
        _say(error)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get("BNCALC_DEBUG"):
            raise
        where = f"{type(error).__name__}: {error}".splitlines()[0]
        hint = "this is a bug in bncalc; set BNCALC_DEBUG=1 to see the traceback"
        sys.stderr.write(f"bncalc: internal error: {where} ({hint})\n")
        sys.exit(2)


def _say(error: BncalcError) -> None:
    if not isinstance(error, SpecError):
        sys.stderr.write(f"error: {error}\n")
        return
    shown = error.problems[:MOST_PROBLEMS]
    lines = [str(problem) for problem in shown]
    if len(error.problems) > len(shown):
        lines.append(f"… and {len(error.problems) - len(shown)} more errors")
    sys.stderr.write("\n".join(lines) + "\n")
