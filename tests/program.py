"""The program, run in this process: what it writes to its streams, and its exit code."""

import gc
import io
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from typer.main import get_command

from bncalc.cli import program
from bncalc.cli.main import COMMANDS, main

ROOT = Path(__file__).parents[1]
_program = program.program


class Done(NamedTuple):
    """What a run has left."""

    returncode: int
    stdout: str
    stderr: str


class _Stream(io.TextIOWrapper):
    """A stream that keeps what was written, as UTF-8 like the program's own."""

    def __init__(self, text: str = "") -> None:
        super().__init__(io.BytesIO(text.encode()), encoding="utf-8", write_through=True)

    @property
    def text(self) -> str:
        bytes_of = self.buffer
        assert isinstance(bytes_of, io.BytesIO)
        return bytes_of.getvalue().decode()


def _built(commands: Mapping[str, str], asked: str) -> Any:
    """Return what Typer makes of a command, made once: it holds nothing of a call."""
    assert commands is COMMANDS
    if "_BNCALC_COMPLETE" in os.environ:  # asks Typer itself for its command
        return _program(commands, asked)
    return _built_once(asked if asked in (*COMMANDS, "--version") else "")


@cache
def _built_once(asked: str) -> Any:
    return get_command(_program(COMMANDS, asked))


@contextmanager
def _environment(changes: Mapping[str, str | None]) -> Iterator[None]:
    """Set variables, None taking one out, and no others: to write all of them takes a while."""
    before = {name: os.environ.get(name) for name in changes}
    _set(changes)
    try:
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def run(*arguments: str, text: str = "", merged: bool = False, **environment: str) -> Done:
    """Run `bncalc ARGUMENTS` with `text` on standard input; `merged` streams keep their order."""
    out = _Stream()
    err = out if merged else _Stream()
    pipe = signal.getsignal(signal.SIGPIPE) if hasattr(signal, "SIGPIPE") else None
    collects = gc.isenabled()
    code: object = 0
    with (
        _environment({"COLUMNS": None, "NO_COLOR": None, **environment}),
        patch.multiple(
            sys, argv=["bncalc", *arguments], stdin=_Stream(text), stdout=out, stderr=err
        ),
        # Typer takes a call's name from the module that was started, `pytest` under `python -m`.
        patch.object(sys.modules["__main__"], "__package__", None),
        patch.object(program, "program", _built),
        patch.object(gc, "freeze", int),  # for a process that ends, and this one goes on
    ):
        try:
            main()
        except SystemExit as left:
            code = left.code
        finally:
            if collects:
                gc.enable()
            if pipe is not None:
                signal.signal(signal.SIGPIPE, pipe)
    return Done(code if isinstance(code, int) else int(code is not None), out.text, err.text)
