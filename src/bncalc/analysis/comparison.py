"""A comparison: designs side by side, each number with its ratio to the baseline."""

from typing import NamedTuple

from bncalc.analysis.report import Report
from bncalc.errors import UsageError, instead


class Comparison(NamedTuple):
    """Designs in the order given, and the one that ratios refer to."""

    reports: tuple[Report, ...]
    baseline: Report

    def ratio(self, report: Report, name: str) -> float | None:
        """Return the design's number over the baseline's; None where the baseline has none."""
        own, base = report.numbers().get(name), self.baseline.numbers().get(name)
        if isinstance(own, (int, float)) and isinstance(base, (int, float)) and base:
            return own / base
        return None


def compare(reports: tuple[Report, ...], baseline: str) -> Comparison:
    """Put designs side by side; the baseline is the first design of that name.

    Raises UsageError where there is none.
    """
    for one in reports:
        if one.name == baseline:
            return Comparison(reports, one)
    names = [one.name for one in reports]
    hint = instead(baseline, names)
    raise UsageError(f"there is no design {baseline!r}{hint}")
