"""Policies read from text."""

import pytest
from tests.rows import each_of

import bncalc
from bncalc.analysis.assumptions import DEPLOY, EAGER, Target, policy_of


def test_a_policy_is_a_name_and_switches_each_with_its_sign() -> None:
    assert policy_of("deploy") == DEPLOY
    assert policy_of("eager, +norm,-act") == EAGER._replace(
        name="eager,+norm,-act", norm=True, act=False
    )


@each_of(
    [
        ("eagr", "unknown policy 'eagr'; write deploy or eager"),
        ("eager,norm", r"'norm' has no sign; write \+norm or -norm"),
        ("eager,+nrom", r"unknown switch '\+nrom' \(did you mean 'norm'"),
        ("eager,+name", r"unknown switch '\+name'"),
    ],
)
def test_a_policy_that_is_not_one_is_refused(text: str, message: str) -> None:
    with pytest.raises(bncalc.UsageError, match=message):
        policy_of(text)


def test_types_are_known_by_other_peoples_names_and_maps_have_that_of_the_weights() -> None:
    assumed = bncalc.Assumptions(dtype="fp16", target=Target(dtype="fp32")).settled()
    assert (assumed.dtype, assumed.activation_dtype) == ("float16", None)
    assert assumed.target.dtype == "float32"
    assert assumed.stated()["activation_dtype"] == "float16"
    apart = bncalc.Assumptions(dtype="int8", activation_dtype="half").settled()
    assert (apart.stated()["dtype"], apart.stated()["activation_dtype"]) == ("int8", "float16")
    assert bncalc.Assumptions().named().target.dtype == "int8"
