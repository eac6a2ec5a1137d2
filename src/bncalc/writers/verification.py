"""Verification: a report held against what something else has of the same network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Protocol

from bncalc.analysis.report import Layer, Report
from bncalc.named import NamedTuple

TOTAL = "total"
"""What stands in place of a path where the whole differs."""
OUTPUTS = "outputs"
"""What stands in place of a path where other maps are put out."""


class Figures(NamedTuple):
    """What is compared of a layer."""

    path: str
    params: int
    macs: int
    output: tuple[int, ...]


class Mismatch(NamedTuple):
    """What is not the same of a layer on both sides; None where a side has no such layer.

    `there` is its path on the other side, where that is another one. What `follows` differs only
    because other maps arrive.
    """

    path: str
    what: str
    ours: object
    theirs: object
    there: str | None = None
    follows: bool = False


class Verification(NamedTuple):
    """How many layers were compared, with what, and everything that differs."""

    name: str
    against: str
    compared: int
    mismatches: tuple[Mismatch, ...]
    of: str = "layer"
    """What was compared."""
    notes: tuple[str, ...] = ()
    """Sentences about what was compared and what was not."""

    @property
    def agrees(self) -> bool:
        return not self.mismatches


class Costed(Protocol):
    """A layer as something else has it."""

    @property
    def path(self) -> str: ...
    @property
    def params(self) -> int: ...
    @property
    def macs(self) -> int: ...
    @property
    def output(self) -> tuple[int, ...]: ...


def against_twin(report: Report, layers: Sequence[Costed]) -> Verification:
    """Hold every layer against its twin in PyTorch: params, MACs and the shape it puts out."""
    ours = [figures(layer) for layer in report.layers]
    theirs = [Figures(each.path, each.params, each.macs, each.output) for each in layers]
    mismatches = tuple(_mismatches(zip_longest(ours, theirs)))
    return Verification(report.name, "PyTorch", len(ours), mismatches)


def figures(layer: Layer) -> Figures:
    """Return what is compared of a layer; shared params count where they are first."""
    params = 0 if layer.weights_of is not None else layer.cost.params
    return Figures(layer.path, params, layer.cost.macs, tuple(layer.output))


def total(report: Report) -> Figures:
    """Return what is compared of the whole."""
    return Figures(TOTAL, report.totals.params, report.totals.macs, ())


def numbers_that_differ(own: Figures, other: Figures) -> Iterator[Mismatch]:
    """Return a mismatch for each number of a layer that is not the same on both sides."""
    for what in ("params", "macs", "output"):
        if getattr(own, what) != getattr(other, what):
            yield Mismatch(own.path, what, getattr(own, what), getattr(other, what))


def _mismatches(pairs: Iterable[tuple[Figures | None, Figures | None]]) -> Iterator[Mismatch]:
    for own, other in pairs:
        if own is None or other is None:
            first = own or other
            assert first is not None
            yield Mismatch(first.path, "layer", own and own.path, other and other.path)
        else:
            yield from numbers_that_differ(own, other)
