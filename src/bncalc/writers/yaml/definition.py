"""An own block: which values of alike bodies are its arguments, and what they are called."""

from __future__ import annotations

import re
from collections import Counter

from bncalc.language.grammar import RESERVED_NAMES
from bncalc.model.graph import Graph
from bncalc.model.registry import WORDS
from bncalc.model.shape import Shape
from bncalc.writers.naming import unused
from bncalc.writers.yaml.entry import Body, EntryArguments, Slot, WrittenEntry, own_slots
from bncalc.writers.yaml.multiples import ANY, WIDTHS, derived, role, steady


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


Texts = tuple[str | None, ...]
"""How the values of a slot are written in each body, None where any would do."""


class _Column:
    """What one slot, or several that always agree, have in each body."""

    def __init__(self, slot: Slot, values: list[object]) -> None:
        self.slots = [slot]
        self.values = values

    def agrees(self, texts: Texts) -> bool:
        pairs = zip(_texts(self.values), texts, strict=True)
        return all(a is None or b is None or a == b for a, b in pairs)

    def take(self, slot: Slot, values: list[object]) -> None:
        """Take over a slot that never differs."""
        self.slots.append(slot)
        pairs = zip(self.values, values, strict=True)
        self.values = [b if a is ANY else a for a, b in pairs]


class _Columns:
    """Columns that vary, found by what they are and by their values."""

    def __init__(self) -> None:
        self.all: list[_Column] = []
        self._exact: dict[tuple[str, Texts], _Column] = {}
        self._open: dict[str, list[_Column]] = {}
        """Those of which some values may be any, by role."""
        self._of_role: dict[str, list[_Column]] = {}

    def place(self, slot: Slot, values: list[object]) -> None:
        """Give a slot to the column that it agrees with, or one of its own if it varies."""
        what, texts = role(slot), _texts(values)
        if column := self._agreeing(what, texts):
            column.take(slot, values)
        elif _varies(texts):
            column = _Column(slot, values)
            self.all.append(column)
            self._of_role.setdefault(what, []).append(column)
            if None in texts:
                self._open.setdefault(what, []).append(column)
        else:
            return
        self._exact.setdefault((what, _texts(column.values)), column)

    def _agreeing(self, what: str, texts: Texts) -> _Column | None:
        if exact := self._exact.get((what, texts)):
            return exact
        columns = self._of_role if None in texts else self._open
        return next((each for each in columns.get(what, ()) if each.agrees(texts)), None)


def _texts(values: list[object]) -> Texts:
    return tuple([None if value is ANY else repr(value) for value in values])


def _varies(texts: Texts) -> bool:
    return len({*texts} - {None}) > 1


def defined(definition: OwnBlock, group: AlikeBodies, graph: Graph, fed: set[int]) -> None:
    """Give a definition its arguments, and each body of a group the values of them.

    What is `fed` to a layer that learns is no result of the network, whose size is its own.
    """
    columns = _columns(group, graph, fed)
    several = Counter([role(column.slots[0]) for column in columns])
    taken = {*RESERVED_NAMES, group.flag}
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
        name = _name(column.slots[0], several, taken)
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


def _columns(group: AlikeBodies, graph: Graph, fed: set[int]) -> list[_Column]:
    """Return the values of each slot; one that is always what arrives is a formula."""
    columns = _Columns()
    for entry, bodies in group.places():
        own = own_slots(entry)
        others = [[None] * len(own) if other is None else own_slots(other) for other in bodies]
        arriving = _arriving(group, graph, entry)
        for slot, *row in zip(own, *others, strict=True):
            values = [ANY if other is None else other.value for other in row]
            formulas = {repr(other.formula) for other in row if other is not None}
            slot.settle(slot.formula if len(formulas) == 1 else "")
            if slot.formula:
                continue
            follows = ""
            if arriving and (slot.where, slot.key) == ("arguments", "out"):
                if _varies(_texts(values)):
                    follows = "=cin" if _arrive(entry, values, arriving) else ""
                elif entry.repeat < 2 and _is_inner(group, entry, fed):
                    follows = steady(values, arriving, _entering(group, graph))
            if follows:
                slot.settle(follows)
            else:
                columns.place(slot, values)
    return columns.all


def _arrive(entry: WrittenEntry, values: list[object], arriving: list[Shape | None]) -> bool:
    """Return whether what a layer puts out are always as many channels as arrive.

    At copies as many arrive as at the first if that puts out as many.
    """
    pairs = zip(values, arriving, strict=True)
    same = all(
        value is ANY
        or (type(value) is int and x is not None and x.has_channels and value == x.channels)
        for value, x in pairs
    )
    return same and (entry.repeat < 2 or (entry.word in WORDS and "out" not in entry.first))


def _is_inner(group: AlikeBodies, entry: WrittenEntry, fed: set[int]) -> bool:
    """Return whether an entry is there several times, and feeds a layer that learns."""
    entries = [each for each in group.single[id(entry)] if each is not None]
    return len(entries) > 1 and not all(fed.isdisjoint(each.gives) for each in entries)


def _entering(group: AlikeBodies, graph: Graph) -> int:
    """Return how many channels arrive at a body; 0 if nothing does."""
    part = group.example.part
    return graph.nodes[part.takes[0]].output.channels if part and part.takes else 0


def _arriving(group: AlikeBodies, graph: Graph, entry: WrittenEntry) -> list[Shape | None]:
    """Return the first map that arrives at an entry in each body; [] if it is within copies."""
    entries = group.single.get(id(entry), [])
    return [
        graph.nodes[other.takes[0]].output if other is not None and other.takes else None
        for other in entries
    ]


def _name(slot: Slot, several: Counter[str], taken: set[str]) -> str:
    """Name an argument after its field, with its layer's name where others have the field."""
    if several[role(slot)] == 1 and slot.key not in taken:
        taken.add(slot.key)
        return slot.key
    plain = re.sub(r"\W+", "_", f"{slot.entry.name}_{slot.key}", flags=re.ASCII)
    return unused(plain if plain.isidentifier() else f"layer{plain}", taken, "_")


def _default(values: list[object], is_flag: bool) -> object:
    """Return the value that is usual, None where an argument must be given."""
    if is_flag:
        return False
    by_text = {repr(value): value for value in values if value is not ANY}
    text, count = Counter(repr(value) for value in values if value is not ANY).most_common(1)[0]
    usual = 2 * count > len(values) or any(value is ANY for value in values)
    return by_text[text] if usual else None
