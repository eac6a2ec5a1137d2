"""Why a number is what it is: the layers that make it or made it grow, and the values to blame."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.difference import Difference, difference
from bncalc.analysis.folding import folded_side
from bncalc.analysis.measurement import measure
from bncalc.analysis.metric import metric_named
from bncalc.change.causes import causes
from bncalc.change.reasons import Cause, LayerChange, Why
from bncalc.change.version import Version
from bncalc.errors import Location
from bncalc.model.origin import Design, Origin
from bncalc.named import NamedTuple


class FoldedNorms(NamedTuple):
    """The side whose norms are folded already, and how many layers differ with those of both."""

    name: str
    left: int


def folded_norms(
    between: Difference, old: Version | None, new: Version | None
) -> FoldedNorms | None:
    """Return which side has its batch norms folded, if most of what differs comes of that."""
    if old is None or new is None or old.design is None or new.design is None:
        return None
    assumptions = new.report.assumptions
    if not between.changes or assumptions.fold_norm:
        return None
    graphs = old.design.graph, new.design.graph
    side = folded_side(graphs)
    if side is None:
        return None
    both = Assumptions(batch=assumptions.batch, fold_norm=True)
    left = len(difference(*[measure(graph, both) for graph in graphs]).changes)
    name = (old, new)[side].report.name
    return FoldedNorms(name, left) if 2 * left < len(between.changes) else None


class Changed(NamedTuple):
    """One design and what became of it: layer by layer, and the written values that changed.

    `folded` finds out whether one side has its norms folded, which takes as long as the rest.
    """

    difference: Difference
    causes: tuple[Cause, ...]
    folded: Callable[[], FoldedNorms | None] | None = None


class Explanation(NamedTuple):
    """The why of a number, and the place in the new file to say it at."""

    why: Why
    location: Location


def explain(
    new: Version, old: Version | None, metric: str, within: str = "", known: Changed | None = None
) -> Explanation:
    """Say which layers made the difference in a total, largest first, and what was changed.

    `metric` is a word, or a JSON key. The layers sum to the difference exactly; those of a peak are
    the maps in memory at it. Without an old version, or where no layer of it has another number,
    they are the largest layers, and nothing is to blame. `within` leaves out what is not in that
    part; `known` is what `changed` says, if that was asked before. The
    location is the changed line that contributes the most; if none is known, that of the largest
    layer; else line 1.
    """
    between, causes, _ = known or changed(old, new)
    layers = tuple(sorted(_layers(between, metric, within), key=lambda row: -abs(row.delta)))
    if old is not None and not layers:
        return explain(new, None, metric, within)
    place = _place(between, layers, causes, new)
    if old is None:
        layers = tuple(row._replace(old=None) for row in layers)
    peak = metric_named(metric).peak
    at = peak(new.report).path if peak else ""
    return Explanation(Why(layers, causes, at), place)


def changed(old: Version | None, new: Version | None) -> Changed:
    """Compare two versions of a design; without the old it is new, without the new removed."""
    between = difference(old and old.report, new and new.report)
    return Changed(between, blamed(old, new) if old and new else ())


def blamed(old: Version, new: Version) -> tuple[Cause, ...]:
    """Return the written values that were changed; none where a side is a JSON report."""
    if old.model is None or new.model is None or new.design is None:
        return ()
    return causes(old.model, new.model, new.design.graph.name)


def _layers(between: Difference, metric: str, within: str) -> Iterator[LayerChange]:
    if metric_named(metric).peak:
        rows = [LayerChange(*held) for held in between.held(metric)]
    else:
        pairs = between.layers
        rows = [LayerChange(pair.path, *between.amounts(pair, metric)) for pair in pairs]
    for row in rows:
        inside = row.path == within or row.path.startswith((f"{within}/", f"{within}."))
        if row.delta and (inside or not within):
            yield row


# The place


def _place(
    between: Difference, layers: tuple[LayerChange, ...], causes: tuple[Cause, ...], new: Version
) -> Location:
    """Return the place of the cause that moves most, else of the largest layer, else line 1."""
    if new.model is None or new.design is None:
        return Location(new.report.name, 1, 1)
    path = next(iter(new.model.files), new.model.name.path)
    origins = new.design.by_path()
    own = [cause for cause in causes if cause.location.path == path] or list(causes)
    if own:
        weights = _weights(between, own, layers, new.design, origins)
        return max(own, key=lambda cause: weights[cause]).location
    placed = (origins[row.path].location(path) for row in layers if row.path in origins)
    return next((place for place in placed if place.path == path), Location(path, 1, 1))


def _weights(
    between: Difference,
    causes: list[Cause],
    layers: tuple[LayerChange, ...],
    design: Design,
    origins: dict[str, Origin],
) -> Counter[Cause]:
    """Return how much each cause moves: by the layers on its line and those that follow them."""
    on_line: dict[tuple[str, int], list[Cause]] = defaultdict(list)
    for cause in causes:
        on_line[cause.location[:2]].append(cause)
    roots = _roots(between, design)
    weights: Counter[Cause] = Counter()
    everywhere = [cause for cause in causes if cause.field.startswith(_EVERYWHERE)]
    for row in layers:
        origin = origins.get(roots.get(row.path, row.path))
        near = [cause for line in _lines(origin) for cause in on_line[line]] if origin else []
        near += [cause for cause in causes if _repeats(cause, row.path)]
        for cause in near or everywhere:
            weights[cause] += abs(row.delta)
    return weights


_EVERYWHERE = ("vars.", "variants.", "defaults.", "input", "define.")


def _repeats(cause: Cause, path: str) -> bool:
    """Return whether a cause is the count of the copies that a layer is in."""
    entry, dot, field = cause.field.rpartition(".")
    return bool(dot) and field == "repeat" and path.startswith(f"{entry.replace('.', '/')}/")


def _lines(origin: Origin) -> set[tuple[str, int]]:
    """Return the lines of an entry, of the calls that led to it and of their arguments."""
    places = [call.location for call in origin.calls]
    places += [value.location for call in origin.calls for value in call.arguments.values()]
    return {place[:2] for place in places}


def _roots(between: Difference, design: Design) -> dict[str, str]:
    """Return for each layer that only follows a change the layer that was changed."""
    follows = {pair.path: pair.follows for pair in between.changes if pair.new is not None}
    nodes = design.graph.nodes
    roots: dict[str, str] = {}
    for node in nodes[1:]:
        if node.path not in follows:
            continue
        sources = [nodes[i].path for i in node.inputs]
        before = [roots[path] for path in sources if path in roots]
        is_root = not follows[node.path] or not before
        roots[node.path] = node.path if is_root else before[0]
    return roots
