"""Progress of a long search: how much is done, how fast, and how long the rest takes."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self


class Progress:
    """A line on standard error, where that is a terminal and there is more than one batch."""

    def __init__(self, designs: int, batches: int) -> None:
        self._all = designs
        self._done = 0
        self._began = time.monotonic()
        self._shown = batches > 1 and sys.stderr is not None and sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")

    def add(self, designs: int) -> None:
        """Count designs that are done."""
        self._done += designs
        if self._shown:
            sys.stderr.write(f"\r\x1b[K{self.line(time.monotonic() - self._began)}")
            sys.stderr.flush()

    def line(self, seconds: float) -> str:
        """Return what is done after so many seconds."""
        rate = self._done / max(seconds, 1e-9)
        left = (self._all - self._done) / rate if rate else 0.0
        share = 100 * self._done / self._all
        done = f"{self._done:,} of {self._all:,} designs ({share:.0f} %)"
        return f"{done}, {rate:,.0f} a second, {_clock(left)} left"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
