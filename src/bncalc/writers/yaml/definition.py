"""An own block: which values of alike bodies are its arguments, and what they are called."""

from __future__ import annotations

import re
from collections import Counter

from bncalc.language.grammar import RESERVED_NAMES
from bncalc.model.graph import Graph
from bncalc.model.registry import WORDS
from bncalc.model.shape import Shape
from bncalc.writers.yaml.entry import Body, EntryArguments, Slot, WrittenEntry, is_same, own_slots
from bncalc.writers.yaml.multiples import ANY, WIDTHS, derived, role


class OwnBlock:
    """An own block: the body that shows how, its arguments, and the slots that they fill."""

    def __init__(self, word: str, group: AlikeBodies) -> None:
        self.word = word
        self.group = group
        self.example = group.example
        self.arguments: EntryArguments = {}
        """By name, with the default; None for one that must be given."""


class AlikeBodies:
    """Bodies that are alike; `rows` are their entries, None for one that a body has not.

    `flag` names the argument that says whether those entries are there.
    """

    def __init__(self, bodies: list[Body], rows: list[list[WrittenEntry | None]]) -> None:
        self.bodies, self.rows = bodies, rows
        self.flag = ""
        self.single: dict[int, list[WrittenEntry | None]] = {}
        """By the identity of the example's, entries that are placed once wherever they are."""

    def places(self) -> list[tuple[WrittenEntry, list[WrittenEntry | None]]]:
        """Return the entries of the example, those within others too, each with all bodies' own."""
        listed: list[tuple[WrittenEntry, list[WrittenEntry | None]]] = []
        columns = zip(self.example.entries, *self.rows, strict=True)
        self._list([(entry, row) for entry, *row in columns], listed, is_single=True)
        return listed

    def _list(
        self,
        places: list[tuple[WrittenEntry, list[WrittenEntry | None]]],
        listed: list[tuple[WrittenEntry, list[WrittenEntry | None]]],
        *,
        is_single: bool,
    ) -> None:
        for entry, row in places:
            listed.append((entry, row))
            if is_single:
                self.single[id(entry)] = row
            for at, inner in enumerate(entry.lists):
                within = [
                    (each, [other and other.lists[at][number] for other in row])
                    for number, each in enumerate(inner)
                ]
                self._list(within, listed, is_single=is_single and not entry.repeat)

    def add(self, body: Body) -> None:
        self.bodies.append(body)
        self.rows.append(list(body.entries))

    @property
    def example(self) -> Body:
        return self.bodies[0]


class _Column:
    """What one slot, or several that always agree, have in each body."""

    def __init__(self, slot: Slot, values: list[object]) -> None:
        self.slots = [slot]
        self.values = values

    @property
    def varies(self) -> bool:
        known = [value for value in self.values if value is not ANY]
        return any(not is_same(value, known[0]) for value in known)

    def takes(self, slot: Slot, values: list[object]) -> bool:
        """Take another slot over if it is of the same kind and never differs."""
        pairs = list(zip(self.values, values, strict=True))
        if role(slot) != role(self.slots[0]) or any(
            not (a is ANY or b is ANY or is_same(a, b)) for a, b in pairs
        ):
            return False
        self.slots.append(slot)
        self.values = [b if a is ANY else a for a, b in pairs]
        return True


def defined(definition: OwnBlock, group: AlikeBodies, graph: Graph) -> None:
    """Give a definition its arguments, and each body of a group the values of them."""
    columns = [column for column in _columns(group, graph) if column.varies]
    widths: dict[str, list[object]] = {}
    names: list[tuple[str, list[object]]] = []
    for column in columns:
        formulas = [
            derived(slot, column.values, _arriving(group, graph, slot.entry), widths)
            for slot in column.slots
        ]
        if all(formulas):
            for slot, formula in zip(column.slots, formulas, strict=True):
                slot.settle(formula)
            continue
        name = _name(column, columns, {*RESERVED_NAMES, group.flag, *dict(names)})
        if role(column.slots[0]) in WIDTHS:
            widths[name] = column.values
        names.append((name, column.values))
        for slot in column.slots:
            slot.settle(f"={name}")
    if group.flag:
        names.append((group.flag, [None not in row for row in group.rows]))
    for name, values in names:
        definition.arguments[name] = _default(values, name == group.flag)
    for position, body in enumerate(group.bodies):
        body.word = definition.word
        body.usual = {k: v for k, v in definition.arguments.items() if v is not None}
        body.values = {
            name: body.usual[name] if values[position] is ANY else values[position]
            for name, values in names
        }


def _columns(group: AlikeBodies, graph: Graph) -> list[_Column]:
    """Return the values of each slot; one that is always what arrives is a formula."""
    columns: list[_Column] = []
    for entry, bodies in group.places():
        own = own_slots(entry)
        others = [[None] * len(own) if other is None else own_slots(other) for other in bodies]
        arriving = _arriving(group, graph, entry)
        for slot, *row in zip(own, *others, strict=True):
            values = [ANY if other is None else other.value for other in row]
            column = _Column(slot, values)
            formulas = {repr(other.formula) for other in row if other is not None}
            slot.settle(slot.formula if len(formulas) == 1 else "")
            if slot.formula:
                continue
            if column.varies and _arrive(slot, values, arriving):
                slot.settle("=cin")
            elif not any(other.takes(slot, values) for other in columns if other.varies):
                columns.append(column)
    return columns


def _arrive(slot: Slot, values: list[object], arriving: list[Shape | None]) -> bool:
    """Return whether what a layer puts out are always as many channels as arrive.

    At copies as many arrive as at the first if that puts out as many.
    """
    pairs = zip(values, arriving, strict=True)
    same = all(
        value is ANY
        or (type(value) is int and x is not None and x.has_channels and value == x.channels)
        for value, x in pairs
    )
    entry = slot.entry
    is_alike = entry.repeat < 2 or (entry.word in WORDS and "out" not in entry.first)
    return (slot.where, slot.key) == ("arguments", "out") and is_alike and same


def _arriving(group: AlikeBodies, graph: Graph, entry: WrittenEntry) -> list[Shape | None]:
    """Return the first map that arrives at an entry in each body; [] if it is within copies."""
    entries = group.single.get(id(entry), [])
    return [
        graph.nodes[other.takes[0]].output if other is not None and other.takes else None
        for other in entries
    ]


def _name(column: _Column, columns: list[_Column], taken: set[str]) -> str:
    """Name an argument after its field, with its layer's name where others have the field."""
    slot = column.slots[0]
    several = sum(role(other.slots[0]) == role(slot) for other in columns) > 1
    names = [] if several else [slot.key]
    names += [f"{slot.entry.name}_{slot.key}"]
    names += [f"{names[-1]}_{count}" for count in range(2, len(taken) + 3)]
    plain = [re.sub(r"\W+", "_", name, flags=re.ASCII) for name in names]
    identifiers = [name if name.isidentifier() else f"layer{name}" for name in plain]
    return next(name for name in identifiers if name not in taken)


def _default(values: list[object], is_flag: bool) -> object:
    """Return the value that is usual, None where an argument must be given."""
    if is_flag:
        return False
    by_text = {repr(value): value for value in values if value is not ANY}
    text, count = Counter(repr(value) for value in values if value is not ANY).most_common(1)[0]
    usual = 2 * count > len(values) or any(value is ANY for value in values)
    return by_text[text] if usual else None
