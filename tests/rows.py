"""One test of many rows: as tests of their own they take pytest 4 ms each, more than most need."""

import traceback
from collections.abc import Callable, Iterable
from inspect import signature
from typing import Any

import pytest


def each_of(
    rows: Iterable[Any], ids: Iterable[str] | Callable[[Any], str] = str
) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """Make the test of a row, which takes no fixtures, a test of all, which names all that fail."""
    rows = list(rows)
    names = list(map(ids, rows) if callable(ids) else ids)

    def decorate(test: Callable[..., None]) -> Callable[[], None]:
        takes_one = len(signature(test).parameters) == 1

        def of_all() -> None:
            failures = []
            for name, row in zip(names, rows, strict=True):
                try:
                    test(row) if takes_one else test(*row)
                except (Exception, pytest.fail.Exception):
                    failures.append(f"[{name}]\n{traceback.format_exc()}")
            if failures:
                count = f"{len(failures)} of {len(rows)} rows fail"
                pytest.fail("\n".join([count, *failures]), pytrace=False)

        for attribute in ("__name__", "__qualname__", "__module__", "__doc__"):
            setattr(of_all, attribute, getattr(test, attribute))
        return of_all

    return decorate
