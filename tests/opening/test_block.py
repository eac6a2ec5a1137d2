"""A kind of block with the input map is a MODEL as any other."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.program import run
from tests.repository import Repository
from tests.rows import each_of

import bncalc
from bncalc.errors import UsageError


@each_of(
    [
        ("bottleneck@mid=64@256,56,56", "bottleneck", (256, 56, 56), {"mid": 64}),
        ("plain@2,44100@kernel=9", "plain", (2, 44100), {"kernel": 9}),
        ("attention@heads=4@64,14,14", "attention", (64, 14, 14), {"heads": 4}),
    ],
)
def test_a_kind_of_block_is_the_block_that_python_makes(
    model: str, word: str, input: tuple[int, ...], fields: dict[str, Any]
) -> None:
    graph = bncalc.network(model)
    assert graph.name == model.partition("@")[0] + graph.name.removeprefix(word)
    assert (
        bncalc.measure(graph).totals == bncalc.measure(bncalc.block(word, input, **fields)).totals
    )


@each_of(
    [
        ("bottleneck", "write the input map after it, as in bottleneck@256,56,56"),
        ("bottleneck@56", "write the input map after it"),
        ("bottleneck@md=64@256,56,56", "has no argument 'md' (did you mean 'mid'?)"),
        ("bottleneck@mid=0@256,56,56", "bottleneck: mid is 0; it must be"),
        ("bottleneck@groups=3@256,56,56", "bottleneck: 64 output channels are not divisible by"),
        ("bottleneck#wide@256,56,56", "is a kind of block and holds no design 'wide'"),
    ]
)
def test_what_is_wrong_with_a_block_is_said(model: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        bncalc.network(model)
    assert message in str(caught.value)


def test_a_block_is_in_no_file() -> None:
    done = run("show", "bottleneck@256,56,56", "--source")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is a kind of block and in no file" in done.stderr


def test_a_file_that_is_called_like_a_block_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("plain").write_text("input: [3, 8, 8]\nlayers: [{conv: {out: 5}}]\n")
    assert bncalc.network("plain").output == (5, 8, 8)


def test_a_budget_holds_a_block_and_its_base_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = Repository(tmp_path)
    repository.write("net.yaml", "input: [3, 8, 8]\nlayers: [{conv: {out: 5}}]\n")
    repository.commit("a net")
    repository.commit_nothing("a change elsewhere")
    monkeypatch.chdir(tmp_path)
    block = "bottleneck@mid=64@256,56,56"
    limits = ("--max", "params=69632", "--max-growth", "params=0%", "--base", "HEAD")
    done = run("check", block, *limits, "--all", "-f", "json")
    checks = json.loads(done.stdout)["checks"]
    assert [(check["value"], check["status"]) for check in checks] == [(69632, "pass")] * 2
    assert checks[1]["base"] == 69632
    assert run("check", block, "--max", "params=69631").returncode == 1
