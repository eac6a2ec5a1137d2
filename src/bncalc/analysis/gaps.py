"""Gaps: what is in no number of a report, because nobody knows it."""

from collections.abc import Collection, Iterator

from bncalc.analysis.metric import METRICS
from bncalc.analysis.report import Report
from bncalc.quantity import first_few


def gaps(report: Report, words: Collection[str]) -> Iterator[str]:
    """Say what the numbers of some metrics, by their words, leave out."""
    ops = dict.fromkeys([layer.op for layer in report.uncounted])
    if ops:
        yield f"not counted: {', '.join(ops)}"
    if "ram" in words:
        yield from ram_gap(report)
    if any(METRICS[word].analysis == "training" for word in words):
        yield from kept_gap([report])


def ram_gap(report: Report) -> Iterator[str]:
    """Say why RAM may be more than is known."""
    from bncalc.analysis.arena.deployment import Deployment

    unknown = report.result(Deployment).unknown
    if unknown:
        yield f"RAM is at least what is shown: {unknown}"


def kept_gap(reports: Collection[Report]) -> Iterator[str]:
    """Name the layers of which nobody has measured what PyTorch keeps for the backward pass."""
    from bncalc.analysis.training import Training

    paths = [path for report in reports for path in report.result(Training).unknown]
    if paths:
        yield f"kept for backward: not known, and left out: {first_few(paths)}"
