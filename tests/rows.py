"""One test of many rows: as tests of their own they take pytest 4 ms each, more than most need."""

import traceback
from collections.abc import Callable, Iterable
from inspect import signature
from pathlib import Path
from typing import Any

import pytest


def each_of(
    rows: Iterable[Any], ids: Iterable[str] | Callable[[Any], str] = str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make the test of a row a test of all, which names all that fail.

    It takes no fixtures but `tmp_path`, a folder of each row's own.
    """
    rows = list(rows)
    assert rows, "a table without rows holds nothing"
    names = list(map(ids, rows) if callable(ids) else ids)

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        parameters = signature(test).parameters
        takes = [name for name in parameters if name != "tmp_path"]

        def of_row(row: Any, **folder: Path) -> None:
            for path in folder.values():
                path.mkdir()
            values = (row,) if len(takes) == 1 else row
            test(**dict(zip(takes, values, strict=True)), **folder)

        def of_all(**fixtures: Path) -> None:
            failures = []
            for at, (name, row) in enumerate(zip(names, rows, strict=True)):
                try:
                    of_row(row, **{key: path / str(at) for key, path in fixtures.items()})
                except (Exception, SystemExit, pytest.fail.Exception, pytest.skip.Exception):
                    failures.append(f"[{name}]\n{traceback.format_exc()}")
            if failures:
                count = f"{len(failures)} of {len(rows)} rows fail"
                pytest.fail("\n".join([count, *failures]), pytrace=False)

        for attribute in ("__name__", "__qualname__", "__module__", "__doc__"):
            setattr(of_all, attribute, getattr(test, attribute))
        fixtures = [parameters[name] for name in parameters if name == "tmp_path"]
        vars(of_all)["__signature__"] = signature(test).replace(parameters=fixtures)
        return of_all

    return decorate
