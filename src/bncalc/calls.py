"""Calls of the public names of Python, and what to write in place of one that does not fit."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

from bncalc.errors import UsageError, suggest

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def public(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function answer arguments that it does not take with those that it takes."""

    @wraps(function)
    def called(*given: P.args, **named: P.kwargs) -> R:
        try:
            return function(*given, **named)
        except TypeError:
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

    called, _, maker = function.__qualname__.partition(".")
    parameters = list(signature(function).parameters.values())[bool(maker) :]
    try:
        signature(function).bind(*given, **named)
    except TypeError as error:
        names = [parameter.name for parameter in parameters]
        unknown = [name for name in named if name not in names]
        if unknown and all(each.kind is not Parameter.VAR_KEYWORD for each in parameters):
            _refuse_unknown(called, unknown[0], named[unknown[0]], parameters)
        raise UsageError(f"{called}({', '.join(names)}): {error}") from None


def _refuse_unknown(called: str, name: str, value: object, parameters: list[Any]) -> NoReturn:
    """Raise UsageError for an argument that a call has not, with the one that holds it."""
    bncalc = sys.modules["bncalc"]  # its public names are below this module
    names = [parameter.name for parameter in parameters]
    kinds = ("Assumptions", "Defaults")
    holder = next((kind for kind in kinds if name in getattr(bncalc, kind)._fields), "")
    hint = suggest(name, names) or f"; it takes {', '.join(names)}"
    if holder.lower() in names:
        hint = f"; write {holder.lower()}={holder}({name}={value!r})"
    elif "vars" in names and holder == "Assumptions":
        hint = f"; write measure({called}(…), {holder}({name}={value!r}))"
    elif "vars" in names and name in ("variant", "variants"):
        hint = f"; a variant is a part of the name: {called}('FILE#NAME')"
    elif "vars" in names and "; " in hint:
        hint += f"; a variable of the file is written vars={{{name!r}: {value!r}}}"
    raise UsageError(f"{called} has no argument {name!r}{hint}") from None
