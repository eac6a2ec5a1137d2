"""A graph: ops in the order in which they run, each with its shapes, and the parts they form."""

from collections.abc import Callable, Sequence
from itertools import chain, pairwise
from typing import Literal

from bncalc.model.op import Block, Op
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.quantity import plural


class MapView(NamedTuple):
    """An input of a node that is another order of the elements of its map.

    `sizes` are those that the map is split into, and `order` is theirs; both are empty where it is
    not known which order it is.
    """

    input: int
    sizes: tuple[int, ...] = ()
    order: tuple[int, ...] = ()


class View(NamedTuple):
    """How a tensor lies in a map: the sizes that the map is split into, their order, its sizes."""

    sizes: tuple[int, ...]
    order: tuple[int, ...]
    dims: tuple[int, ...]


class Constant(NamedTuple):
    """What a call reads besides maps: its sizes, and how many learned numbers it is made of.

    Of several each has a `name`. `dtype` is what PyTorch calls the type of what is no decimal
    number: places are `long`, and a mask is `bool`. A `formula` makes it of nothing stored,
    after statements on lines of their own.
    """

    dims: tuple[int, ...]
    learned: int = 0
    dtype: Literal["", "bool", "long"] = ""
    name: str = ""
    formula: str = ""


class Code(NamedTuple):
    """A call as a model's own code has it, on tensors that are views of maps.

    In its text `{0}`, `{1}` … are the tensors of the maps that arrive, and `{m}` is its constant,
    or holds them by their names. It says `more` where the op of its node has no field for an
    argument that changes the result, and names the `owner` of a constant that an earlier node has
    learned, as another op.
    """

    call: str
    inputs: tuple[View, ...]
    output: View
    constants: tuple[Constant, ...] = ()
    more: bool = False
    owner: int | None = None


class Node(NamedTuple):
    """One op in its place. `inputs` are indices of earlier nodes; `output` is its map's shape.

    In a search one copy of a repeated block may stand for several alike, and says for how many. A
    node with the weights of an earlier one names the first that has them: `weights_of`. If a model
    stores weights in a width of their own, `weight_bits` are the bits of all of the node's. Of its
    params so many as are `frozen` have no gradient, where a framework says so. `views`
    say which inputs are read in another order of elements than that of their maps. `code` is its
    call in somebody else's model where the op may not say all of that, or why it cannot be written.
    """

    op: Op
    inputs: tuple[int, ...]
    output: Shape
    path: str
    training_only: bool = False
    copies: int | None = None
    weights_of: int | None = None
    weight_bits: int | None = None
    frozen: int = 0
    views: tuple[MapView, ...] = ()
    code: Code | str | None = None

    @property
    def owner(self) -> int | None:
        """The earlier node whose learned numbers it has: as its own op, or as its code says."""
        owner = self.code.owner if isinstance(self.code, Code) else None
        return self.weights_of if owner is None else owner


class Output(NamedTuple):
    """A map that the network puts out, and its name where it has one."""

    node: int
    name: str | None = None


class Part(NamedTuple):
    """A named stretch of the nodes, `start` up to `stop`: a stage, a block, one copy of a block.

    `word` is the block's word in the file language, `depth` how many parts it lies within. `block`
    is what it was built as, if it is a block of ours.
    """

    path: str
    word: str
    start: int
    stop: int
    depth: int
    block: Block | None = None


def unread(nodes: Sequence[Node]) -> tuple[int, ...]:
    """Return the nodes that run at inference and whose maps nothing reads."""
    read = chain.from_iterable([node.inputs for node in nodes if not node.training_only])
    rest = sorted(set(range(len(nodes))).difference(read))
    return tuple([index for index in rest if not nodes[index].training_only])


class Span(NamedTuple):
    """So much that is needed from the step `first` to the step `last`, both included."""

    name: str
    size: int
    first: int
    last: int


class Occupancy(NamedTuple):
    """Memory that a run has held from the step `first` to the step `last`, both included.

    Its elements are those of one image, or of all images of a batch alike if it is `shared`. Each
    takes `width` bytes, or as many as are assumed of maps if that is 0.
    """

    elements: int
    first: int
    last: int
    width: int = 0
    shared: bool = False


class KeptMemory(NamedTuple):
    """What training keeps of so many images, each from the layer that asks for it to the end.

    `unasked` are the nodes of which it could not be asked what they keep, `untrained` the classes
    of a framework's whose code did not run as in training.
    """

    memories: tuple[Occupancy, ...]
    unasked: frozenset[int] = frozenset()
    untrained: tuple[str, ...] = ()


class Conversion(NamedTuple):
    """What a converter has settled: a file of `size` bytes, and each of its maps as it has them.

    `maps` are in the order of the file; `steps` are the steps of the nodes. `scratch` is what the
    runtime's own kernels need on any core, `unknown` the operations of which it is not known.
    `variables` are the bytes that live between runs, of state and of constants that are written out
    before the first; `tensors` is how many there are in all.
    """

    size: int
    maps: tuple[Span, ...]
    steps: tuple[int, ...]
    scratch: tuple[Span, ...] = ()
    unknown: tuple[str, ...] = ()
    tensors: int = 0
    variables: int = 0


