"""The difference: two networks layer by layer, and how they sum up to what changed in all."""

from collections.abc import Mapping, Sequence
from typing import Any

from bncalc.analysis.changes import Change, alike
from bncalc.analysis.matching import in_order, paired
from bncalc.analysis.metric import Metric, additive, metric_named
from bncalc.analysis.report import Report
from bncalc.analysis.sources import Sources, put_out_otherwise, rewired
from bncalc.analysis.wiring import wired
from bncalc.calls import public
from bncalc.errors import UsageError, refuse_other
from bncalc.frames import Framed
from bncalc.named import NamedTuple


class LiveMap(NamedTuple):
    """A map that is in memory at the peak, by the layer that makes it; bytes, then and now."""

    path: str
    old: int | None
    new: int | None


class Difference(Framed):
    """Two reports on the same assumptions; None for a network that is new or removed.

    `layers` are all pairs of them in running order, `changes` those that are not alike, `renamed`
    those that differ only in their paths; `reordered` are the names of the inputs, in their new
    order, if nothing but the order is new; `put_out` are the layers whose maps only one of the two
    puts out. A metric is named by its word or its JSON key.
    """

    def __init__(
        self,
        old: Report | None,
        new: Report | None,
        layers: tuple[Change, ...],
        put_out: Sources | None = None,
    ) -> None:
        self.old = old
        self.new = new
        self.layers = layers
        self.put_out = put_out
        self.reordered = _reordered(old, new)
        changes = [change for change in layers if not alike(change)]
        self.changes = tuple(
            [each for each in changes if each.mark == "~" or each.path not in self.reordered]
        )
        same = [change for change in layers if change.is_renamed and alike(change)]
        self.renamed = tuple(same)
        self._amounts: dict[str, tuple[Sequence[Any], Sequence[Any]]] = {}

    def __repr__(self) -> str:
        names = " → ".join([side.name for side in (self.old, self.new) if side])
        return f"<Difference {names}: {len(self.changes):,} of {len(self.layers):,} layers changed>"

    @property
    def is_empty(self) -> bool:
        """Whether nothing has changed but names, and the order of inputs."""
        return not self.changes and self.put_out is None

    def rows(self) -> list[dict[str, object]]:
        """Return a flat dict for each layer that changed, its numbers then and now."""
        return [self._row(change) for change in self.changes]

    def _row(self, change: Change) -> dict[str, object]:
        numbers: dict[str, object] = {}
        for metric in additive():
            old, new = self.amounts(change, metric.key)
            numbers |= {f"{metric.key}_old": old, f"{metric.key}_new": new}
        ops = [layer.op for layer in (change.old, change.new) if layer is not None]
        return {"path": change.path, "change": change.mark, "op": ops[-1], **numbers}

    @property
    def report(self) -> Report:
        """The network as it is, or as it was before it was removed."""
        report = self.new or self.old
        assert report is not None
        return report

    @public
    def totals(self, metric: str) -> tuple[Any, Any]:
        """Return a total, then and now; None on the side that has no network."""
        total = metric_named(metric).total
        return self.old and total(self.old), self.new and total(self.new)

    @public
    def delta(self, metric: str) -> Any:
        """Return how much a total has grown."""
        old, new = self.totals(metric)
        return (new or 0) - (old or 0)

    @public
    def amounts(self, change: Change, metric: str) -> tuple[Any, Any]:
        """Return what a layer added to a total, and what it adds to it now."""
        if metric not in self._amounts:
            named = metric_named(metric)
            self._amounts[metric] = _each(named, self.old), _each(named, self.new)
        olds, news = self._amounts[metric]
        return (
            None if change.old is None else olds[change.old_at],
            None if change.new is None else news[change.new_at],
        )

    @public
    def grown(self, change: Change, metric: str) -> Any:
        """Return a layer's share of a total's growth; over all changes the shares sum to it."""
        old, new = self.amounts(change, metric)
        return (new or 0) - (old or 0)

    @public
    def held(self, metric: str = "peak") -> tuple[LiveMap, ...]:
        """Return the maps that make a memory's peak, then and now: each peak is the sum of its own.

        What no layer makes, such as scratch, comes last, by its own name.
        """
        old, new = _held(metric, self.old), _held(metric, self.new)
        maps = [_held_at(self.old and self.old.paths[0], self.new and self.new.paths[0], old, new)]
        for change in self.layers:
            before, now = change.old and change.old.path, change.new and change.new.path
            maps.append(_held_at(before, now, old, new))
        known = {path for report in (self.old, self.new) if report for path in report.paths}
        others = [name for name in dict.fromkeys((*new, *old)) if name not in known]
        maps += [LiveMap(name, old.get(name), new.get(name)) for name in others]
        return tuple(held for held in maps if (held.old, held.new) != (None, None))


@public
def difference(old: Report | None, new: Report | None) -> Difference:
    """Compare two networks; an inserted block, or more copies of one, shifts nothing.

    Layers are paired by their paths, those left over by what they are, and the rest by their places
    in the network. Time grows linearly with the number of layers. Raises UsageError for anything
    but a report.
    """
    for side in (old, new):
        if side is not None and not isinstance(side, Report):
            refuse_other("difference", "reports, such as measure(network('resnet50'))", side)
    if old is not None and new is not None:
        return _between(old, new, paired(old, new))
    lone = in_order(old.layers if old else (), new.layers if new else (), {})
    return Difference(old, new, tuple(lone))


def _between(old: Report, new: Report, layers: list[Change]) -> Difference:
    """Return a difference, in which layers that read other ones say so."""
    if not (old.reads and new.reads):  # one was read back
        return Difference(old, new, tuple(layers))
    wiring = wired(old, new, [(change.old_at, change.new_at) for change in layers])
    reads = {at: (both.old, both.new) for at, both in rewired(wiring).items() if not both.follows}
    told = [change._replace(reads=reads.get(change.old_at)) for change in layers]
    return Difference(old, new, tuple(told), put_out_otherwise(wiring))


def _reordered(old: Report | None, new: Report | None) -> tuple[str, ...]:
    ours, theirs = ([port.path for port in side.inputs] if side else [] for side in (old, new))
    return tuple(theirs) if ours != theirs and sorted(ours) == sorted(theirs) else ()


def _each(metric: Metric, report: Report | None) -> Sequence[Any]:
    """Return what the layers of a side add to a total."""
    if report is None:
        return ()
    if metric.layers is None:
        raise UsageError(f"{metric.word} cannot be summed over layers")
    return metric.layers(report)


def _held(metric: str, report: Report | None) -> Mapping[str, int]:
    """Return the bytes of what is held at the peak of a metric, by the path of what makes it."""
    peak = metric_named(metric).peak
    return {} if report is None or peak is None else peak(report).maps


def _held_at(
    before: str | None, now: str | None, old: Mapping[str, int], new: Mapping[str, int]
) -> LiveMap:
    """Return what is held of the map that one step makes: its path then, and now."""
    path = now if now is not None else before
    assert path is not None
    return LiveMap(path, old.get(before or ""), new.get(now or ""))
