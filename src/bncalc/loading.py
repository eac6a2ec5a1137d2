"""Loading on use: what a table names as `module:name` is imported when it is first asked for.

So are the patterns that other people's modules compile, of which a command uses hardly any.
"""

import re
from _thread import get_ident
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any

from bncalc.errors import UsageError


def loaded(place: str) -> Any:
    """Return what `module:name` names; the module is one of bncalc's."""
    module, name = place.split(":")
    return getattr(import_module(f"bncalc.{module}"), name)


def torch_for(what: str) -> Any:
    """Return PyTorch, which is an extra; raise UsageError where it is not installed."""
    try:
        return import_module("torch")
    except ImportError:
        raise UsageError(f"{what} needs PyTorch: pip install 'bncalc[torch]'") from None


@contextmanager
def patterns_on_use() -> Iterator[None]:
    """Compile patterns of what this thread imports within when something is asked of them.

    One pattern of PyYAML, for a reader in Python that libyaml replaces, takes an eighth of the time
    of a command, and the forty of PyYAML and Typer a sixth.
    """
    thread, compiled = get_ident(), re.compile

    def pattern(text: Any, flags: Any = 0) -> Any:
        if get_ident() != thread:
            return compiled(text, flags)
        return _Pattern(partial(compiled, text, flags))

    re.compile = pattern  # type: ignore[assignment]
    try:
        yield
    finally:
        re.compile = compiled


class _Pattern:
    """A pattern that is not compiled yet."""

    def __init__(self, compiled: Callable[[], re.Pattern[Any]]) -> None:
        self._compiled = compiled

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._compiled(), name)
        setattr(self, name, value)  # asked for again, it is there
        return value
