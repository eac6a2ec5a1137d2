"""`assert_within_budget` as a test uses it."""

from pathlib import Path

import pytest
from tests.repository import Repository, net

import bncalc
from bncalc.errors import SpecError, UsageError
from bncalc.testing import assert_within_budget

BUDGET = """\
version: 1
budgets:
  - {name: small, models: ["models/*.yaml"], limits: {params: 6k}, message: Ask the vision team.}
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The path of a model with 6,106 parameters, beside a budget file that allows 6,000."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models/net.yaml").write_text(net())
    (tmp_path / "bncalc.budget.yaml").write_text(BUDGET)
    return "models/net.yaml"


def test_a_model_within_its_limits_passes(model: str) -> None:
    assert_within_budget(model, params=6_106, macs="10M", weights="30 KiB", peak=10**6)
    assert_within_budget("resnet50", params="25_557_032")


@pytest.mark.parametrize("limit", [6_105, "6.1k", "6105"])
def test_a_model_beyond_its_limit_fails_with_the_numbers(model: str, limit: str | int) -> None:
    with pytest.raises(AssertionError) as caught:
        assert_within_budget(model, params=limit, macs="10M")
    first, second, *_ = str(caught.value).splitlines()
    assert first == "FAIL: 1 of 2 checks failed, 1 passed (1 model)."
    assert "models/net.yaml" in second
    assert "BN101 params 6,106 exceeds limit 6,10" in second


def test_a_graph_is_held_to_limits() -> None:
    graph = bncalc.block("bottleneck", (256, 56, 56), mid=64)
    assert_within_budget(graph, params=69_632)
    with pytest.raises(AssertionError, match="params 69,632 exceeds limit 69,631 by 1"):
        assert_within_budget(graph, params=69_631)


def test_a_budget_file_holds_its_models(model: str) -> None:
    for named in (None, model):
        with pytest.raises(AssertionError, match="by 106 \\[small\\]") as caught:
            assert_within_budget(named, budget="bncalc.budget.yaml")
        assert "note Ask the vision team." in str(caught.value)


def test_growth_is_measured_from_a_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = Repository(tmp_path / "project")
    repository.write("models/net.yaml", net())
    repository.write(
        "bncalc.budget.yaml", BUDGET.replace("limits: {params: 6k}", "growth: {params: 1%}")
    )
    repository.commit()
    repository.commit_nothing("nothing of networks")
    monkeypatch.chdir(repository.folder)
    assert_within_budget(budget="bncalc.budget.yaml", base="main")
    repository.write("models/net.yaml", net(96))
    with pytest.raises(AssertionError, match="params grew by 1,408"):
        assert_within_budget(budget="bncalc.budget.yaml", base="main")


def test_a_wrong_call_or_file_is_no_failed_budget(model: str) -> None:
    graph = bncalc.block("plain", (8, 8, 8), out=8)
    for call, message in (
        (lambda: assert_within_budget(model), "needs a budget file or limits"),
        (lambda: assert_within_budget(params=1), "need a model"),
        (lambda: assert_within_budget(model, params="4Q"), "4Q"),
        (lambda: assert_within_budget(graph, budget="a.yaml"), "give a graph its limits"),
        (lambda: assert_within_budget(model, weights="4M"), "weights=4M"),
        (lambda: assert_within_budget("models/none.yaml", params=1), "models/none.yaml"),
    ):  # fmt: skip
        with pytest.raises((UsageError, SpecError), match=message):
            call()


def test_pytest_shows_the_message_and_not_our_code(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pytester: pytest.Pytester
) -> None:
    test = "from bncalc.testing import assert_within_budget\n\ndef test_size():\n"
    call = f"    assert_within_budget({str(tmp_path / model)!r}, params='6k')\n"
    pytester.makepyfile(test_size=test + call)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)  # `--cov` writes our paths
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # those of others, which take long
    done = pytester.runpytest_inprocess("-q", "test_size.py")
    shown = "\n".join(done.outlines)
    assert done.ret == 1
    assert "BN101 params 6,106 exceeds limit 6,000 by 106 [test]" in shown
    assert "test_size.py:4: AssertionError" in shown
    assert "src/bncalc" not in shown
