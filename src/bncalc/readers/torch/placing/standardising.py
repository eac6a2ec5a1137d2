"""Standardising: learned weights that get mean 0 and variance 1 before a convolution uses them."""

from __future__ import annotations

from math import prod

from bncalc.named import NamedTuple
from bncalc.readers.torch.placing.moving import RESHAPES
from bncalc.readers.torch.trace import Weight


class Standardising(NamedTuple):
    """Whether there is a gain, what all is multiplied by, and what is added to the variance."""

    gain: bool
    scale: float
    eps: float


def standardising(weight: Weight) -> Standardising | None:
    """Return how a weight is a learned one that a norm has standardised; None if it is another."""
    normed, scale = _factored(weight)
    call = normed.made.call if normed.made else None
    if call is None or call.word != "batch_norm" or call.given(5, "training", False) is not True:
        return None
    x, gain = call.given(0, "input"), call.given(3, "weight")
    others = [call.given(1, "running_mean"), call.given(2, "running_var"), call.given(4, "bias")]
    if not isinstance(x, Weight) or any(each is not None for each in others):
        return None
    learned, out = moved_back(x), weight.dims[0]
    if not _is_parameter(learned) or learned.dims != weight.dims or x.dims[:2] != (1, out):
        return None
    eps = call.number(7, "eps", 1e-5)
    if gain is None:
        return Standardising(gain=False, scale=scale, eps=eps)
    factor, further = _factored(gain)
    is_gain = _is_parameter(factor) and prod(factor.dims) == out
    return Standardising(gain=True, scale=scale * further, eps=eps) if is_gain else None


def _is_parameter(weight: Weight) -> bool:
    return weight.made is None and len(weight.sources) == 1


def moved_back(weight: Weight) -> Weight:
    """Return what a weight was before it got other sizes, its elements in their order."""
    while weight.made is not None and weight.made.call.word in _RESIZES:
        weight = weight.made.call.weights[0]
    return weight


def _factored(weight: Weight) -> tuple[Weight, float]:
    """Return a weight before it was multiplied by numbers and got other sizes, and the factor."""
    factor = 1.0
    while True:
        weight = moved_back(weight)
        call = weight.made.call if weight.made else None
        if call is None or call.word != "mul" or len(call.weights) != 1:
            return weight, factor
        numbers = [each for each in call.all[:2] if isinstance(each, (int, float))]
        if len(numbers) != 1:
            return weight, factor
        factor, weight = factor * numbers[0], call.weights[0]


_RESIZES = (*RESHAPES, "clone", "contiguous", "detach", "unflatten", "view", "view_as")
"""What keeps the order of elements, by its plain name."""
