"""The closed form of a block, and up to which value it saves."""

from typing import Any

from tests.rows import each_of

import bncalc
from bncalc.model.building import Defaults
from bncalc.model.registry import find
from bncalc.model.shape import Shape
from bncalc.render.notation import closed_form_line
from bncalc.search.break_even import closed_form


@each_of(
    [
        # 2·c·m + 9·m² = 9·c² at m = (√82 − 1)/9 · c.
        (
            *("bottleneck", {"mid": 64}, 256),
            "params = 2·cin·mid + 9·mid², plain 9·cin²; bottleneck saves while mid < 0.895·cin",
        ),
        (
            *("bottleneck", {"mid": 64, "groups": 8}, 256),
            "params = 2·cin·mid + 9·mid²/groups, plain 9·cin² if groups divides mid; "
            "bottleneck saves while mid < 2.076·cin",
        ),
        # More than 9·c² by its 1×1 layers alone, however many groups there are.
        (
            *("bottleneck", {"mid": 2000, "groups": 8}, 256),
            "params = 2·cin·mid + 9·mid²/groups, plain 9·cin² if groups divides mid; "
            "bottleneck saves while mid < 2.076·cin",
        ),
        # 2·c²·t + 9·c·t = 9·c² at t = 9·c / (2·c + 9).
        (
            *("inverted_residual", {"expand": 6}, 32),
            "params = 2·cin²·expand + 9·cin·expand, plain 9·cin² if expand ≠ 1; "
            "inverted_residual saves while expand < 3.945",
        ),
        (*("depthwise_separable", {"out": 128}, 64), "params = cin·out + 9·cin, plain 9·cin·out"),
        ("plain", {"out": 64}, 64, "params = 9·cin·out"),
    ]
)
def test_the_line_under_the_arithmetic_of_a_block(
    word: str, given: dict[str, Any], cin: int, line: str
) -> None:
    form = closed_form(find(word), given, Shape(cin, 56, 56), Defaults())
    assert closed_form_line(word, form) == line


@each_of(
    [("bottleneck", "mid", 256), ("inverted_residual", "expand", 320), ("factorized", "mid", 64)],
)
def test_below_the_break_even_a_block_saves_and_above_it_does_not(
    word: str, name: str, cin: int
) -> None:
    kind, input = find(word), Shape(cin, 8, 8)
    form = closed_form(kind, {name: 5}, input, Defaults())
    (break_even,) = form.break_evens

    def saves(value: float) -> bool:
        block = kind(**{name: value})
        plain = block.replaces(input)
        assert plain is not None
        (has, had) = (
            bncalc.measure(bncalc.block(b.word, tuple(input), **vars(b))).totals.params
            for b in (block, plain)
        )
        return has < had

    below = int(break_even.value)
    assert saves(below)
    assert not saves(below + 1)
