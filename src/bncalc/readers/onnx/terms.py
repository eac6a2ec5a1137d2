"""Terms: the shape of an expression, and whether the operations before a value are of that shape.

A term is a tuple: an operation and what its operands are. An operand is a term, a number, `ANY` for
some single constant, `HELD` for a constant of several numbers, or a name, which stands for the same
value wherever it occurs. The two operands of a sum or product may come in either order.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from bncalc.named import NamedTuple
from bncalc.readers.onnx.flow import Flow
from bncalc.readers.onnx.inference import NodeStep
from bncalc.readers.onnx.scope import NONE

PatternTerm = tuple["str | float | PatternTerm", ...]
Operand = str | float | PatternTerm

ANY, HELD = "any number", "constant"
COMMUTATIVE = {"Add", "Mul"}
CLOSE = 1e-3


def is_constant(operand: Operand) -> bool:
    """Tell whether an operand stands for a number or for constants."""
    named = isinstance(operand, str) and (operand == ANY or operand.startswith(HELD))
    return named or isinstance(operand, (int, float))


class Match(NamedTuple):
    """What matched: values by name, and the operations that the term is made of."""

    names: dict[str, int]
    steps: tuple[NodeStep, ...]


def find(flow: Flow, step: NodeStep, term: PatternTerm) -> Match | None:
    """Return what an operation and those before it are in a term, None where they are not it.

    Nobody outside may read what is put out within.
    """
    for match in _steps(flow, step, term, Match({}, ())):
        within = {id(inner) for inner in match.steps}
        inner = [place for each in match.steps[1:] for place in each.outputs if place != NONE]
        read = [reader for place in inner for reader in flow.readers[place]]
        if all(id(reader) in within for reader in read) and not flow.puts_out(inner):
            return match
    return None


def _steps(flow: Flow, step: NodeStep, term: PatternTerm, match: Match) -> Iterator[Match]:
    op, *operands = term
    if step.call.op != op or step.call.domain:
        return
    inputs = _inputs(step)
    if len(inputs) < len(operands):
        return
    match = match if step in match.steps else Match(match.names, (*match.steps, step))
    yield from _all(flow, inputs, operands, match)
    if op in COMMUTATIVE:
        yield from _all(flow, inputs[::-1], operands, match)


def _inputs(step: NodeStep) -> list[int | float]:
    """Return what an operation works on: values, and numbers that old operator sets have aside."""
    attributes = step.call.attributes
    if step.call.op == "Clip" and attributes:
        return [*step.inputs, step.call.real("min", -inf), step.call.real("max", inf)]
    return [*step.inputs]


def _all(
    flow: Flow, inputs: list[int | float], operands: list[Operand], match: Match
) -> Iterator[Match]:
    """Yield every way in which the inputs are the operands, one after the other."""
    if not operands:
        yield match
        return
    for first in _operand(flow, inputs[0], operands[0], match):
        yield from _all(flow, inputs[1:], operands[1:], first)


def _operand(flow: Flow, place: int | float, operand: Operand, match: Match) -> Iterator[Match]:
    if isinstance(operand, (int, float)) or operand == ANY:
        number = place if isinstance(place, float) else flow.number(place)
        if number is not None and (isinstance(operand, str) or _near(number, operand)):
            yield match
    elif isinstance(place, float):
        return
    elif isinstance(operand, tuple):
        rounding = flow.rounding(place)
        if rounding:
            place, match = rounding[-1].inputs[0], Match(match.names, (*match.steps, *rounding))
        maker = flow.made.get(place)
        if maker is not None and flow.is_data(place):
            yield from _steps(flow, maker, operand, match)
    elif operand in match.names:
        if match.names[operand] == place:
            yield match
    elif flow.is_data(place) is not operand.startswith(HELD):
        yield Match({**match.names, operand: place}, match.steps)


def _near(number: float, wanted: float) -> bool:
    return abs(number - wanted) <= CLOSE * max(abs(wanted), 1e-2)
