"""What one waits for is said on a terminal, and there only when it takes long."""

import io
import sys

import pytest

from bncalc.cli.waiting import Waiting


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
