"""Definitions: bodies that are alike become one own block, the innermost first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bncalc.errors import UsageError
from bncalc.model.graph import Graph
from bncalc.named import NamedTuple
from bncalc.writers.naming import unused
from bncalc.writers.sharing import fed
from bncalc.writers.tree import Subtree
from bncalc.writers.yaml.definition import AlikeBodies, OwnBlock, defined
from bncalc.writers.yaml.entry import Body, WrittenEntry, form, stem, word_of
from bncalc.writers.yaml.folding import Lists, fold
from bncalc.writers.yaml.merging import merge
from bncalc.writers.yaml.views import as_slices

_ROUNDS = 8
"""So often levels are raised to those of other bodies of the same word."""


class Blocks(NamedTuple):
    """The own blocks of a network, and lists of numbers that its repeats use."""

    blocks: list[OwnBlock]
    lists: Lists
    unlike: set[int]
    """Parts, by identity, whose copies differ too much for a repeat."""

    def parts(self) -> Iterator[Subtree | None]:
        """Yield the parts that are own blocks."""
        for block in self.blocks:
            yield from (body.part for body in block.group.bodies)


def find_blocks(graph: Graph, root: Body) -> Blocks:
    """Return the own blocks of a network; its entries, and those of the blocks, call them then."""
    finding = _Finding(graph)
    _set_levels(root)
    levels: dict[int, list[Body]] = {}
    rows: dict[int, list[WrittenEntry]] = {}
    _list(root, levels, rows)
    for level in sorted(levels):
        bodies = levels[level]
        finding.settle(bodies)
        if level < root.level:
            finding.define(bodies, rows.get(level, []))
    return Blocks(finding.blocks, finding.lists, finding.unlike)


class _Finding:
    """Finds own blocks among bodies whose inner ones are defined."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._fed = fed(graph)
        self._names: set[str] = set()
        self.blocks: list[OwnBlock] = []
        self.lists: Lists = {}
        self.unlike: set[int] = set()

    def settle(self, bodies: list[Body]) -> None:
        """Turn entries into calls of what is defined, and rows of copies into repeats."""
        unlike = []
        for body in bodies:
            for entry in walk(body.entries):
                _call(entry)
                for copy in entry.copies:
                    _call(copy)
                if entry.copies and not fold(entry, self.lists):
                    self.unlike.add(id(entry.part))
                    entry.body = _listed_copies(entry)
                    unlike.append(entry)
        self.define([entry.body for entry in unlike if entry.body is not None], [])
        for entry in unlike:
            _call(entry)

    def define(self, bodies: list[Body], rows: list[WrittenEntry]) -> None:
        """Make a definition for each group of bodies that are alike, or alike within a row."""
        as_slices(bodies, self._graph)
        alike: dict[object, AlikeBodies] = {}
        groups: dict[int, AlikeBodies] = {}
        for body in bodies:
            key = (stem(word_of(body)), form(body.entries), body.inputs, body.outputs)
            group = alike.setdefault(key, AlikeBodies([], []))
            group.add(body)
            groups[id(body)] = group
        for row in rows:
            kinds = {id(group): group for copy in row.copies if copy.body
                     for group in [groups[id(copy.body)]]}  # fmt: skip
            if len(kinds) == 2:
                longer, shorter = sorted(kinds.values(), key=lambda g: -len(g.example.entries))
                if merge(longer, shorter):
                    groups.update({id(body): longer for body in shorter.bodies})
        for group in {id(group): group for group in groups.values()}.values():
            definition = OwnBlock(self._name(group.bodies), group)
            defined(definition, group, self._graph, self._fed)
            self.blocks.append(definition)

    def _name(self, bodies: list[Body]) -> str:
        """Return a word for an own block, unlike those of others."""
        words = {word_of(body) for body in bodies}
        return unused(min(words) if len(words) == 1 else stem(min(words)), self._names)


def _call(entry: WrittenEntry) -> None:
    """Turn an entry into the call of its own block, if that is defined."""
    if entry.body is not None and entry.body.word:
        entry.word = entry.body.word
        entry.arguments, entry.usual = entry.body.values, entry.body.usual


def _listed_copies(row: WrittenEntry) -> Body:
    """Return copies that differ too much for a repeat as the body of an own block."""
    if row.shared:
        raise UsageError(f"the copies of {row.name} share their weights and are not alike")
    copies, row.copies, row.repeat = row.copies, [], 0
    others = tuple([f"in{i}" for i in range(2, len(row.takes) + 1)])
    inputs = ("in1", *others) if others else ("in",)
    before = ""
    for copy in copies:
        if others and len(copy.takes) == len(inputs):
            copy.sources = (before or inputs[0], *others)
        before = copy.name
        copy.is_referred = True
    return Body(row.name, copies, inputs, (), row.title, row.part)


def _calls(body: Body) -> Iterator[tuple[WrittenEntry, list[Body]]]:
    for entry in walk(body.entries):
        inner = [copy.body for copy in entry.copies if copy.body is not None]
        yield entry, inner if entry.body is None else [entry.body]


def _set_levels(root: Body) -> None:
    """Give each body a level above those that it calls, those of one word the same if they can be.

    Bodies within others of their own word cannot.
    """
    levels: dict[str, int] = {}
    for _ in range(_ROUNDS):
        _level(root, levels)
        highest: dict[str, int] = {}
        within: set[str] = set()
        _highest(root, (), highest, within)
        known = {word: level for word, level in highest.items() if word not in within}
        if known == levels:
            break
        levels = known


def _highest(
    body: Body, around: tuple[str, ...], highest: dict[str, int], within: set[str]
) -> None:
    """Find the highest level of each word, and the words that lie within themselves."""
    word = stem(word_of(body))
    highest[word] = max(highest.get(word, 1), body.level)
    if word in around:
        within.add(word)
    for _, bodies in _calls(body):
        for inner in bodies:
            _highest(inner, (*around, word), highest, within)


def _level(body: Body, least: Mapping[str, int]) -> None:
    """Give each body a level above those that it calls; copies of a row are on the same."""
    body.level = least.get(stem(word_of(body)), 1)
    for _, bodies in _calls(body):
        for inner in bodies:
            _level(inner, least)
        highest = max([inner.level for inner in bodies], default=0)
        for inner in bodies:
            inner.level = highest
        body.level = max(body.level, highest + 1)


def _list(body: Body, levels: dict[int, list[Body]], rows: dict[int, list[WrittenEntry]]) -> None:
    for entry, bodies in _calls(body):
        if entry.copies and bodies:
            rows.setdefault(bodies[0].level, []).append(entry)
        for inner in bodies:
            _list(inner, levels, rows)
    levels.setdefault(body.level, []).append(body)


def walk(entries: Iterable[WrittenEntry]) -> Iterator[WrittenEntry]:
    for entry in entries:
        yield entry
        for inner in entry.lists:
            yield from walk(inner)
