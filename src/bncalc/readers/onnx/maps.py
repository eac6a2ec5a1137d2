"""Maps: where each value of a model is in a net, as which map, and with which axis of channels.

A value of the model has a batch and its axes in any order; a map has channels first and no batch.
Which axis holds the channels is followed through what only moves data, and such operations are not
placed: what reads their output finds the map that it is made of, or has a view of it made.
"""

from __future__ import annotations

from collections.abc import Sequence

from bncalc.model.net import Net, Tensor
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.readers.axes import agree, likely, shape_of, size_of
from bncalc.readers.onnx.flow import Flow, batch_of
from bncalc.readers.onnx.inference import NodeStep
from bncalc.readers.onnx.names import module_of_weight
from bncalc.readers.onnx.roles import Roles
from bncalc.readers.onnx.scope import NONE
from bncalc.readers.onnx.stretches import AxisStretch, stretches_of
from bncalc.readers.onnx.tensor import BITS, FLOAT
from bncalc.readers.onnx.value import Dims


class Moved(NamedTuple):
    """A value that only holds what another does, or a part of it: one output of a step."""

    source: int
    step: NodeStep
    output: int
    cuts: bool


class ValueMaps:
    """Where each value of a model is in a net, and views of it in other shapes."""

    net: Net

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.roles = Roles(flow)
        self.batch = batch_of(flow)
        self.moved: dict[int, Moved] = {}
        self.scores: dict[int, int] = {}
        """In how many windows each node has attention scores that holds some."""
        self._tensors: dict[int, Tensor] = {}
        self._axes: dict[int, int | None] = {}
        self._shapes: dict[tuple[Dims, int], Shape] = {}
        self._views: dict[tuple[int, Shape], Tensor] = {}

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
        dims = self.dims(place)
        shape = self._shapes.get((dims, axis))
        if shape is None:
            shape = self._shapes[dims, axis] = shape_of(dims, axis, self.batch)
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
            tensor = self._tensors[root] = self._constant(root, wanted)
        elif tensor is None:
            tensor = self._tensors[root] = self._cut(self.moved[root], wanted)
        if not agree(tensor.shape, wanted):
            tensor = self._resized(tensor, wanted)
        self._views[root, wanted] = tensor
        return tensor

    def _constant(self, place: int, wanted: Shape) -> Tensor:
        """Place a map that is there without an input: a parameter, or fixed numbers."""
        bits = self.roles.claim(place, wanted.elements)
        own = module_of_weight(self.flow.trace.names[place])[-1:] if bits else ()
        name = own[0] if own else None
        tensor = self.net.op("parameter", name=name, shape=tuple(wanted), learned=bits > 0)
        if 0 < bits < BITS[FLOAT] * wanted.elements:
            self.net.store(tensor, bits)
        return tensor

    def stretches(self, moved: Moved) -> tuple[AxisStretch, ...]:
        """Return which part of its source a value is: of some axes a stretch; none if not that."""
        outputs = [self.dims(place) if place != NONE else () for place in moved.step.outputs]
        return stretches_of(moved.step.call, self.dims(moved.source), outputs, moved.output)

    def _cut(self, moved: Moved, wanted: Shape) -> Tensor:
        """Place a part of a map: a stretch of each axis, else anything of that size."""
        source, stretches = self.any(moved.source), self.stretches(moved)
        if moved.step.call.op == "DynamicQuantizeLinear":
            return self.place_facts(Facts("scale", wanted), source, name=None)
        if len(stretches) == 1 and stretches[0].is_even:
            parts = stretches[0].whole // stretches[0].size
            if source.shape == Shape(parts * wanted.channels, *wanted.space):
                return _part(source, stretches[0], 0)
        axis, dims = self.axis(moved.source), self.dims(moved.source)
        over = [size_of(dims, axis, stretch.axis, self.batch) for stretch in stretches]
        if stretches and None not in over:
            wanted, tensor = self.shape(moved.source, axis), self.map(moved.source, axis)
            sizes = [_size_in(tensor.shape, wanted, size or 0) for size in over]
            for stretch, size in zip(stretches, sizes, strict=True):
                tensor = _part(tensor, stretch, size)
            return tensor
        if len(stretches) == 1:
            return _part(self.map(moved.source, stretches[0].axis), stretches[0], 0)
        gathers = moved.step.call.op == "Gather"
        facts = Facts("gather", wanted) if gathers else Facts("slice", wanted, storage="view")
        return self.place_facts(facts, source, name=None)

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

    def place_facts(self, facts: Facts, *inputs: Tensor, name: str | None) -> Tensor:
        return self.net.build(Foreign(facts), *inputs, name=name)


def _size_in(shape: Shape, wanted: Shape, size: int) -> int:
    """Return which size of a map one of a shape is that differs from it in sizes of 1 alone."""
    if not size or shape == wanted:
        return size
    earlier = sum([n != 1 for n in wanted[1:size]])
    return [index for index, n in enumerate(shape) if index and n != 1][earlier]


def _part(x: Tensor, stretch: AxisStretch, over: int) -> Tensor:
    """Place a stretch of an axis of a map: one of equal parts, or from where to where."""
    if stretch.is_even:
        parts, part = stretch.whole // stretch.size, stretch.start // stretch.size
        return x.net.op("split", x, parts=parts, part=part, over=(over,))
    return x.net.op("slice", x, start=stretch.start, stop=stretch.stop, over=(over,))
