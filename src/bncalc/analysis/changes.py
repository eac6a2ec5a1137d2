"""Changes: the layers of two networks in pairs, and what differs in each."""

from collections.abc import Iterator

from bncalc.analysis.alignment import Item, align
from bncalc.analysis.report import Layer
from bncalc.model.registry import OPS, op_named
from bncalc.model.shape import collapsed
from bncalc.model.window import PLACING
from bncalc.named import NamedTuple


class Change(NamedTuple):
    """A layer as it was and as it is; one of them is None where it was added or removed.

    `old_at` and `new_at` are their places among the layers of their reports.
    """

    old: Layer | None
    new: Layer | None
    old_at: int
    new_at: int

    @property
    def path(self) -> str:
        layer = self.new or self.old
        assert layer is not None
        return layer.path

    @property
    def is_renamed(self) -> bool:
        """Whether a layer that was there has another path now."""
        return self.old is not None and self.new is not None and self.old.path != self.new.path

    @property
    def mark(self) -> str:
        return "+" if self.old is None else "-" if self.new is None else "~"

    @property
    def fields(self) -> tuple[tuple[str, object, object], ...]:
        """The op's fields that differ: name, old value, new value. Empty where none are known."""
        old, new = self.old, self.new
        if old is None or new is None or old.fields is None or new.fields is None:
            return ()
        shares = (("weights", _owner(old), _owner(new)),) if _own(old) != _own(new) else ()
        if old.fields == new.fields:
            return shares
        names = dict.fromkeys((*old.fields, *new.fields))
        pairs = [(name, old.fields.get(name), new.fields.get(name)) for name in names]
        differing = [pair for pair in pairs if collapsed(pair[1]) != collapsed(pair[2])]
        if any(name in PLACING for name, *_ in differing) and _same_windows(old, new):
            differing = [pair for pair in differing if pair[0] not in PLACING]
        return (*shares, *differing)

    @property
    def follows(self) -> bool:
        """Whether the layer itself is as it was, and only what arrives at it has changed."""
        old, new = self.old, self.new
        if old is None or new is None or old.inputs == new.inputs:
            return False
        if old.fields is None or new.fields is None:
            return False
        return (old.op, old.training_only) == (new.op, new.training_only) and not self.fields


def paired(old: tuple[Layer, ...], new: tuple[Layer, ...]) -> Iterator[Change]:
    """Pair the layers of two networks, whatever they are called, each in its running order.

    Between two pairs come the layers that only the first has, then those that only the second has.
    """
    pairs = align([*map(_item, old)], [*map(_item, new)], renamed=True)
    i = j = 0
    for a, b in [*pairs, (len(old), len(new))]:
        for at in range(i, a):
            yield Change(old[at], None, at, -1)
        for at in range(j, b):
            yield Change(None, new[at], -1, at)
        if a < len(old):
            yield Change(old[a], new[b], a, b)
        i, j = a + 1, b + 1


def _item(layer: Layer) -> Item:
    """Take a path apart: `conv2.norm` is a step `conv2` and, in it, a step `norm`."""
    *parts, last = layer.path.split("/")
    head, _, tail = last.partition(".")
    settings = tuple(map(collapsed, layer.fields.values())) if layer.fields else layer.factors
    content = (layer.op, settings, layer.output, layer.training_only, _own(layer))
    return Item((*parts, head, tail), content, layer.op, _looser(layer))


def _looser(layer: Layer) -> tuple[object, ...]:
    """Return what a layer comes to, with and without the map that it puts out."""
    cost = layer.cost
    counts = (layer.training_only, cost.params, cost.macs, cost.elementwise)
    if cost.params or cost.macs:
        return (layer.output, *counts), counts
    made = (layer.op, layer.output, *counts)
    return made, made


def _own(layer: Layer) -> bool:
    """Return whether a layer's weights are its own, and not those of an earlier layer."""
    return layer.weights_of is None


def _owner(layer: Layer) -> str:
    return "own" if layer.weights_of is None else f"of {layer.weights_of}"


def alike(change: Change) -> bool:
    """Tell whether nothing but the path differs."""
    old, new = change.old, change.new
    if old is None or new is None:
        return False
    return not change.fields and _seen(old) == _seen(new) and _same_inputs(old, new)


def _seen(layer: Layer) -> tuple[object, ...]:
    cost = layer.cost
    counts = (cost.params, cost.buffers, cost.macs, cost.elementwise, cost.activations)
    return (layer.op, layer.output, counts, layer.traffic, layer.training_only, _own(layer))


def _same_inputs(old: Layer, new: Layer) -> bool:
    """Return whether the same maps arrive, in an order that matters if any does."""
    if old.inputs == new.inputs:
        return True
    return sorted(old.inputs) == sorted(new.inputs) and old.op in OPS and op_named(old.op).commutes


def _same_windows(old: Layer, new: Layer) -> bool:
    """Return whether the windows of two layers are the same, however their steps are written."""
    if (
        old.op != new.op
        or old.op not in OPS
        or (old.inputs, old.output) != (new.inputs, new.output)
    ):
        return False
    first, second = (op_named(old.op)(**layer.fields or {}) for layer in (old, new))
    return first.reach(old.inputs, old.output) == second.reach(new.inputs, new.output)
