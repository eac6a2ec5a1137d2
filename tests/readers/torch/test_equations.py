"""Equations against what NumPy 2.4 prints of the best order of their products."""

from itertools import pairwise

import pytest

from bncalc.readers.torch.equations import Equation

SIZES = {"a": 2, "b": 3, "c": 5, "d": 7, "e": 11, "f": 13}


@pytest.mark.parametrize(
    ("text", "operands", "printed", "by_letters"),
    [
        ("ab->ba", ["ab"], 7, 6),
        ("ab->a", ["ab"], 13, 6),
        ("ab,bc->ac", ["ab", "bc"], 61, 30),
        ("ab, bc", ["ab", "bc"], 61, 30),
        ("ab,ab->ab", ["ab", "ab"], 7, 6),
        ("...b,bc->...c", ["dab", "bc"], 421, 210),
        ("a...,...->a...", ["abc", "bc"], 31, 30),
        # 2 · 3·5·7, then 2 · 2·3·7, and one: in the other order 60 and 140
        ("ab,bc,cd->ad", ["ab", "bc", "cd"], 60 + 140 + 1, 210),
        ("ab,bc,cd,de->ae", ["ab", "bc", "cd", "de"], 60 + 140 + 308 + 1, 2310),
        # no product of two is larger than an operand: all at once, 2 operations for each
        ("ab,cd,ef->abcdef", ["ab", "cd", "ef"], 60_060 + 1, 30_030),
        # 2 · 2·3·5·7 come to one number, by which 2 · 11·13 do
        ("ab,cd,ef->", ["ab", "cd", "ef"], 420 + 286 + 1, 30_030),
    ],
)
def test_an_equation_costs_what_numpy_prints(
    text: str, operands: list[str], printed: int, by_letters: int
) -> None:
    sizes = [tuple([SIZES[axis] for axis in axes]) for axes in operands]
    equation = Equation(text, sizes)
    # four digits are printed
    assert equation.printed == int(float(f"{printed:.3e}"))
    if "..." not in text:
        assert equation.by_letters == by_letters


def test_orders_of_many_operands_are_not_tried_one_by_one() -> None:
    letters = "abcdefghijklm"
    terms = ["".join(pair) for pair in pairwise(letters)]
    equation = Equation(f"{','.join(terms)}->am", [(4, 4)] * len(terms))
    # eleven products of 2 · 4 · 4 · 4, and one: 12 operands have 9 · 10¹² orders
    assert equation.printed == 11 * 2 * 64 + 1


def test_fvcore_knows_two_equations_by_any_letters() -> None:
    sizes = [(2, 3, 5), (2, 3, 7)]
    assert Equation("xyz,xyw->xzw", sizes).is_listed
    assert not Equation("xyz,xyw->xwz", sizes).is_listed
