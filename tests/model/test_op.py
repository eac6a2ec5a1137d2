"""What an op is, is said on its class, and a class that lacks a formula cannot be defined."""

from typing import Any

import pytest
from tests.rows import each_of

import bncalc
from bncalc.analysis.assumptions import Assumptions, policy_of
from bncalc.model.op import Block, Op
from bncalc.model.ops.activation import Activation
from bncalc.model.ops.moving import Free
from bncalc.model.registry import OPS, find

KINDS = [find(word) for word in OPS]
MEMBERS: dict[str, Any] = {"output": lambda *_: None, "cost": lambda *_: None}


def test_an_op_without_a_formula_fails_when_it_is_defined() -> None:
    with pytest.raises(TypeError, match="Half does not define reach, kept"):
        type("Half", (Op,), {"__annotations__": {}, **MEMBERS})


def test_a_block_that_builds_nothing_fails_when_it_is_defined() -> None:
    with pytest.raises(TypeError, match="Hollow does not define build"):
        type("Hollow", (Block,), {"__annotations__": {}})


def test_an_activation_without_its_operations_fails_when_it_is_defined() -> None:
    with pytest.raises(TypeError, match="Free does not define operations"):
        type("Free", (Activation,), {"__annotations__": {}})


def test_a_class_that_inherits_its_formulas_can_be_defined() -> None:
    moved = type("Moved", (Free,), {"__annotations__": {}})
    assert issubclass(moved, Op)
    assert moved.word == "moved"


TRAITS: dict[str, tuple[object, str]] = {
    "takes_bias": (True, "conv standardised_conv conv_transpose linear"),
    "folds": (True, "batch_norm frozen_norm"),
    "centres": (True, "batch_norm frozen_norm instance_norm"),
    "commutes": (True, "add multiply"),
    "counted": (False, ""),
    "layer": (False, ""),
    "fewest": (1, "custom"),
}
INPUTS = {
    0: "parameter",
    2: "attention_scores attention_mix matmul upsample_like",
    3: "fused_attention",
    None: "add subtract multiply divide concat custom",
}


@each_of(TRAITS)
def test_what_an_op_is(trait: str) -> None:
    value, words = TRAITS[trait]
    kinds = [kind for kind in KINDS if getattr(kind, trait, None) == value]
    assert {kind.word for kind in kinds} == set(words.split())


def test_an_op_takes_one_map_unless_it_is_known_to_take_others() -> None:
    inputs = {word: number for number, words in INPUTS.items() for word in words.split()}
    assert {word: find(word).inputs for word in OPS} == {word: inputs.get(word, 1) for word in OPS}


@each_of([kind for kind in KINDS if kind.field("bias")])
def test_what_has_a_bias_field_takes_a_bias(kind: type[Block]) -> None:
    in_gates = kind.word in ("lstm", "gru")  # where nothing can be folded into it
    assert not issubclass(kind, Op) or kind.takes_bias or in_gates


@each_of(
    [
        ("linear", {"out": 3}),
        ("flatten", {}),
        ("global_avg_pool", {}),
        ("global_max_pool", {}),
        ("adaptive_avg_pool", {"size": 2}),
        ("adaptive_max_pool", {"size": 2}),
    ]
)
def test_what_settles_the_space_puts_out_the_same_space_whatever_arrives(
    word: str, fields: dict[str, Any]
) -> None:
    assert find(word)(**fields).settles_space()
    spaces = {bncalc.block(word, (4, *hw), **fields).output[1:] for hw in ((4, 4), (5, 7), (9, 3))}
    assert len(spaces) == 1


def test_a_shuffle_of_as_many_groups_as_channels_is_not_a_depthwise_convolution() -> None:
    graph = bncalc.block("channel_shuffle", (8, 4, 4), groups=8)
    peaks = [
        bncalc.measure(graph, Assumptions(policy=policy_of(name))).totals.peak_activation_bytes
        for name in ("deploy", "deploy,+depthwise")
    ]
    assert peaks == [2 * 4 * 8 * 4 * 4] * 2


def test_a_constant_takes_the_place_of_an_inherited_formula() -> None:
    shape = bncalc.block("avg_pool", (4, 8, 8)).output
    assert find("max_pool")().kept((shape,), shape).indices == shape.elements  # type: ignore[attr-defined]
    assert find("avg_pool")().kept((shape,), shape).indices == 0  # type: ignore[attr-defined]


def test_padding_may_differ_at_the_two_ends_of_an_axis() -> None:
    """As TensorFlow pads: nothing before, one row and column after; [top, bottom, left, right]."""
    kinds: dict[str, dict[str, Any]] = {"conv": {"out": 4}, "max_pool": {}, "avg_pool": {}}
    for word, fields in kinds.items():
        shape = bncalc.block(word, (4, 8, 9), kernel=3, stride=2, padding=[0, 1, 0, 1], **fields)
        assert shape.output == (4, 4, 4)
    sequence = bncalc.block("conv", (4, 8), out=4, kernel=3, padding=[2, 0])  # causal
    assert sequence.output == (4, 8)
    report = bncalc.measure(sequence, also=["receptive_field"])
    assert report.numbers()["effective_padding"] == (2,)
    with pytest.raises(bncalc.ShapeError, match=r"padding \[1, 2, 3\] has 3 sizes"):
        bncalc.block("conv", (4, 8, 9), out=4, padding=[1, 2, 3])


def test_what_a_recurrent_layer_keeps_is_said_to_be_unknown() -> None:
    graph = bncalc.block("lstm", (4, 7), hidden=5)
    report = bncalc.measure(graph, also=["training"])
    assert report.numbers()["saved_unknown"] == ("lstm",)
    known = bncalc.measure(bncalc.block("conv", (4, 7), out=5), also=["training"])
    assert "saved_unknown" not in known.numbers()
