"""Data frames of others: rows or columns as pandas or Polars take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from bncalc.errors import UsageError

FrameRows = Sequence[Mapping[str, object]]
FrameColumns = Mapping[str, Sequence[object]]


def pandas_frame(data: FrameRows | FrameColumns) -> Any:
    """Return a pandas.DataFrame; raise UsageError where pandas is not installed."""
    return _library("pandas").DataFrame(data)


def polars_frame(data: FrameRows | FrameColumns) -> Any:
    """Return a polars.DataFrame; raise UsageError where Polars is not installed."""
    return _library("polars").DataFrame(data, infer_schema_length=None)


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise UsageError(f"to_{name} needs {name}: pip install {name}") from None
