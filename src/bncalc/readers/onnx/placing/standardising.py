"""Standardising: how weights that are constants get mean 0 and variance 1 before they are used."""

from __future__ import annotations

from bncalc.named import NamedTuple
from bncalc.readers.binary import shortest
from bncalc.readers.onnx.call import OnnxCall
from bncalc.readers.onnx.flow import Flow
from bncalc.readers.onnx.inference import NodeStep
from bncalc.readers.onnx.placing.functions import EPSILON

_USUAL_SCALE = 1.0


class Standardising(NamedTuple):
    """What is added to the variance, and what the standardised weights are multiplied by."""

    eps: float
    scale: float


def standardising(flow: Flow, weights: int) -> Standardising | None:
    """Return how weights are standardised; None if they are not what a norm, or its steps, made."""
    step, scale = flow.made.get(weights), _USUAL_SCALE
    while step is not None and step.call.op in ("Mul", "Reshape", "Squeeze", "Unsqueeze"):
        scale *= _number(step) if step.call.op == "Mul" else _USUAL_SCALE
        made = [flow.made.get(place) for place in step.inputs[: 2 if step.call.op == "Mul" else 1]]
        step = next((each for each in made if each and each.call.op != "Constant"), None)
    if step is None or flow.is_data(weights):
        return None
    if step.call.op == "BatchNormalization":
        given = step.call.decimal("epsilon", EPSILON)
        return Standardising(given, scale) if is_of_batch(step.call) else None
    eps = _added(flow, step) if step.call.op == "Div" else None
    return None if eps is None else Standardising(eps, scale)


def _added(flow: Flow, division: NodeStep) -> float | None:
    """Return what is added under the root that differences from a mean are divided by."""
    centred, root = map(flow.made.get, division.inputs)
    if centred is None or centred.call.op != "Sub" or root is None or root.call.op != "Sqrt":
        return None
    variance = flow.made.get(root.inputs[0])
    return _number(variance, 0.0) if variance is not None and variance.call.op == "Add" else 0.0


def _number(step: NodeStep, usual: float = _USUAL_SCALE) -> float:
    """Return the single number that a step adds or multiplies by, or else the usual one."""
    given = [each for each in step.call.inputs if each is not None and each.dims in ((), (1,))]
    numbers = [each.numbers[0] for each in given if each.numbers]
    return shortest(numbers[0], usual) if numbers else usual


def is_of_batch(call: OnnxCall) -> bool:
    """Tell whether a batch norm takes the mean and variance of what arrives, as in training.

    Before operator set 14 it does where it puts them out too.
    """
    return call.flag("training_mode") or (call.opset < 14 and call.outputs > 1)
