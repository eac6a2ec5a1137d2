"""Polynomials: the formula that the code follows, its conditions, and its value at any design."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from tests.rows import each_of

import bncalc
from bncalc.number import divisible, largest, smallest
from bncalc.search.conditions import statements
from bncalc.search.polynomial import Derivation, Polynomial
from bncalc.search.terms import Composite, Symbol, Terms, evaluated, frozen, over
from bncalc.search.witness import Condition, terms_of

INPUT = {"cin": 256, "h": 56, "w": 56}


def measured(word: str, values: dict[str, Any], **fixed: Any) -> bncalc.Report:
    sizes = {**INPUT, **{name: values[name] for name in INPUT if name in values}}
    fields = {name: value for name, value in values.items() if name not in INPUT}
    return bncalc.measure(bncalc.block(word, tuple(sizes.values()), **fields, **fixed))


def derived(word: str, values: dict[str, Any], **fixed: Any) -> tuple[Derivation, bncalc.Report]:
    derivation = Derivation()
    symbols = {name: derivation.symbol(name, value) for name, value in values.items()}
    return derivation, measured(word, symbols, **fixed)


def written(terms: Terms) -> dict[str, Any]:
    """Return terms by what is multiplied: {"cin·mid": 2, "mid²": 9}."""
    return {
        "·".join(f"{atom.name}{'²' * (power == 2)}" for atom, power in monomial): factor  # type: ignore[union-attr]
        for monomial, factor in terms.items()
    }


@each_of(
    [
        ("plain", {"cin": 256, "out": 256}, {}, {"cin·out": 9}),
        # He et al.: 1×1 down, 3×3, 1×1 up.
        ("bottleneck", {"cin": 256, "mid": 64}, {}, {"cin·mid": 2, "mid²": 9}),
        # ResNeXt divides the 3×3 by the groups.
        (
            "bottleneck",
            {"cin": 256, "mid": 64},
            {"groups": 8},
            {"cin·mid": 2, "mid²": Fraction(9, 8)},
        ),
        ("inverted_residual", {"cin": 32, "expand": 6}, {}, {"cin²·expand": 2, "cin·expand": 9}),
        ("depthwise_separable", {"cin": 64, "out": 128}, {}, {"cin·out": 1, "cin": 9}),
        ("factorized", {"cin": 64, "out": 128}, {}, {"cin·out": 3, "out²": 3}),
    ]
)
def test_the_weights_of_a_block_have_the_form_of_the_textbooks(
    word: str, values: dict[str, Any], fixed: dict[str, Any], params: dict[str, Any]
) -> None:
    _, report = derived(word, values, **fixed)
    assert written(terms_of(report.totals.params)) == params


def test_macs_are_the_weights_at_every_position() -> None:
    _, report = derived("bottleneck", {"cin": 256, "mid": 64, "h": 56, "w": 56})
    macs = written(terms_of(report.totals.macs))
    assert macs == {"cin·mid·h·w": 2, "mid²·h·w": 9}


@each_of(
    [
        ("bottleneck", {"cin": 256, "mid": 64}, {},
         [{"cin": 64, "mid": 256}, {"cin": 7, "mid": 3}]),
        ("bottleneck", {"cin": 256, "h": 56, "w": 56}, {"stride": 2},
         [{"cin": 66, "h": 9, "w": 14}]),
        ("inverted_residual", {"cin": 32, "expand": 6}, {"se": 0.25}, [{"cin": 13, "expand": 3}]),
        ("squeeze_excitation", {"cin": 64}, {}, [{"cin": 16}, {"cin": 129}]),
        ("c2f", {"cin": 64}, {"n": 2}, [{"cin": 63}, {"cin": 2}]),
        ("shuffle_unit", {"cin": 116}, {}, [{"cin": 48}]),
        ("dense_layer", {"cin": 64, "growth": 32}, {}, [{"cin": 10, "growth": 12}]),
        ("attention", {"cin": 64, "h": 14, "w": 14}, {"heads": 4}, [{"cin": 8, "h": 3, "w": 5}]),
        ("convnext", {"cin": 96}, {}, [{"cin": 8}, {"cin": 1}]),
    ]
)  # fmt: skip
def test_a_formula_gives_what_measuring_gives_for_other_designs(
    word: str, values: dict[str, Any], fixed: dict[str, Any], others: list[dict[str, Any]]
) -> None:
    derivation, report = derived(word, values, **fixed)
    for other in (values, *others):
        plain = measured(word, other, **fixed)
        for name in ("params", "macs", "elementwise", "peak_activation_bytes", "traffic_bytes"):
            terms = terms_of(getattr(report.totals, name))
            assert at(terms, other) == getattr(plain.totals, name), (name, other)
    assert all(
        condition_holds(condition, other) for condition in derivation.conditions for other in others
    )


def at(terms: Terms, values: dict[str, Any]) -> Any:
    """Work terms out from the definitions of their parts, with no help from the program."""

    def value(atom: Any) -> Any:
        if not isinstance(atom, Composite):
            return Fraction(values[atom.name])
        arguments = [at(dict(argument), values) for argument in atom.arguments]
        work: dict[str, Any] = {
            "floor": lambda a, b: a // b,
            "rest": lambda a, b: a % b,
            "ceiling": lambda a, b: -(-a // b),
            "ratio": lambda a, b: a / b,
            "power": lambda a, b: a**b,
            "ceil": math.ceil,
            "round": round,
            "divisible": divisible,
            "max": lambda *several: max(several),
            "min": lambda *several: min(several),
        }
        return Fraction(work[atom.function](*arguments))

    return evaluated(terms, value)


def condition_holds(condition: Any, values: dict[str, Any]) -> bool:
    first, second = (at(dict(terms), values) for terms in (condition.first, condition.second))
    return bool(
        {
            "≥": lambda: first >= 0,
            ">": lambda: first > 0,
            "=": lambda: first == 0,
            "≠": lambda: first != 0,
            "|": lambda: first % second == 0,
            "∤": lambda: first % second != 0,
        }[condition.sign]()
    )


@each_of([
        lambda x, y: x + y - 3,
        lambda x, y: 5 - x + 2 * y,
        lambda x, y: -x * +y,
        lambda x, y: abs(y - x) + abs(x - y),
        lambda x, y: x**3 - x**0,
        lambda x, y: 2**y + x**y,
        lambda x, y: x / y + 5 / x,
        lambda x, y: x // y + (x - 1) // y + (x - 1) // 4,
        lambda x, y: 100 // x + 100 % x,
        lambda x, y: x % y + x % 5,
        lambda x, y: smallest(x, 8 + y) + smallest(x, x + 1),
        lambda x, y: largest(x, 8 + y) * largest(x, x + 1),
        lambda x, y: divisible(3 * x, 8, 8) + divisible(8 * x, 8, 8),
        lambda x, y: x if x <= 20 else 20 + y,
        lambda x, y: math.trunc((x - 40) / 8),
        lambda x, y: round(x / 8) + math.floor(x / 8) + math.ceil(x / 8) + math.trunc(x / 8),
    ])  # fmt: skip
def test_arithmetic_is_that_of_numbers(work: Callable[[Any, Any], Any]) -> None:
    derivation = Derivation()
    result = work(derivation.symbol("x", 12), derivation.symbol("y", 7))
    assert (result.value, result.derivation) == (work(12, 7), derivation)
    designs = [(12, 7), (13, 7), (30, 11), (41, 9)]
    for x, y in designs:
        values = {"x": x, "y": y}
        if all(condition_holds(each, values) for each in derivation.conditions):
            assert at(result.terms, values) == work(Fraction(x), Fraction(y))


def test_whole_powers_are_products() -> None:
    x = Derivation().symbol("x", 12)
    assert written((x**2).terms) == {"x²": 1}
    assert written(((x + 1) ** 2).terms) == {"x²": 1, "x": 2, "": 1}


def test_the_peak_is_the_largest_of_what_is_live() -> None:
    derivation, report = derived("bottleneck", {"cin": 256, "mid": 64})
    peak = terms_of(report.totals.peak_activation_bytes)
    ((monomial, factor),) = peak.items()
    ((part, power),) = monomial
    assert isinstance(part, Composite)
    assert (part.function, power, factor) == ("max", 1, 1)
    assert [written(dict(argument)) for argument in part.arguments] == [
        {"cin": 4 * 3136, "mid": 8 * 3136},
        {"cin": 8 * 3136, "mid": 4 * 3136},
    ]
    assert not derivation.conditions


def test_a_question_that_every_design_answers_alike_is_no_condition() -> None:
    derivation = Derivation()
    cin, width = derivation.symbol("cin", 8), derivation.symbol("width", 0.5)
    assert cin >= 1
    assert cin + 1 > cin
    assert width >= 0
    assert cin * cin + 1 != 0
    assert 1 - cin * cin != 2
    assert not derivation.conditions
    assert cin > 7
    assert cin != 9
    assert [condition.sign for condition in derivation.conditions] == [">", "≠"]


def test_the_halves_of_a_map_are_one_quotient() -> None:
    derivation = Derivation()
    h = derivation.symbol("h", 224)
    halved = (h - 1) // 2 + 1
    quartered = (halved - 1) // 2 + 1
    ((monomial, factor),) = quartered.terms.items()
    ((part, _),) = monomial
    assert factor == 1
    assert [written(dict(argument)) for argument in part.arguments] == [{"h": 1, "": 3}, {"": 4}]
    assert (halved.value, quartered.value) == (112, 56)


def test_what_divides_is_divided_and_noted() -> None:
    derivation = Derivation()
    width = derivation.symbol("width", 1.0)
    channels = 32 * width
    assert channels % 1 == 0
    whole = channels.__trunc__()
    assert isinstance(whole, Polynomial)
    assert type(whole.value) is int
    assert [condition.sign for condition in derivation.conditions] == ["|"]


X, W = Symbol(0, "x", 1, True), Symbol(1, "w", 0, False)


@each_of(
    [
        ({((X, 1),): 1}, {(): 6, ((X, -1),): 2}),
        ({((X, 1),): 3, (): 1}, {(): 2}),  # 6x + 2 is twice 3x + 1
        ({((X, 1),): 3, (): 2}, None),
        ({((W, 1),): 3, (): 2}, None),
        ({}, None),
    ]
)
def test_a_quotient_is_exact_or_none(divisor: Terms, quotient: Terms | None) -> None:
    assert over({((X, 1),): 6, (): 2}, divisor) == quotient


def rounded_up(terms: Terms) -> Composite:
    return Composite(9, "ceil", (frozen(terms),))


@each_of(
    [
        ("≥", {((X, 1),): 6, (): -12}, "x ≥ 2"),
        ("=", {((X, 1),): -2, (): 128}, "x = 64"),
        (">", {((X, 1),): -1, (): 5}, "x < 5"),
        # ⌈w⌉ ≥ 3, and 2·⌈w⌉ ≥ 5, say that w > 2
        ("≥", {((rounded_up({((W, 1),): 1}), 1),): 1, (): -3}, "w > 2"),
        ("≥", {((rounded_up({((W, 1),): 1}), 1),): 2, (): -5}, "w > 2"),
        ("≠", {((rounded_up({((W, 1),): 1}), 1),): 1}, "w > 0"),
    ]
)
def test_a_condition_is_said_in_its_plainest_form(sign: str, first: Terms, told: str) -> None:
    (statement,) = statements([Condition(sign, frozen(first))])
    left, right = written(statement.left), written(statement.right)
    (name,), bound = left, right.get("", 0)
    assert (left[name], f"{name} {statement.sign} {bound}") == (1, told)


@each_of(
    [
        # of 8·x + 8, which is 16 where x is 1, and of x, of a variable y, and of 0
        ("floor", ((8, 8), 4), 4),
        ("floor", ((8, 8), "y"), 0),
        ("ceil", ((8, 8),), 16),
        ("ceiling", ((8, 8), "y"), 1),
        ("ceiling", ((0, 0), "y"), 0),
        ("divisible", ((1, 0), 8, (8, 8)), 16),
        ("max", ((1, 0), (8, 8), 3), 16),
        ("rest", ((8, 8), 3), 0),
    ]
)
def test_what_a_part_is_at_least(
    function: str, arguments: tuple[int | str | tuple[int, int], ...], least: int
) -> None:
    derivation = Derivation()
    symbols = {name: derivation.symbol(name, 2) for name in "xy"}

    def terms(argument: int | str | tuple[int, int]) -> Terms:
        if isinstance(argument, tuple):
            argument, constant = argument
            return terms_of(symbols["x"] * argument + constant)
        return terms_of(symbols[argument] if isinstance(argument, str) else argument)

    made = derivation.part(function, 2, *map(terms, arguments))
    (((part, _),),) = made.terms
    assert part.least == least


@each_of([-1, 0, 1, 2, 3])
def test_a_half_below_1_is_its_own_size(value: int) -> None:
    half = (Derivation().symbol("x", value) - 1) / 2
    assert abs(half).value == abs(value - 1) / 2


def test_a_power_of_nothing_is_one() -> None:
    x = Derivation().symbol("x", 3)
    assert (type(x**0), x**0) == (int, 1)
