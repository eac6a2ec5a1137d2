"""Lists in expressions, and what they are for: the rules by which families of networks are made."""

import pytest
from tests.rows import each_of

from bncalc.errors import ExpressionError
from bncalc.language.expression import ExpressionValue
from bncalc.language.parser import parse

NAMES = {"xs": (1, 2, 3), "n": 3, "texts": ("conv", "relu")}


@each_of(
    [
        ("xs[1:]", (2, 3)),
        ("xs[:-1]", (1, 2)),
        ("xs[1:2]", (2,)),
        ("xs[:]", (1, 2, 3)),
        ("xs + [n + 1]", (1, 2, 3, 4)),
        ("[64] * n", (64, 64, 64)),
        ("n * [0]", (0, 0, 0)),
        ("[64] * 0", ()),
        ("2 in xs", True),
        ("not 4 in xs", True),
        ("'relu' in texts", True),
        ("[2*x for x in xs]", (2, 4, 6)),
        ("[x for x in xs if x % 2 == 1]", (1, 3)),
        ("[[a*b for a in xs] for b in xs[1:]]", ((2, 4, 6), (3, 6, 9))),
        ("[n for n in xs]", (1, 2, 3)),
        ("sum([x**2 for x in range(1, 4)])", 14),
        ("range(0, 10, 4)", (0, 4, 8)),
        ("len([])", 0),
        ("len([x for x in range(10000)])", 10_000),
        ("len([[x for x in range(9999)] for a in [1]])", 1),  # 10,000 items with the outer one
        ("unique([8, 8, 16, 8])", (8, 16)),
        ("sorted([3, 1, 2])", (1, 2, 3)),
        ("reversed(xs)", (3, 2, 1)),
        ("count([8, 8, 16], 8)", 2),
        ("index(xs, 3)", 2),
        ("max([x if x < 3 else 0 for x in xs])", 2),
        ("round(log(8, 2))", 3),
        ("sqrt(16)", 4),
        ("sqrt(0)", 0),
        ("exp(0)", 1),
    ]
)
def test_a_list_has_its_value(text: str, value: ExpressionValue) -> None:
    assert parse(text).evaluate(NAMES) == value


@each_of(
    [
        ("[x for x in xs]", {"xs"}),
        ("[x + n for x in x]", {"x", "n"}),
        ("[[a for a in b] for b in c if b == d]", {"c", "d"}),
        ("[a, b]", {"a", "b"}),
    ],
)
def test_the_names_of_items_are_the_lists_own(text: str, names: set[str]) -> None:
    assert parse(text).names == names


@each_of(
    [
        ("[x for x in n]", 12, "'for' needs a list, not 3"),
        ("xs[1:2:3]", 6, "expected ']', not ':'"),
        ("xs[1.5:]", 3, "a position in a list is a whole number, not 1.5"),
        ("xs * 1.5", 3, "* cannot join the list [1, 2, 3] and 1.5"),
        ("xs - xs", 3, "- cannot join"),
        ("2 in n", 5, "'in' needs a list, not 3"),
        ("[x for x in xs if x]", 18, "'if' needs true or false, not 1"),
        ("len(n)", 0, "len needs a list, not 3"),
        ("index(xs, 9)", 0, "it is not in the list"),
        ("log(0)", 0, "log: 0 has no logarithm"),
        ("log(2, 0)", 0, "log: 2 has no logarithm to this base"),
        ("sqrt(-1)", 0, "sqrt: -1 has no square root"),
        ("exp(10**6)", 0, "exp: math range error"),
        ("range(10**9)", 0, "more than 10,000 numbers"),
        ("[0] * 10**9", 4, "* cannot join"),
        ("[[[a for a in range(300)] for b in range(300)] for c in range(300)]", 2, "more than"),
        ("[sum([x for x in range(99)]) for a in range(200)]", 0, "more than 10,000 values"),
        ("log(1, 2, 3)", 0, "log takes 1 or 2 arguments, not 3"),
    ]
)
def test_what_is_no_list_is_refused_at_its_place(text: str, offset: int, message: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(text).evaluate(NAMES)
    assert raised.value.offset == offset
    assert message in raised.value.message


# The quantised linear widths of RegNet: Radosavovic et al. 2020, arXiv:2003.13678, section 3.3; the
# published widths and depths are those of its appendix D and of torchvision.
CAPACITIES = "[round(log((w0 + wa*j)/w0)/log(wm)) for j in range(d)]"
WIDTHS = "[round(w0*wm**c/8)*8 for c in capacities]"


@each_of(
    [
        (22, 24, 24.48, 2.54, 16, (32, 64, 160, 400), (1, 2, 7, 12)),
        (16, 48, 27.89, 2.09, 8, (48, 104, 208, 440), (1, 3, 6, 6)),
        (20, 232, 115.89, 2.53, 232, (232, 696, 1392, 3712), (2, 5, 12, 1)),
        (27, 456, 160.83, 2.52, 264, (528, 1056, 2904, 7392), (2, 7, 17, 1)),
    ],
)
def test_the_rule_of_regnet_gives_its_widths_and_depths(
    d: int, w0: int, wa: float, wm: float, g: int, widths: ExpressionValue, depths: ExpressionValue
) -> None:
    names: dict[str, object] = {"d": d, "w0": w0, "wa": wa, "wm": wm, "g": g}
    for name, text in (
        ("capacities", CAPACITIES),
        ("all", WIDTHS),
        ("widths", "[divisible(w, min(g, w)) for w in unique(all)]"),
        ("depths", "[count(all, w) for w in unique(all)]"),
    ):
        names[name] = parse(text).evaluate(names)
    assert names["widths"] == widths
    assert names["depths"] == depths
