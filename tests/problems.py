"""What is wrong with a file that is refused."""

from collections.abc import Callable

import pytest

from bncalc.errors import Problem, SpecError


def problems_of(work: Callable[..., object], *given: object) -> tuple[Problem, ...]:
    """Return the problems of a file that a function is called for and refuses."""
    with pytest.raises(SpecError) as caught:
        work(*given)
    return caught.value.problems


def told(work: Callable[..., object], *given: object, of: str = "") -> list[str]:
    """Return those problems as they are printed, without the path that they begin with."""
    return [str(problem).removeprefix(of) for problem in problems_of(work, *given)]
