"""LSTM and GRU run as loops, step by step: what they multiply, learn and do is counted."""

import math
import random
from collections.abc import Callable
from itertools import product

from tests.model.ops.test_operations import Number, function, tanh
from tests.rows import each_of

import bncalc


class Gates:
    """The weights of one layer and direction; every one that is used is noted."""

    def __init__(self, bias: bool) -> None:
        self.bias = bias
        self.used: set[tuple[object, ...]] = set()
        self.biases: set[tuple[object, ...]] = set()
        self.macs = 0

    def product(self, of: str, gate: int, feature: int, values: list[Number]) -> Number:
        """Return a row of a matrix times a vector, and its bias."""
        for position, _ in enumerate(values):
            self.used.add((of, gate, feature, position))
            self.macs += 1
        answer = Number(sum(value.value for value in values) / 10)
        if self.bias:
            self.biases.add((of, gate, feature))
            answer = answer + 0.1
        return answer


def sigmoid(x: Number) -> Number:
    return 1 / (exp(-x) + 1)


exp = function(math.exp)


def lstm(gates: Gates, x: list[Number], h: list[Number], c: list[Number]) -> list[Number]:
    """Take one step; the cell `c` is changed."""
    answer = []
    for feature in range(len(h)):
        sums = [
            gates.product("x", gate, feature, x) + gates.product("h", gate, feature, h)
            for gate in range(4)
        ]
        enters, stays, new, leaves = sigmoid(sums[0]), sigmoid(sums[1]), tanh(sums[2]), sums[3]
        c[feature] = stays * c[feature] + enters * new
        answer.append(sigmoid(leaves) * tanh(c[feature]))
    return answer


def gru(gates: Gates, x: list[Number], h: list[Number], c: list[Number]) -> list[Number]:
    """Take one step, without a cell."""
    answer = []
    for feature in range(len(h)):
        both = [
            sigmoid(gates.product("x", gate, feature, x) + gates.product("h", gate, feature, h))
            for gate in range(2)
        ]
        was = both[0] * gates.product("h", 2, feature, h)
        new = tanh(gates.product("x", 2, feature, x) + was)
        answer.append((Number(1.0) - both[1]) * new + both[1] * h[feature])
    return answer


Step = Callable[[Gates, list[Number], list[Number], list[Number]], list[Number]]


def run(step: Step, gates: Gates, sequence: list[list[Number]], hidden: int) -> list[list[Number]]:
    h, c = [Number(0.0)] * hidden, [Number(0.0)] * hidden
    answer = []
    for x in sequence:
        h = step(gates, x, h, c)
        answer.append(h)
    return answer


@each_of(product(["lstm", "gru"], range(8)))
def test_a_recurrent_layer_costs_what_its_loops_do(word: str, seed: int) -> None:
    rng = random.Random(seed)
    channels, steps, hidden = rng.randint(1, 5), rng.randint(1, 6), rng.randint(1, 4)
    layers, both_ways, bias = rng.randint(1, 3), rng.random() < 0.5, rng.random() < 0.5
    areas = rng.randint(1, 3)
    sequences = [[[Number(0.1)] * channels for _ in range(steps)] for _ in range(areas)]
    Number.operations, learned = 0, []
    for _ in range(layers):
        ways = []
        for backwards in range(1 + both_ways):
            gates = Gates(bias)
            learned.append(gates)
            step, turn = {"lstm": lstm, "gru": gru}[word], -1 if backwards else 1
            ways.append([run(step, gates, each[::turn], hidden)[::turn] for each in sequences])
        sequences = [
            [[value for way in at for value in way] for at in zip(*of_both, strict=True)]
            for of_both in zip(*ways, strict=True)
        ]
    graph = bncalc.block(
        word,
        (channels, areas * steps),
        hidden=hidden,
        areas=areas,
        layers=layers,
        bidirectional=both_ways,
        bias=bias,
    )
    cost = graph.nodes[1].op.cost((graph.input,), graph.output)
    assert graph.output == (len(sequences[0][0]), areas * steps)
    assert cost.macs == sum(gates.macs for gates in learned)
    assert cost.weights == sum(len(gates.used) for gates in learned)
    assert cost.biases == sum(len(gates.biases) for gates in learned)
    assert cost.elementwise == Number.operations
