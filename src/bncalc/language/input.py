"""The input of a network: what the file says, or the call in its place."""

from collections.abc import Mapping
from typing import cast

from bncalc.errors import Location, Problem, UsageError
from bncalc.language.evaluation import Unevaluated, evaluate
from bncalc.language.spec import Spec
from bncalc.model.fields import INPUT
from bncalc.model.shape import Shape
from bncalc.model.window import counted

_COLOURS = (1, 3, 4)
"""Channels of pictures: grey, colour, and colour with transparency."""
_LEAST_SIDE = 16
"""Nobody's picture is smaller, and few networks begin with fewer channels than that besides."""


def input_of(
    spec: Spec, values: Mapping[str, object], given: Shape | None, problems: list[Problem]
) -> Shape | None:
    """Return the input that a call gives, one number for every axis, or else the file's own.

    A size that looks like channels last is a warning. Raises UsageError for another number of axes.
    """
    if given is None and spec.input is None and not problems:
        problems.append(Problem(Location(spec.path), "the file has no `input:`"))
    own = _own_input(spec, values, problems)
    if given is None or own is None:
        if own is not None and spec.input is not None and _is_channels_last(own):
            _warn(own, spec.input.location, "input is", problems)
        return given or own
    if len(given) == 1:
        return Shape(own.channels, *given * own.axes)
    if own.axes != given.axes:
        both = f"the input {given} has {counted(given.axes)} and that of {spec.path}"
        raise UsageError(f"{both}, {own}, has {own.axes}")
    if given.channels > own.channels == given[-1]:
        _warn(given, Location(spec.path), "the input that is given is", problems)
    return given


def _own_input(spec: Spec, values: Mapping[str, object], problems: list[Problem]) -> Shape | None:
    if spec.input is None:
        return None
    try:
        return cast(Shape, INPUT.accept(evaluate(spec.input.value, values)))
    except Unevaluated as error:
        problems += error.problems
    except ValueError as error:
        problems.append(Problem(spec.input.location, str(error)))
    return None


def _is_channels_last(x: Shape) -> bool:
    """Return whether good sense reads a size as height, width, channels."""
    if x.axes != 2:
        return False
    height, width, channels = x
    is_picture = min(height, width) >= _LEAST_SIDE and channels in _COLOURS
    return is_picture and (channels == 3 or height == width)


def _warn(x: Shape, at: Location, what: str, problems: list[Problem]) -> None:
    meant = ", ".join(map(str, (x[-1], *x[:-1])))
    message = f"{what} {x.channels} channels of {'×'.join(map(str, x.space))}"
    message = f"{message}; channels come first: was {meant} meant?"
    problems.append(Problem(at, message, level="warning"))
