"""Changes: the layers of two networks in pairs, and what differs in each."""

from math import isclose

from bncalc.analysis.report import Layer
from bncalc.model.ops.moving import Cut
from bncalc.model.registry import OPS, op_named
from bncalc.model.shape import collapsed
from bncalc.model.window import PLACING
from bncalc.named import NamedTuple


class Change(NamedTuple):
    """A layer as it was and as it is; one of them is None where it was added or removed.

    `old_at` and `new_at` are their places among the layers of their reports. `reads` are the layers
    that only one of them reads, by name, where both read other ones.
    """

    old: Layer | None
    new: Layer | None
    old_at: int
    new_at: int
    reads: tuple[str | None, str | None] | None = None

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
        """What differs: name, old value, new value. Empty where no fields of the op are known."""
        old, new = self.old, self.new
        if old is None or new is None or old.fields is None or new.fields is None:
            return ()
        wiring = () if self.reads is None else (("reads", *self.reads),)
        if owns_weights(old) != owns_weights(new):
            wiring = (*wiring, ("weights", _owner(old), _owner(new)))
        if old.fields == new.fields or _same_cut(old, new):
            return wiring
        if old.op == new.op and not (old.fields and new.fields):
            return wiring  # what is given by its numbers alone has no fields
        names = dict.fromkeys((*old.fields, *new.fields))
        pairs = [(name, old.fields.get(name), new.fields.get(name)) for name in names]
        differing = [pair for pair in pairs if not _same_value(*pair[1:])]
        if any(name in PLACING for name, *_ in differing) and _same_windows(old, new):
            differing = [pair for pair in differing if pair[0] not in PLACING]
        return (*wiring, *differing)

    @property
    def follows(self) -> bool:
        """Whether the layer itself is as it was, and only what arrives at it has changed."""
        old, new = self.old, self.new
        if old is None or new is None or old.inputs == new.inputs:
            return False
        if old.fields is None or new.fields is None:
            return False
        return (old.op, old.training_only) == (new.op, new.training_only) and not self.fields


def owns_weights(layer: Layer) -> bool:
    """Return whether a layer's weights are its own, and not those of an earlier layer."""
    return layer.weights_of is None


def _same_value(old: object, new: object) -> bool:
    """Return whether two settings are the same, but for the last digits of a share."""
    if isinstance(old, float) and isinstance(new, float):
        return isclose(old, new)
    return collapsed(old) == collapsed(new)


def _owner(layer: Layer) -> str:
    return "own" if layer.weights_of is None else f"of {layer.weights_of}"


def alike(change: Change) -> bool:
    """Tell whether nothing but the path differs."""
    old, new = change.old, change.new
    if old is None or new is None:
        return False
    return not change.fields and _seen(old) == _seen(new) and _same_inputs(old, new)


def cut_at(layer: Layer) -> tuple[int, int] | None:
    """Return the axis that a layer cuts and where, whether by parts or by numbers; else None."""
    if layer.fields is None or layer.op not in OPS or not issubclass(op_named(layer.op), Cut):
        return None
    op, x = op_named(layer.op)(**layer.fields), layer.inputs[0]
    assert isinstance(op, Cut)
    return op.axis(x)[0], op.first(x)


def _same_cut(old: Layer, new: Layer) -> bool:
    at = cut_at(old)
    same = (old.inputs, old.output) == (new.inputs, new.output)
    return at is not None and same and at == cut_at(new)


def _seen(layer: Layer) -> tuple[object, ...]:
    cost = layer.cost
    counts = (cost.params, cost.buffers, cost.macs, cost.elementwise, cost.activations)
    what = cut_at(layer) or layer.op
    return (what, layer.output, counts, layer.traffic, layer.training_only, owns_weights(layer))


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
