"""Recurrent layers: which inputs are their matrices and biases, and what each step costs."""

from __future__ import annotations

from bncalc.model.cost import Cost
from bncalc.model.ops.recurrent import Lstm
from bncalc.named import NamedTuple
from bncalc.readers.tflite.call import BIASES, Operator

_RNN = 2
"""Operations for each feature and step of a layer without gates: a sum and a function."""
_NORM = 7
"""Operations for each number that a gate normalises."""


class RecurrentInputs(NamedTuple):
    """What the inputs of a recurrent layer are, by position; `hidden` have a row a feature.

    `further` have one number a feature, and cost so many operations each: peepholes and norms.
    """

    matrices: tuple[int, ...]
    hidden: tuple[int, ...]
    operations: int
    further: tuple[tuple[int, int], ...] = ()


_PEEPHOLES = tuple([(position, 2) for position in (9, 10, 11)])
_NORMS = tuple([(position, _NORM) for position in (20, 21, 22, 23)])
_ONE_WAY = RecurrentInputs((*range(1, 9), 16), (2,), Lstm.operations, (*_PEEPHOLES, *_NORMS))
_BOTH_WAYS = RecurrentInputs(
    (*range(1, 9), 16, *range(18, 26), 33),
    (2, 19),
    Lstm.operations,
    (*_PEEPHOLES, *[(position, 2) for position in (26, 27, 28)]),
)
LAYERS: dict[str, RecurrentInputs] = {
    "bidirectional_sequence_lstm": _BOTH_WAYS,
    "bidirectional_sequence_rnn": RecurrentInputs((1, 2, 5, 6), (2, 6), _RNN),
    "rnn": RecurrentInputs((1, 2), (2,), _RNN),
    "unidirectional_sequence_lstm": _ONE_WAY,
    "unidirectional_sequence_rnn": RecurrentInputs((1, 2), (2,), _RNN),
}
"""The layers whose inputs are known; `rnn` takes one step in a run."""


def recurrence(call: Operator) -> Cost:
    """Return the cost of a recurrent layer: each number of a matrix is used once a step."""
    layer = LAYERS[call.word]
    steps = 1 if call.word == "rnn" else call.x.positions
    weights, biases = call.numbers(*layer.matrices), call.numbers(*BIASES[call.word])
    features = sum([tensor.along(0) for tensor in map(call.constant, layer.hidden) if tensor])
    further = [each * call.numbers(position) for position, each in layer.further]
    others = call.numbers(*[position for position, _ in layer.further])
    return Cost(
        weights=weights + others,
        biases=biases,
        macs=weights * steps,
        elementwise=(layer.operations * features + biases + sum(further)) * steps,
        activations=call.out.elements,
    )
