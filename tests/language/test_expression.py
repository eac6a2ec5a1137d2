"""Expressions: a closed, spreadsheet-like language for the values of a file."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.rows import each_of

from bncalc.errors import BncalcError, ExpressionError
from bncalc.language.parser import parse

NAMES = {
    "cin": 64,
    "width": 0.5,
    "i": 2,
    "act": "relu",
    "last": True,
    "nothing": None,
    "depths": [3, 4, 6, 3],
    "stages": ((1, 16), (6, "x")),
}

VALUES = [
    ("1", 1), ("010", 10), ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("2.", 2.0),
    ("cin*2", 128), ("cin/2", 32), ("cin/3", 64 / 3), ("width*cin", 32.0), ("7//2", 3),
    ("-7//2", -4), ("-7%3", 2), ("1.1*3", 3.3000000000000003), ("6.0/2", 3.0),
    ("-2**2", -4), ("2**-1", 0.5), ("2**3**2", 512), ("2*-3", -6), ("- -3", 3), ("+cin", 64),
    ("1+2*3", 7), ("(1+2)*3", 9), ("10-4-3", 3), ("64/4/4", 4), ("2**3*4", 32),
    ("999999999999999999-1", 999_999_999_999_999_998),
    ("i < 3", True), ("i >= 3", False), ("act == 'relu'", True), ('act != "relu"', False),
    ("'a' < 'b'", True), ("nothing == null", True), ("depths == [3, 4, 6, 3]", True),
    ("1 == 'x'", False), ("not i == 2", False), ("last and i == 2", True),
    ("true or 1/0 == 1", True), ("false and 1/0 == 1", False), ("not false and false", False),
    ("'relu' if i < 3 else 'hard_swish'", "relu"), ("1/0 if false else 5", 5),
    ("1 if false else 2 if false else 3", 3),
    ("1 if true else 2 if false else 3", 1), ("2 if last else 1", 2), ("null", None),
    ("[1, [2, 'x'], ]", (1, (2, "x"))), ("[]", ()), ("depths", (3, 4, 6, 3)),
    ("depths[0]", 3), ("depths[-1]", 3), ("depths[-4]", 3), ("depths[i]", 6),
    ("stages[1][0] * 2", 12), ("[1, 2][1]", 2), ("-depths[1]", -4), ("depths[0]**2", 9),
    ("min(3, 1, 2)", 1), ("max(depths)", 6), ("max(8)", 8), ("sum(depths)", 16), ("sum([])", 0),
    ("sum(1, 2, 3)", 6), ("len(depths)", 4), ("len([])", 0),
    ("round(0.5)", 0), ("round(1.5)", 2), ("ceil(1.2)", 2), ("floor(-1.2)", -2), ("abs(-3)", 3),
    ("divisible(32*width, 8)", 16), ("divisible(10, 8)", 16), ("divisible(11, 8)", 16),
    ("divisible(3, 8)", 8), ("divisible(17, 8)", 16), ("divisible(37.5, 8)", 40),
    ("divisible(3, 8, 16)", 16), ("divisible(100, 8)", 104),
]  # fmt: skip


@each_of(VALUES)
def test_expressions_have_the_value_a_reader_expects(text, value):
    result = parse(text).evaluate(NAMES)
    assert (result, type(result)) == (value, type(value))


def test_an_expression_knows_the_names_it_asks_for():
    assert parse("max(cin, depths[i]) if last else cin").names == {"cin", "depths", "i", "last"}


@each_of(product(range(1, 400, 7), [1, 0.35, 0.75, 1.4]))
def test_divisible_is_make_divisible_of_mobilenet(channels, width):
    wide = channels * width
    expected = max(8, int(wide + 8 / 2) // 8 * 8)
    expected += 8 if expected < 0.9 * wide else 0
    assert parse("divisible(c * w, 8)").evaluate({"c": channels, "w": width}) == expected


FUNCTIONS = (
    "min, max, sum, round, ceil, floor, abs, divisible, log, sqrt, exp, "
    "len, range, unique, sorted, reversed, count, index"
)
SYNTAX = [
    ("", 0, "expected a value, not the end"),
    ("1 +", 3, "expected a value, not the end"),
    ("2x", 1, "expected an operator or the end, not 'x'"),
    ("(1", 2, "expected ')', not the end"),
    ("1)", 1, "expected an operator or the end, not ')'"),
    ("max(1 2)", 6, "expected ',', not '2'"),
    ("1 if true", 9, "expected 'else', not the end"),
    ("depths[0", 8, "expected ']', not the end"),
    ("a.b", 1, "'.' is not allowed in an expression; did you mean a name without dots?"),
    ("i = 3", 2, "'=' is not allowed in an expression; did you mean ==?"),
    ("1 & 2", 2, "'&' is not allowed in an expression; did you mean and?"),
    ("'relu", 0, "the quote ' is not closed"),
    ("1 < 2 < 3", 6, "comparisons do not chain: write a < b and b < c"),
    ("mx(1)", 0, "unknown function 'mx' (did you mean 'max'?)"),
    ("q(1)", 0, f"unknown function 'q'; there are {FUNCTIONS}"),
    ("round(1, 2)", 0, "round takes 1 argument, not 2"),
    ("divisible(1)", 0, "divisible takes 2 or 3 arguments, not 1"),
    ("max()", 0, "max takes arguments, not 0"),
    ("(" * 400, 50, "the expression is nested deeper than 50 levels"),
    ("-" * 400, 50, "the expression is nested deeper than 50 levels"),
    ("(1)+" * 20 + "(" * 60, 129, "the expression is nested deeper than 50 levels"),
    ("1+" * 300, 500, "the expression has 600 characters, more than 500"),
    ("1".ljust(501), 500, "the expression has 501 characters, more than 500"),
    ("9" * 400, 0, "a number here is not finite, or beyond 10^18"),
    ("1e999", 0, "a number here is not finite, or beyond 10^18"),
    ("__import__('os')", 0, None),
]  # fmt: skip


@each_of(SYNTAX)
def test_what_is_no_expression_is_refused_at_its_place(text, offset, message):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.offset == offset
    assert message in (None, caught.value.message)


def test_an_expression_may_have_500_characters() -> None:
    assert parse("1".ljust(500)).root == parse("1").root


LISTED = "act, cin, depths, i, last, nothing, stages, width"
VALUELESS = [
    ("1 + depht", 4, "unknown name 'depht' (did you mean 'depths'?)"),
    ("zzzzz", 0, f"unknown name 'zzzzz'; the names here are {LISTED}"),
    ("1 / 0", 2, "division by zero: 1 / 0"),
    ("1 % (i-2)", 2, "division by zero: 1 % 0"),
    ("0**-1", 1, "division by zero: 0 ** -1"),
    ("act + 1", 0, "'+' needs a number, not the text 'relu'"),
    ("1 + last", 4, "'+' needs a number, not true"),
    ("0.5 * depths", 4, "* cannot join 0.5 and the list [3, 4, 6, 3]"),
    ("depths + 1", 7, "+ cannot join the list [3, 4, 6, 3] and 1"),
    ("-nothing", 1, "'unary -' needs a number, not null"),
    ("1 < act", 4, "'<' needs a number, not the text 'relu'"),
    ("1 if i else 2", 5, "'if' needs true or false, not 2; compare it with something"),
    ("true and 3", 9, "'and' needs true or false, not 3; compare it with something"),
    ("not 3", 4, "'not' needs true or false, not 3; compare it with something"),
    ("depths[4]", 7, "position 4 is outside a list of length 4 (the first is 0)"),
    ("depths[-5]", 7, "position -5 is outside a list of length 4 (the first is 0)"),
    ("depths[0.5]", 7, "a position in a list is a whole number, not 0.5"),
    ("depths[true]", 7, "a position in a list is a whole number, not true"),
    ("cin[0]", 0, "[ ] needs a list, not 64"),
    ("len(cin)", 0, "len needs a list, not 64"),
    ("max([])", 0, "max: the list is empty"),
    ("log(8, 1)", 0, "log: 8 has no logarithm to this base"),
    ("max(stages)", 0, "'max' needs a number, not the list [1, 16]"),
    ("divisible(8, 0)", 0, "divisible: the divisor 0 and minimum 0 must be whole, at least 1"),
    ("9**9**9", 1, "9 ** 387420489: the exponent is beyond 64"),
    ("2**64", 1, "a number here is not finite, or beyond 10^18"),
    ("2.0**-65", 3, "2.0 ** -65: the exponent is beyond 64"),
    ("1e18**60", 4, None),
    ("(-8)**0.5", 4, "-8 ** 0.5: a negative number has no such root"),
    ("10**18 + 1", 7, "a number here is not finite, or beyond 10^18"),
]


@each_of(VALUELESS)
def test_what_has_no_value_is_refused_at_its_place(text, offset, message):
    with pytest.raises(ExpressionError) as caught:
        parse(text).evaluate(NAMES)
    assert caught.value.offset == offset
    assert message in (None, caught.value.message)
    assert isinstance(caught.value, BncalcError)


@each_of([math.nan, math.inf, 10**19, object(), b"x"])
def test_names_hold_finite_numbers_texts_lists_and_calls_alone(value):
    with pytest.raises(ExpressionError):
        parse("x").evaluate({"x": value})


def test_a_name_without_any_names_is_refused_plainly():
    with pytest.raises(ExpressionError, match=r"^unknown name 'x'$"):
        parse("x").evaluate({})


@each_of(["9**9**9", "(" * 500, "[" * 500, "-" * 500, "((9**9)**9)**9", "not " * 99])
def test_runaway_expressions_are_refused_at_once(text):
    with pytest.raises(ExpressionError):  # or this test does not end
        parse(text).evaluate({})


def test_the_longest_sum_is_added_up():
    assert parse("1" + "+1" * 249).evaluate({}) == 250


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.tuples(inner, st.sampled_from(["+", "-", "*", "//", "%", "/"]), inner)
    compared = st.tuples(inner, st.sampled_from(["<", "<=", "==", "!=", ">", ">="]), inner)
    chosen = st.tuples(inner, compared.map(" ".join), inner)
    return st.one_of(
        binary.map(" ".join),
        inner.map("({})".format),
        inner.map("-{}".format),
        st.tuples(inner, st.integers(0, 3)).map(lambda pair: f"({pair[0]})**{pair[1]}"),
        chosen.map(lambda parts: f"({parts[0]} if {parts[1]} else {parts[2]})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda terms: f"max({', '.join(terms)})"),
        st.lists(inner, min_size=1, max_size=3).map(lambda terms: f"min([{', '.join(terms)}])"),
    )  # fmt: skip


ATOMS = st.one_of(st.integers(0, 99).map(str), st.sampled_from(["cin", "0.5", "width", "1e2"]))


@settings(max_examples=100)
@given(st.recursive(ATOMS, grown, max_leaves=12).filter(lambda text: len(text) <= 500))
@example("1 % (cin - cin)")
@example("(99 * 99 * 99)**3 * 99")
def test_arithmetic_agrees_with_python(text):
    # Generated above out of nothing but arithmetic, so that Python may be the judge.
    try:
        expected = eval(text, {"max": max, "min": min}, dict(NAMES))
    except ZeroDivisionError:
        expected = None
    try:
        value = parse(text).evaluate(NAMES)
    except ExpressionError as error:
        says_zero = expected is None and "zero" in error.message
        assert says_zero or "10^18" in error.message  # noqa: PT017
        return
    assert isinstance(value, int | float)
    assert math.isclose(value, expected, rel_tol=1e-9)


WORDS = "1|.5|cin|depths|act|'x'|+|-|*|/|//|%|**|(|)|[|]|,|<|==|and|or|not|if|else|max|len|true|\""


@settings(max_examples=100)
@given(st.one_of(st.text(max_size=30), st.lists(st.sampled_from(WORDS.split("|"))).map(" ".join)))
def test_any_text_has_a_value_or_a_located_error(text):
    try:
        parse(text).evaluate(NAMES)
    except ExpressionError as error:
        assert 0 <= error.offset <= len(text)  # noqa: PT017
