"""Maps: where each value of a model is in a net, as which map, and with which axis of channels.

A value of the model has a batch and its axes in any order; a map has channels first and no batch.
Which axis holds the channels is followed through what only moves data, and such operations are not
placed: what reads their output finds the map that it is made of, or has a view of it made.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from bncalc.model.net import Net, Tensor
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.readers.axes import agree, likely, shape_of, size_in, size_of
from bncalc.readers.layout import AxisCut, Layout, channels_first, cuts_in_map, standard, turn
from bncalc.readers.onnx.flow import Flow, batch_of
from bncalc.readers.onnx.inference import NodeStep
from bncalc.readers.onnx.names import module_of_weight
from bncalc.readers.onnx.orders import Orders, of_axes, of_channels
from bncalc.readers.onnx.roles import Roles
from bncalc.readers.onnx.scope import NONE
from bncalc.readers.onnx.stretches import AxisStretch, part_of, stretches_of, strided
from bncalc.readers.onnx.tensor import BITS, FLOAT
from bncalc.readers.onnx.value import Contradiction, Dims

_BLOCKED = {"ReorderInput", "ReorderOutput"}
"""What moves channels in blocks, or back."""


class Moved(NamedTuple):
    """A value that only holds what another does, or a part of it: one output of a step."""

    source: int
    step: NodeStep
    output: int
    cuts: bool

    @property
    def place(self) -> int:
        return self.step.outputs[self.output]


class ValueMaps:
    """Where each value of a model is in a net, and views of it in other shapes."""

    net: Net

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.roles = Roles(flow)
        self.batch = batch_of(flow)
        self.moved: dict[int, Moved] = {}
        self._tensors: dict[int, Tensor] = {}
        self._axes: dict[int, int | None] = {}
        self._shapes: dict[tuple[Dims, int], Shape] = {}
        self._views: dict[tuple[int, Shape, Layout | None], Tensor] = {}
        self.orders = Orders()

    def dims(self, place: int) -> Dims:
        """Return the sizes of a value that are known; raise Contradiction where none is given."""
        dims = None if place == NONE else self.flow.values[place].dims
        if dims is None:
            raise Contradiction("it lacks an input that it needs")
        return dims

    def axis(self, place: int) -> int:
        """Return the axis of a value that holds its channels: the known one, else a likely one."""
        axis = self.known_axis(place)
        return likely(self.dims(place)) if axis is None else axis

    def known_axis(self, place: int) -> int | None:
        return self._axes.get(place)

    def shape(self, place: int, axis: int) -> Shape:
        """Return the shape of a value as a map, its channels on an axis and the batch left out."""
        dims = self.dims(place)
        shape = self._shapes.get((dims, axis))
        if shape is None:
            shape = self._shapes[dims, axis] = shape_of(dims, axis, self.batch)
        return shape

    def map(self, place: int, axis: int) -> Tensor:
        """Return a value as a map with its channels on an axis."""
        order = channels_first(self.dims(place), axis)
        return self.view(place, self.shape(place, axis), order)

    def exact(self, place: int, axis: int) -> Tensor:
        """Return a value as a map that has each of its axes, those of size 1 too."""
        return self.exactly(place, self.shape(place, axis), channels_first(self.dims(place), axis))

    def exactly(self, place: int, wanted: Shape, order: Dims) -> Tensor:
        """Return a value, its axes in an order, as a map of a shape with its axes of size 1."""
        tensor = self.view(place, wanted, order)
        if tensor.shape == wanted:
            return tensor
        return self._resized(tensor, wanted, self._layout_in(place, order))

    def any(self, place: int) -> Tensor:
        """Return a value as the map that it is, whatever the order of its axes."""
        tensor = self.placed(place)
        return self.map(place, self.axis(place)) if tensor is None else tensor

    def placed(self, place: int) -> Tensor | None:
        """Return the map that a value is, if that has been placed."""
        return self._tensors.get(self._root(place))

    def origin(self, place: int) -> Shape:
        """Return the shape of the map or part of one that a value is nothing but a view of."""
        root, tensor = self._root(place), self.placed(place)
        return self.shape(root, self.axis(root)) if tensor is None else tensor.shape

    def view(self, place: int, wanted: Shape, order: Dims | None, dims: Dims = ()) -> Tensor:
        """Return a value, its axes in an order, as a map of a shape that has as many elements.

        None is an order that is not known; `dims` are the sizes that have it, if not the value's.
        """
        root = self._root(place)
        tensor = self._tensors.get(root)
        if tensor is None and root not in self.moved:
            tensor = self._tensors[root] = self._constant(root, wanted)
            sizes = self._sizes(root)
            whole = order if order and len(order) == len(sizes) else tuple(range(len(sizes)))
            self.orders.hold(root, turn(sizes, whole).inverse())
        elif tensor is None:
            tensor, own = self._cut(self.moved[root], wanted)
            self._tensors[root] = tensor
            self.orders.hold(root, own)
        layout = self._layout_in(place, order, dims)
        if agree(tensor.shape, wanted):
            self.orders.ask(tensor.node, layout)
            return tensor
        known = self._views.get((root, wanted, layout))
        if known is None:
            known = self._views[root, wanted, layout] = self._resized(tensor, wanted, layout)
        return known

    def alongside(self, place: int, other: int) -> Tensor:
        """Return a value as a map of the same sizes and order as that of another of its sizes."""
        wanted = self.any(other).shape
        self.any(place)
        theirs = self.layout(other)
        if self.layout(place) is None or theirs is None:
            return self.view(place, wanted, None)
        return self.view(place, wanted, theirs.inverse().order, theirs.turned)

    def layout(self, place: int) -> Layout | None:
        """Return in which order the elements of its map lie in a value, if that is known."""
        if place in self._tensors or place not in self.moved or self.moved[place].cuts:
            return self.orders.of(place)
        moved = self.moved[place]
        layout, call = self.layout(moved.source), moved.step.call
        if call.op in _BLOCKED:
            return None
        if layout is None or call.op != "Transpose":
            return layout
        sizes = self._sizes(moved.source)
        return layout.then(turn(sizes, call.integers("perm", tuple(range(len(sizes)))[::-1])))

    def _layout_in(self, place: int, order: Dims | None, dims: Dims = ()) -> Layout | None:
        layout = self.layout(place)
        if layout is None or order is None:
            return None
        return layout.then(turn(dims or self._sizes(place), order))

    def _sizes(self, place: int) -> Dims:
        """Return the sizes of a value for one image; none where they are not known."""
        dims = self.flow.value(place).dims
        if not dims:
            return ()
        first, *others = dims
        return (first // self.batch if first % self.batch == 0 else first, *others)

    def standard(self, place: int, tensor: Tensor, axis: int | None) -> Layout | None:
        """Return how a map lies in a value whose channels are on an axis, if it is all of it."""
        sizes = self._sizes(place)
        if axis is None or not 0 <= axis < len(sizes) or prod(sizes) != tensor.shape.elements:
            return None
        return None if 0 in sizes else standard(sizes, axis)

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
        sizes = self.flow.values
        outputs = [(place != NONE and sizes[place].dims) or () for place in moved.step.outputs]
        return stretches_of(moved.step.call, self.dims(moved.source), outputs, moved.output)

    def _cut(self, moved: Moved, wanted: Shape) -> tuple[Tensor, Layout | None]:
        """Place a part of a map, a stretch of each axis, else anything of that size; and say how.

        The second is how the part lies in its value, if that is known.
        """
        source, stretches = self.any(moved.source), self.stretches(moved)
        if moved.step.call.op == "DynamicQuantizeLinear":
            return self.place_facts(Facts("scale", wanted), source), None
        if len(stretches) == 1 and stretches[0].is_even:
            parts = stretches[0].whole // stretches[0].size
            if source.shape == Shape(parts * wanted.channels, *wanted.space):
                return self._channels(moved, wanted, stretches[0])
        axis, dims = self.axis(moved.source), self.dims(moved.source)
        over = [size_of(dims, axis, stretch.axis, self.batch) for stretch in stretches]
        if stretches and None not in over:
            wanted, tensor = self.shape(moved.source, axis), self.map(moved.source, axis)
            sizes = [size_in(tensor.shape, wanted, size or 0) for size in over]
            for stretch, size in zip(stretches, sizes, strict=True):
                tensor = part_of(tensor, stretch, size)
            return tensor, of_axes(self._sizes(moved.source), stretches, axis)
        if len(stretches) == 1:
            tensor = part_of(self.map(moved.source, stretches[0].axis), stretches[0], 0)
            return tensor, of_axes(self._sizes(moved.source), stretches, stretches[0].axis)
        if moved.step.call.op == "Gather":  # what numbers of the file pick lies as those say
            tensor, place = self.place_facts(Facts("gather", wanted), source), moved.place
            return tensor, self.standard(place, tensor, self.axis(place))
        return self._sliced(moved, wanted, stretches)

    def _channels(
        self, moved: Moved, wanted: Shape, stretch: AxisStretch
    ) -> tuple[Tensor, Layout | None]:
        """Place equal parts of channels, unless they are known to be parts of each head, say."""
        source, layout = self.any(moved.source), self.layout(moved.source)
        own = of_channels(layout, self._sizes(moved.source), stretch, source.shape)
        if own is None and layout is not None:
            return self._sliced(moved, wanted, (stretch,))
        return part_of(source, stretch, 0), own

    def _sliced(
        self, moved: Moved, wanted: Shape, stretches: Sequence[AxisStretch]
    ) -> tuple[Tensor, Layout | None]:
        """Place a part of a map that our ops take none of, with all that is known of it."""
        place, layout = moved.place, self.layout(moved.source)
        turned = turn(self._sizes(place), channels_first(self.dims(place), self.axis(place)))
        cuts = tuple([AxisCut(each.axis, each.start, each.stop) for each in stretches])
        cuts = cuts or strided(moved.step.call)
        part = cuts_in_map(layout, self._sizes(moved.source), cuts) if layout and cuts else None
        options = part.options(turned) if part is not None else ()
        facts = Facts("slice", wanted, storage="view", options=options)
        tensor = self.place_facts(facts, self.any(moved.source))
        return tensor, turned.inverse() if options else None

    def _resized(self, tensor: Tensor, wanted: Shape, layout: Layout | None) -> Tensor:
        """Place a map in other sizes; of one whose sizes are not known nothing more is said."""
        if tensor.shape.elements == wanted.elements > 0:
            made = self.net.op("reshape", tensor, to=tuple(wanted))
        else:
            made = self.place_facts(Facts("reshape", wanted, storage="view"), tensor)
        self.orders.resize(made.node, layout)
        return made

    def _root(self, place: int) -> int:
        """Return the value that a value is nothing but a view of."""
        while place in self.moved and not self.moved[place].cuts:
            place = self.moved[place].source
        return place

    def place_further(self, place: int, first: int) -> None:
        """Place a further output of a layer, the indices of maxima say, unless it has been."""
        if place not in self._tensors and place not in self.moved:
            facts = Facts("output", self.shape(place, self.axis(place)))
            self.settle(place, self.place_facts(facts, self.any(first)), None)

    def move(
        self, step: NodeStep, *, cuts: bool = False, axis: int | None = None, output: int = 0
    ) -> None:
        """Note that an output of a step holds what its first input of data does."""
        source = next(place for place in step.inputs if self.flow.is_data(place))
        out = step.outputs[output]
        if out != NONE:
            self.moved[out] = Moved(source, step, output, cuts)
            self._axes[out] = axis

    def settle(
        self, place: int, tensor: Tensor, axis: int | None, *, like: int | None = None
    ) -> None:
        """Note where a value is, and on which axis its channels are; it may lie as another does."""
        self._tensors[place] = tensor
        own = self.standard(place, tensor, axis) if like is None else self.layout(like)
        self.orders.hold(place, own)
        count = len(self.flow.value(place).dims or ())
        self._axes[place] = axis if axis is not None and axis < count else None

    def place_facts(self, facts: Facts, *inputs: Tensor, name: str | None = None) -> Tensor:
        return self.net.build(Foreign(facts), *inputs, name=name)
