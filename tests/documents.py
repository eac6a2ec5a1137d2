"""What bncalc writes of a network as JSON."""

from bncalc.analysis.comparison import compare
from bncalc.analysis.report import Report
from bncalc.render.json import document, text


def document_text(report: Report) -> str:
    """Return the document of one design."""
    return text(document(compare((report,), report.name)))
