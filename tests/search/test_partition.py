"""Partition: what many designs cost at once is what each costs alone."""

from typing import Any

import numpy as np
import pytest
from tests.rows import each_of
from tests.search.singly import one_by_one

import bncalc
from bncalc.search import plain_lanes
from bncalc.search.evaluation import Refusals
from bncalc.search.partition import all_at_once, columns_of, rows


def measured(values: Any) -> list[Any]:
    fields = {"mid": values["mid"], "groups": values["groups"], "stride": values["stride"]}
    report = bncalc.measure(bncalc.block("bottleneck", (values["cin"], 14, 14), **fields))
    return [report.totals.params, report.totals.macs, report.totals.peak_activation_bytes]


def counted(refusals: Refusals) -> set[tuple[str, int]]:
    return {(each.message.split(" divisible")[-1], each.designs) for each in refusals.listed()}


def test_designs_that_part_come_back_in_their_order() -> None:
    generator = np.random.default_rng(7)
    columns = {
        "cin": generator.integers(1, 40, 200),
        "mid": generator.integers(1, 40, 200),
        "groups": generator.choice([1, 2, 3], 200),
        "stride": generator.choice([1, 2], 200),
    }
    names = list(columns)
    designs = [
        dict(zip(names, row, strict=True)) for row in np.stack([*columns.values()], 1).tolist()
    ]
    numbers = all_at_once(measured, columns, 3)
    plain, plain_refusals = plain_lanes.rows(measured, designs)
    alone, refusals = one_by_one(measured, designs)
    assert rows(numbers) == plain == alone
    assert None in alone
    assert counted(numbers.refusals) == counted(plain_refusals) == counted(refusals)


def test_one_design_has_columns_of_one_value() -> None:
    assert {name: column.tolist() for name, column in columns_of([{"x": 3}]).items()} == {"x": [3]}


def test_a_refused_design_is_an_example_in_its_own_numbers() -> None:
    columns = {name: np.full(6, 4) for name in ("cin", "mid", "stride")}
    numbers = all_at_once(measured, columns | {"groups": np.array([1, 3, 2, 3, 3, 4])}, 3)
    (refusal,) = numbers.refusals.listed()
    assert refusal.message == "4 output channels are not divisible by groups 3"
    assert (refusal.designs, refusal.example["groups"]) == (3, 3)
    assert numbers.built.tolist() == [True, False, True, False, False, True]


def test_values_that_are_no_numbers_part_designs() -> None:
    def worked_out(values: Any) -> list[Any]:
        return [len(values["act"]) * values["x"], 1]

    acts = np.array(["relu", "none", "relu6", "relu"], dtype=object)
    numbers = all_at_once(worked_out, {"act": acts, "x": np.arange(4)}, 2)
    assert numbers.columns[0].tolist() == [0, 4, 10, 12]
    assert numbers.columns[1].tolist() == [1, 1, 1, 1]


def test_a_number_beyond_63_bits_keeps_all_its_digits() -> None:
    numbers = all_at_once(lambda values: [values["x"] ** 2], {"x": np.array([3, 10**12])}, 1)
    assert numbers.columns[0].tolist() == [9, 10**24]


def test_plain_lanes_hold_few_designs_at_once_however_many_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plain_lanes, "_TOGETHER", 3)
    counts = []

    def squared(values: Any) -> list[Any]:
        counts.append(len(getattr(values["x"], "values", [0])))
        return [values["x"] ** 2]

    designs = [{"x": value} for value in (1, 2, 3, 0.5, 2.5, 6, 7, 8)]
    answers, _ = plain_lanes.rows(squared, designs)
    assert answers == [(1,), (4,), (9,), (0.25,), (6.25,), (36,), (49,), (64,)]
    assert max(counts) == 3


@each_of([2**63 - 1, 2**63, 12 * 10**18 + 1, 2**64, 2**65 + 1])
def test_a_number_that_all_designs_of_a_part_have_is_exact(number: int) -> None:
    acts = np.array(["relu", "none", "relu"], dtype=object)

    def worked_out(values: Any) -> list[Any]:
        return [number if values["act"] == "relu" else values["x"]]

    numbers = all_at_once(worked_out, {"act": acts, "x": np.arange(3)}, 1)
    assert numbers.columns[0].tolist() == [number, 1, number]
