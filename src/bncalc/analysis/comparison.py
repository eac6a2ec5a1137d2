"""A comparison: designs side by side, each number with its ratio to the baseline."""

from collections.abc import Iterable

from bncalc.analysis.metric import metric_named
from bncalc.analysis.report import Report
from bncalc.analysis.rows import whole
from bncalc.calls import public
from bncalc.errors import UsageError, refuse_other, refuse_unknown
from bncalc.frames import Framed
from bncalc.model.graph import Graph
from bncalc.named import NamedTuple


class _Comparison(NamedTuple):
    reports: tuple[Report, ...]
    baseline: Report


class Comparison(_Comparison, Framed):
    """Designs in the order given, and the one that ratios refer to."""

    __slots__ = ()

    def rows(self) -> list[dict[str, object]]:
        """Return a flat dict for each design, as `pandas.DataFrame` takes them."""
        return [whole(report) for report in self.reports]

    def __repr__(self) -> str:
        names = ", ".join([report.name for report in self.reports])
        return f"<Comparison of {names}, against {self.baseline.name}>"

    @public
    def ratio(self, report: Report, metric: str) -> float | None:
        """Return the design's number over the baseline's; None if the baseline has none.

        A metric is named by its word or its JSON key; raises UsageError for another name.
        """
        if not isinstance(report, Report):
            refuse_other("ratio", "one of the reports, and the name of a metric", report)
        total = metric_named(metric).total
        own, base = total(report), total(self.baseline)
        if isinstance(own, (int, float)) and isinstance(base, (int, float)) and base:
            return own / base
        return None


@public
def compare(reports: Iterable[Report], baseline: str | None = None) -> Comparison:
    """Put designs side by side; the baseline is the first, or the first of that name.

    Raises UsageError if there is none of that name.
    """
    reports = (reports,) if isinstance(reports, (Report, Graph, str)) else tuple(reports)
    for report in reports:
        if not isinstance(report, Report):
            refuse_other("compare", "reports, such as measure(network('resnet50'))", report)
    names = [report.name for report in reports]
    if not names:
        raise UsageError("compare takes one report at least")
    if baseline is None:
        return Comparison(reports, reports[0])
    if not isinstance(baseline, str):
        expected = "a list of reports, and its baseline by name, as in compare([a, b], 'resnet18')"
        refuse_other("compare", expected, baseline)
    refuse_unknown("there is no design", baseline, names)
    return Comparison(reports, reports[names.index(baseline)])
