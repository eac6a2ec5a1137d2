"""The inputs of a network: what the file says, or the call in its place."""

from collections.abc import Mapping, Sequence

from bncalc.errors import Location, Problem, UsageError
from bncalc.language.evaluation import Unevaluated, evaluate
from bncalc.language.spec import Argument, Spec
from bncalc.model.fields import input_shape
from bncalc.model.reading import Request
from bncalc.model.shape import Shape
from bncalc.model.window import axes_in_words
from bncalc.number import Plural, is_whole
from bncalc.quantity import plural

_COLOURS = (1, 3, 4)
"""Channels of pictures: grey, colour, and colour with transparency."""
_LEAST_SIDE = 16
"""Nobody's picture is smaller, and few networks begin with fewer channels than that besides."""
_BATCH = "the batch is --batch, not a part of the input"


def inputs_of(
    spec: Spec, values: Mapping[str, object], request: Request, problems: list[Problem]
) -> dict[str, Shape | None]:
    """Return the shape of each input, None where it is not known: what a call gives, or the file.

    A call gives one input, one number for every axis, or several by their names. A size that looks
    like channels last is a warning. Raises UsageError for another number of axes.
    """
    if not spec.inputs:
        if request.input is None and not problems:
            problems.append(Problem(Location(spec.called), "the file has no `input:`"))
        return {"in": request.input}
    given = _given(spec, request)
    shapes: dict[str, Shape | None] = {}
    for name, argument in spec.inputs.items():
        own = _own_input(argument, values, problems)
        if name in given:
            shapes[name] = _in_place_of(own, given[name], spec.called, problems)
        else:
            if own is not None and (advice := _slip(own)):
                _warn(own, argument.location, "input is", advice, problems)
            shapes[name] = own
    return shapes


def _given(spec: Spec, request: Request) -> dict[str, Shape]:
    """Return the inputs that a call gives, by name."""
    given = {}
    for name in spec.inputs:
        value = request.settings.get(name)
        if value is not None:
            given[name] = input_shape((value,) if is_whole(value) else value)
    if request.input is not None:
        if len(spec.inputs) > 1:
            names = " and ".join(spec.inputs)
            right = f"write @{next(iter(spec.inputs))}=3,224,224 for one of them"
            raise UsageError(f"{spec.called} has the inputs {names}; {right}")
        given.setdefault(next(iter(spec.inputs)), request.input)
    return given


def _in_place_of(own: Shape | None, given: Shape, path: str, problems: list[Problem]) -> Shape:
    """Return the input that a call gives in place of the file's own."""
    if own is None:
        return given
    if len(given) == 1:
        return Shape(own.channels, *given * own.axes)
    refuse_other_axes(own, given, path)
    if _is_of_one_design(given) and given.channels > own.channels == given[-1]:
        advice = _channels_last(given)
        _warn(given, Location(path), "the input that is given is", advice, problems)
    return given


def refuse_other_axes(own: Shape, given: Shape, path: str) -> None:
    """Raise UsageError for an input of another number of axes; one more may be a batch."""
    if own.axes == given.axes:
        return
    both = f"the input {given} has {axes_in_words(given.axes)} and that of {path}"
    right = f"write the channels and each size, as in {','.join(map(str, own))}"
    if given.axes == own.axes + 1:
        right = f"{_BATCH}: was {', '.join(map(str, given[1:]))} meant?"
    raise UsageError(f"{both}, {own}, has {own.axes}; {right}")


def _own_input(
    argument: Argument, values: Mapping[str, object], problems: list[Problem]
) -> Shape | None:
    try:
        return input_shape(evaluate(argument.value, values))
    except Unevaluated as error:
        problems += error.problems
    except UsageError as error:
        problems.append(Problem(argument.location, str(error)))
    return None


def _is_of_one_design(x: Shape) -> bool:
    """Return whether advice makes sense: designs that vary are nobody's slip."""
    return not any(isinstance(size, Plural) for size in x)


def _slip(x: Shape) -> str:
    """Return what to say of a size that good sense reads as another: in another order, or a batch.

    Maps of volumes and of videos have three axes too, though none of one or three pictures.
    """
    if not _is_of_one_design(x) or x.axes not in (2, 3):
        return ""
    *batch, height, width, channels = x
    if _is_picture(channels, height, width):
        return _channels_last(Shape(*x[-3:]), batch)
    *batch, channels, height, width = x
    if batch and channels in (1, 3) and _is_picture(channels, height, width):
        return f"{_BATCH}: was {channels}, {height}, {width} meant?"
    return ""


def _is_picture(channels: int, height: int, width: int) -> bool:
    is_large = min(height, width) >= _LEAST_SIDE and channels in _COLOURS
    return is_large and (channels == 3 or height == width)


def _channels_last(x: Shape, batch: Sequence[int] = ()) -> str:
    meant = ", ".join(map(str, (x[-1], *x[:-1])))
    also = f", and {_BATCH}" if batch else ""
    return f"channels come first{also}: was {meant} meant?"


def _warn(x: Shape, at: Location, what: str, advice: str, problems: list[Problem]) -> None:
    message = f"{what} {plural(x.channels, 'channel')} of {'×'.join(map(str, x.space))}; {advice}"
    problems.append(Problem(at, message, level="warning"))
