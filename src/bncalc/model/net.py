"""A net: what blocks build with. It places ops, one after the other, and names them."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from bncalc.calls import public, public_kind
from bncalc.errors import ShapeError, UsageError, refuse_other
from bncalc.model.building import Building, Defaults, kind_of
from bncalc.model.copying import Made
from bncalc.model.fields import input_shape
from bncalc.model.graph import Graph, Node, Output, unread
from bncalc.model.naming import INPUT, Names
from bncalc.model.op import Block, Input, Op
from bncalc.model.ops.convolution import Conv
from bncalc.model.shape import Shape
from bncalc.model.sharing import PlacedOp, Sharing
from bncalc.named import NamedTuple, new
from bncalc.quantity import plural


class Tensor(NamedTuple):
    """A feature map in a net: the node that makes it, and its shape."""

    net: "Net"
    node: int
    shape: Shape

    @property
    def channels(self) -> int:
        return self.shape.channels


class Mark(NamedTuple):
    """Where a net stood before something was placed."""

    nodes: int
    names: int
    others: tuple[object, ...]


@public_kind
class Net(Building):
    """Collects ops into a graph.

    Every method that places something takes maps and returns the new map; `graph` ends the work.
    """

    def __init__(
        self, input: tuple[int, ...], defaults: Defaults | None = None, *, name: str | None = None
    ) -> None:
        self.defaults = defaults or Defaults()
        if not isinstance(self.defaults, Defaults):
            refuse_other("Net", "Defaults, such as Defaults(norm='batch')", defaults)
        layer = Conv(out=1, padding=self.defaults.padding, bias=self.defaults.bias)
        given = {name: getattr(layer, name) for name in layer.by_net}
        self._given = {name: value for name, value in given.items() if value != "default"}
        self._nodes: list[PlacedOp] = []
        self._names = Names()
        self._copies: dict[int, int] = {}
        self._bits: dict[int, int] = {}
        self._shared = Sharing(self._nodes)
        self._training_only = False
        self._bare = False  # whether any tensor has no channels
        self._next: tuple[str, str | None] | None = None
        self._outputs: list[Output] = []
        self.further_input(input, name)

    @property
    def input(self) -> Tensor:
        """The first map, which is there from the start."""
        _, _, shape, _ = self._nodes[0]  # kept, a map and its net would hold one another
        return Tensor(self, 0, shape)

    def __len__(self) -> int:
        return len(self._nodes)

    def __repr__(self) -> str:
        return f"<Net of {self.input.shape}: {plural(len(self) - 1, 'layer')} so far>"

    def count(self, start: int, copies: int) -> None:
        """Count what has been placed from `start` on as so many copies of itself."""
        for index in range(start, len(self._nodes)):
            self._copies[index] = self._copies.get(index, 1) * copies

    def keeps(self, x: Tensor) -> bool:
        """Return whether the op that makes a map keeps it for the backward pass."""
        op, _, shape, _ = self._nodes[x.node]
        return op.kept(self._shared.inputs(x.node), shape).output

    def graph(self, name: str) -> Graph:
        """Return what has been placed."""
        paths, parts = self._names.settle()
        ops, sources, shapes, only = zip(*self._nodes, strict=True)
        placed = zip(ops, sources, shapes, paths, only, strict=True)
        usual = tuple(Node._field_defaults.values())[1:]  # of all that follows these
        nodes = [new(Node, node + usual) for node in placed]
        for index, copies in self._copies.items():
            nodes[index] = nodes[index]._replace(copies=copies)
        for index, owner in self._shared.owners.items():
            nodes[index] = nodes[index]._replace(weights_of=owner)
        for index, bits in self._bits.items():
            nodes[index] = nodes[index]._replace(weight_bits=bits)
        ends = self._outputs or [Output(node) for node in unread(nodes)]
        return Graph(name, tuple(nodes), tuple(parts), tuple(ends))

    def further_input(self, shape: tuple[int, ...], name: str | None = None) -> Tensor:
        """Place an input; the first is there from the start."""
        if not isinstance(shape, Shape):
            shape = input_shape(shape)
        return self._append(Input(), (), shape, INPUT, name)

    def store(self, x: Tensor, bits: int) -> None:
        """Set how many bits the weights of the op that makes a map take, all together."""
        self._bits[x.node] = bits

    def output(self, x: Tensor, name: str | None = None) -> None:
        """Make a map the next output; without any, all maps that nothing reads are outputs."""
        self._outputs.append(Output(x.node, name))

    def mark(self) -> Mark:
        """Return where the net is now, for `made`."""
        return new(Mark, (len(self._nodes), self._names.mark(), self._others()))

    def made(
        self, mark: Mark, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]
    ) -> Made | None:
        """Return what has been placed since a mark; None if it is more than nodes and names."""
        sources = tuple([x.node for x in inputs])
        if mark.others != self._others() or len(set(sources)) < len(sources):
            return None
        names = self._names.since(mark.names)
        start, stop = mark.nodes, len(self._nodes)
        ends = tuple([(x.node, x.shape) for x in outputs])
        return Made(self._nodes, start, stop, sources, ends, names, self._training_only)

    def repeats(self, made: Made, times: int = 1) -> bool:
        """Return whether what was made would be the same here, so many times over."""
        if made.training_only is not self._training_only:
            return False
        return not self._shared.turns or self._shared.fits(made.among, made.start, made.stop, times)

    def again(self, made: Made, inputs: tuple[Tensor, ...], name: str | None) -> tuple[Tensor, ...]:
        """Place the same once more after other maps of the same shapes; its ops are shared."""
        begin, sources = len(self._nodes), [x.node for x in inputs]
        nodes, outputs = made.again(begin, sources)
        self._nodes += nodes
        self._follow(begin, made, [name])
        ends = zip(outputs, made.outputs, strict=True)
        return tuple([Tensor(self, node, shape) for node, (_, shape) in ends])

    def row(self, made: Made, names: Sequence[str]) -> Tensor:
        """Place copies of what was made last, each after the one before; its ops are shared."""
        begin, (node, shape) = len(self._nodes), made.outputs[0]
        self._nodes += made.row(len(names))
        self._follow(begin, made, names)
        return Tensor(self, node + (len(self) - begin if node >= made.start else 0), shape)

    def _follow(self, begin: int, made: Made, names: Sequence[str | None]) -> None:
        """Give copies, whose nodes begin here, their names, and weights where they are shared."""
        if self._shared.turns:
            self._shared.follow(begin, len(self._nodes))
        self._names.again(made.names, made.size, names)

    def _others(self) -> tuple[object, ...]:
        """Return what tells whether anything but nodes and names has come about."""
        return (len(self._copies), self._shared.times, len(self._outputs), self._training_only)

    def place(self, op: Op, *inputs: Tensor) -> Tensor:
        """Place one op; raise ShapeError if the maps do not fit, and leave no trace of it."""
        (word, name), self._next = self._next or (op.word, None), None
        _refuse_number(op, len(inputs))
        try:
            shapes = tuple([x.shape for x in inputs])
        except AttributeError:
            (given, *_) = [x for x in inputs if not isinstance(x, Tensor)]
            refuse_other(op.word, "maps of the net, such as net.input", given)
        op = op.on(shapes, self._given)
        shape = op.output(*shapes)
        return self._append(op, inputs, shape, word, name)

    def put(self, op: Op, output: Shape, *inputs: Tensor, name: str | None = None) -> Tensor:
        """Place one op as it is, whose output from these maps is known already."""
        return self._append(op, inputs, output, op.word, name)

    def build(self, kind: Block, *inputs: Tensor, name: str | None = None) -> Tensor:
        """Place an op or a block; a block becomes a part of its own."""
        _refuse_number(kind, len(inputs))
        if kind.layer:
            self._next = (kind.word, name)
            try:
                return kind.build(self, *inputs)
            finally:
                self._next = None
        self._names.open(kind.word, name, kind)
        try:
            return kind.build(self, *inputs)
        finally:
            self._names.close()

    def fill(self, block: Block, *inputs: Tensor) -> Tensor:
        """Build a block as all that the part around it holds, which keeps its word and name."""
        self._names.fill(block)
        return block.build(self, *inputs)

    @contextmanager
    def part(self, word: str, name: str | None = None) -> Iterator[None]:
        """Gather what is placed within into a part, named after its word unless a name is given."""
        self._names.open(word, name)
        try:
            yield
        finally:
            self._names.close()

    @contextmanager
    def training_only(self) -> Iterator[None]:
        """Mark what is placed within as used only in training: it has params, but never runs."""
        before, self._training_only = self._training_only, True
        try:
            yield
        finally:
            self._training_only = before

    def sharing(self, start: int, stop: int) -> AbstractContextManager[None]:
        """Give what is placed within the weights of the nodes from `start` up to `stop`, in order.

        Ops that learn nothing do not count. Raises ShapeError where the weights do not fit.
        """
        return self._shared.of(start, stop)

    def _append(
        self,
        op: Op,
        inputs: tuple[Tensor, ...],
        shape: Shape,
        word: str,
        name: str | None = None,
        *,
        attached: bool = False,
    ) -> Tensor:
        index, sources = len(self._nodes), []
        for net, node, _ in inputs:
            if net is not self:
                raise UsageError(f"a map of another net cannot be put into {word}")
            sources.append(node)
        if self._bare:
            arriving = tuple([x.shape for x in inputs])
            op.cost(arriving, shape)  # raises here, and not later, if it asks for channels
            op.kept(arriving, shape)
        if self._shared.turns:
            self._shared.share(index, op, tuple([x.shape for x in inputs]), shape)
        if not shape.has_channels:
            self._bare = True
        self._names.add(word, name, attached)
        self._nodes.append((op, tuple(sources), shape, self._training_only))
        return new(Tensor, (self, index, shape))


def _refuse_number(kind: Block, maps: int) -> None:
    """Raise ShapeError for another number of maps than an op or a block takes."""
    if maps != kind.inputs and (kind.inputs is not None or (kind.fewest and not maps)):
        takes = "at least one map" if kind.inputs is None else plural(kind.inputs, "map")
        raise ShapeError(f"{kind.word} takes {takes}, not {maps}")


def graph_of(design: Block, input: tuple[int, ...], defaults: Defaults | None = None) -> Graph:
    """Return the graph of a single block."""
    net = Net(input, defaults)
    design.build(net, net.input)
    return net.graph(design.word)


@public
def block(
    word: str, input: tuple[int, ...], *, defaults: Defaults | None = None, **fields: object
) -> Graph:
    """Return the graph of one block: its word, the input (channels, height, width), its fields.

    The input has channels and a size for each axis: (2, 44100) is a sequence.

    Raises UsageError for an unknown word or field, ShapeError for an impossible value.
    """
    return graph_of(kind_of(word, fields)(**fields), input, defaults)
