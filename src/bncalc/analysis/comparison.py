"""A comparison: designs side by side, each number with its ratio to the baseline."""

from typing import NamedTuple

from bncalc.analysis.metric import metric_named
from bncalc.analysis.report import Report
from bncalc.errors import UsageError, instead


class Comparison(NamedTuple):
    """Designs in the order given, and the one that ratios refer to."""

    reports: tuple[Report, ...]
    baseline: Report

    def ratio(self, report: Report, metric: str) -> float | None:
        """Return the design's number over the baseline's; None where the baseline has none.

        A metric is named by its word or its JSON key; raises UsageError for another name.
        """
        total = metric_named(metric).total
        own, base = total(report), total(self.baseline)
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
