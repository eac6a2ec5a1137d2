"""Elementwise operations counted by doing: ops as loops over numbers that count what they do."""

import math
import random
from collections.abc import Callable
from itertools import product
from typing import Any, ClassVar

import pytest
from tests.rows import each_of

import bncalc
from bncalc.model.net import Net
from bncalc.model.shape import Shape


class Number:
    """A float that counts the operations it takes part in; a change of sign is none."""

    operations: ClassVar[int] = 0

    def __init__(self, value: float) -> None:
        self.value = value

    def __neg__(self) -> "Number":
        return Number(-self.value)

    def __add__(self, other: "Number | float") -> "Number":
        return _counted(self.value + _float(other))

    def __sub__(self, other: "Number | float") -> "Number":
        return _counted(self.value - _float(other))

    def __mul__(self, other: "Number | float") -> "Number":
        return _counted(self.value * _float(other))

    def __truediv__(self, other: "Number | float") -> "Number":
        return _counted(self.value / _float(other))

    def __rtruediv__(self, other: float) -> "Number":
        return _counted(other / self.value)

    def __pow__(self, other: float) -> "Number":
        return _counted(abs(self.value) ** other)


def _float(number: Number | float) -> float:
    return number.value if isinstance(number, Number) else number


def _counted(value: float) -> Number:
    Number.operations += 1
    return Number(value)


def larger(a: Number, b: Number | float) -> Number:
    return _counted(max(a.value, _float(b)))


def smaller(a: Number, b: float) -> Number:
    return _counted(min(a.value, b))


def function(of: Callable[[float], float]) -> Callable[[Number], Number]:
    return lambda x: _counted(of(x.value))


exp, log, erf, tanh = map(
    function, (math.exp, lambda x: math.log(abs(x) + 1e-9), math.erf, math.tanh)
)


def hard_sigmoid(x: Number) -> Number:
    return smaller(larger(x + 3, 0), 6) / 6


ACTIVATIONS: dict[str, Callable[[Number], Number]] = {
    "relu": lambda x: larger(x, 0),
    "relu6": lambda x: smaller(larger(x, 0), 6),
    "leaky_relu": lambda x: larger(x, x * 0.01),
    "prelu": lambda x: larger(x, x * 0.25),
    "elu": lambda x: larger(x, exp(x) - 1),
    "silu": lambda x: x * (1 / (exp(-x) + 1)),
    "gelu": lambda x: x * 0.5 * (erf(x / math.sqrt(2)) + 1),
    "sigmoid": lambda x: 1 / (exp(-x) + 1),
    "tanh": tanh,
    "hard_sigmoid": hard_sigmoid,
    "hard_swish": lambda x: x * hard_sigmoid(x),
    "softplus": lambda x: log(exp(x) + 1),
    "mish": lambda x: x * tanh(log(exp(x) + 1)),
}
Map = dict[tuple[int, ...], Number]


def numbers(shape: Shape) -> Map:
    rng = random.Random(str(shape))
    return {at: Number(rng.uniform(-2, 2)) for at in product(*map(range, shape))}


def total(summands: list[Number]) -> Number:
    """Add up: one addition fewer than there are summands."""
    answer = summands[0]
    for summand in summands[1:]:
        answer = answer + summand
    return answer


def largest(candidates: list[Number]) -> Number:
    answer = candidates[0]
    for candidate in candidates[1:]:
        answer = larger(answer, candidate)
    return answer


def mean(summands: list[Number]) -> Number:
    return total(summands) * (1 / len(summands))


def windows(x: Map, space: list[list[range]], channels: int) -> list[list[Number]]:
    """Return what each window covers; `space` holds the windows of each axis."""
    return [
        [x[(channel, *at)] for at in product(*window)]
        for channel in range(channels)
        for window in product(*space)
    ]


def operations_of(do: Callable[[], object]) -> int:
    Number.operations = 0
    do()
    return Number.operations


def counted(word: str, shape: Shape, **fields: Any) -> int:
    report = bncalc.measure(bncalc.block(word, shape, **fields))
    return report.totals.elementwise


SHAPES = [Shape(3, 7), Shape(2, 5, 6), Shape(4, 3, 4, 5)]


