"""Placement: a model's layers become nodes of a graph, native ops wherever one does the same.

A value of the model has a batch and its axes in any order; a map has channels first and no batch.
Which axis holds the channels is followed through what only moves data, and such operations are not
placed: what reads their output finds the map that it is made of, or has a view of it made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bncalc.errors import ShapeError
from bncalc.model.cost import Cost
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Op
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.registry import op_named
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.readers.axes import agree, likely, put_out, shape_of
from bncalc.readers.onnx.flow import Flow, batch_of, input_axis
from bncalc.readers.onnx.inference import NodeStep
from bncalc.readers.onnx.layers import FusedLayer
from bncalc.readers.onnx.roles import LearnedByRole, Roles
from bncalc.readers.onnx.scope import NONE
from bncalc.readers.onnx.tensor import BITS, FLOAT
from bncalc.readers.onnx.value import Dims, Unknown
from bncalc.readers.parts import Parts


class Moved(NamedTuple):
    """A value that only holds what another does, or a part of it: one output of a step."""

    source: int
    step: NodeStep
    output: int
    cuts: bool


class Fit(NamedTuple):
    """An op for the axes of the maps that arrive, and what it puts out, costs and multiplies."""

    op: Op
    output: Shape
    cost: Cost
    factors: tuple[int, ...]


Weights = tuple[frozenset[int], str, tuple[int, ...]]
"""Learned constants as an op has them: which they are, its word, the factors of their number."""


class OnnxPlacement:
    """Where each value of a model is in a net, and what places further layers there."""

    net: Net
    _parts: Parts

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.batch = batch_of(flow)
        self.moved: dict[int, Moved] = {}
        self.scores: dict[int, int] = {}
        """In how many windows each node has attention scores that holds some."""
        self._roles = Roles(flow)
        self._tensors: dict[int, Tensor] = {}
        self._axes: dict[int, int | None] = {}
        self._shapes: dict[tuple[int, int], Shape] = {}
        self._views: dict[tuple[int, Shape], Tensor] = {}
        self.learned = LearnedByRole()
        """What the layer has learned that is being placed."""
        self._sources: frozenset[int] = frozenset()
        self._owners: dict[Weights, int] = {}
        self._parameters: dict[tuple[frozenset[int], Shape], Tensor] = {}
        self._name: str | None = None
        self._ops: dict[tuple[object, ...], Op] = {}
        self._fits: dict[tuple[int, tuple[Shape, ...]], tuple[Op, Fit | None]] = {}
        """What ops do to maps; they are held, for they are keys by where they are."""

    def start(self, net: Net, parts: Parts) -> None:
        """Place the inputs, and all that follows, in a net whose input is the first of them."""
        self.net, self._parts = net, parts
        first, *others = self.flow.trace.inputs
        self.settle(first, net.input, input_axis(self.flow, first))
        for place in others:
            if self.flow.is_used(place):
                axis, name = input_axis(self.flow, place), self.flow.trace.names[place]
                tensor = self.net.further_input(self.shape(place, axis), name)
                self.settle(place, tensor, axis)

    def finish(self) -> None:
        """Say which maps are put out, by name where there are several."""
        self._parts.close()
        places = [place for place in self.flow.trace.outputs if self.flow.is_data(place)]
        for place in places:
            name = self.flow.trace.names[place] if len(places) > 1 else None
            self.net.output(self.any(place), name)

    def begin(self, layer: FusedLayer, path: tuple[str, ...]) -> None:
        """Open the parts that the next layer lies in, and find what it has learned."""
        self._name = self._parts.enter(path) if layer.is_placed else None
        self.learned, self._sources = self._roles.learned(layer.learning)

    def op(self, word: str, **fields: Any) -> Op:
        """Return the op of a word; those of the same fields are one."""
        key = word, *fields.items()
        op = self._ops.get(key)
        if op is None:
            op = self._ops[key] = op_named(word)(**fields)
        return op

    def dims(self, place: int) -> Dims:
        """Return the sizes of a value that are known."""
        dims = self.flow.values[place].dims
        assert dims is not None, self.flow.trace.names[place]
        return dims

    def axis(self, place: int) -> int:
        """Return the axis of a value that holds its channels: the known one, else a likely one."""
        axis = self._axes.get(place)
        return likely(self.dims(place)) if axis is None else axis

    def shape(self, place: int, axis: int) -> Shape:
        """Return the shape of a value as a map, its channels on an axis and the batch left out."""
        shape = self._shapes.get((place, axis))
        if shape is None:
            shape = self._shapes[place, axis] = shape_of(self.dims(place), axis, self.batch)
        return shape

    def map(self, place: int, axis: int) -> Tensor:
        """Return a value as a map with its channels on an axis."""
        return self.view(place, self.shape(place, axis))

    def exact(self, place: int, axis: int) -> Tensor:
        """Return a value as a map that has each of its axes, those of size 1 too."""
        wanted = self.shape(place, axis)
        tensor = self.view(place, wanted)
        return tensor if tensor.shape == wanted else self._resized(tensor, wanted)

    def any(self, place: int) -> Tensor:
        """Return a value as the map that it is, whatever the order of its axes."""
        root = self._root(place)
        return self._tensors[root] if root in self._tensors else self.map(place, self.axis(place))

    def origin(self, place: int) -> Shape:
        """Return the shape of the map or part of one that a value is nothing but a view of."""
        root = self._root(place)
        tensor = self._tensors.get(root)
        return self.shape(root, self.axis(root)) if tensor is None else tensor.shape

    def view(self, place: int, wanted: Shape) -> Tensor:
        """Return a value as a map of a shape that has as many elements."""
        root = self._root(place)
        tensor = self._views.get((root, wanted)) or self._tensors.get(root)
        if tensor is None and root not in self.moved:
            tensor = self.net.op("parameter", shape=tuple(wanted), learned=False)
            self._tensors[root] = tensor
        elif tensor is None:
            from bncalc.readers.onnx.placing.moving import cut

            tensor = self._tensors[root] = cut(self, self.moved[root], wanted)
        if not agree(tensor.shape, wanted):
            tensor = self._resized(tensor, wanted)
        self._views[root, wanted] = tensor
        return tensor

    def _resized(self, tensor: Tensor, wanted: Shape) -> Tensor:
        """Place a map in other sizes; of one whose sizes are not known nothing more is said."""
        if tensor.shape.elements == wanted.elements > 0:
            return self.net.op("reshape", tensor, to=tuple(wanted))
        return self.place_facts(Facts("reshape", wanted, storage="view"), tensor, name=None)

    def _root(self, place: int) -> int:
        """Return the value that a value is nothing but a view of."""
        while place in self.moved and not self.moved[place].cuts:
            place = self.moved[place].source
        return place

    def place_further(self, place: int, first: int) -> None:
        """Place a further output of a layer, the indices of maxima say, unless it has been."""
        if place not in self._tensors and place not in self.moved:
            facts = Facts("output", self.shape(place, self.axis(place)))
            self.settle(place, self.place_facts(facts, self.any(first), name=None), None)

    def move(
        self, step: NodeStep, *, cuts: bool = False, axis: int | None = None, output: int = 0
    ) -> None:
        """Note that an output of a step holds what its first input of data does."""
        source = next(place for place in step.inputs if self.flow.is_data(place))
        out = step.outputs[output]
        if out != NONE:
            self.moved[out] = Moved(source, step, output, cuts)
            self._axes[out] = axis

    def known_axis(self, place: int) -> int | None:
        return self._axes.get(place)

    def settle(self, place: int, tensor: Tensor, axis: int | None) -> None:
        """Note where a value is, and on which axis its channels are."""
        self._tensors[place] = tensor
        count = len(self.flow.value(place).dims or ())
        self._axes[place] = axis if axis is not None and axis < count else None

    def still_scores(self, inputs: Sequence[Tensor], tensor: Tensor) -> None:
        """Note that a map holds attention scores where one that it is made of does."""
        for each in inputs:
            if each.node in self.scores:
                self.scores[tensor.node] = self.scores[each.node]

    def put(
        self, layer: FusedLayer, op: Op, inputs: Sequence[Tensor], axis: int, *, loose: bool = False
    ) -> Tensor:
        """Place an op, or one that is like it where the model's shape or params are others.

        With `loose` only the elements must be as many, for one image or for all that the file has;
        the order of axes, the batch among them, is not known then.
        """
        place = layer.step.outputs[0]
        wanted, learned = self.shape(place, axis), self.learned
        shapes = tuple([tensor.shape for tensor in inputs])
        fit = self._fit(op, shapes)
        if fit is not None and loose:
            elements = fit.output.elements
            wanted = fit.output if wanted.elements in (elements, elements * self.batch) else wanted
        if fit is None or not agree(fit.output, wanted):
            try:
                cost = op.cost(shapes, wanted)
            except ShapeError:
                raise Unknown from None
            return self._made(place, self._likened(op, cost, wanted, inputs), axis)
        weights = (self._sources, op.word, fit.factors)
        if (fit.cost.params, fit.cost.buffers) == (learned.params, learned.buffers):
            tensor = self.net.put(fit.op, fit.output, *inputs, name=self._name)
            self._owners[weights] = tensor.node
        elif fit.cost.params and not learned.params and weights in self._owners:
            tensor = self._shared(op, inputs, self._owners[weights])
        else:
            tensor = self._likened(op, fit.cost, wanted, inputs)
        return self._made(place, tensor, axis)

    def _fit(self, op: Op, shapes: tuple[Shape, ...]) -> Fit | None:
        """Return what an op does to maps; None where it does not fit them."""
        key = id(op), shapes
        if key not in self._fits:
            output, fit = put_out(op, shapes), None
            if output is not None:
                cost, factors = op.cost(shapes, output), op.factors(shapes, output)
                fit = Fit(op.on(shapes), output, cost, factors)
            self._fits[key] = op, fit
        return self._fits[key][1]

    def _likened(self, op: Op, cost: Cost, output: Shape, inputs: Sequence[Tensor]) -> Tensor:
        """Place what is like an op and puts out or has learned something else."""
        cost = self.learned.cost(cost)
        facts = Facts(op.word, output, cost, op.storage, op.family, op.role, like=op)
        return self.place_facts(facts, *inputs, name=self._name)

    def _shared(self, op: Op, inputs: Sequence[Tensor], owner: int) -> Tensor:
        """Place an op that has the weights of an earlier one."""
        with self.net.sharing(owner, owner + 1):
            return self.net.build(op, *inputs, name=self._name)

    def parameter(self, shape: Shape) -> Tensor | None:
        """Place what the layer has learned as a map of its own; None where it is no such map.

        Constants behind which nothing is learned, a mask say, are a fixed map.
        """
        learned, sources = self.learned, self._sources
        op = self.op("parameter", shape=tuple(shape), learned=bool(sources))
        if not sources:
            return self.net.build(op)
        tensor = self._parameters.get((sources, shape))
        if learned.params == shape.elements and not learned.buffers:
            tensor = self._parameters[sources, shape] = self.net.build(op)
            self._keep_width(tensor)
            self.learned = LearnedByRole()
        return tensor if not self.learned.params else None

    def part(self, op: Op, *inputs: Tensor) -> Tensor | None:
        """Place an op that has a part of what the layer has learned; None if there is not as much.

        What is left is that of the op which follows.
        """
        shapes, learned = tuple([x.shape for x in inputs]), self.learned
        made = put_out(op, shapes)
        params = 0 if made is None else op.cost(shapes, made).params
        if not 0 < params <= learned.params:
            return None
        bits = learned.bits * params // learned.params
        tensor = self.net.build(op, *inputs)
        self.learned = LearnedByRole(weights=params, bits=bits)
        self._keep_width(tensor)
        left = learned.params - params
        self.learned = LearnedByRole(left, 0, learned.buffers, learned.bits - bits)
        return tensor

    def put_facts(
        self, layer: FusedLayer, facts: Facts, inputs: Sequence[Tensor], axis: int
    ) -> Tensor:
        """Place an operation by its facts, with the params that it has learned."""
        facts = facts._replace(cost=self.learned.cost(facts.cost))
        tensor = self.place_facts(facts, *inputs, name=self._name)
        return self._made(layer.step.outputs[0], tensor, axis)

    def _made(self, place: int, tensor: Tensor, axis: int) -> Tensor:
        """Note where the output of a layer is."""
        self.settle(place, tensor, axis)
        self._keep_width(tensor)
        return tensor

    def _keep_width(self, tensor: Tensor) -> None:
        """Say of weights narrower than usual how wide they are."""
        learned = self.learned
        if learned.bits < BITS[FLOAT] * (learned.params + learned.buffers):
            self.net.store(tensor, learned.bits)

    def place_facts(self, facts: Facts, *inputs: Tensor, name: str | None) -> Tensor:
        return self.net.build(Foreign(facts), *inputs, name=name)
