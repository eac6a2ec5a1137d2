"""The network to be written: which parts are blocks of ours, and which weights are others'."""

from __future__ import annotations

from bncalc.errors import ShapeError
from bncalc.model.graph import Graph, Node
from bncalc.model.net import Net
from bncalc.model.op import Block
from bncalc.writers.sharing import is_again, learns
from bncalc.writers.tree import Child, Leaf, Span, Subtree, span
from bncalc.writers.yaml.words import Words


class Network:
    """A graph to be written, and what must be known of its parts."""

    def __init__(self, graph: Graph, words: Words, root: Subtree) -> None:
        self.graph, self.nodes, self.words = graph, graph.nodes, words
        self.root = root
        self._built: dict[tuple[int, bool], tuple[Subtree, Block | None]] = {}
        self.inlined: set[Span] = set()
        """Parts that are groups within what holds them, so that it sees their ids."""
        self.grouped: set[int] = set()
        """Parts that read better as groups, by their identity."""
        self.listed: set[int] = set()
        """Parts whose copies have been found to differ too much for a repeat."""
        self.has_runs = False
        """Whether equal parts among others are written as copies."""
        self.readers = graph.readers()
        self.uses: dict[int, list[int]] = {}
        """The nodes that have the weights of one, itself the first, where others have them."""
        for index, node in enumerate(self.nodes):
            if node.weights_of is not None:
                self.uses.setdefault(node.weights_of, [node.weights_of]).append(index)

    def ends(self, child: Child) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the maps that a child takes and those that it gives."""
        if isinstance(child, Subtree):
            return child.takes, child.gives
        return self.nodes[child.node].inputs, (child.node,)

    def owners(self, start: int, stop: int) -> list[int | None]:
        """Return for each node the earlier one that has its weights, None if it has its own."""
        return [self.nodes[index].weights_of for index in range(start, stop)]

    def trains(self, child: Child) -> bool:
        start, stop = span(child)
        return all(node.training_only for node in self.nodes[start:stop])

    def is_group(self, child: Child) -> bool:
        """Return whether a part is a group within what holds it, and no own block."""
        return self.shares(child) or id(child) in self.grouped

    def shares(self, child: Child) -> bool:
        """Return whether layers in a part share weights with others outside of it."""
        return span(child) in self.inlined

    def is_row(self, branch: Subtree, groups: list[list[Child]]) -> bool:
        """Return whether copies may be a repeat: neither groups themselves nor too different."""
        return id(branch) not in self.listed and not any(self.is_group(each[0]) for each in groups)

    def is_again(self, start: int, stop: int, earlier: int) -> bool:
        return is_again(self.graph, start, stop, earlier)

    def learns(self, index: int) -> bool:
        return learns(self.graph, index)

    def blocks_in(self, branch: Subtree) -> int:
        """Return how many nodes lie in parts that are blocks of ours, with these defaults."""
        if self.built(branch) is not None:
            return branch.stop - branch.start
        return sum(self.blocks_in(child) for child in branch.children if isinstance(child, Subtree))

    def built(self, branch: Subtree, *, shared: bool = False) -> Block | None:
        """Return the block that places exactly what is in a part; None if there is none.

        The weights of a copy that is `shared` are those of the copy before.
        """
        key = branch.start, shared
        if key not in self._built or self._built[key][0] is not branch:
            self._built[key] = (branch, self._block(branch, shared=shared))
        return self._built[key][1]

    def _block(self, branch: Subtree, *, shared: bool) -> Block | None:
        block = branch.block
        if block is None or len(branch.gives) != 1:
            return None
        forms = [block]
        if getattr(block, "form", None) == "default":
            forms.append(block.having(form="fused"))
        return next((each for each in forms if self.places(each, branch, shared=shared)), None)

    def places(self, block: Block, branch: Subtree, *, shared: bool) -> bool:
        """Return whether a block with the file's defaults places the nodes of a part."""
        if not branch.takes or block.inputs not in (None, len(branch.takes)):
            return False
        shapes = [self.nodes[node].output for node in branch.takes]
        net = Net(shapes[0], self.words.defaults)
        inputs = [net.input, *(net.further_input(shape) for shape in shapes[1:])]
        try:
            last = net.build(block, *inputs)
        except ShapeError:
            return False
        made = net.graph("block")
        base = branch.start - len(inputs)
        places = [*branch.takes, *range(branch.start, branch.stop)]
        if len(made.nodes) != len(places) or last.node + base != branch.gives[0]:
            return False
        prefix = len(made.parts[0].path)
        within = len(self.path(branch))
        return all(
            self._is_same(node, self.nodes[at], places, shared=shared)
            and node.path[prefix:] == self.nodes[at].path[within:]
            for node, at in zip(made.nodes[len(inputs) :], places[len(inputs) :], strict=True)
        )

    def _is_same(self, node: Node, ours: Node, places: list[int], *, shared: bool) -> bool:
        """Return whether a block placed a node of ours; `places` are those of its nodes here."""
        owner = None if node.weights_of is None else places[node.weights_of]
        return (
            node.op == ours.op
            and tuple([places[source] for source in node.inputs]) == ours.inputs
            and node.output == ours.output
            and node.training_only == ours.training_only
            and (shared or owner == ours.weights_of)
        )

    def path(self, branch: Subtree) -> str:
        """Return the path of a part, from that of a layer within it."""
        inner: Child = branch
        names = []
        while isinstance(inner, Subtree):
            inner, *_ = inner.children
            names.append(inner.name)
        assert isinstance(inner, Leaf)
        return self.nodes[inner.node].path.removesuffix("/" + "/".join(names))
