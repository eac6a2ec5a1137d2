"""Sharing: a command that has a set of options as a parameter gets each of them."""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar


class OptionSet(Protocol):
    """A named tuple of options, each of which has a default."""

    _field_defaults: dict[str, Any]

    def __init__(self, **options: Any) -> None: ...


Shared = TypeVar("Shared", bound=OptionSet)


def sharing(command: Callable[..., None], without: Sequence[str] = ()) -> Callable[..., None]:
    """Give a command the options of a shared set where it has a parameter of that type.

    Those `without` which it does are not offered, and the set has their defaults.
    """
    own = inspect.signature(command, eval_str=True).parameters
    parameters = []
    for parameter in own.values():
        shared = parameter.annotation
        options = options_of(shared) if _is_set(shared) else [parameter]
        parameters += [option for option in options if option.name not in without]

    @functools.wraps(command)
    def run(**given: Any) -> None:
        for parameter in own.values():
            if _is_set(parameter.annotation):
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
    defaults = shared._field_defaults
    return shared(**{name: given.pop(name, default) for name, default in defaults.items()})


def _is_set(annotation: object) -> bool:
    return isinstance(annotation, type) and hasattr(annotation, "_field_defaults")
