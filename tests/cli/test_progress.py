"""What one waits for is said on a terminal, and there only when it takes long."""

import io
import os
import sys

import pytest
from tests.rows import each_of

from bncalc.cli.progress import Progress, Waiting, _clock


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "seconds", "shown"), [
    (Terminal, 2, "\rworking: 1 of 3\rworking: 1 of 3\r               \r"),
    (Terminal, 0, ""),
    (io.StringIO, 2, ""),
])  # fmt: skip
def test_progress_is_one_line_that_goes_away(
    monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO], seconds: int, shown: str
) -> None:
    out = stream()
    monkeypatch.setattr(sys, "stderr", out)
    with Waiting("working") as progress:
        progress._began -= seconds
        progress(1, 3)
        progress(1, 3)
    assert out.getvalue() == shown


def test_a_shorter_line_leaves_nothing_of_a_longer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Terminal()
    monkeypatch.setattr(sys, "stderr", out)
    with Progress(designs=1000, batches=2) as progress:
        lines = []
        for _ in range(2):
            progress.add(500)
            lines.append(progress._shown)
    assert lines[0].startswith("500 of 1,000 designs (50 %), ")
    assert lines[0].endswith(" left")
    assert lines[1].startswith("1,000 of 1,000 designs (100 %), ")
    longest = max(map(len, lines))
    assert out.getvalue().endswith(f"\r{lines[1]:<{longest}}\r{lines[1]}\r{' ' * len(lines[1])}\r")


def test_a_single_batch_shows_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Terminal()
    monkeypatch.setattr(sys, "stderr", out)
    with Progress(designs=1000, batches=1) as progress:
        progress.add(1000)
    assert out.getvalue() == ""


def test_progress_is_no_longer_than_a_line_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a line that is broken in two, the terminal writes over the second half only."""
    out = Terminal()
    monkeypatch.setattr(sys, "stderr", out)
    monkeypatch.setattr(out, "fileno", lambda: 2)
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((30, 24)))
    with Progress(designs=1_000_000, batches=2) as progress:
        progress.add(500_000)
        assert len(progress._shown) == 29


@each_of(
    [
        (5, "0:05"),
        (65.4, "1:05"),
        (3599, "59:59"),
        (3599.6, "1:00:00"),
        (3600, "1:00:00"),
        (3725, "1:02:05"),
    ]
)
def test_seconds_are_shown_as_on_a_clock(seconds: float, shown: str) -> None:
    assert _clock(seconds) == shown
