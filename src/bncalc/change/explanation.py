"""Why a number is what it is: the layers that make it or made it grow, and the values to blame."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from bncalc.analysis.difference import Difference, difference
from bncalc.analysis.metric import metric_named
from bncalc.change.causes import causes
from bncalc.change.reasons import Cause, LayerChange, Why
from bncalc.change.version import Version
from bncalc.errors import Location
from bncalc.model.origin import Design, Origin
from bncalc.named import NamedTuple


class Changed(NamedTuple):
    """One design and what became of it: layer by layer, and the written values that changed."""

    difference: Difference
    causes: tuple[Cause, ...]


class Explanation(NamedTuple):
    """The why of a number, and the place in the new file to say it at."""

    why: Why
    location: Location


def explain(
    new: Version, old: Version | None, metric: str, within: str = "", known: Changed | None = None
) -> Explanation:
    """Say which layers made the difference in a total, largest first, and what was changed.

    `metric` is the word of one, or its JSON key. The layers sum to the
    difference exactly; those of a peak are the maps in memory at it. Without an old side they are
    the largest layers. `within` leaves out what is not in that part; `known` is what `changed`
    says, where that was asked before. The location is the changed line that contributes the most;
    where none is known, that of the largest layer; else line 1.
    """
    found, values = known or changed(old, new)
    layers = tuple(sorted(_layers(found, metric, within), key=lambda one: -abs(one.delta)))
    place = _place(found, layers, values, new, metric)
    if old is None:
        layers = tuple(one._replace(old=None) for one in layers)
    return Explanation(Why(layers, values), place)


def changed(old: Version | None, new: Version | None) -> Changed:
    """Compare the two sides of one design; without one of them it is new, or removed."""
    found = difference(old and old.report, new and new.report)
    return Changed(found, blamed(old, new) if old and new else ())


def blamed(old: Version, new: Version) -> tuple[Cause, ...]:
    """Return the written values that were changed; none where a side is a JSON report."""
    if old.model is None or new.model is None or new.design is None:
        return ()
    return causes(old.model, new.model, new.design.graph.name)


def _layers(found: Difference, metric: str, within: str) -> Iterator[LayerChange]:
    if metric_named(metric).why == "maps":
        rows = [LayerChange(*held) for held in found.held()]
    else:
        pairs = found.layers
        rows = [LayerChange(pair.path, *found.amounts(pair, metric)) for pair in pairs]
    for one in rows:
        if one.delta and (not within or one.path.startswith((f"{within}/", f"{within}."))
                          or one.path == within):  # fmt: skip
            yield one


# The place


def _place(
    found: Difference,
    layers: tuple[LayerChange, ...],
    known: tuple[Cause, ...],
    new: Version,
    metric: str,
) -> Location:
    """Return where the cause that moves most stands, else the largest layer, else line 1."""
    if new.model is None or new.design is None:
        return known[0].location if known else Location(new.report.name, 1, 1)
    path = next(iter(new.model.files), new.model.name.path)
    origins = new.design.by_path()
    own = [one for one in known if one.location.path == path] or list(known)
    if own:
        weights = _weights(found, own, layers, new.design, origins)
        return max(own, key=lambda one: weights[one]).location
    placed = (origins[one.path].location(path) for one in layers if one.path in origins)
    return next((one for one in placed if one.path == path), Location(path, 1, 1))


def _weights(
    found: Difference,
    known: list[Cause],
    layers: tuple[LayerChange, ...],
    design: Design,
    origins: dict[str, Origin],
) -> Counter[Cause]:
    """Return how much each cause moves: by the layers on its line and those that follow them."""
    on_line: dict[tuple[str, int], list[Cause]] = defaultdict(list)
    for one in known:
        on_line[one.location[:2]].append(one)
    roots = _roots(found, design)
    weights: Counter[Cause] = Counter()
    everywhere = [one for one in known if one.field.startswith(_EVERYWHERE)]
    for row in layers:
        origin = origins.get(roots.get(row.path, row.path))
        near = [one for line in _lines(origin) for one in on_line[line]] if origin else []
        near += [one for one in known if _repeats(one, row.path)]
        for one in near or everywhere:
            weights[one] += abs(row.delta)
    return weights


_EVERYWHERE = ("vars.", "variants.", "defaults.", "input", "define.")


def _repeats(cause: Cause, path: str) -> bool:
    """Tell whether a cause is the count of the copies that a layer is in."""
    entry, dot, field = cause.field.rpartition(".")
    return bool(dot) and field == "repeat" and path.startswith(f"{entry.replace('.', '/')}/")


def _lines(origin: Origin) -> set[tuple[str, int]]:
    """Return the lines on which an entry, the calls that led to it and their arguments stand."""
    places = [call.location for call in origin.calls]
    places += [one.location for call in origin.calls for one in call.arguments.values()]
    return {one[:2] for one in places}


def _roots(found: Difference, design: Design) -> dict[str, str]:
    """Return for each layer that only follows the changed one behind which it stands."""
    follows = {one.path: one.follows for one in found.changes if one.new is not None}
    nodes = design.graph.nodes
    roots: dict[str, str] = {}
    for node in nodes[1:]:
        if node.path not in follows:
            continue
        sources = [nodes[i].path for i in node.inputs]
        behind = [roots[one] for one in sources if one in roots]
        own = not follows[node.path] or not behind
        roots[node.path] = node.path if own else behind[0]
    return roots
