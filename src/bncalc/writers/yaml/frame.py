"""Frames: the entries of one body see each other by name."""

from __future__ import annotations

from bncalc.errors import UsageError
from bncalc.language.spec import GATHERED
from bncalc.model.graph import unread
from bncalc.model.registry import JOINS
from bncalc.printable import printable
from bncalc.writers.tree import Span, Subtree
from bncalc.writers.yaml.entry import WrittenEntry, ids
from bncalc.writers.yaml.network import Network

Holders = tuple[tuple[WrittenEntry, list[WrittenEntry]], ...]
"""Groups and joins that hold something, each with the one of its lists in which it is."""


class BodyFrame:
    """Knows which entry of one body gives which map, and what it is called there."""

    def __init__(
        self, network: Network, branch: Subtree, apart: set[int], *, trains: bool, shared: bool
    ) -> None:
        self.network, self.nodes = network, network.nodes
        self.branch, self.apart = branch, apart
        self.trains, self.shared = trains, shared
        self.made: dict[int, tuple[WrittenEntry, int]] = {}
        self.inputs: dict[int, str] = {}
        self.inline: list[tuple[int, list[WrittenEntry]]] = []
        """Lists of entries within this one, with the node at which their part begins."""
        self.branches: list[list[WrittenEntry]] = []
        """Those of them that are branches of joins."""
        self.holders: dict[int, Holders] = {}
        """The lists that hold an entry, from the outermost in."""
        self.reads: list[tuple[str, Holders]] = []
        """Names that are read, and the lists between in which no other may have them."""
        self.placings: dict[Span, WrittenEntry] = {}
        self.rows: dict[int, tuple[tuple[int, ...], str]] = {}
        """By the map of the first, those of copies that are read together, and the name of all."""
        self.unfit: dict[int, int] = {}
        """Maps of copies that have no name, each with the node at which its row begins."""
        self.misread: set[int] = set()
        """Where rows begin of which something reads a map without a name."""
        self.put: set[int] = set()
        """The maps of entries that are put out where nothing reads them."""
        self.taken = {named(child.name) for child in branch.children}
        """Names of entries here."""
        self.in_branch = 0
        self.top = branch is network.root

    def input_names(self) -> list[str]:
        if self.top:
            return [printable(self.nodes[node].path) for node in self.branch.takes]
        takes = self.branch.takes
        return ["in"] if len(takes) == 1 else [f"in{i}" for i in range(1, len(takes) + 1)]

    def put_out(self, flowing: tuple[int, ...]) -> tuple[str, ...]:
        """Return the outputs that a file must name: none if they are those that nothing reads."""
        outputs = self.network.graph.outputs
        unread_maps = set(unread(self.nodes)) & self.put
        nodes = tuple([output.node for output in outputs])
        usual = tuple(sorted(unread_maps | set(flowing))) == nodes
        if usual and all(output.name is None for output in outputs):
            return ()
        return self.names_of_each(nodes)

    def again(self, entry: WrittenEntry, start: int, stop: int) -> WrittenEntry | None:
        """Return the entry as an earlier one with the same weights, if its weights are others'."""
        owners = enumerate(self.network.owners(start, stop))
        outside = [(at, owner) for at, owner in owners if owner is not None and owner < start]
        if not outside or self.shared:
            return None
        learning = [(at, owner) for at, owner in outside if self.network.learns(start + at)]
        at, owner = (learning or outside)[0]
        for first in [use - at for use in self.network.uses[owner]]:
            earlier = self.placings.get((first, first + stop - start))
            if earlier is not None and self.network.is_again(start, stop, first):
                placed = WrittenEntry("same_as", entry.name, entry.takes, entry.gives)
                placed.again = earlier
                earlier.is_referred = True
                return placed
        return None

    def shared_layer(self, entry: WrittenEntry, start: int, stop: int) -> WrittenEntry:
        """Return a layer, as an earlier one where it has its weights."""
        again = self.again(entry, start, stop)
        for node in range(start, stop) if again is None and not self.shared else ():
            owner = self.nodes[node].weights_of
            if owner is not None and owner < start:
                path, other = self.nodes[node].path, self.nodes[owner].path
                message = f"{path} has the weights of {other}: the language cannot express that"
                raise UsageError(message)
        return again or entry

    def placed(
        self, entry: WrittenEntry, start: int, stop: int, *, is_open: bool = False
    ) -> WrittenEntry:
        """Note which entry gives which map, and from which node on it placed.

        Entries within one that is `open` give the maps themselves.
        """
        for position, node in enumerate(entry.gives):
            if entry.word != "auxiliary" and not is_open:
                self.made[node] = (entry, position)
        self.put.update(entry.gives if not self.in_branch else ())
        self.placings.setdefault((start, stop), entry)
        return entry

    def resolved(
        self, entries: list[WrittenEntry], arriving: tuple[int, ...], within: Holders = ()
    ) -> tuple[int, ...]:
        """Name what each entry takes, where it is not what the entry before gives."""
        flowing = arriving
        for entry in entries:
            self.holders[id(entry)] = within
            takes = entry.takes
            if not takes and (entry.body or entry.copies) and len(flowing) != 1:
                takes = self.branch.takes[:1]
            if entry.gathers:
                entry.sources = (*self.names_of(takes, within), f"{entry.gathers}{GATHERED}")
            elif takes not in ((), flowing):
                entry.sources = self.names_of(takes, within)
            if entry.again is not None:
                entry.again_as = self.reference(entry.again, within)
            for inner in entry.lists:
                self.resolved(inner, takes or flowing, (*within, (entry, inner)))
            flowing = entry.gives
        return flowing

    def names_of(self, nodes: tuple[int, ...], within: Holders = ()) -> tuple[str, ...]:
        """Return the names of maps: those of all copies in a row have one name."""
        names, at = [], 0
        while at < len(nodes):
            gives, name = self.rows.get(nodes[at], ((), ""))
            if gives and nodes[at : at + len(gives)] == gives:
                names.append(f"{name}{GATHERED}")
                at += len(gives)
            else:
                names.append(self.name_of(nodes[at], within))
                at += 1
        return tuple(names)

    def names_of_each(self, nodes: tuple[int, ...]) -> tuple[str, ...]:
        """Return a name for each map."""
        return tuple([self.name_of(node) for node in nodes])

    def gathered(self, entry: WrittenEntry, gives: tuple[int, ...], start: int) -> None:
        """Let the maps of all copies of an entry have one name; alone only the last has one."""
        entry.is_referred = True
        self.rows[gives[0]] = gives, entry.name
        self.unfit.update(dict.fromkeys(gives[:-1], start))

    def name_of(self, node: int, within: Holders = ()) -> str:
        if node in self.inputs:
            self.reads.append((self.inputs[node], within))
            return self.inputs[node]
        if node in self.unfit:
            self.misread.add(self.unfit[node])
            return ""
        if node not in self.made:
            raise UsageError(f"{self.nodes[node].path} is read from outside of what holds it")
        entry, position = self.made[node]
        name = self.reference(entry, within)
        return name if len(entry.gives) == 1 else f"{name}.{self.output_names(entry)[position]}"

    def reference(self, entry: WrittenEntry, within: Holders) -> str:
        """Return what an entry is called in a list: one inside of a group with the group's name."""
        holders, common = self.holders.get(id(entry), ()), 0
        while common < min(len(holders), len(within)) and holders[common][1] is within[common][1]:
            common += 1
        groups = [holder for holder, _ in holders[common:] if holder.word not in JOINS]
        for each in (*groups, entry):
            each.is_referred = True
        names = [each.name for each in (*groups, entry)]
        self.reads.append((names[0], within[common:]))
        return ".".join(names)

    def output_names(self, entry: WrittenEntry) -> list[str]:
        named: WrittenEntry | None = entry
        while named is not None and named.body is None:
            named = named.copies[-1] if named.copies else named.again
        if named is None or named.body is None:
            message = "puts out several maps, and what has its weights one"
            raise UsageError(f"{entry.name} {message}: the language cannot express that")
        return [name.rpartition(".")[2] for name in named.body.outputs]

    def clashing(self, entries: list[WrittenEntry]) -> set[int]:
        """Return where parts begin whose entries have names that others have here.

        Or whose maps are read one by one, where only all of them have a name.
        """
        clashing = set(self.misread)
        starts = {id(inner): start for start, inner in self.inline}
        names = {id(inner): ids(inner) for _, inner in self.inline}
        for name, between in self.reads:
            lists = [id(inner) for _, inner in between]
            clashing.update(starts[each] for each in lists if name in names.get(each, ()))
        branches = {id(inner) for inner in self.branches}
        taken = {*self.inputs.values(), *ids(entries)}
        taken.update(*(held for inner, held in names.items() if inner not in branches))
        for inner in self.branches:
            if taken & names[id(inner)]:
                clashing.add(starts[id(inner)])
            taken |= names[id(inner)]
        return clashing


def named(name: str) -> str:
    """Return a name that an entry can have."""
    name = printable(name).strip()
    return f"{name}_" if name in ("", "in") else name
