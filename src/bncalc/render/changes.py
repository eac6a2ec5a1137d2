"""Changes as people read them: gathered into rows, each with what it is because of."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from bncalc.analysis.changes import Change
from bncalc.analysis.difference import Difference
from bncalc.analysis.report import Layer
from bncalc.model.shape import collapsed
from bncalc.named import NamedTuple
from bncalc.quantity import plural
from bncalc.render import units


class ChangeFilter(NamedTuple):
    """Which number the rows are about, how many of them to show, and whether to show all layers."""

    by: str = "params"
    top: int | None = None
    all: bool = False

    @property
    def beside(self) -> str:
        """The second number, whose changes stand beside those of the first."""
        return "macs" if self.by != "macs" else "params"


class ChangeRow(NamedTuple):
    """One row: a layer with its norm and activation, or a part that is new or gone as a whole."""

    mark: str
    path: str
    changes: tuple[Change, ...]


def entries(difference: Difference, choice: ChangeFilter) -> Iterator[ChangeRow]:
    """Return the rows of a difference in running order.

    Left out is what merely sees another input and costs the same, unless all is asked for.
    """
    if choice.all:
        changed = set(map(id, difference.changes))
        for layer in difference.layers:
            yield ChangeRow(layer.mark if id(layer) in changed else "", layer.path, (layer,))
        return
    metrics = (choice.by, choice.beside)
    whole = {"+": _whole_parts(difference, "+"), "-": _whole_parts(difference, "-")}

    def name(change: Change) -> tuple[str, str]:
        head, _, layer = change.path.rpartition("/")
        path = f"{head}/{layer.partition('.')[0]}".lstrip("/")
        parts = whole.get(change.mark, set())
        return change.mark, next((part for part in _prefixes(change.path) if part in parts), path)

    for (mark, path), group in groupby(difference.changes, key=name):
        changes = tuple(group)
        moves = any(difference.grown(change, metric) for change in changes for metric in metrics)
        if moves or not all(map(_only_sees, changes)):
            yield ChangeRow(mark, path, changes)


def _only_sees(change: Change) -> bool:
    """Tell whether no more than the input of a layer is known to have changed."""
    old, new = change.old, change.new
    if old is None or new is None or change.fields:
        return False
    return old.op == new.op and old.inputs != new.inputs


def _whole_parts(difference: Difference, mark: str) -> set[str]:
    """Return the parts of which every layer was added, or every layer removed."""
    report = difference.new if mark == "+" else difference.old
    layers = report.layers if report else ()
    inside = Counter(part for layer in layers for part in _prefixes(layer.path))
    marked = (change.path for change in difference.changes if change.mark == mark)
    return {part for part, n in Counter(p for path in marked for p in _prefixes(path)).items()
            if inside[part] == n}  # fmt: skip


def _prefixes(path: str) -> list[str]:
    """Return the parts that a layer lies in, the outermost first."""
    steps = path.split("/")
    return ["/".join(steps[:n]) for n in range(1, len(steps))]


def because(difference: Difference, entry: ChangeRow) -> str:
    """Say what of the layer itself changed; else what now arrives at it, or how it is stored."""
    first = entry.changes[0]
    if entry.mark in ("+", "-"):
        layer = first.new or first.old
        assert layer is not None
        return layer.op if len(entry.changes) == 1 else plural(len(entry.changes), "layer")
    fields = () if _is_other(first) else first.fields
    own = [f"{name} {_value(a)} → {_value(b)}" for name, a, b in fields]
    own += [
        f"{change.old.op} → {change.new.op}"
        for change in entry.changes
        if change.old and change.new and _is_other(change)
    ]
    if own:
        return ", ".join(own)
    old, new = first.old, first.new
    if not (old and new):
        return ""
    if not entry.mark and first.is_renamed:
        return f"was {old.path}"
    return _from_outside(old, new) or _width(difference, first)


def _is_other(change: Change) -> bool:
    """Return whether there is another operation, whose settings are others by nature."""
    return bool(change.old and change.new and change.old.op != change.new.op)


def _from_outside(old: Layer, new: Layer) -> str:
    known = old.fields is not None and new.fields is not None
    if old.inputs != new.inputs and (known or old.output == new.output):
        return f"input {_shapes(old.inputs)} → {_shapes(new.inputs)}"
    return "" if old.output == new.output else f"output {old.output} → {new.output}"


def _width(difference: Difference, change: Change) -> str:
    """Say that the same weights take other bytes."""
    old, new = map(units.size, difference.amounts(change, "weights"))
    return "" if old == new else f"weights {old} → {new}"


def _shapes(shapes: tuple[object, ...]) -> str:
    return ", ".join(map(str, shapes)) if len(set(shapes)) > 1 else str(shapes[0])


def _value(value: object) -> str:
    value = collapsed(value)
    if isinstance(value, tuple):
        return "×".join(map(_value, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
