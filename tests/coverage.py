"""Which lines and branches of bncalc the tests reach, measured where they run."""

import json
import sys
from typing import Any

import pytest
import slipcover
from slipcover.config import read_config

_NEVER = 2**31 - 1


class Coverage:
    """What the tests of one process reach, or of all processes that it has started.

    Modules are changed as they are imported, so that a line reports its first run and costs nothing
    from then on; a tracer takes two to three times as long.
    """

    def __init__(self, config: pytest.Config) -> None:
        settings = read_config(config.inipath)
        self.floor: float = settings["fail-under"]
        self.seen: dict[str, Any] = {}
        self.tests = 0
        self.measured = slipcover.Slipcover(
            d_miss_threshold=_NEVER,
            branch=True,
            source=settings["source"],
            omit=settings["omit"],
            exclude_also=settings["exclude-also"],
        )
        if not _only_starts_others(config):
            matcher = slipcover.FileMatcher(settings["source"], settings["omit"])
            slipcover.ImportManager(self.measured, matcher).__enter__()

    def pytest_runtest_teardown(self) -> None:
        """After 32, 64, 128, … tests take out what has reported: from Python 3.12 on it is out.

        To look for it whenever a line has been reached often takes longer than it saves.
        """
        self.tests += 1
        if self.tests >= 32 and self.tests.bit_count() == 1 and sys.version_info < (3, 12):
            self.measured.deinstrument_seen()

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if worker := _worker(session.config):
            worker["coverage"] = json.dumps(self.measured.get_coverage())
            return
        if not _only_starts_others(session.config):
            self.seen = self.measured.get_coverage()
        if session.exitstatus == pytest.ExitCode.OK and self._is_too_little():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Add what the tests of a process of xdist have reached."""
        seen = json.loads(getattr(node, "workeroutput", {}).get("coverage", "{}"))
        if self.seen and seen:
            slipcover.merge_coverage(self.seen, seen)
        else:
            self.seen = self.seen or seen

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.seen:
            return
        slipcover.print_coverage(self.seen, outfile=terminalreporter, skip_covered=True)
        verdict = (
            f"{self._percent():.2f} % of lines and branches are reached, {self.floor} % are due"
        )
        terminalreporter.write_line(verdict, red=self._is_too_little())

    def _is_too_little(self) -> bool:
        return self._percent() < self.floor

    def _percent(self) -> float:
        return float(self.seen["summary"]["percent_covered"]) if self.seen else 0.0


def _worker(config: pytest.Config) -> dict[str, Any] | None:
    """Return what a process of xdist sends to who has started it, in such a process."""
    return getattr(config, "workeroutput", None)


def _only_starts_others(config: pytest.Config) -> bool:
    return _worker(config) is None and bool(config.getoption("numprocesses", None))
