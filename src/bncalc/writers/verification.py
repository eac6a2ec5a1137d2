"""Verification: a report held against what something else has of the same network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Protocol

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
    return Verification(report.name, against, len(ours), tuple(_mismatches(ours, theirs)))


def against_model(report: Report, other: Report) -> Verification:
    """Hold the layers that have params or MACs against another model's, and totals besides.

    Layers are paired by their paths if both have the same, else in running order. Layers that cost
    nothing may differ.
    """
    ours, theirs = (
        [_figures(each) for each in side.layers if each.cost.params or each.cost.macs]
        for side in (report, other)
    )
    by_path = {each.path: each for each in theirs}
    if by_path.keys() == {each.path for each in ours}:
        theirs = [by_path[each.path] for each in ours]
    mismatches = [*_totals(report, other), *_mismatches(ours, theirs)]
    return Verification(report.name, other.name, len(ours), tuple(mismatches))


def _figures(layer: Layer) -> Figures:
    params = 0 if layer.weights_of is not None else layer.cost.params
    return Figures(layer.path, params, layer.cost.macs, tuple(layer.output))


def _totals(report: Report, other: Report) -> Iterator[Mismatch]:
    for what in ("params", "macs"):
        ours, theirs = getattr(report.totals, what), getattr(other.totals, what)
        if ours != theirs:
            yield Mismatch("total", what, ours, theirs)


def _mismatches(ours: list[Figures], theirs: list[Figures]) -> Iterator[Mismatch]:
    for own, other in _pairs(ours, theirs):
        if own is None or other is None:
            path = own.path if own is not None else other.path if other is not None else ""
            yield Mismatch(path, "layer", own and own.path, other and other.path)
            continue
        for what in ("params", "macs", "output"):
            if getattr(own, what) != getattr(other, what):
                yield Mismatch(own.path, what, getattr(own, what), getattr(other, what))


def _pairs(
    ours: list[Figures], theirs: list[Figures]
) -> Iterator[tuple[Figures | None, Figures | None]]:
    """Return layers side by side: in running order, and around those that one side has alone."""
    if len(ours) == len(theirs) or max(len(ours), len(theirs)) > _MANY:
        yield from zip_longest(ours, theirs)
        return
    from difflib import SequenceMatcher  # 12 ms, for models that differ in length

    own, other = ([str(layer[1:]) for layer in side] for side in (ours, theirs))
    for _, a, b, c, d in SequenceMatcher(None, own, other, autojunk=False).get_opcodes():
        yield from zip_longest(ours[a:b], theirs[c:d])


_MANY = 2000
"""More layers than these are not aligned, which takes their number squared."""