class Aside(NamedTuple):
    """What some tools count of a model beside its layers.

    It is worked out of weights alone, and costs the network nothing; or, if `places`
    are several, it is a layer again, in a module that is in so many places: `in_module` says
    whether a module calls it, and not code.
    """

    op: Op
    inputs: tuple[Shape, ...]
    output: Shape
    places: int = 1
    in_module: bool = False
    multiplies: bool = False
    """Whether it is a product of weights, which a trace has as well."""


class Stored(NamedTuple):
    """What torchinfo counts of a module for numbers that it has learned under one name.

    `node` is the last layer that uses them, or 0 if none does.
    """

    node: int
    operations: int
    is_bias: bool


class Told(NamedTuple):
    """What a tool counts of a layer by what its call was given, whatever the rule of its op.

    `node` is the layer, or 0 for what is worked out of weights alone. Of one image it counts so
    much by the function, and by the module that calls it; nothing is known where it fails.
    """

    tool: str
    node: int
    by_function: float | None
    by_module: int = 0
    in_any_batch: bool = False
    """Whether its count of the function is the same however many images there are."""


_GATHERED = ("stage", "auxiliary")


class Graph(NamedTuple):
    """One network. Node 0 is an input, every other node follows what it reads.

    `parts` come before the parts within them, in the order of their nodes. `outputs` are in the
    order in which they are put out: those that are named, or else all maps that nothing reads, in
    running order. A map that nothing reads and that is not an output is dead: it is computed, and
    dropped at once.
    """

    name: str
    nodes: tuple[Node, ...]
    parts: tuple[Part, ...]
    outputs: tuple[Output, ...]
    settings: tuple[tuple[str, object], ...] = ()
    """What a call has set of the file's variables, by name."""
    asides: tuple[Aside, ...] = ()
    idle: frozenset[int] = frozenset()
    """Nodes that a run has shown to lead to no output, which a trace leaves out."""
    lifetimes: tuple[Occupancy, ...] = ()
    """Where a framework has run it: what it held at each step."""
    ask_kept: Callable[[int], KeptMemory] | None = None
    """Where a framework can run it: asks, by a run of its own, what training keeps of images."""
    ask_products: Callable[[], int | None] | None = None
    """Where a framework can trace it: asks, by a trace, of how many elements the products of sizes
    and of weights alone are; None if it cannot be traced."""
    stored: tuple[Stored, ...] | None = None
    """Where a framework has run its modules: what torchinfo counts of each."""
    counts_only: tuple[str, ...] = ()
    """What it computes that its nodes do not say, in sentences: it cannot be written as code."""
    told: tuple[Told, ...] = ()
    """Where a framework has run it: what tools count of calls by what they were given."""
    conversion: Conversion | None = None
    """What is settled already where a file is what a microcontroller runs."""

    def __repr__(self) -> str:
        layers = plural(len(self.nodes) - 1, "layer")
        return f"<Graph {self.name}: {self.input} → {self.output}, {layers}>"

    @property
    def input(self) -> Shape:
        """The shape of the first input."""
        return self.nodes[0].output

    @property
    def output(self) -> Shape:
        """The shape of the output that is made last."""
        return self.nodes[max(output.node for output in self.outputs)].output

    @property
    def inputs(self) -> tuple[int, ...]:
        """The nodes that are inputs."""
        return tuple([i for i, node in enumerate(self.nodes) if node.op.is_input])

    def blocks(self) -> tuple[Part, ...]:
        """Return the outermost parts that are one block: neither a stage nor a row of copies."""
        blocks: list[Part] = []
        for part, following in pairwise((*self.parts, None)):
            assert part is not None
            copies = following is not None and following.path == f"{part.path}/0"
            if not (copies or part.word in _GATHERED or (blocks and part.start < blocks[-1].stop)):
                blocks.append(part)
        return tuple(blocks)

    def readers(self) -> list[list[int]]:
        """Return the nodes that read each map; what is put out is read by one beyond the last."""
        readers: list[list[int]] = [[] for _ in self.nodes]
        for index, node in enumerate(self.nodes):
            for source in node.inputs:
                readers[source].append(index)
        for output in self.outputs:
            readers[output.node].append(len(self.nodes))
        return readers

    def handed_on(self) -> dict[int, int]:
        """Return the nodes that only hand their input on, each with the node that made the map."""
        made_by: dict[int, int] = {}
        views = [index for index, node in enumerate(self.nodes) if node.op.storage == "view"]
        for index in views:
            _, inputs, output, *_ = self.nodes[index]
            if inputs and output.elements == self.nodes[inputs[0]].output.elements:
                made_by[index] = made_by.get(inputs[0], inputs[0])
        return made_by

    def input_shapes(self, node: Node) -> tuple[Shape, ...]:
        """Return the shapes that arrive at a node."""
        nodes = self.nodes
        return tuple([nodes[i].output for i in node.inputs])
