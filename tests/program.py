"""The program, run in this process: what it writes to its streams, and its exit code."""

import gc
import io
import os
import signal
import sys
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from bncalc.cli.main import main

ROOT = Path(__file__).parents[1]


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


def run(*arguments: str, text: str = "", merged: bool = False, **environment: str) -> Done:
    """Run `bncalc ARGUMENTS` with `text` on standard input; `merged` streams keep their order."""
    kept = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR")}
    out = _Stream()
    err = out if merged else _Stream()
    pipe = signal.getsignal(signal.SIGPIPE) if hasattr(signal, "SIGPIPE") else None
    collects = gc.isenabled()
    code: object = 0
    with (
        patch.dict(os.environ, {**kept, **environment}, clear=True),
        patch.multiple(
            sys, argv=["bncalc", *arguments], stdin=_Stream(text), stdout=out, stderr=err
        ),
        patch.object(gc, "freeze"),  # for a process that ends, and this one goes on
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
