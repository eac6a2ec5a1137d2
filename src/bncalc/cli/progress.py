"""Progress: what is being done, and how far it is, on a line that is gone at the end."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType
from typing import Self

_USUAL_WIDTH = 80


class _StatusLine:
    """A line on standard error, where that is a terminal, that each text writes over."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._shown = ""
        self._is_seen = sys.stderr is not None and sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._show("")

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._began

    def _show(self, text: str) -> None:
        if not self._is_seen:
            return
        text = text[: _width() - 1]
        if text != self._shown:
            sys.stderr.write(f"\r{text:<{len(self._shown)}}\r{text}")
            sys.stderr.flush()
            self._shown = text


class Waiting(_StatusLine):
    """What is being done, once it takes longer than a moment, and how much of it is done."""

    PATIENCE = 1.0
    """Seconds of silence."""

    def __init__(self, task: str) -> None:
        super().__init__()
        self._task = task

    def __call__(self, done: int, of: int) -> None:
        if self._seconds > self.PATIENCE:
            self._show(f"{self._task}: {done} of {of}")


class Progress(_StatusLine):
    """How many designs of a search in several batches are done, how fast, and the time left."""

    def __init__(self, designs: int, batches: int) -> None:
        super().__init__()
        self._all = designs
        self._done = 0
        self._is_seen = self._is_seen and batches > 1

    def add(self, designs: int) -> None:
        """Count designs that are done."""
        self._done += designs
        self._show(self.line(self._seconds))

    def line(self, seconds: float) -> str:
        """Return what is done after so many seconds."""
        rate = self._done / max(seconds, 1e-9)
        left = (self._all - self._done) / rate if rate else 0.0
        share = 100 * self._done / self._all
        done = f"{self._done:,} of {self._all:,} designs ({share:.0f} %)"
        return f"{done}, {rate:,.0f} a second, {_clock(left)} left"


def _width() -> int:
    """Return how many characters the terminal shows on a line: what is longer stays behind."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or _USUAL_WIDTH
    except OSError:
        return _USUAL_WIDTH


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
