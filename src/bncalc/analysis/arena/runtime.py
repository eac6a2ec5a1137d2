"""Runtimes: what an inference engine makes of a network before it runs it, by the engine's name."""

from __future__ import annotations

from typing import Literal, get_args

from bncalc.analysis.assumptions import DEPLOY, Policy
from bncalc.errors import UsageError, hint_for, refuse_unknown
from bncalc.named import NamedTuple

ConverterPadding = Literal["same", "strided", "all"]


class Runtime(NamedTuple):
    """How an engine runs a network.

    `fuses` are the activations that become part of the convolution, linear layer or addition
    before them. `policy` says which ops write over their input. Where `plans`, whole maps are
    placed in one arena; without, the most bytes alive at a step are what it needs. `scratch` names
    the kernels whose scratch is counted; `persists` says whether what lives beside the arena's
    head is estimated.
    """

    name: str
    fuses: frozenset[str] = frozenset()
    policy: Policy = DEPLOY
    plans: bool = False
    scratch: Literal["none", "cmsis-nn", "not known"] = "none"
    persists: bool = False


NOTHING_IN_PLACE = Policy(
    "nothing in place", norm=False, act=False, function=False, add=False, multiply=False
)

BOUND = Runtime("bound")
"""No engine at all: what none goes below that keeps whole maps and runs layer after layer."""
TFLM = Runtime(
    "tflm",
    fuses=frozenset(("relu", "relu6")),
    policy=NOTHING_IN_PLACE,
    plans=True,
    scratch="cmsis-nn",
    persists=True,
)
"""TensorFlow Lite Micro: its greedy planner, nothing in place, kernels of CMSIS-NN."""
INPLACE = Runtime(
    "inplace",
    fuses=frozenset(("relu", "relu6")),
    policy=DEPLOY._replace(name="deploy,+depthwise", depthwise=True),
    scratch="not known",
)
"""TinyEngine: additions and depthwise convolutions write over their input (MCUNetV2)."""

RUNTIMES = {runtime.name: runtime for runtime in (BOUND, TFLM, INPLACE)}


def runtime_of(name: str) -> Runtime:
    """Return the runtime of that name; raise UsageError where there is none."""
    refuse_unknown("unknown runtime", name, RUNTIMES)
    return RUNTIMES[name]


def padding_of(name: str) -> ConverterPadding:
    """Return what a converter made of padding; raise UsageError for an unknown word."""
    known: ConverterPadding
    for known in get_args(ConverterPadding):
        if name == known:
            return known
    raise UsageError(f"unknown padding {name!r}{hint_for(name, get_args(ConverterPadding))}")
