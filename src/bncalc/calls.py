"""Calls of the public names of Python, and what to write in place of one that does not fit."""

import re
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import wraps
from types import UnionType
from typing import Any, NoReturn, ParamSpec, TypeVar

from bncalc.errors import UsageError, refuse_other, suggest
from bncalc.loading import loaded

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

_HOLDERS = {
    "assumptions": "analysis.assumptions:Assumptions",
    "defaults": "model.building:Defaults",
}
"""Arguments whose fields are often taken for arguments of the call."""


def public(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function answer arguments that it does not take with those that it takes."""

    @wraps(function)
    def called(*given: P.args, **named: P.kwargs) -> R:
        try:
            return function(*given, **named)
        except (AttributeError, TypeError):
            _refuse(function, given, named)
            raise

    return called


def public_kind(kind: type[T]) -> type[T]:
    """Let a class do the same when an object of it is made."""
    maker = "__init__" if "__init__" in vars(kind) else "__new__"
    setattr(kind, maker, public(getattr(kind, maker)))
    return kind


def _refuse(function: Callable[..., object], given: Any, named: dict[str, Any]) -> None:
    """Raise UsageError if a function does not take these arguments."""
    from inspect import Parameter, signature  # only ever needed by someone who made a mistake

    called = function.__qualname__.removesuffix(".__init__").removesuffix(".__new__")
    is_method = "." in function.__qualname__
    parameters = list(signature(function).parameters.values())[is_method:]
    try:
        bound = signature(function).bind(*given, **named)
    except TypeError as error:
        names = [parameter.name for parameter in parameters]
        unknown = [name for name in named if name not in names]
        if unknown and all(each.kind is not Parameter.VAR_KEYWORD for each in parameters):
            _refuse_unknown(called, unknown[0], named[unknown[0]], parameters)
        raise UsageError(f"{called}({', '.join(names)}): {error}") from None
    for parameter in parameters:
        several = parameter.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
        if parameter.name in bound.arguments and not several:
            _refuse_other(called, function, parameter.name, bound.arguments[parameter.name])


def _refuse_other(called: str, function: Callable[..., object], name: str, value: object) -> None:
    """Raise UsageError for an argument of another type than a function says."""
    from typing import get_type_hints

    with suppress(NameError):  # a type that is imported for type checkers alone
        hint = get_type_hints(function).get(name, object)
        if not _fits(value, hint):
            refuse_other(called, f"{name} as {_type_text(hint)}", value)


def _type_text(hint: Any) -> str:
    """Return a type as people write it: without the modules that its names are from."""
    if isinstance(hint, type) and not hasattr(hint, "__args__"):
        return hint.__name__
    return re.sub(r"[\w.]+\.(?=\w)", "", str(hint))


def _fits(value: object, hint: Any) -> bool:
    """Return whether a value may be of a type, as far as can be seen without using it up."""
    from typing import get_args, get_origin

    kind, parts = get_origin(hint) or hint, get_args(hint)
    if not isinstance(kind, type):
        return True
    if issubclass(kind, UnionType):
        return any(_fits(value, part) for part in parts)
    if not isinstance(value, (int, float) if kind is float else kind):
        return False
    if not parts or isinstance(value, str) or not isinstance(value, Collection):
        return True
    return all(_fits(each, parts[0]) for each in value)


def _refuse_unknown(called: str, name: str, value: object, parameters: list[Any]) -> NoReturn:
    """Raise UsageError for an argument that a call has not, with the one that holds it."""
    names = [parameter.name for parameter in parameters]
    holder = next((each for each, place in _HOLDERS.items() if name in loaded(place)._fields), "")
    hint = suggest(name, names) or f"; it takes {', '.join(names)}"
    if holder in names:
        hint = f"; write {holder}={holder.capitalize()}({name}={value!r})"
    elif "vars" in names and holder == "assumptions":
        hint = f"; write measure({called}(…), Assumptions({name}={value!r}))"
    elif "vars" in names and name in ("variant", "variants"):
        hint = f"; a variant is a part of the name: {called}('FILE#NAME')"
    elif "vars" in names and "; " in hint:
        hint += f"; a variable of the file is written vars={{{name!r}: {value!r}}}"
    raise UsageError(f"{called} has no argument {name!r}{hint}") from None
