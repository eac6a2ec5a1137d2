"""The page on microcontrollers: what it says is predicted is what is predicted."""

import re
from pathlib import Path

import pytest

import bncalc
from bncalc.analysis.arena.deployment import deploy
from bncalc.analysis.arena.runtime import BOUND, TFLM
from bncalc.model.device import Device

PAGE = Path(__file__).parents[2] / "docs/microcontrollers.md"
ROWS = re.findall(r"^\| (mlperf_\w+) \|(.+)\|$", PAGE.read_text(encoding="utf-8"), re.M)
BOARD = Device("board", ram=2**20, flash=2**20, core="cortex-m7")


@pytest.mark.parametrize(("name", "cells"), ROWS, ids=[name for name, _ in ROWS])
def test_predictions_on_the_page_are_ours(name: str, cells: str) -> None:
    bound, head, measured, arena, taken = (int(c.replace(",", "")) for c in cells.split("|"))
    (graph,) = bncalc.load(name)
    least = deploy(graph, BOARD, BOUND).ram.needed
    deployed = deploy(graph, BOARD, TFLM)
    assert (least, deployed.arena.head, deployed.ram.needed) == (bound, head, arena)
    assert head == measured
    assert abs(arena - taken) <= (0.01 * taken if taken > 16_000 else 32)


def test_all_four_networks_are_on_the_page() -> None:
    assert len(ROWS) == 4
