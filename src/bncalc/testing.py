"""Budgets in tests: a network is held to its limits, and a failure says why and what would fix it.

from bncalc.testing import assert_within_budget

def test_the_model_is_small():
    assert_within_budget("models/mobile.yaml", params="4M", macs="315M")
"""

from __future__ import annotations

from bncalc.analysis.metric import limitable, metric_named
from bncalc.budget.verdict import Verdict
from bncalc.errors import UsageError
from bncalc.model.graph import Graph
from bncalc.quantity import written

LimitValue = str | int
"""`4M`, `18 MiB`, or a whole number of the metric's unit."""


def assert_within_budget(
    model: str | Graph | None = None,
    *,
    budget: str | None = None,
    base: str | None = None,
    **limits: LimitValue,
) -> None:
    """Raise AssertionError where a budget is broken: one in a file, or limits of this call.

    A model is a path, `FILE#name`, a shipped name, or a graph; without one, all models of the
    budget file are meant. `base` is what growth is measured from. Raises UsageError and SpecError
    as the command exits with 2.
    """
    __tracebackhide__ = True
    verdict = _verdict(model, budget, base, limits)
    if verdict.failed:
        raise AssertionError(_message(verdict))


def _verdict(
    model: str | Graph | None, budget: str | None, base: str | None, limits: dict[str, LimitValue]
) -> Verdict:
    from bncalc.budget.budgets import Budgets
    from bncalc.budget.check import check, check_graph
    from bncalc.budget.command_line import inline
    from bncalc.budget.reader import read_budgets

    if (budget is None) == (not limits):
        raise UsageError("assert_within_budget needs a budget file or limits such as params='4M'")
    if budget is not None:
        if isinstance(model, Graph):
            raise UsageError("a budget file says which models it is for; give a graph its limits")
        return check(read_budgets(budget), base=base, only=() if model is None else (model,))
    if model is None:
        raise UsageError("limits such as params='4M' need a model to check")
    name = "*" if isinstance(model, Graph) else model
    most = [_limit(name, value) for name, value in limits.items()]
    budgets = Budgets("", (inline([name], most, (), ())._replace(name="test"),))
    held = check_graph(model, budgets) if isinstance(model, Graph) else check(budgets)
    return held._replace(source="limits of this test")


def _limit(name: str, most: LimitValue) -> str:
    """Write a limit as `--max` takes it."""
    metric = metric_named(name, limitable())
    text = written(most, metric.quantity) if isinstance(most, int) else most
    return f"{metric.word}={text}"


def _message(verdict: Verdict) -> str:
    from bncalc.render.verdict.ranking import findings
    from bncalc.render.verdict.wording import context_line, labels, paragraphs, verdict_line

    failed = [check for check in findings(verdict) if check.status == "fail"]
    explained = paragraphs(failed, labels(verdict))
    return "\n".join([verdict_line(verdict), *explained, f"({context_line(verdict)})"])
