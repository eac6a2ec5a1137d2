"""Waiting: what is being done, on a terminal, once it takes longer than a moment."""

from __future__ import annotations

import sys
import time
from types import TracebackType

_PATIENCE = 1.0
"""Seconds of silence."""


class Waiting:
    """A line on standard error that is written over, and gone at the end."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._began = time.monotonic()
        self._shown = ""
        self._is_seen = sys.stderr is not None and sys.stderr.isatty()

    def __enter__(self) -> Waiting:
        return self

    def __call__(self, done: int, of: int) -> None:
        """Say how far it is, unless that is what is shown."""
        text = f"{self._what}: {done} of {of}"
        if self._is_seen and text != self._shown and time.monotonic() - self._began > _PATIENCE:
            self._write(text)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            self._write("")

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r{text:<{len(self._shown)}}\r{text}")
        sys.stderr.flush()
        self._shown = text
