"""The zoo held against torchvision and timm: equal but for what is worked out and has a reason."""

import csv
import importlib.util
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

import bncalc
from bncalc import Assumptions, measure

METRICS = (
    *("params", "macs", "elementwise", "activations", "traffic_bytes", "training_bytes"),
    *("saved_for_backward_bytes", "peak_activation_bytes"),
)
Differences = dict[tuple[str, str], int]


def rows() -> list[dict[str, str]]:
    """Return what torchvision 0.29.1 and timm 1.0.31 have more than the zoo, torch 2.14.1."""
    with (Path(__file__).parent / "twins.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def pairs() -> Iterator[tuple[str, str, Differences]]:
    for (network, twin), group in groupby(rows(), lambda row: (row["network"], row["twin"])):
        named = [row for row in group if row["metric"]]
        differences = {(row["policy"], row["metric"]): int(row["difference"]) for row in named}
        yield network, twin, differences


@pytest.mark.parametrize("row", [row for row in rows() if row["metric"]])
def test_each_difference_is_worked_out_and_has_a_reason(row: dict[str, str]) -> None:
    assert set(row["worked"]) <= set("0123456789+-*() ")
    assert eval(row["worked"]) == int(row["difference"])
    assert row["reason"]


@pytest.mark.frameworks
@pytest.mark.skipif(importlib.util.find_spec("timm") is None, reason="timm is not installed")
@pytest.mark.parametrize(("network", "twin", "differences"), list(pairs()))
def test_a_network_of_the_zoo_is_what_others_wrote_of_it(
    network: str, twin: str, differences: Differences
) -> None:
    ours = bncalc.network(network)
    theirs = bncalc.network(f"torch:{twin}@{','.join(map(str, ours.input))}")
    found: Differences = {}
    for policy in ("deploy", "eager"):
        assumptions = Assumptions(policy=policy)
        numbers, others = (
            measure(graph, assumptions, also=["training"]).numbers() for graph in (ours, theirs)
        )
        for metric in METRICS if policy == "deploy" else ("peak_activation_bytes",):
            if others[metric] != numbers[metric]:
                found[policy, metric] = others[metric] - numbers[metric]  # type: ignore[operator]
    assert found == differences
