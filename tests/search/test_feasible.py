"""Feasible designs: none twice, each as likely, the same for a seed, and a lack of them said."""

from collections import Counter
from dataclasses import replace
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.rows import each_of

import bncalc
from bncalc.errors import UsageError
from bncalc.search import feasible as module
from bncalc.search.axis import Axis
from bncalc.search.draw import likelihood
from bncalc.search.space import Space
from bncalc.search.sweep import Sweep

MODEL = "input: [1, 4, 4]\nvars: {a: 1, b: 1}\nlayers:\n  - conv: {out: =a}\n  - conv: {out: =b}\n"
LIMITS = {"params": 60}
"""9·a + 9·a·b ≤ 60: of a from 1 to 4 and b from 1 to 5 these."""
FEASIBLE = [(1, 1), (1, 2), (1, 3), (1, 4), (1, 5), (2, 1), (2, 2), (3, 1)]


def space_of(tmp_path: Path, vary: str = "{a: [1, 2, 3, 4], b: [1, 2, 3, 4, 5]}") -> Space:
    (tmp_path / "net.yaml").write_text(MODEL)
    (tmp_path / "space.yaml").write_text(f"model: net.yaml\nvary: {vary}\nmetrics: [params]\n")
    return bncalc.space(str(tmp_path / "space.yaml"))


def designs(sample: Sweep) -> list[tuple[Any, ...]]:
    return list(zip(*[column.tolist() for column in sample.values.values()], strict=True))


@pytest.fixture(params=["the whole grid", "drawn"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to find designs: a small grid is worked out whole, a large one is drawn from."""
    if request.param == "drawn":
        monkeypatch.setattr(module, "SMALL", 0)
        monkeypatch.setattr(module, "_FIRST", 20)
        monkeypatch.setattr(module, "MOST_DRAWN", 50_000)


@pytest.mark.usefixtures("either_way")
def test_each_feasible_design_is_as_likely_first_and_second(tmp_path: Path) -> None:
    space = space_of(tmp_path)
    draws = 96
    samples = [designs(replace(space, seed=seed).feasible(LIMITS, 2)) for seed in range(draws)]
    assert all(first != second for first, second in samples)
    expected = draws / len(FEASIBLE)
    for place in (0, 1):
        counted = Counter([sample[place] for sample in samples])
        assert set(counted) == set(FEASIBLE)
        deviation = sum((count - expected) ** 2 / expected for count in counted.values())
        assert deviation < 24.3  # chi-squared of 7 degrees of freedom: 1 in 1,000 is beyond it


@pytest.mark.usefixtures("either_way")
def test_all_that_there_are_come_once_and_the_lack_is_said(tmp_path: Path) -> None:
    sample = space_of(tmp_path).feasible(LIMITS, 20)
    assert sorted(designs(sample)) == FEASIBLE
    assert all(params <= 60 for params in sample.amounts["params"].tolist())
    why = "there are no more" if module.SMALL else "the search for more was stopped"
    assert f"8 of the 20 designs that were asked for: {why}" in sample.remarks
    exactly = space_of(tmp_path).feasible(LIMITS, 8)
    assert not any("asked for" in remark for remark in exactly.remarks)


@pytest.mark.usefixtures("either_way")
def test_who_asks_for_more_gets_the_same_ones_first(tmp_path: Path) -> None:
    space = space_of(tmp_path)
    assert designs(space.feasible(LIMITS, 8))[:3] == designs(space.feasible(LIMITS, 3))
    orders = {tuple(designs(replace(space, seed=s).feasible(LIMITS, 8))) for s in range(5)}
    assert len(orders) == 5


def test_no_more_are_drawn_than_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SMALL", 0)
    monkeypatch.setattr(module, "_FIRST", 20)
    assert space_of(tmp_path).feasible({}, 1).counted.drawn == 20


@pytest.mark.usefixtures("either_way")
def test_by_logarithm_each_factor_is_as_likely(tmp_path: Path) -> None:
    space = space_of(tmp_path, "{a: {from: 1, to: 4, scale: log}}")
    first = [designs(replace(space, seed=seed).feasible({}, 1))[0][0] for seed in range(96)]
    edges = [1, 1.5, 2.5, 3.5, 4]
    for a in range(1, 5):
        share = log(edges[a] / edges[a - 1]) / log(4)
        assert abs(first.count(a) - 96 * share) < 4 * (96 * share * (1 - share)) ** 0.5


def test_how_likely_a_design_is_goes_by_the_ratio_of_its_edges() -> None:
    axes = [Axis("a", (1, 2, 4, 8), "", by_logarithm=True), Axis("b", (5, 6), "")]
    columns = {"a": np.array([1, 2, 4, 8]), "b": np.array([5, 5, 6, 6])}
    edges = [1.5 / 1, 3 / 1.5, 6 / 3, 8 / 6]
    assert likelihood(axes, columns) == pytest.approx([log(edge) for edge in edges])


@pytest.mark.usefixtures("either_way")
def test_a_tiny_share_is_said(tmp_path: Path) -> None:
    space = space_of(tmp_path, "{a: {from: 1, to: 80}, b: {from: 1, to: 80}}")
    sample = space.feasible({"params": {"min": 54, "max": 54}}, 1)
    assert designs(sample)[0] in [(1, 5), (2, 2), (3, 1)]
    assert any(remark.startswith("so few are feasible") for remark in sample.remarks)


def test_limits_are_read_as_in_a_space_file(tmp_path: Path) -> None:
    space = space_of(tmp_path)
    sample = space.feasible({"params": {"min": "30", "max": 0.06e3}, "peak": "1 KiB"}, 99)
    assert sorted(designs(sample)) == [d for d in FEASIBLE if 9 * d[0] * (1 + d[1]) >= 30]
    own = replace(space, limits=sample.space.limits)
    assert designs(own.feasible({}, 99)) == designs(sample)


REFUSED: dict[str, tuple[dict[str, object], int]] = {
    "none of 20 designs of the whole grid is feasible": ({"params": 1}, 3),
    "did you mean 'params'": ({"parms": 1}, 3),
    "'most' is neither 'min' nor 'max'": ({"params": {"most": 3}}, 3),
    "write bytes with a unit": ({"peak": 3}, 3),
    "ask for at least 1": ({}, 0),
}


@each_of(REFUSED)
def test_what_cannot_be_asked_for(message: str, tmp_path: Path) -> None:
    limits, count = REFUSED[message]
    with pytest.raises(UsageError, match=message):
        space_of(tmp_path).feasible(limits, count)
