"""The difference: two networks layer by layer, and how they sum up to what changed in all."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from bncalc.analysis.alignment import Item, align
from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.report import Layer, Report


def _cost(name: str) -> Callable[[Layer, Assumptions], int]:
    return lambda layer, _: int(getattr(layer.cost, name))


ADDITIVE: dict[str, Callable[[Layer, Assumptions], int]] = {
    **{
        name: _cost(name)
        for name in ("params", "buffers", "macs", "elementwise", "flops", "activations")
    },
    "weight_bytes": lambda one, given: (one.cost.params + one.cost.buffers) * given.weight_bytes,
    "traffic_bytes": lambda one, _: one.traffic,
}
"""The totals that are a sum over the layers, by name, and what a layer adds to each."""


class Change(NamedTuple):
    """A layer as it was and as it is; one of them is None where it was added or removed."""

    old: Layer | None
    new: Layer | None

    @property
    def path(self) -> str:
        layer = self.new or self.old
        assert layer is not None
        return layer.path

    @property
    def mark(self) -> str:
        return "+" if self.old is None else "-" if self.new is None else "~"

    @property
    def fields(self) -> tuple[tuple[str, object, object], ...]:
        """The op's fields that differ: name, old value, new value. Empty where none are known."""
        old, new = self.old, self.new
        if old is None or new is None or old.fields is None or new.fields is None:
            return ()
        if old.fields == new.fields:
            return ()
        names = dict.fromkeys((*old.fields, *new.fields))
        pairs = [(name, old.fields.get(name), new.fields.get(name)) for name in names]
        return tuple(pair for pair in pairs if _plain(pair[1]) != _plain(pair[2]))

    @property
    def follows(self) -> bool:
        """Whether the layer itself is as it was, and only what arrives at it has changed."""
        old, new = self.old, self.new
        if old is None or new is None or old.inputs == new.inputs:
            return False
        if old.fields is None or new.fields is None:
            return False
        return (old.op, old.training_only) == (new.op, new.training_only) and not self.fields


class Held(NamedTuple):
    """A map that is in memory at the peak, by the layer that makes it; bytes, then and now."""

    path: str
    old: int | None
    new: int | None


class Difference(NamedTuple):
    """Two reports on the same assumptions; None for a network that is new or removed.

    `layers` are all pairs of them in running order, `changes` those that are not alike.
    """

    old: Report | None
    new: Report | None
    layers: tuple[Change, ...]
    changes: tuple[Change, ...]

    @property
    def report(self) -> Report:
        """The network as it is, or as it was before it was removed."""
        report = self.new or self.old
        assert report is not None
        return report

    def totals(self, metric: str) -> tuple[int | None, int | None]:
        """Return a number of the whole, then and now."""
        old, new = self.old, self.new
        return (
            None if old is None else getattr(old.totals, metric),
            None if new is None else getattr(new.totals, metric),
        )

    def delta(self, metric: str) -> int:
        """Return how much a number of the whole has grown."""
        old, new = self.totals(metric)
        return (new or 0) - (old or 0)

    def amounts(self, change: Change, metric: str) -> tuple[int | None, int | None]:
        """Return what a layer added to a total, and what it adds to it now."""
        amount, given = ADDITIVE[metric], self.report.assumptions
        return (
            None if change.old is None else amount(change.old, given),
            None if change.new is None else amount(change.new, given),
        )

    def grown(self, change: Change, metric: str) -> int:
        """Return how much of a total's growth a layer makes; over all changes they sum to it."""
        old, new = self.amounts(change, metric)
        return (new or 0) - (old or 0)

    def held(self) -> tuple[Held, ...]:
        """Return the maps that make the peaks, then and now: each peak is their sum."""
        old, new = _held(self.old), _held(self.new)
        found = [Held("in", old.get("in"), new.get("in"))]
        found += [
            Held(one.path, one.old and old.get(one.old.path), one.new and new.get(one.new.path))
            for one in self.layers
        ]
        return tuple(one for one in found if (one.old, one.new) != (None, None))


def difference(old: Report | None, new: Report | None) -> Difference:
    """Compare two networks; an inserted block or another count of copies shifts nothing.

    Time grows linearly with the number of layers.
    """
    layers = tuple(_paired(old.layers if old else (), new.layers if new else ()))
    return Difference(old, new, layers, tuple(one for one in layers if not _alike(one)))


def _paired(old: tuple[Layer, ...], new: tuple[Layer, ...]) -> Iterator[Change]:
    """Return all layers in running order; between two pairs the removed before the added."""
    fields = all(one.fields is not None for one in (*old, *new))
    pairs = align(*([_item(one, fields) for one in side] for side in (old, new)))
    i = j = 0
    for a, b in [*pairs, (len(old), len(new))]:
        for layer in old[i:a]:
            yield Change(layer, None)
        for layer in new[j:b]:
            yield Change(None, layer)
        if a < len(old):
            yield Change(old[a], new[b])
        i, j = a + 1, b + 1


def _item(layer: Layer, fields: bool) -> Item:
    """Take a path apart: `conv2.norm` is a step `conv2` and, in it, a step `norm`."""
    *parts, last = layer.path.split("/")
    head, _, tail = last.partition(".")
    settings: tuple[object, ...] = layer.factors
    if fields and layer.fields:
        settings = tuple(map(_plain, layer.fields.values()))
    content = (layer.op, settings, layer.output, layer.training_only)
    return Item((*parts, head, tail), content, layer.op)


def _plain(value: object) -> object:
    """Return a field's value, of sizes that are all the same the one: 3 and [3, 3] are equal."""
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def _alike(change: Change) -> bool:
    """Tell whether nothing but the path differs."""
    old, new = change.old, change.new
    if old is None or new is None:
        return False
    return not change.fields and _seen(old) == _seen(new)


def _seen(layer: Layer) -> tuple[object, ...]:
    cost = layer.cost
    counts = (cost.params, cost.buffers, cost.macs, cost.elementwise, cost.activations)
    shapes = (layer.inputs, layer.output)
    return (layer.op, shapes, counts, layer.traffic, layer.training_only)


def _held(report: Report | None) -> dict[str, int]:
    """Return the bytes of the maps that live at the peak, by the path of what makes them."""
    if report is None:
        return {}
    paths = ["in", *(one.path for one in report.layers)]
    return {paths[one.first]: one.size for one in report.memory.at(report.memory.step)}
