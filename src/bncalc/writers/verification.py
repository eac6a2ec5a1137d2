"""Verification: a report held against what something else has of the same network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Protocol

from bncalc.analysis.changes import paired
from bncalc.analysis.report import Layer, Report
from bncalc.named import NamedTuple


class Figures(NamedTuple):
    """What is compared of a layer."""

    path: str
    params: int
    macs: int
    output: tuple[int, ...]


class Mismatch(NamedTuple):
    """A number of a layer that is not the same on both sides; None where a side has no layer."""

    path: str
    what: str
    ours: object
    theirs: object


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


def against_twin(report: Report, layers: Sequence[Costed], against: str) -> Verification:
    """Hold every layer of a report against its twin: params, MACs and the shape it puts out."""
    ours = [_figures(layer) for layer in report.layers]
    theirs = [Figures(each.path, each.params, each.macs, each.output) for each in layers]
    return Verification(
        report.name, against, len(ours), tuple(_mismatches(zip_longest(ours, theirs)))
    )


def against_model(report: Report, other: Report) -> Verification:
    """Hold the layers that have params or MACs against another model's, and totals besides.

    Layers are paired as those of a difference are, in the order of `report` if both have the same
    paths. Layers that cost nothing may differ.
    """
    order = {layer.path: at for at, layer in enumerate(report.layers)}
    theirs = other.layers
    if order.keys() == {layer.path for layer in theirs}:
        theirs = tuple(sorted(theirs, key=lambda layer: order[layer.path]))
    pairs = [
        (change.old and _figures(change.old), change.new and _figures(change.new))
        for change in paired(report.layers, theirs)
        if any(map(_costs, (change.old, change.new)))
    ]
    mismatches = [*_totals(report, other), *_mismatches(pairs)]
    return Verification(report.name, other.name, sum(map(_costs, report.layers)), tuple(mismatches))


def _costs(layer: Layer | None) -> bool:
    return layer is not None and bool(layer.cost.params or layer.cost.macs)


def _figures(layer: Layer) -> Figures:
    params = 0 if layer.weights_of is not None else layer.cost.params
    return Figures(layer.path, params, layer.cost.macs, tuple(layer.output))


def _totals(report: Report, other: Report) -> Iterator[Mismatch]:
    for what in ("params", "macs"):
        ours, theirs = getattr(report.totals, what), getattr(other.totals, what)
        if ours != theirs:
            yield Mismatch("total", what, ours, theirs)


def _mismatches(pairs: Iterable[tuple[Figures | None, Figures | None]]) -> Iterator[Mismatch]:
    for own, other in pairs:
        if own is None or other is None:
            path = own.path if own is not None else other.path if other is not None else ""
            yield Mismatch(path, "layer", own and own.path, other and other.path)
            continue
        for what in ("params", "macs", "output"):
            if getattr(own, what) != getattr(other, what):
                yield Mismatch(own.path, what, getattr(own, what), getattr(other, what))
