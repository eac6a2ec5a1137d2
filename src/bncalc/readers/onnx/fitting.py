"""Fitting: the error that says which node it is, and where, if what it holds does not fit."""

from __future__ import annotations

from types import TracebackType

from bncalc.errors import ShapeError
from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.value import Contradiction

MISMATCH = "its inputs and attributes do not match"
"""What is said where a node is read as the standard says, and holds something else."""


class Fitting:
    """Within it, what a node at an offset holds has to fit; else it raises Damaged for the node."""

    def __init__(self, at: int, what: str) -> None:
        self._at, self._what = at, what

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if isinstance(error, (Contradiction, ShapeError)):
            raise Damaged(self._at, f"{self._what}: {error}") from None
        if isinstance(error, (ArithmeticError, LookupError, TypeError, ValueError)):
            raise Damaged(self._at, f"{self._what}: {MISMATCH}") from error
