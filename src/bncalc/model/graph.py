"""A graph: ops in the order in which they run, each with its shapes, and the parts they form."""

from itertools import pairwise
from typing import NamedTuple

from bncalc.model.op import Op
from bncalc.model.shape import Shape


class Node(NamedTuple):
    """One op in its place. `inputs` are indices of earlier nodes; `output` is its map's shape.

    In a search, one copy of a repeated block may stand for several that are alike: `copies`. A node
    with the weights of an earlier one names the first that has them: `weights_of`.
    """

    op: Op
    inputs: tuple[int, ...]
    output: Shape
    path: str
    training_only: bool = False
    copies: int = 1
    weights_of: int | None = None


class Part(NamedTuple):
    """A named stretch of the nodes, `start` up to `stop`: a stage, a block, one copy of a block.

    `word` is the block's word in the file language, `depth` how many parts it lies within.
    """

    path: str
    word: str
    start: int
    stop: int
    depth: int


_GATHERED = ("stage", "auxiliary")


class Graph(NamedTuple):
    """One network. Node 0 is the input, every other follows its inputs, the last is the answer.

    `parts` come before the parts within them, in the order of their nodes.
    """

    name: str
    nodes: tuple[Node, ...]
    parts: tuple[Part, ...]

    @property
    def input(self) -> Shape:
        return self.nodes[0].output

    @property
    def output(self) -> Shape:
        return self.nodes[-1].output

    def blocks(self) -> tuple[Part, ...]:
        """Return the outermost parts that are one block: neither a stage nor a row of copies."""
        found: list[Part] = []
        for part, following in pairwise((*self.parts, None)):
            assert part is not None
            copies = following is not None and following.path == f"{part.path}/0"
            if not (copies or part.word in _GATHERED or (found and part.start < found[-1].stop)):
                found.append(part)
        return tuple(found)

    def makers(self) -> tuple[int, ...]:
        """Return the node that made each node's map: itself, unless it hands its input on."""
        makers: list[int] = []
        for index, node in enumerate(self.nodes):
            source = node.inputs[0] if node.op.storage == "view" else index
            whole = node.output.elements == self.nodes[source].output.elements
            makers.append(makers[source] if source < index and whole else index)
        return tuple(makers)

    def input_shapes(self, node: Node) -> tuple[Shape, ...]:
        """Return the shapes that arrive at a node."""
        nodes = self.nodes
        return tuple([nodes[i].output for i in node.inputs])
