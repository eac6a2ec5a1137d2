"""Maps: which maps of a net the tensors of a trace are, in which order of axes.

A tensor of PyTorch has a batch and its axes in any order; a map has channels first and no batch.
Which axis holds the channels is followed through what only moves data, and such calls are not
placed: what reads their output finds the map that it is made of, or has a view of it made.
"""

from __future__ import annotations

from bncalc.model.net import Net, Tensor
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.readers.axes import Dims, agree, likely, shape_of
from bncalc.readers.layout import Layout, channels_first, map_axes, standard, turn
from bncalc.readers.parts import PartPath, Parts
from bncalc.readers.torch.trace import Trace, TracedCall, TracedTensor


class Held(NamedTuple):
    """The map that a tensor is, the axis of the tensor that holds its channels, if known, and how.

    Without a layout it is not known in which order the elements of the map lie in the tensor.
    """

    tensor: Tensor
    axis: int | None
    layout: Layout | None


class TensorMaps:
    """Where each tensor of a trace is in a net; views of its maps are placed there on demand."""

    def __init__(self, trace: Trace) -> None:
        (name, first), *others = trace.inputs.items()
        self.net = Net(shape_of(first.dims, 1), name=name if others else None)
        self._parts = Parts(self.net, [call.path for call in trace.calls], trace.classes)
        self._path: PartPath = ()  # of the call that is placed
        self._held: dict[int, Held] = {}
        self.hold(first, self.net.input, 1)
        for name, value in others:
            self.hold(value, self.net.further_input(shape_of(value.dims, 1), name), 1)

    def axis(self, value: TracedTensor) -> int:
        """Return the axis of a tensor that holds its channels: the known one, else a likely one."""
        known = self._held[value.number].axis
        return likely(value.dims) if known is None else known

    def known_axis(self, value: TracedTensor) -> int | None:
        return self._held[value.number].axis

    def any(self, value: TracedTensor) -> Tensor:
        """Return a tensor as the map that it is, whatever the order of its axes."""
        return self._held[value.number].tensor

    def layout(self, value: TracedTensor) -> Layout | None:
        """Return in which order the elements of its map lie in a tensor, if that is known."""
        return self._held[value.number].layout

    def map(self, value: TracedTensor, axis: int) -> Tensor:
        """Return a tensor as a map with its channels on an axis."""
        return self.view(value, shape_of(value.dims, axis), channels_first(value.dims, axis))

    def in_order(self, value: TracedTensor) -> Tensor:
        """Return a tensor as its map, the elements in the order of a map of its sizes."""
        axis = self.axis(value)
        layout = self._layout_in(value, channels_first(value.dims, axis))
        return self.map(value, axis) if _is_turned(layout) else self.any(value)

    def whole_map(self, value: TracedTensor, axis: int) -> Tensor:
        """Return a tensor as a map that has each of its axes, be it of one position."""
        order = channels_first(value.dims, axis)
        return self.whole_view(value, shape_of(value.dims, axis), order)

    def whole_view(self, value: TracedTensor, wanted: Shape, order: Dims) -> Tensor:
        """Return a view of a shape that has each of its axes, be it of one position."""
        tensor = self.view(value, wanted, order)
        if tensor.shape == wanted:
            return tensor
        return self._resized(self.any(value), wanted, self._layout_in(value, order))

    def view(self, value: TracedTensor, wanted: Shape, order: Dims) -> Tensor:
        """Return a tensor, its axes in an order, as a map of a shape that has as many elements.

        A map of the same sizes whose elements are known to lie in another order is turned.
        """
        tensor, layout = self.any(value), self._layout_in(value, order)
        if agree(tensor.shape, wanted) and not _is_turned(layout):
            return tensor
        return self._resized(tensor, wanted, layout)

    def alongside(self, value: TracedTensor, other: TracedTensor) -> Tensor:
        """Return a tensor as a map of the same sizes and order as that of another of its sizes."""
        tensor, wanted = self.any(value), self.any(other).shape
        own, layout = self.layout(value), self.layout(other)
        layout = own.then(layout.inverse()) if own and layout else None
        if tensor.shape == wanted and not _is_turned(layout):
            return tensor
        return self._resized(tensor, wanted, layout)

    def as_map(self, dims: Dims, value: TracedTensor, axis: int, shape: Shape) -> Dims | None:
        """Return sizes that broadcast to those of a tensor as sizes of its map, of a shape.

        None if the axes of the map are not those of the tensor.
        """
        wide = (1,) * (len(value.dims) - len(dims)) + dims
        held = self._held.get(value.number)
        layout = held.layout if held else standard(value.dims, axis)
        axes = map_axes(layout, value.dims, shape) if layout else None
        if axes is None:
            return None
        sizes = [1] * len(shape)
        for own, size in zip(axes, wide, strict=True):
            if own is not None:
                sizes[own] = size
        return tuple(sizes)

    def _layout_in(self, value: TracedTensor, order: Dims) -> Layout | None:
        """Return in which order elements lie in a tensor whose axes get another order, if known."""
        layout = self.layout(value)
        return layout.then(turn(value.dims, order)) if layout else None

    def _resized(self, tensor: Tensor, wanted: Shape, layout: Layout | None) -> Tensor:
        """Place a view of a map, with the order of its elements as far as that is known.

        It lies among the layers of the part that needs it.
        """
        facts = Facts("reshape", wanted, storage="view", options=layout.options if layout else ())
        self._parts.open(self._path)
        return self.net.build(Foreign(facts), tensor)

    def hold(self, value: TracedTensor, tensor: Tensor, axis: int) -> None:
        """Note the map that a tensor is, with its channels on an axis."""
        there = axis if axis < len(value.dims) else 0
        layout = standard(value.dims, there)
        self.hold_view(value, tensor, axis, layout)

    def hold_view(
        self, value: TracedTensor, tensor: Tensor, axis: int | None, layout: Layout | None
    ) -> None:
        """Note the map that a tensor is a view of, and on which axis its channels are, if known."""
        there = axis if axis is not None and axis < len(value.dims) else None
        self._held[value.number] = Held(tensor, there, layout)

    def hold_as(self, value: TracedTensor, other: TracedTensor) -> None:
        """Note that a tensor lies in its map as another does in its own."""
        _, axis, layout = self._held[other.number]
        self.hold_view(value, self.any(value), axis, layout)

    def hold_axis(self, value: TracedTensor, axis: int | None) -> None:
        """Note on which axis the channels of a tensor are, or that this is not known."""
        self.hold_view(value, self.any(value), axis, self.layout(value))

    def hold_others(self, call: TracedCall) -> None:
        """Note what a call makes beside its first output as the same map, where nobody has."""
        first, *others = call.outputs
        held = self._held[first.number]
        for value in others:
            alike = held if value.dims == first.dims else Held(held.tensor, None, None)
            self._held.setdefault(value.number, alike)


def _is_turned(layout: Layout | None) -> bool:
    """Tell whether elements are known to lie in another order than those of the map."""
    return layout is not None and not layout.is_plain
