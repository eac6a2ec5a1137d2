"""What is said of many layers is said once to people, and of each to scripts."""

import json
from io import StringIO

import pytest
from tests.render.verdict.examples import FAILED, HEAD, verdict

from bncalc.budget.verdict import Check, Subject, Verdict
from bncalc.render.verdict import FormContext, render


def unknown(op: str, *paths: str) -> list[Check]:
    check = FAILED._replace(
        rule="BN301",
        metric="macs",
        value=0,
        bound=None,
        base=None,
        reason=f"the cost of {op} is not known",
        why=None,
        fixes=None,
        message="",
    )
    return [
        check._replace(subject=Subject("net.onnx", "net", "layer", path), location=HEAD)
        for path in paths
    ]


MANY = verdict(
    *unknown("Odd", *(f"odd{number}" for number in range(60))), *unknown("Fancy", "a", "b", "c")
)
TOGETHER = "odd0, odd1, odd2 and 57 more: MACs"


def shown(format: str, verdict: Verdict, *, every: bool = False) -> str:
    return render(format, verdict, FormContext(StringIO(), every=every))


@pytest.mark.parametrize("format", ["text", "markdown"])
def test_operations_of_a_kind_that_are_not_counted_are_told_together(format: str) -> None:
    text = shown(format, MANY)
    assert text.count("the cost of Odd is not known") == 1
    assert text.count("the cost of Fancy is not known") == 3
    assert f"{TOGETHER}: the cost of Odd is not known" in text
    assert f"{TOGETHER} uncounted" in text
    assert "63 of 63 checks failed" in text


def test_scripts_and_whoever_asks_for_all_get_each() -> None:
    checks = json.loads(shown("json", MANY))["checks"]
    assert [check["path"] for check in checks][:60] == [f"odd{number}" for number in range(60)]
    assert shown("concise", MANY).count("the cost of Odd is not known") == 60
    assert shown("text", MANY, every=True).count("the cost of Odd is not known") == 60


def test_a_number_that_is_not_known_is_not_zero() -> None:
    assert {check["value"] for check in json.loads(shown("json", MANY))["checks"]} == {None}
    assert MANY.rows()[0]["value"] is None
    (row,) = [line for line in shown("text", MANY).splitlines() if line.startswith("  a: MACs")]
    assert row.split()[-2:] == ["?", "FAIL"]