@each_of(product(ACTIVATIONS, SHAPES))
def test_an_activation_computes_as_its_definition_does(word: str, shape: Shape) -> None:
    x = numbers(shape)
    assert counted(word, shape) == operations_of(lambda: [ACTIVATIONS[word](v) for v in x.values()])


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_softmax_adds_each_exponential_and_divides_it(shape: Shape) -> None:
    x = numbers(shape)

    def softmax() -> None:
        for at in product(*map(range, shape.space)):
            exponentials = [exp(x[(channel, *at)]) for channel in range(shape.channels)]
            denominator = total([Number(0), *exponentials])
            for exponential in exponentials:
                exponential / denominator

    assert counted("softmax", shape) == operations_of(softmax)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("word", "reduce"), [("max_pool", largest), ("avg_pool", mean)])
def test_a_pool_works_on_each_window(
    word: str, reduce: Callable[[list[Number]], Number], shape: Shape
) -> None:
    x = numbers(shape)
    space = [[range(i, i + 2) for i in range(0, size - 1, 2)] for size in shape.space]
    counted_read = operations_of(lambda: [reduce(w) for w in windows(x, space, shape.channels)])
    assert counted(word, shape, kernel=2) == counted_read


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(
    ("word", "reduce"), [("global_max_pool", largest), ("global_avg_pool", mean)]
)
def test_a_global_pool_works_on_the_map_as_a_whole(
    word: str, reduce: Callable[[list[Number]], Number], shape: Shape
) -> None:
    x = numbers(shape)
    space = [[range(size)] for size in shape.space]
    counted_read = operations_of(lambda: [reduce(w) for w in windows(x, space, shape.channels)])
    assert counted(word, shape) == counted_read


@each_of(product(["adaptive_max_pool", "adaptive_avg_pool"], SHAPES, [1, 2, 3, 4, 7]))
def test_an_adaptive_pool_works_on_overlapping_windows(word: str, shape: Shape, out: int) -> None:
    reduce = {"adaptive_max_pool": largest, "adaptive_avg_pool": mean}[word]
    x = numbers(shape)
    space = [
        [range(math.floor(i * n / out), math.ceil((i + 1) * n / out)) for i in range(out)]
        for n in shape.space
    ]
    counted_read = operations_of(lambda: [reduce(w) for w in windows(x, space, shape.channels)])
    assert counted(word, shape, size=out) == counted_read


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_linear_interpolation_weighs_the_neighbours(shape: Shape) -> None:
    enlarged = math.prod([shape.channels, *[2 * size for size in shape.space]])
    corners = 2**shape.axes

    def interpolate() -> None:
        for _ in range(enlarged):
            total([Number(1.0) * 0.25 for _ in range(corners)])

    assert counted("upsample", shape, mode="bilinear") == operations_of(interpolate)


def normalise(group: list[Number], affine: bool) -> None:
    """Do what every norm does for a group of elements; what is once a group is not counted."""
    centre = total([Number(0), *group]).value / len(group)
    differences = [x - centre for x in group]
    variance = total([Number(0), *[d * d for d in differences]]).value / len(group)
    deviation = math.sqrt(variance + 1e-5)
    for difference in differences:
        normal = difference / deviation
        if affine:
            normal * 1.5 + 0.5


