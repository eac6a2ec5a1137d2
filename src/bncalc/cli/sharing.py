"""Sharing: a command that has a set of options as a parameter gets each of them."""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from bncalc.cli.analyses import Deployed, Judged, Trained
from bncalc.cli.options import Altered, Asked, Shown

_SHARED = (Shown, Altered, Asked, Trained, Judged, Deployed)
Shared = TypeVar("Shared", Shown, Altered, Asked, Trained, Judged, Deployed)


def sharing(command: Callable[..., None], without: Sequence[str] = ()) -> Callable[..., None]:
    """Give a command the options of a shared set where it has a parameter of that type.

    Those `without` which it does are not offered, and the set has their defaults.
    """
    own = inspect.signature(command, eval_str=True).parameters
    parameters = []
    for parameter in own.values():
        shared = parameter.annotation in _SHARED
        options = options_of(parameter.annotation) if shared else [parameter]
        parameters += [option for option in options if option.name not in without]

    @functools.wraps(command)
    def run(**given: Any) -> None:
        for parameter in own.values():
            if parameter.annotation in _SHARED:
                given[parameter.name] = taken(parameter.annotation, given)
        command(**given)

    order = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
    run.__signature__ = inspect.Signature(order)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def options_of(shared: type[Shared]) -> list[inspect.Parameter]:
    """Return the options of a shared set, as Typer reads them."""
    kind, defaults = inspect.Parameter.KEYWORD_ONLY, shared._field_defaults
    return [
        inspect.Parameter(name, kind, annotation=annotation, default=defaults[name])
        for name, annotation in inspect.get_annotations(shared).items()
    ]


def taken(shared: type[Shared], given: dict[str, Any]) -> Shared:
    """Take the options of a shared set out of all that were given."""
    return shared(**{name: given.pop(name) for name in shared._fields if name in given})
