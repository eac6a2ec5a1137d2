"""Answers as notebooks show them, and as data frames of pandas and Polars."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from bncalc.errors import UsageError
from bncalc.loading import loaded


class Framed:
    """An answer of several rows."""

    __slots__ = ()

    def rows(self) -> list[dict[str, Any]]:
        """Return them as flat dicts."""
        raise NotImplementedError

    def to_pandas(self) -> Any:
        """Return the rows as a pandas.DataFrame; raise UsageError without pandas."""
        return _library("pandas").DataFrame(self._frame())

    def to_polars(self) -> Any:
        """Return the rows as a polars.DataFrame; raise UsageError without Polars."""
        return _library("polars").DataFrame(self._frame(), infer_schema_length=None)

    def _frame(self) -> list[dict[str, Any]] | dict[str, list[Any]]:
        """Return the rows, or the columns that they are made from."""
        return self.rows()

    def _repr_html_(self) -> str:
        """Return the table and the charts that a notebook shows."""
        html: str = loaded(f"render.notebook:{type(self).__name__.lower()}_html")(self)
        return html


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise UsageError(f"to_{name} needs {name}: pip install {name}") from None
