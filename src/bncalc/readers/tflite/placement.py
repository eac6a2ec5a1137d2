"""Placement: the operations of a file become nodes of a graph, and the file's own maps a plan."""

from __future__ import annotations

from bncalc.errors import ShapeError
from bncalc.model import net as nets
from bncalc.model.graph import Conversion, Graph, Span
from bncalc.model.op import Op
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.registry import OPS
from bncalc.model.shape import Shape
from bncalc.readers.axes import put_out
from bncalc.readers.binary import Damaged
from bncalc.readers.tflite.call import Operator, shape_of
from bncalc.readers.tflite.costs import activating, facts
from bncalc.readers.tflite.native import activation, native
from bncalc.readers.tflite.schema import MainGraph, Operation, TensorRecord
from bncalc.readers.tflite.scratch import own_scratch, unknown_scratch
from bncalc.readers.tflite.words import BITS

MOST_INPUTS = 64


def graph_of(model: MainGraph, name: str, size: int) -> Graph:
    """Return the graph of what a file of so many bytes does; raise Damaged where it cannot be."""
    placement = _Placement(model)
    for operation in model.operations:
        try:
            placement.take(operation)
        except ShapeError as error:
            raise Damaged(operation.at, f"{operation.word}: {error}") from None
    return placement.graph(name, size)


class _Placement:
    """Where each tensor is in a net; `step` counts operations, as the runtime's planner does."""

    def __init__(self, model: MainGraph) -> None:
        self.model = model
        sizes = model.tensors[model.inputs[0]].sizes
        self.batch = sizes[0] if len(sizes) == 4 else 1
        inputs = list(dict.fromkeys(model.inputs))
        if len(inputs) > MOST_INPUTS:
            raise Damaged(0, f"the model has {len(inputs)} inputs; at most {MOST_INPUTS} are read")
        shapes = [self._input(index) for index in inputs]
        names = [model.tensors[index].name if len(inputs) > 1 else None for index in inputs]
        self.net = nets.Net(shapes[0], name=names[0])
        others = [
            self.net.further_input(shape, name)
            for shape, name in zip(shapes[1:], names[1:], strict=True)
        ]
        self.maps = dict(zip(inputs, [self.net.input, *others], strict=True))
        self.step = 0
        self.steps = [0] * len(inputs)
        self.lives = dict.fromkeys(inputs, (0, 0))
        self.made = {index for each in model.operations for index in each.outputs}
        self.makers = {index: tensor.node for index, tensor in self.maps.items()}
        self.scratch: list[Span] = []
        self.unknown: dict[str, None] = {}
        self.owners: dict[int, int] = {}

    def _input(self, index: int) -> Shape:
        tensor = self.model.tensors[index]
        if not tensor.elements:
            message = (
                f"the sizes of the input {tensor.name[:60]!r} are not fixed, and none can be set"
            )
            raise Damaged(tensor.at, message)
        return shape_of(tensor, self.batch)

    def take(self, operation: Operation) -> None:
        """Place an operation, and note what lives while it runs."""
        self.step += 1
        step = self.step
        data = self._arriving(operation)
        call = Operator(self.model, operation, self.batch, tuple(data))
        for position, index in enumerate(operation.outputs):
            if not self.model.tensors[index].is_state:
                self.maps[index] = self._placed(call, index, first=position == 0)
                self._lives(index)
        placed = [step] * (len(self.net) - len(self.steps))
        self.steps += placed
        if placed:  # what puts nothing out, or only a state, has no layer to name a buffer after
            self.scratch += [Span("", size, step, step) for size in own_scratch(call)]
        if unknown_scratch(call):
            self.unknown[operation.word] = None

    def _arriving(self, operation: Operation) -> list[int]:
        """Return the maps that an operation reads. A buffer that nothing makes is its own."""
        data = []
        for index in operation.inputs:
            if index < 0 or self.model.tensors[index].is_state:
                continue
            if index in self.made and index not in self.maps:
                raise Damaged(operation.at, f"tensor {index} is read before any operation makes it")
            self._lives(index)
            data += [index] if index in self.maps else []
        return data

    def _lives(self, index: int) -> None:
        first, _ = self.lives.get(index, (self.step, self.step))
        self.lives[index] = (first, self.step)

    def _placed(self, call: Operator, index: int, *, first: bool) -> nets.Tensor:
        inputs = [self.maps[source] for source in call.data]
        op = native(call) if first and len(call.operation.outputs) == 1 else None
        learned = call.learned()
        if op is None or not _fits(op, inputs, call.shape(index)):
            known = facts(call) if first else Facts(call.word, call.shape(index), storage="view")
            op, learned = Foreign(known), learned if first else []
        tensor = self._with_weights(op, inputs, learned)
        self.makers[index] = tensor.node
        word = activation(call)
        if word and word not in OPS:
            return self.net.place(Foreign(activating(word, tensor.shape)), tensor)
        return self.net.follow(tensor, norm="none", act=word) if word else tensor

    def _with_weights(
        self, op: Op, inputs: list[nets.Tensor], learned: list[TensorRecord]
    ) -> nets.Tensor:
        """Place an op; weights that an earlier one had count there, each in its own width."""
        at = learned[0].content.at if learned else -1
        owner = self.owners.get(at)
        if owner is not None:
            try:
                with self.net.sharing(owner, owner + 1):
                    return self.net.place(op, *inputs)
            except ShapeError:  # it has another bias, say
                pass
        tensor = self.net.place(op, *inputs)
        if learned:
            self.owners.setdefault(at, tensor.node)
            self.net.store(tensor, sum(_bits(each) for each in learned))
        return tensor

    def graph(self, name: str, size: int) -> Graph:
        """Return what was placed, with the plan of the file."""
        outputs = [index for index in dict.fromkeys(self.model.outputs) if index in self.maps]
        if not outputs:
            raise Damaged(0, "no operation makes an output of the model")
        for index in outputs:
            named = self.model.tensors[index].name if len(outputs) > 1 else None
            self.net.output(self.maps[index], named)
            self._lives(index)
        graph = self.net.graph(name)
        return graph._replace(conversion=self._conversion(graph, size))

    def _conversion(self, graph: Graph, size: int) -> Conversion:
        tensors = self.model.tensors
        paths = {index: graph.nodes[node].path for index, node in self.makers.items()}
        maps = [
            Span(paths.get(index, f"tensor {index}"), tensors[index].bytes, *self.lives[index])
            for index in sorted(self.lives)
        ]
        at = {step: node.path for step, node in zip(self.steps, graph.nodes, strict=True)}
        scratch = [span._replace(name=f"scratch of {at[span.first]}") for span in self.scratch]
        return Conversion(
            size=size,
            maps=tuple(maps),
            steps=tuple(self.steps),
            scratch=tuple(scratch),
            unknown=tuple(self.unknown),
            tensors=len(tensors),
            variables=self.model.written_out
            + sum(tensor.bytes for tensor in tensors if tensor.variable),
        )


def _bits(tensor: TensorRecord) -> int:
    return tensor.elements * BITS.get(tensor.type, 0)


def _fits(op: Op, inputs: list[nets.Tensor], output: Shape) -> bool:
    """Return whether an op takes what arrives and makes as many elements as the file says."""
    made = put_out(op, tuple([x.shape for x in inputs]))
    return made is not None and made.elements == output.elements
