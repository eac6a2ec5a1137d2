"""The program: what Typer makes of the commands."""

from collections.abc import Mapping
from typing import Annotated

import typer

from bncalc._version import __version__
from bncalc.cli.command import Command, Commands
from bncalc.loading import loaded

_HELP = {"help_option_names": ["-h", "--help"]}
_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"bncalc {__version__}")
        raise typer.Exit


def bncalc(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Global options."""


def program(commands: Mapping[str, str], asked: str) -> typer.Typer:
    """Return a program of the command that is asked for, or of all where it is none of them.

    Typer builds the options of every command that it knows, whichever is run: most of start-up. The
    version needs no command.
    """
    app = typer.Typer(
        name="bncalc",
        cls=Commands,
        context_settings=_HELP,
        help="Calculate what convolutional blocks and networks cost: params, MACs and memory, "
        "from shapes alone.",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(bncalc)
    wanted = [name for name in commands if name == asked] or commands
    for name in () if asked == "--version" else wanted:
        command = loaded(commands[name])
        own_help = name == "block"  # which depends on the kind
        settings = _PASSED_ON if own_help else _HELP
        app.command(name, cls=Command, add_help_option=not own_help, context_settings=settings)(
            command
        )
    return app
