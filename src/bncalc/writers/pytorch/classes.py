"""Classes: which parts are one class, which of their children are there if an argument says so."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator

from bncalc.model.graph import Graph
from bncalc.model.literal import literal
from bncalc.writers.naming import unused
from bncalc.writers.pytorch.arguments import InitArgument, InitSlot, arguments_of, in_order, role
from bncalc.writers.pytorch.copies import Copies, with_copies
from bncalc.writers.pytorch.flat_maps import passes
from bncalc.writers.pytorch.kind import Class, Member
from bncalc.writers.pytorch.layout import MANY, Layout, LayoutItem, Ref
from bncalc.writers.pytorch.lines.line import TENSORS, FieldValue, Line
from bncalc.writers.pytorch.names import CLASSES_TAKEN, class_name
from bncalc.writers.pytorch.repeated_parts import RepeatedParts
from bncalc.writers.pytorch.rows import Row, with_rows
from bncalc.writers.pytorch.ties import Ties
from bncalc.writers.pytorch.waiting_parts import WaitingParts
from bncalc.writers.tree import Child, Leaf, Subtree


def is_passing(line: Line) -> bool:
    """Return whether a line does nothing: what is made before it is what comes out."""
    return line.call == "{0}" and not line.module


class Classes:
    """The classes of a network, those that others use first."""

    def __init__(self, graph: Graph, lines: dict[int, Line], again: RepeatedParts) -> None:
        self._graph, self._lines, self._again = graph, lines, again
        self._passing = {node for node, line in lines.items() if is_passing(line)}
        self._of: dict[int, Class] = {}
        self._names = set(CLASSES_TAKEN)
        self.all: list[Class] = []
        self.ties = Ties(graph, lines, self.is_again, self.is_row)

    def of(self, branch: Subtree) -> Class:
        """Return the class of a part."""
        return self._of[id(branch)]

    def gather(self, root: Subtree) -> None:
        """Find the classes of all parts of a network."""
        self.ties.find(root)
        parts = [part for part in self._walk(root) if part is root or not self.is_row(part)]
        waiting = WaitingParts(parts, self._parts)
        while waiting:
            self._divide(waiting.take())

    def _parts(self, branch: Subtree) -> Iterator[Subtree]:
        """Return the parts right within a part that have a class of their own."""
        for child in branch.children:
            if isinstance(child, Subtree) and not self.is_again(child):
                if self.is_row(child):
                    yield from self._parts(child)
                else:
                    yield child

    def _divide(self, branches: list[Subtree]) -> None:
        """Divide parts of one word into classes, the longest of each first."""
        kinds: list[Class] = []
        counts = {len(branch.takes) for branch in branches if self._joins(branch) is not None}
        counted = with_rows([with_copies(part, self) for part in branches], self)
        laid = [
            (part, branch, self.layout(branch, many=len(counts) > 1))
            for part, branch in zip(branches, counted, strict=True)
        ]
        having: dict[Hashable, list[Class]] = defaultdict(list)
        for part, branch, layout in sorted(laid, key=lambda each: -len(each[2].items)):
            forms = {item.form for item in layout.items}
            near = min([having[form] for form in forms], key=len, default=kinds)
            if not any(kind.takes(part, branch, layout) for kind in near):
                kind = Class(branch, layout)
                kind.takes(part, branch, layout)
                kinds.append(kind)
                for form in forms:
                    having[form].append(kind)
        for kind in sorted(kinds, key=lambda kind: min(m.branch.start for m in kind.members)):
            self._settle(kind)

    def _settle(self, kind: Class) -> None:
        """Name a class and its arguments."""
        kind.members.sort(key=lambda member: member.branch.start)
        kind.name = unused(class_name(kind.example.title), self._names)
        rows = [list(self._slots(kind, member)) for member in kind.members]
        taken = {*kind.flags.values(), *(each.name for each in kind.example.children)}
        kind.arguments, at_slot, columns = arguments_of(rows, self._widths(kind), taken)
        read = set(re.findall(r"self\.(\w+)", " ".join(at_slot.values())))
        kind.kept = [each.name for each in kind.arguments if each.name in read]
        common = [
            next((slot.value for slot in each if slot.value is not None), None)
            for each in zip(*rows, strict=True)
        ]
        texts = iter([at_slot.get(at) or literal(value) for at, value in enumerate(common)])
        kind.given = [[next(texts) for _ in self.slots(child)] for child in kind.example.children]
        for number, member in enumerate(kind.members):
            values: dict[str, FieldValue | None] = {
                name: column[number] for name, column in columns.items()
            }
            for run, flag in kind.flags.items():
                values[flag] = run not in member.alignment.runs
            kind.values[id(member.part)] = values
            self._of[id(member.part)] = kind
        flags = [InitArgument(flag, "bool", "False") for flag in kind.flags.values()]
        kind.arguments = in_order([*kind.arguments, *flags])
        self.all.append(kind)

    def _widths(self, kind: Class) -> list[FieldValue | None]:
        """Return the channels of the last map that each part of a class puts out."""
        ends = [self.ends(member.part)[1][-1] for member in kind.members]
        return [self._graph.nodes[node].output.channels for node in ends]

    def _walk(self, branch: Subtree) -> Iterator[Subtree]:
        """Return the parts that have a class of their own or are a row, the inner ones first."""
        for child in branch.children:
            if isinstance(child, Subtree) and not self.is_again(child):
                yield from self._walk(child)
        yield branch

    # What parts are

    def is_again(self, child: Child) -> bool:
        return isinstance(child, Subtree) and (child.start, child.stop) in self._again

    def is_row(self, branch: Subtree) -> bool:
        """Return whether a part is no more than its children, one after the other."""
        children = branch.children
        if len(branch.takes) != 1 or len(branch.gives) != 1 or not children:
            return False
        if [child.name for child in children] != [str(i) for i in range(len(children))]:
            return False
        before = self._made_by(branch.takes)
        for child in children:
            takes, gives = self.ends(child)
            if takes != before or not self._is_called_plainly(child):
                return False
            before = gives
        return before == self._made_by(branch.gives)

    def _is_called_plainly(self, child: Child) -> bool:
        """Return whether a child is a module of its own that is given one map."""
        if isinstance(child, Subtree):
            return not self.is_again(child)
        owner = self._graph.nodes[child.node].owner
        return self._lines[child.node].call == "{m}({0})" and owner is None

    def ends(self, child: Child) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the nodes whose maps a child takes and gives."""
        if not isinstance(child, Leaf):
            return self._made_by(child.takes), self._made_by(child.gives)
        return self._made_by(self._graph.nodes[child.node].inputs), (child.node,)

    def _made_by(self, nodes: tuple[int, ...]) -> tuple[int, ...]:
        """Return the nodes that make maps, for those that only pass them on."""
        made = []
        for start in nodes:
            node = start
            while node in self._passing:
                node = self._graph.nodes[node].inputs[0]
            made.append(node)
        return tuple(made)

    def trains(self, child: Child) -> bool:
        """Return whether a child is for training alone."""
        if isinstance(child, Leaf):
            return self._graph.nodes[child.node].training_only
        if isinstance(child, Copies):
            return False
        return all(node.training_only for node in self._graph.nodes[child.start : child.stop])

    def follows(self, child: Child) -> bool:
        """Return whether a child is the norm or the activation of the layer before it."""
        return (
            isinstance(child, Leaf) and "." in self._graph.nodes[child.node].path.rpartition("/")[2]
        )

    def is_pointwise(self, child: Child) -> bool:
        """Return whether a child does the same to each element, wherever it lies."""
        if not isinstance(child, Leaf):
            return False
        line = self._lines[child.node]
        return line.module != "nn.PReLU" and passes(self._graph.nodes[child.node], line)

    def _joins(self, branch: Subtree) -> int | None:
        """Return the position of the child that alone reads what arrives, and joins all of it."""
        takes = self.ends(branch)[0]
        arriving = set(takes)
        reading = [
            position
            for position, child in enumerate(branch.children)
            if not arriving.isdisjoint(self.ends(child)[0])
        ]
        child = branch.children[reading[0]] if len(reading) == 1 else None
        if not isinstance(child, Leaf) or self.ends(child)[0] != takes or len(takes) < 2:
            return None
        return reading[0] if self.joins_all(child) else None

    def needs_module(self, child: Leaf) -> bool:
        """Return whether a layer is a module or a tensor of its own."""
        return bool(self._lines[child.node].module)

    def joins_all(self, child: Leaf) -> bool:
        """Return whether a layer joins its maps in their order."""
        count = len(self._graph.nodes[child.node].inputs)
        maps = ", ".join(f"{{{i}}}" for i in range(count))
        return self._lines[child.node].call.startswith(f"torch.cat(({maps}), ")

    def layout(self, branch: Subtree, *, many: bool = False) -> Layout:
        """Return what a part has in common with others of its class.

        If `many` it is one that joins all maps that arrive, should it do so.
        """
        joins = self._joins(branch) if many else None
        arriving = enumerate(self.ends(branch)[0])
        refs: dict[int, Ref] = {node: (-1, i if joins is None else 0) for i, node in arriving}
        items = []
        for position, child in enumerate(branch.children):
            takes, makes = self.ends(child)
            sources = tuple([refs[node] for node in takes])
            form = self.form(child, branch)
            if position == joins:
                assert isinstance(child, Leaf)
                form, sources = (child.name, self.joined(child, "maps")), sources[:1]
            items.append(LayoutItem(form, sources))
            made = {node: (position, i) for i, node in enumerate(makes)}
            # What runs in training alone passes no map on to what always runs.
            known = refs if self.trains(child) else {}
            refs.update((node, ref) for node, ref in made.items() if node not in known)
        gives = tuple([refs[node] for node in self.ends(branch)[1]])
        ties = tuple([tie.names for tie in self.ties.of(branch)])
        count = len(branch.takes) if joins is None else MANY
        return Layout(count, tuple(items), gives, ties)

    def joined(self, child: Leaf, maps: str) -> str:
        """Return the call that joins a list of maps as a child joins its own."""
        axis = self._lines[child.node].call.rpartition(" ")[2]
        return f"torch.cat({maps}, {axis}"

    def form(self, child: Child, within: Subtree) -> tuple[Hashable, ...]:
        """Return what a child is but for the values of its arguments."""
        if isinstance(child, Leaf):
            line = self._lines[child.node]
            names = tuple([name for name, _ in line.arguments])
            trains = self._graph.nodes[child.node].training_only
            shared = self._shared(child.node, within)
            module = "" if line.is_bare else line.module
            return (child.name, line.form, module, names, shared, trains)
        if isinstance(child, Copies):
            return (self.of(child.parts[0]).name, child.form)
        if isinstance(child, Row):
            return (child.name, *[self.form(each.child, within)[1:] for each in child.repeats])
        if self.is_again(child):
            return ("again", self._again[child.start, child.stop])
        if self.is_row(child):
            return (child.name, tuple([self.form(inner, child) for inner in child.children]))
        return (child.name, self.of(child).name)

    def _shared(self, node: int, branch: Subtree) -> int | None:
        """Return whose module a layer calls, as a place in its part; None if its own."""
        owner = self.ties.called(node)
        return None if owner is None else owner - branch.start

    # Values in constructors and calls

    def _slots(self, kind: Class, member: Member) -> Iterator[InitSlot]:
        """Return every value of the children of a part, none for those that it lacks."""
        for child, at in zip(kind.example.children, member.alignment.positions, strict=True):
            if at is None:
                yield from [slot._replace(value=None) for slot in self.slots(child)]
            else:
                yield from self.slots(member.branch.children[at])

    def slots(self, child: Child) -> list[InitSlot]:
        """Return the values in a child's constructor, then those in its call, in order."""
        if self.is_again(child):
            return []
        if isinstance(child, Leaf):
            line = self._lines[child.node]
            holds = line.module in TENSORS or line.module == "States"
            made = [
                InitSlot(child.name, name or role(line.module, index), value, follows=holds)
                for index, (name, value) in enumerate(line.values)
            ]
            return made + [InitSlot(child.name, *each, True, True) for each in line.numbers]
        if isinstance(child, Copies):
            count = InitSlot(child.title, "count", len(child.parts))
            slots = self.slots(child.parts[0])
            return [count, *[slot._replace(child=child.title) for slot in slots]]
        if isinstance(child, Row):
            return [slot for each in child.repeats for slot in self._repeated(child.name, *each)]
        if self.is_row(child):
            return [
                slot._replace(child=f"{child.name}_{slot.child}")
                for inner in child.children
                for slot in self.slots(inner)
            ]
        values = self.of(child).values[id(child)]
        return [
            InitSlot(child.name, argument.name, values[argument.name])
            for argument in self.of(child).arguments
        ]

    def _repeated(self, row: str, child: Child, count: int) -> Iterator[InitSlot]:
        """Return how often a module is there in a row, and its values if it is there at all."""
        yield InitSlot(row, "count", count)
        for slot in self.slots(child):
            value = slot.value if count else None
            yield slot._replace(child=f"{row}_{slot.child}", value=value)
