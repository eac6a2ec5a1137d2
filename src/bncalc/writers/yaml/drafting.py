"""Drafting: the tree of a graph becomes entries, each with the maps that it takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bncalc.model.graph import Node
from bncalc.model.ops.convolution import Weighted
from bncalc.model.registry import JOINS, find
from bncalc.writers.naming import unused
from bncalc.writers.tree import Child, Leaf, Subtree, span
from bncalc.writers.yaml.copies import are_rows, are_shared, copies_in
from bncalc.writers.yaml.entry import Body, WrittenEntry
from bncalc.writers.yaml.frame import BodyFrame, named
from bncalc.writers.yaml.gathering import DenseRow, dense_row, is_copy
from bncalc.writers.yaml.network import Network
from bncalc.writers.yaml.runs import Run, run_of
from bncalc.writers.yaml.words import NamedLayer, following_sizes


def draft(
    network: Network, branch: Subtree, name: str, *, trains: bool = False, shared: bool = False
) -> Body:
    """Draft what an own block, or the network itself, holds.

    Weights are `shared` where they are those of a copy before; what `trains` is in a group for
    training alone already.
    """
    apart: set[int] = set()
    while True:
        drafting = Drafting(network, branch, apart, trains=trains, shared=shared)
        body = drafting.body(name)
        clashing = drafting.clashing(body.entries) - apart
        if not clashing:
            return body
        apart |= clashing


class Drafting(BodyFrame):
    """Drafts the entries of one body."""

    def body(self, name: str) -> Body:
        branch = self.branch
        names = self.input_names()
        self.inputs = dict(zip(branch.takes, names, strict=True))
        entries = self.entries(branch.children)
        flowing = self.resolved(entries, branch.takes[:1])
        gives = self.network.ends(branch)[1]
        if self.top:
            outputs = self.put_out(flowing)
        else:
            outputs = () if len(gives) == 1 and gives == flowing else self.names_of_each(gives)
        return Body(name, entries, tuple(names), outputs, branch.title, branch)

    def entries(self, children: Sequence[Child]) -> list[WrittenEntry]:
        entries: list[WrittenEntry] = []
        at = 0
        while at < len(children):
            child = children[at]
            if isinstance(child, Leaf):
                layer, taken = self.layer(children, at)
                entries.append(self.leaf(child.name, child.node, layer, taken))
                at += taken
            elif (row := self.gathering(children, at)) is not None:
                entry = self.dense(row, unused(named(row.name), self.taken, "_"))
                entries.append(self.placed(entry, span(child)[0], row.copies[-1].stop))
                at += len(row.copies)
            elif (run := self.run(children, at)) is not None:
                entries.append(self.repeated(run, self.run_name(run)))
                at += len(run.first) * run.times
            else:
                entries.append(self.part(child))
                at += 1
        return entries

    def gathering(self, children: Sequence[Child], at: int) -> DenseRow | None:
        """Return the copies that begin with a child, unless they are to be written one by one."""
        if span(children[at])[0] in self.apart or self.trains or self.shared:
            return None
        return dense_row(self.network, children, at)

    def run(self, children: Sequence[Child], at: int) -> Run | None:
        """Return the equal parts that begin with a child, unless they are to be written apart."""
        if not self.network.has_runs or self.trains or self.shared:
            return None
        run = run_of(self.network, children, at)
        return None if run is None or run.first[0].start in self.apart else run

    def run_name(self, run: Run) -> str:
        name = named(run.name)
        return name if run.name == run.first[0].name else unused(name, self.taken, "_")

    def repeated(self, run: Run, name: str) -> WrittenEntry:
        """Return equal parts as copies of one entry, or of a stage."""
        first = run.first[0]
        entry = self.drafted(first)
        if len(run.first) > 1 or entry.repeat or entry.copies:
            entry = WrittenEntry("stage", name, first.takes, run.last.gives)
            entry.lists = [[self.part(part) for part in run.first]]
            self.inline.append((first.start, entry.lists[0]))
        entry.name, entry.gives, entry.repeat = name, run.last.gives, run.times
        return self.placed(entry, first.start, run.last.stop)

    def alternating(self, branch: Subtree, name: str) -> WrittenEntry | None:
        """Return a part that holds a few parts in turn and nothing else as copies of a stage."""
        run = self.run(branch.children, 0)
        if run is None or run.last is not branch.children[-1] or len(run.first) < 2:
            return None
        return self.repeated(run, name)

    def dense(self, row: DenseRow, name: str) -> WrittenEntry:
        """Return copies that each join all maps of those before, as the last one has it."""
        inner = self.entries(row.copies[-1].children)
        entry = WrittenEntry("stage", name, row.takes, row.gives[-1:])
        join = next(each for each in inner if each.gives == (row.join,))
        join.takes, join.gathers = row.takes, name
        entry.lists, entry.repeat = [inner], len(row.copies)
        self.gathered(entry, row.gives, row.copies[0].start)
        self.inline.append((row.copies[0].start, inner))
        return entry

    def layer(self, children: Sequence[Child], at: int) -> tuple[NamedLayer, int]:
        """Return a layer with the norm and activation that belong to it, and how many nodes."""
        child = children[at]
        assert isinstance(child, Leaf)
        layer, taken = NamedLayer(self.nodes[child.node]), 1
        if not isinstance(layer.node.op, Weighted):
            return layer, taken
        for role, family in (("norm", "norm"), ("act", "activation")):
            following = children[at + taken] if at + taken < len(children) else None
            last = child.node + taken - 1
            if (
                isinstance(following, Leaf)
                and following.name == f"{child.name}.{role}"
                and self.nodes[following.node].inputs == (last,)
                and self.nodes[following.node].op.family == family
                and self.network.readers[last] == [following.node]
            ):
                op = self.nodes[following.node].op
                layer = layer._replace(norm=op) if role == "norm" else layer._replace(act=op)
                taken += 1
        return layer, taken

    def leaf(self, name: str, node: int, layer: NamedLayer, count: int) -> WrittenEntry:
        inputs = self.network.graph.input_shapes(layer.node)
        call = self.network.words.layer(layer, inputs)
        takes, gives = layer.node.inputs, (node + count - 1,)
        entry = WrittenEntry(call.word, named(name), takes, gives, call.arguments, call.usual)
        follows = following_sizes(layer.node.op, inputs[0]) if inputs else None
        if follows is not None:
            key, sizes = follows
            entry.formulas["arguments", key] = sizes
        entry = self.shared_layer(entry, node, node + count)
        return self.placed(self.training(entry, layer.node), node, node + count)

    def training(self, entry: WrittenEntry, node: Node) -> WrittenEntry:
        """Put what only training runs in a group of its own, unless it is in one."""
        if not node.training_only or self.trains:
            return entry
        group = WrittenEntry("auxiliary", f"auxiliary_{entry.name}", entry.takes, entry.takes)
        group.lists = [[entry]]
        return group

    def part(self, branch: Subtree) -> WrittenEntry:
        entry = self.drafted(branch)
        is_open = entry.word == "stage" and not entry.repeat and len(branch.gives) > 1
        return self.placed(entry, branch.start, branch.stop, is_open=is_open)

    def drafted(self, branch: Subtree) -> WrittenEntry:
        network = self.network
        name, takes, gives = named(branch.name), *network.ends(branch)
        block = network.built(branch, shared=self.shared)
        again = self.again(WrittenEntry("", name, takes, gives), branch.start, branch.stop)
        group = again or self.inlined(branch, name)
        if group is not None:
            return group
        if block is not None:
            call = network.words.block(block)
            return WrittenEntry(call.word, name, takes, gives, call.arguments, call.usual)
        if network.trains(branch) and not self.trains:
            return self.auxiliary(branch, name)
        if branch.start not in self.apart:
            if branch.word == "stage" and not copies_in(branch.children):
                return self.stage(branch, name)
            inner = self.alternating(branch, name)
            if inner is None and branch.word in JOINS:
                inner = self.joins(branch, name)
            elif inner is None:
                inner = self.row(branch, name)
            if inner is not None:
                return inner
        entry = WrittenEntry("", name, takes, gives)
        entry.body = draft(network, branch, branch.name, trains=self.trains, shared=self.shared)
        return entry

    def auxiliary(self, branch: Subtree, name: str) -> WrittenEntry:
        """Return a part for training alone: a group, copies of one, or in a group of its own."""
        is_group = branch.word == "auxiliary"
        copies = copies_in(branch.children) if is_group else None
        entry = WrittenEntry("auxiliary", name, branch.takes[:1], branch.takes[:1])
        if copies and len(copies) == 1 and isinstance(copies[0][0], Subtree):
            entry = self.auxiliary(copies[0][0], name)
            entry.repeat = 1
            return entry
        self.trains = True
        if is_group and branch.start not in self.apart:
            entry.lists = [self.entries(branch.children)]
            self.inline.append((branch.start, entry.lists[0]))
        else:
            entry.lists = [[self.drafted(branch)]]
        self.trains = False
        return entry

    def stage(self, branch: Subtree, name: str) -> WrittenEntry:
        inner = self.entries(branch.children)
        entry = WrittenEntry("stage", name, inner[0].takes, inner[-1].gives)
        entry.lists = [inner]
        self.inline.append((branch.start, inner))
        return entry

    def inlined(self, branch: Subtree, name: str) -> WrittenEntry | None:
        """Return a part as a group if it is to be one: layers in it share weights, say."""
        network, is_apart = self.network, branch.start in self.apart
        if not network.is_group(branch) or (is_apart and not network.shares(branch)):
            return None
        entry = self.stage(branch, name)
        for inner in entry.lists[0] if is_apart else ():
            inner.name = unused(inner.name, self.taken, "_")
        return entry

    def join(self, branch: Subtree, name: str) -> WrittenEntry | None:
        """Return a join of branches from one map, None where a part is not quite one."""
        *parts, last = branch.children
        if not isinstance(last, Leaf) or last.name != branch.word:
            return None
        node = self.nodes[last.node]
        branches = {part.name: part for part in parts if isinstance(part, Subtree)}
        names = [f"branch{i}" for i in range(1, len(node.inputs) + 1)]
        if node.op != find(branch.word)() or not set(branches) <= set(names) or not branches:
            return None
        ends = dict(zip(names, node.inputs, strict=True))
        direct = [source for name, source in ends.items() if name not in branches]
        takes = next(iter(branches.values())).takes
        arriving = (*direct, *takes)[:1]
        if any(source not in arriving for source in direct) or not arriving:
            return None
        if any(part.gives != (ends[part.name],) for part in branches.values()):
            return None
        entry = WrittenEntry(branch.word, name, arriving, (last.node,))
        self.in_branch += 1
        entry.lists = [self.entries(branches[n].children) if n in branches else [] for n in names]
        self.in_branch -= 1
        self.inline += [(branch.start, inner) for inner in entry.lists]
        self.branches += entry.lists
        pairs = zip(entry.lists, node.inputs, strict=True)
        flows = all(not inner or inner[-1].gives == (source,) for inner, source in pairs)
        return entry if flows else None

    def joins(self, branch: Subtree, name: str) -> WrittenEntry | None:
        """Return a join of branches, or alike ones in a row as one that is repeated."""
        copies = [child for child in branch.children if isinstance(child, Subtree)]
        groups = copies_in(branch.children)
        if not groups or len(copies) < len(groups) or not self.network.is_row(branch, groups):
            return self.join(branch, name)
        is_chain = all(copy.takes == before.gives for before, copy in pairwise(copies))
        if self.shared or not is_chain or branch.gives != copies[-1].gives:
            return None
        if not all(is_copy(self.network, copy, copies[0]) for copy in copies):
            return None
        entry = self.join(copies[0], name)
        if entry is not None:
            entry.gives, entry.repeat = branch.gives, len(copies)
        return entry

    def row(self, branch: Subtree, name: str) -> WrittenEntry | None:
        """Return copies, each after the one before, None where a part is something else."""
        groups = copies_in(branch.children)
        if not groups or are_rows(groups) or not self.network.is_row(branch, groups):
            return None
        dense = self.gathering(branch.children, 0)
        if dense is not None and len(dense.copies) == len(groups):
            return self.dense(dense, name)
        ends = [self.ends(group) for group in groups]
        takes = before = ends[0][0]
        for arriving, gives in ends:
            if arriving != before or not gives:
                return None
            before = gives if len(gives) > 1 else (*gives, *takes[1:])
        each = tuple([gives[-1] for _, gives in ends])
        if branch.gives not in (ends[-1][1], each):
            return None
        entry = WrittenEntry("", name, takes, ends[-1][1])
        entry.repeat, entry.part = len(groups), branch
        if branch.gives != ends[-1][1]:
            self.gathered(entry, each, branch.start)
        entry.title = branch.title if name.isdigit() else ""
        entry.shared = are_shared(self.network, groups)
        for at, group in enumerate(groups):
            copy = Drafting(
                self.network,
                self.branch,
                {span(child)[0] for child in group},
                trains=self.trains,
                shared=self.shared or (entry.shared and at > 0),
            )
            entry.copies.append(copy.entries(group)[0])
        return entry

    def ends(self, group: list[Child]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        takes, gives = self.network.ends(group[0])
        if len(group) > 1:
            _, count = self.layer(group, 0)
            gives = (span(group[0])[0] + count - 1,) if count == len(group) else ()
        return takes, gives
