"""Matching: the layers of two networks in pairs, by their paths, their places and what they are."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import count

from bncalc.analysis.alignment import Item, align
from bncalc.analysis.changes import Change, cut_at, owns_weights
from bncalc.analysis.positions import Look, Round, Wiring, by_position
from bncalc.analysis.report import Layer, Report
from bncalc.model.registry import ACTIVATIONS, OPS, op_named
from bncalc.model.shape import collapsed

Layers = Sequence[Layer]
_Kind = Callable[[Layer], Hashable]
_Looking = tuple[_Kind, Look, bool]
"""How layers are told apart, where, and whether those that cannot be are paired, too."""


def paired(old: Report, new: Report) -> list[Change]:
    """Pair the layers of two networks by their paths, and those left over by what they are.

    Last come those that are the same in the same place, and only run at another time. Two networks
    that are the same but for that are paired by places.
    """
    pairs = dict(align(_items(old.layers), _items(new.layers), renamed=True))
    if not _are_all(old, new, pairs):
        places = _by_position(old, new, {}, _SAME)
        if _are_all(old, new, places):
            pairs = _with_left(old, new, places)
    given = {i - 1: j - 1 for i, j in arriving(old, new).items()}
    pairs = {a: b for a, b in pairs.items() if given.get(a, b) == b}
    moved = _by_position(old, new, pairs, _SAME)
    return in_order(old.layers, new.layers, moved)


def paired_by_place(old: Report, new: Report) -> list[Change]:
    """Pair the layers of two networks by their places, whatever they are called and when they run.

    Those left over are paired by what they are.
    """
    pairs = _with_left(old, new, _by_position(old, new, {}, _LESS_AND_LESS))
    return in_order(old.layers, new.layers, pairs)


def _with_left(old: Report, new: Report, pairs: Mapping[int, int]) -> dict[int, int]:
    """Return pairs with those of the layers left over, by their paths and what they are."""
    taken = set(pairs.values())
    left = [at for at in range(len(old.layers)) if at not in pairs]
    others = [at for at in range(len(new.layers)) if at not in taken]
    sides = [old.layers[at] for at in left], [new.layers[at] for at in others]
    further = align(*map(_items, sides), renamed=True)
    return {**pairs, **{left[a]: others[b] for a, b in further}}


def _are_all(old: Report, new: Report, pairs: Mapping[int, int]) -> bool:
    """Return whether all layers that are compared are paired, and each with what is the same."""
    taken = set(pairs.values())
    return (
        all(at in pairs for at, layer in enumerate(old.layers) if is_compared(layer))
        and all(at in taken for at, layer in enumerate(new.layers) if is_compared(layer))
        and all(_content(old.layers[a]) == _content(new.layers[b]) for a, b in pairs.items())
    )


def in_order(old: Layers, new: Layers, pairs: Mapping[int, int]) -> list[Change]:
    """Return pairs of layers as changes, in the order in which the first network runs.

    Between two pairs come the layers that only the first has, then those that only the second has.
    """
    taken = set(pairs.values())
    changes: list[Change] = []
    at = 0
    for i, layer in enumerate(old):
        if i not in pairs:
            changes.append(Change(layer, None, i, -1))
            continue
        changes += _added(new, at, pairs[i], taken)
        at = max(at, pairs[i])
        changes.append(Change(layer, new[pairs[i]], i, pairs[i]))
    return changes + _added(new, at, len(new), taken)


def _added(new: Layers, start: int, stop: int, taken: set[int]) -> list[Change]:
    return [Change(None, new[at], -1, at) for at in range(start, stop) if at not in taken]


def _by_position(
    old: Report, new: Report, pairs: Mapping[int, int], looks: Sequence[_Looking]
) -> dict[int, int]:
    """Return pairs of layers with those that are known, and of inputs that are in none of these."""
    known = {i + 1: j + 1 for i, j in pairs.items()}
    taken = set(known.values())
    known = {i: j for i, j in arriving(old, new).items() if j not in taken} | known
    alike: dict[_Kind, tuple[list[int], list[int]]] = {}

    def rounds() -> Iterator[Round]:
        for kind, look, bold in looks:
            if kind not in alike:
                alike[kind] = _kinds(kind, old.layers, new.layers)
            yield Round(*alike[kind], look, bold)

    found = by_position(_wiring(old), _wiring(new), known, rounds())
    return {i - 1: j - 1 for i, j in found.items() if i and j}


def _kinds(kind: _Kind, old: Layers, new: Layers) -> tuple[list[int], list[int]]:
    """Return a number for what each node is said to be, that of the first input included."""
    numbers: dict[Hashable, int] = defaultdict(count(1).__next__)
    ours, theirs = ([0, *[numbers[kind(layer)] for layer in side]] for side in (old, new))
    return ours, theirs


def arriving(old: Report, new: Report) -> dict[int, int]:
    """Pair the inputs of two networks: by name if those are the same, else in their order."""
    ours, theirs = (
        {port.path: at for port, at in zip(side.inputs, _inputs(side), strict=True)}
        for side in (old, new)
    )
    if ours.keys() == theirs.keys():
        return {at: theirs[path] for path, at in ours.items()}
    return dict(zip(ours.values(), theirs.values(), strict=False))


def _inputs(report: Report) -> list[int]:
    return [0, *[at for at, layer in enumerate(report.layers, start=1) if layer.op == "input"]]


def _wiring(report: Report) -> Wiring:
    outputs = {port.path for port in report.outputs}
    ends = {at for at, layer in enumerate(report.layers, start=1) if layer.path in outputs}
    hands_on = [layer.op != "input" and not is_compared(layer) for layer in report.layers]
    return Wiring(report.reads, [False, *hands_on], ends)


def is_compared(layer: Layer) -> bool:
    """Return whether a layer does more than to hand on, join or move: it has costs, or activates.

    Two sources of one network write the others in other ways.
    """
    return bool(layer.cost.params or layer.cost.macs) or layer.op in ACTIVATIONS


# What a layer is, the whole of it first


def _items(layers: Layers) -> list[Item]:
    return list(map(_item, layers))


def _item(layer: Layer) -> Item:
    """Take a path apart: `conv2.norm` is a step `conv2` and, in it, a step `norm`."""
    *parts, last = layer.path.split("/")
    head, _, tail = last.partition(".")
    looser = _numbers(layer), _counts(layer)
    return Item((*parts, head, tail), _content(layer), layer.op, looser)


def _content(layer: Layer) -> Hashable:
    settings = tuple(map(collapsed, layer.fields.values())) if layer.fields else layer.factors
    if cut := cut_at(layer):
        return cut, layer.output, layer.training_only
    return layer.op, settings, layer.output, layer.training_only, owns_weights(layer)


def _numbers(layer: Layer) -> Hashable:
    """Return what a layer comes to, and the map that it puts out."""
    return _counts(layer), layer.output


def _counts(layer: Layer) -> Hashable:
    """Return what a layer comes to, if it comes to anything, and else what it is, too."""
    cost = layer.cost
    counts = (layer.training_only, cost.params, cost.macs, cost.elementwise)
    return counts if cost.params or cost.macs else (layer.op, layer.output, *counts)


def _density(layer: Layer) -> Hashable:
    """Return what a layer comes to at each position, however many there are."""
    cost = layer.cost
    if cost.params or cost.macs:
        return layer.training_only, cost.params, cost.macs // max(layer.output.elements, 1)
    return layer.op, layer.training_only


def family(layer: Layer) -> str:
    """Return the family of a layer's op, or its word: what is called `custom` has none."""
    return getattr(op_named(layer.op), "family", layer.op) if layer.op in OPS else layer.op


_EITHER: tuple[tuple[Look, bool], ...] = (("before", False), ("after", False)) * 2
_SAME: tuple[_Looking, ...] = ((_content, "both", True),)
_LESS_AND_LESS: tuple[_Looking, ...] = (
    *_SAME,
    *[(_numbers, look, bold) for look, bold in (("both", True), *_EITHER)],
    (family, "both", True),
    *[(_density, look, bold) for look, bold in (("both", True), *_EITHER)],
    (family, "both", True),
    (_density, "before", True),
    (_density, "after", True),
)
