"""Our named tuples do what those of `typing` do."""

import copy
import pickle
import subprocess
import sys
import typing
from typing import Any

import pytest

from bncalc.named import NamedTuple


class Ours(NamedTuple):
    """A point."""

    x: int
    y: int = 2
    name: str = "p"

    @property
    def sum(self) -> int:
        return self.x + self.y


class Theirs(typing.NamedTuple):
    x: int
    y: int = 2
    name: str = "p"


class Derived(Ours):
    """With a method more."""

    def twice(self) -> int:
        return 2 * self.sum


CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1,), {}),
    ((1, 5), {}),
    ((1, 5, "q"), {}),
    ((), {"x": 1}),
    ((1,), {"name": "q"}),
    ((), {"name": "q", "y": 3, "x": 1}),
]
WRONG: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((), {}),
    ((), {"y": 1}),
    ((1, 2, "p", 4), {}),
    ((1,), {"x": 1}),
    ((1,), {"z": 1}),
]


def test_it_is_made_as_theirs_is() -> None:
    for values, named in CALLS:
        assert tuple(Ours(*values, **named)) == Theirs(*values, **named)
    for values, named in WRONG:
        with pytest.raises(TypeError) as theirs:
            Theirs(*values, **named)
        with pytest.raises(TypeError) as ours:
            Ours(*values, **named)
        assert str(ours.value) == str(theirs.value).replace("Theirs", "Ours")


def test_it_reads_as_theirs_does() -> None:
    ours, theirs = Ours(1, name="q"), Theirs(1, name="q")
    assert (ours.x, ours.y, ours.name, ours.sum) == (1, 2, "q", 3)
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert ours._asdict() == theirs._asdict()
    assert tuple(ours._replace(y=5)) == theirs._replace(y=5)
    assert hash(ours) == hash(theirs)
    assert (Ours._fields, Ours._field_defaults) == (Theirs._fields, Theirs._field_defaults)
    assert tuple(Ours._make([1, 2, "p"])) == Theirs._make([1, 2, "p"])
    with pytest.raises(ValueError, match="unexpected field names"):
        ours._replace(z=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="Expected 3 arguments"):
        Ours._make([1])
    with pytest.raises(AttributeError):
        ours.x = 3  # type: ignore[misc]
    match ours:
        case Ours(x, y):
            assert (x, y) == (1, 2)


def test_it_can_be_copied_pickled_and_derived_from() -> None:
    point = Ours(1)
    assert copy.copy(point) == point == pickle.loads(pickle.dumps(point))
    derived = Derived(1)
    assert (derived.twice(), type(derived._replace(x=2)), derived == point) == (6, Derived, True)


class Awkward(NamedTuple):
    """Its fields have the names that a constructor may use itself."""

    new: int
    cls: int
    tuple: int


def test_any_name_will_do_for_a_field() -> None:
    assert tuple(Awkward(1, cls=2, tuple=3)) == (1, 2, 3)


def test_a_field_without_a_default_comes_first() -> None:
    code = (
        "from bncalc.named import NamedTuple\n"
        "class Wrong(NamedTuple):\n    x: int = 1\n    y: int\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert b"TypeError" in done.stderr
