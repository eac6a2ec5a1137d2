"""The tree of modules: parts and layers of a graph as they nest, and the maps that each takes."""

from __future__ import annotations

from bncalc.errors import UsageError
from bncalc.model.graph import Graph, Part
from bncalc.model.op import Block
from bncalc.named import NamedTuple
from bncalc.writers.naming import name_of_model

MOST_DEEP = 100
CONTAINERS = frozenset({"module", "sequential", "module_list", "module_dict"})
"""Words of parts that say nothing of what they hold."""


class Leaf(NamedTuple):
    """A layer, by its name within the part around it: the rest of its path."""

    name: str
    node: int


class Subtree(NamedTuple):
    """A part: the nodes `start` up to `stop`, what lies within, the maps in and the maps out."""

    name: str
    word: str
    start: int
    stop: int
    children: tuple[Leaf | Subtree, ...]
    takes: tuple[int, ...]
    gives: tuple[int, ...]
    """Of a part that nothing reads its last map."""
    block: Block | None = None
    """What it was built as, if it is a block of ours."""
    title: str = ""
    """What its kind is called: its word, or the name of a part whose word says nothing."""


Child = Leaf | Subtree
Span = tuple[int, int]
"""The nodes of a child, from the first up to what follows the last."""


def span(child: Child) -> Span:
    """Return the nodes of a child."""
    if isinstance(child, Subtree):
        return child.start, child.stop
    return child.node, child.node + 1


def tree(graph: Graph) -> Subtree:
    """Return a graph as one branch that takes the network's inputs and gives its outputs.

    Raises UsageError where parts lie too deep in each other.
    """
    if any(part.depth > MOST_DEEP for part in graph.parts):
        raise UsageError(f"parts of {graph.name} are nested more than {MOST_DEEP} deep")
    outputs = tuple([output.node for output in graph.outputs])
    children = _Walk(graph).children(1, len(graph.nodes), "")
    name = name_of_model(graph.name)
    stop = len(graph.nodes)
    return Subtree(name, name, 1, stop, children, graph.inputs, outputs, title=name)


class _Walk:
    """Walks through the nodes of a graph, its parts taken in order."""

    def __init__(self, graph: Graph) -> None:
        self._nodes = graph.nodes
        self._parts = list(reversed(graph.parts))
        self._last = [[index, *readers][-1] for index, readers in enumerate(graph.readers())]
        """The last node that reads each map; beyond all of them for what is put out."""

    def children(self, start: int, stop: int, path: str) -> tuple[Leaf | Subtree, ...]:
        """Return what lies in a stretch of nodes, in running order."""
        children: list[Leaf | Subtree] = []
        at = start
        while at < stop:
            part = self._parts[-1] if self._parts else None
            if part is not None and part.start == at and part.stop <= stop:
                children.append(self._branch(self._parts.pop(), path))
                at = part.stop
            else:
                if not self._nodes[at].op.is_input:
                    children.append(Leaf(_name(self._nodes[at].path, path), at))
                at += 1
        return tuple(children)

    def _branch(self, part: Part, path: str) -> Subtree:
        return Subtree(
            name=_name(part.path, path),
            word=part.word,
            start=part.start,
            stop=part.stop,
            children=self.children(part.start, part.stop, part.path),
            takes=self._takes(part),
            gives=self._gives(part),
            block=part.block,
            title=_title(part),
        )

    def _takes(self, part: Part) -> tuple[int, ...]:
        sources = [source for i in self._running(part) for source in self._nodes[i].inputs]
        return tuple(dict.fromkeys([source for source in sources if source < part.start]))

    def _gives(self, part: Part) -> tuple[int, ...]:
        """Return what is read outside of a part, its last map where nothing is."""
        running = self._running(part)
        return tuple([i for i in running if self._last[i] >= part.stop]) or (running[-1],)

    def _running(self, part: Part) -> list[int]:
        """Return the nodes that run at inference; of a part for training alone all of them."""
        inside = range(part.start, part.stop)
        return [i for i in inside if not self._nodes[i].training_only] or list(inside)


def _title(part: Part) -> str:
    """Return what the kind of a part is called; `stages/2` is a stage and `layer1/2` a block."""
    if part.word not in CONTAINERS:
        return part.word
    *_, name = names = part.path.split("/")
    if not name.isdigit():
        return name
    holder = next((each for each in reversed(names) if not each.isdigit()), "")
    is_plural = len(holder) > 2 and holder[-1] == "s" != holder[-2]
    return holder[:-1] if is_plural else "block"


def _name(path: str, within: str) -> str:
    return path.removeprefix(f"{within}/") if within else path
