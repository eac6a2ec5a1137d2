"""A kind's values are checked and canonical, its defaults too, and it never changes."""

import pytest
from tests.rows import each_of

from bncalc.errors import ShapeError
from bncalc.model.fields import Sizes, type_in
from bncalc.model.kind import Kind, field
from bncalc.model.registry import WORDS, find


class Sliding(Kind):
    """Something with a window."""

    window: Sizes = field(3, doc="its window")
    step: Sizes = field(doc="how far it moves")


def test_a_default_stands_in_the_same_form_as_a_given_value() -> None:
    assert Sliding(step=1) == Sliding(window=3, step=1)
    assert Sliding(step=1).window == type_in(Sizes).accept(3)


def test_numbers_that_are_equal_are_shown_alike() -> None:
    dropout = find("dropout")
    assert [vars(dropout(rate=rate))["rate"] for rate in (1.0, 0.5)] == [1, 0.5]
    assert str(dropout(rate=1.0)) == str(dropout(rate=1))


@each_of(WORDS)
def test_every_default_of_every_kind_is_acceptable(word: str) -> None:
    defaults = find(word).defaults()
    assert list(defaults) == [field.name for field in find(word).fields]
    for each in find(word).fields:
        assert each.required or each.accept(defaults[each.name]) == defaults[each.name]


def test_values_are_in_the_order_of_the_fields_whatever_the_order_they_come_in() -> None:
    assert list(vars(Sliding(step=1, window=5))) == ["window", "step"]


def test_a_field_without_a_default_must_be_given() -> None:
    with pytest.raises(ShapeError, match="sliding needs 'step'"):
        Sliding(window=5)


def test_a_value_that_its_field_refuses_is_said_with_what_would_be_right() -> None:
    with pytest.raises(ShapeError, match=r"step is 0; it must be a whole number of at least 1"):
        Sliding(step=0)


def test_an_unknown_field_is_a_mistake_in_the_call() -> None:
    with pytest.raises(TypeError, match="sliding has no argument 'size'"):
        Sliding(step=1, size=2)


def test_a_kind_is_frozen_and_makes_changed_copies() -> None:
    first = Sliding(step=1)
    with pytest.raises(AttributeError):
        first.step = (2, 2)
    assert first.having(step=2) == Sliding(step=2)
    assert first == Sliding(step=1)