@each_of(product(["layer_norm", "group_norm", "instance_norm"], SHAPES[1:], [True, False]))
def test_a_norm_takes_mean_and_variance_of_its_groups(
    word: str, shape: Shape, affine: bool
) -> None:
    x = numbers(shape)
    places = list(product(*map(range, shape.space)))
    channels = range(shape.channels)
    groups = {
        "layer_norm": [[x[(c, *at)] for c in channels] for at in places],
        "instance_norm": [[x[(c, *at)] for at in places] for c in channels],
        "group_norm": [
            [x[(c, *at)] for c in half for at in places]
            for half in (channels[: len(channels) // 2], channels[len(channels) // 2 :])
        ],
    }[word]
    fields = {"groups": 2} if word == "group_norm" else {}

    def norm() -> None:
        for group in groups:
            normalise(group, affine)

    assert counted(word, shape, affine=affine, **fields) == operations_of(norm)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_batch_norm_is_a_factor_and_a_summand_at_inference(shape: Shape) -> None:
    x = numbers(shape)
    assert counted("batch_norm", shape) == operations_of(lambda: [v * 2 + 1 for v in x.values()])


@each_of([1, 3, 5])
def test_a_local_response_norm_squares_the_channels_around(size: int) -> None:
    shape = Shape(6, 3, 4)
    x = numbers(shape)

    def respond() -> None:
        for at, value in x.items():
            around = [x.get((at[0] + i, *at[1:]), Number(0)) for i in range(size)]
            value / (total([v * v for v in around]) * 1e-4 + 1.0) ** 0.75

    assert counted("local_response_norm", shape, size=size) == operations_of(respond)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_joins_and_learned_maps_take_an_operation_an_element(shape: Shape) -> None:
    x = numbers(shape)
    assert counted("layer_scale", shape) == operations_of(lambda: [v * 0.1 for v in x.values()])
    added = operations_of(lambda: [v + 0.1 for v in x.values()])
    assert counted("position_embedding", shape) == added


@each_of(["conv", "conv_transpose", "linear"])
def test_a_bias_is_an_addition_for_each_output_element(word: str) -> None:
    shape = Shape(3, 5, 6)
    graph = bncalc.block(word, shape, out=4, bias=True)
    y = numbers(Shape(*graph.output))
    assert counted(word, shape, out=4, bias=True) == operations_of(
        lambda: [v + 1 for v in y.values()]
    )
    assert counted(word, shape, out=4) == 0


def test_attention_scores_are_scaled_one_by_one() -> None:
    shape = Shape(4, 3, 2)
    report = bncalc.measure(bncalc.block("attention", shape, heads=2, bias=False))
    scores = numbers(Shape(2, 6, 6))
    scaled = operations_of(lambda: [v * 0.7 for v in scores.values()])
    softmax = counted("softmax", Shape(2, 6, 6), over="width")
    assert report.totals.elementwise == scaled + softmax


@each_of(product(["mean", "sum", "max"], [(0,), (1,), (-1,), (0, 2), (1, 2), (0, 1, 2)]))
def test_a_reduction_takes_what_lies_along_its_axes(word: str, over: tuple[int, ...]) -> None:
    reduce = {"mean": mean, "sum": total, "max": largest}[word]
    shape = Shape(3, 4, 5)
    x, gone = numbers(shape), [axis % 3 for axis in over]
    groups: dict[tuple[int, ...], list[Number]] = {}
    for at, value in x.items():
        key = tuple([i for axis, i in enumerate(at) if axis not in gone])
        groups.setdefault(key, []).append(value)
    done = operations_of(lambda: [reduce(group) for group in groups.values()])
    assert counted(word, shape, over=list(over)) == done


@pytest.mark.parametrize("affine", [True, False])
def test_a_root_mean_square_divides_each_element(affine: bool) -> None:
    shape = Shape(5, 3, 4)
    x = numbers(shape)

    def norm() -> None:
        for at in product(*map(range, shape.space)):
            group = [x[(c, *at)] for c in range(shape.channels)]
            root = math.sqrt(total([Number(0), *[v * v for v in group]]).value / len(group))
            for v in group:
                normal = v / root
                if affine:
                    normal * 1.5

    assert counted("rms_norm", shape, affine=affine) == operations_of(norm)


@each_of([((3, 4, 5), (3, 5, 2)), ((1, 4, 5), (3, 5, 2)), ((4, 5), (5, 2))])
def test_a_matrix_product_multiplies_as_often_as_loops_do(
    a: tuple[int, ...], b: tuple[int, ...]
) -> None:
    net = Net(Shape(*a))
    y = net.op("matmul", net.input, net.further_input(b))
    multiplications = 0
    for _ in product(*map(range, y.shape)):
        multiplications += len(range(a[-1]))
    report = bncalc.measure(net.graph("product"))
    assert (report.totals.macs, report.output) == (multiplications, y.shape)


@each_of([1, 2, 4])
def test_attention_as_one_kernel_multiplies_as_often_as_its_steps(heads: int) -> None:
    net = Net(Shape(4, 5, 3))
    q, k, v = net.input, net.further_input((4, 2, 3)), net.further_input((8, 2, 3))
    scores = net.op("softmax", net.op("attention_scores", q, k, heads=heads), over="width")
    mixed = net.op("attention_mix", scores, v)
    steps = bncalc.measure(net.graph("steps"))
    net = Net(Shape(4, 5, 3))
    y = net.op(
        "fused_attention",
        net.input,
        net.further_input((4, 2, 3)),
        net.further_input((8, 2, 3)),
        heads=heads,
    )
    kernel = bncalc.measure(net.graph("kernel"))
    assert kernel.totals.macs == steps.totals.macs
    assert kernel.totals.elementwise == steps.totals.elementwise
    assert y.shape.elements == mixed.shape.elements
