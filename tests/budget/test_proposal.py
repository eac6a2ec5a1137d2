"""Proposals: budget files that their models keep, and ratchets that change nothing else."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import shipped
from tests.program import run
from tests.repository import Repository, net
from tests.rows import each_of

from bncalc.budget.check import check
from bncalc.budget.proposal import Proposed, proposal, roomy
from bncalc.budget.reader import decode_budgets
from bncalc.language.source import read
from bncalc.quantity import Unit, quantity


@each_of(
    [
        (25_557_032, 0, "count", "25_557_032"),
        (25_557_032, 10, "count", "28.2M"),
        (4_089_184_256, 10, "count", "4.5G"),
        (999, 1, "count", "1.01k"),
        (0, 10, "count", "0"),
        (102_440_608, 0, "bytes", "102_440_608 B"),
        (102_440_608, 10, "bytes", "108 MiB"),
        (1000, 10, "bytes", "1.08 KiB"),
        (1, 10, "bytes", "2 B"),
    ]
)
def test_a_limit_is_written_as_people_do(now: int, headroom: int, unit: Unit, written: str) -> None:
    assert roomy(now, Fraction(headroom, 100), unit) == written


@given(st.integers(0, 10**15), st.integers(0, 300), st.sampled_from(["count", "bytes"]))
def test_a_limit_has_the_headroom_and_hardly_more(now: int, percent: int, unit: Unit) -> None:
    exact = now * Fraction(100 + percent, 100)
    limit = quantity(roomy(now, Fraction(percent, 100), unit), unit).number
    assert exact <= limit <= exact * Fraction(101, 100) + 1


def test_the_models_keep_what_is_proposed(repository: Repository) -> None:
    repository.write("models/a 'b'.yaml", net(100, "another"))
    for headroom, slack in (("10%", 1), ("0%", 0)):
        done = run("budget", "init", "models/*.yaml", "resnet50", "--headroom", headroom)
        assert (done.returncode, done.stderr) == (0, "")
        budgets = decode_budgets(read(done.stdout, "bncalc.budget.yaml"))
        verdict = check(budgets)
        assert verdict.count("pass") == len(verdict.checks) == 3 * 4
        params = [check for check in verdict.checks if check.metric == "params"]
        assert all((param.bound or 0) - param.value >= slack for param in params)
        assert all((param.bound == param.value) == (slack == 0) for param in params)


def test_a_limit_of_several_designs_is_that_of_the_largest() -> None:
    reports = tuple([shipped.report(name) for name in ("resnet18", "resnet50", "resnet34")])
    assert "params: 25_557_032" in proposal([Proposed("a.yaml", reports)], Fraction(0))


@each_of(
    [
        ("nets/a-1.yaml", "nets/a-1.yaml"),
        ("true", "'true'"),
        ("it's", "'it''s'"),
        ('a "b"\n', r'"a \"b\"\n"'),
    ]
)
def test_a_name_is_quoted_only_where_it_must_be(name: str, written: str) -> None:
    text = proposal([Proposed(name, (shipped.report("resnet18"),))], Fraction(0))
    assert f"  - name: {written}\n    models: {written}\n" in text
    (budget,) = decode_budgets(read(text, "b.yaml")).budgets
    assert budget.name == name


def test_each_variant_of_a_family_has_limits_of_its_own(repository: Repository) -> None:
    family = "input: [3, 8, 8]\nvars: {width: 8}\nlayers: [{conv: {out: =width}}]\n"
    variants = "variants: {small: {width: 4}, large: {width: 16}}\n"
    repository.write("family.yaml", family + variants)
    shown = run("budget", "init", "family.yaml", "resnet50", "--headroom", "0%").stdout
    budgets = decode_budgets(read(shown, "bncalc.budget.yaml"))
    assert [budget.models[0].text for budget in budgets.budgets] == [
        "family.yaml#small", "family.yaml#large", "resnet50"]  # fmt: skip
    verdict = check(budgets)
    assert all(check.bound == check.value for check in verdict.checks)
    repository.write("bncalc.budget.yaml", shown.replace("params: 108", "params: 2k"))
    assert run("budget", "suggest", "--headroom", "0%").stdout == shown


BUDGETS = """\
# Kept by hand.
version: 1
budgets:
- name: small   # the only one
  models: models/*.yaml
  limits: {params: {max: 9k, warn: "8_000"}, macs: 4M, weights: 1 MiB}
  growth: {params: 1%}
- {name: parts, models: models/*.yaml, scope: layer, limits: {macs: 60%, params: {max: 5k, min: 0}}}
- {name: shares, models: models/*.yaml, scope: layer, limits: {macs: {max: 5M, warn: 1%}}}
- {name: off, models: models/*.yaml, level: off, limits: {params: 99k}}
"""


def test_a_ratchet_lowers_limits_and_changes_nothing_else(repository: Repository) -> None:
    repository.write("bncalc.budget.yaml", BUDGETS)
    done = run("budget", "suggest")
    assert (done.returncode, done.stderr) == (0, "")
    expected = BUDGETS
    for old, new in (("max: 9k", "max: 6_106"), ('"8_000"', '"6_106"'), ("1 MiB", "26_088 B"),
                     ("max: 5k", "max: 2_048"), ("max: 5M", "max: 2_097_152")):  # fmt: skip
        expected = expected.replace(old, new)
    assert done.stdout == expected
    repository.write("bncalc.budget.yaml", done.stdout)
    assert run("budget", "suggest").stdout == done.stdout


def test_a_ratchet_leaves_a_share_that_is_more_than_there_is(repository: Repository) -> None:
    repository.write("one.yaml", "input: [1, 4, 4]\nlayers: [{conv: {out: 1, kernel: 1}}]\n")
    budget = "version: 1\nbudgets: [{name: a, models: one.yaml, scope: layer, limits: %s}]\n"
    repository.write("bncalc.budget.yaml", budget % "{buffers: {max: 9, warn: 90%}}")
    assert run("budget", "suggest").stdout == budget % "{buffers: {max: 0, warn: 90%}}"


def test_a_ratchet_may_leave_headroom(repository: Repository) -> None:
    repository.write("b.budget.yaml", BUDGETS)
    shown = run("budget", "suggest", "b.budget.yaml", "--headroom", "10%").stdout
    assert '{max: 6.72k, warn: "6.72k"}' in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ("init",),
        ("init", "none.yaml"),
        ("init", "resnet50", "--headroom", "10"),
        ("suggest",),
        ("suggest", "none.yaml"),
        ("suggest", "a.yaml", "b.yaml"),
        ("tighten",),
    ],
)
def test_a_wrong_call_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("budget", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr
    assert "internal error" not in done.stderr
