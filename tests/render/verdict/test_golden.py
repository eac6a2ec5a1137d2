"""Whole verdicts in every format, kept in `golden`; `pytest --golden` rewrites them."""

import io
from pathlib import Path

import pytest
from tests.render.verdict.examples import CLEAN, PULL_REQUEST

from bncalc.budget.verdict import Verdict
from bncalc.render.verdict import FORMATS, FormContext, render

GOLDEN = Path(__file__).parent / "golden"
VERDICTS = {"pull_request": PULL_REQUEST, "clean": CLEAN}
ENDINGS = {"markdown": "md", "json": "json", "junit": "xml", "sarif": "sarif.json"}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(("name", "verdict"), VERDICTS.items(), ids=VERDICTS)
def test_verdicts_are_as_written(
    format: str, name: str, verdict: Verdict, request: pytest.FixtureRequest
) -> None:
    text = render(format, verdict, FormContext(io.StringIO(), "project"))
    path = GOLDEN / f"{name}.{format}.{ENDINGS.get(format, 'txt')}"
    if request.config.getoption("--golden"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), "if this is meant: pytest --golden"
