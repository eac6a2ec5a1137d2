"""Placement: the calls of a trace become nodes of a graph, native ops wherever one does the same.

A tensor of PyTorch has a batch and its axes in any order; a map has channels first and no batch.
Which axis holds the channels is followed through what only moves data, and such calls are not
placed: what reads their output finds the map that it is made of, or has a view of it made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bncalc.errors import ShapeError
from bncalc.model.cost import Cost
from bncalc.model.graph import Occupancy
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Op
from bncalc.model.ops.foreign import EachMap, Facts, Foreign
from bncalc.model.registry import OPS, find
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.readers.axes import Dims, agree, likely, put_out, shape_of
from bncalc.readers.layout import Layout, channels_first, map_axes, turn
from bncalc.readers.parts import PartPath, Parts
from bncalc.readers.torch.calling import TABLES
from bncalc.readers.torch.lifetimes import occupancies
from bncalc.readers.torch.trace import Trace, TracedCall, TracedTensor


class Held(NamedTuple):
    """The map that a tensor is, the axis of the tensor that holds its channels, if known, and how.

    Without a layout it is not known in which order the elements of the map lie in the tensor.
    """

    tensor: Tensor
    axis: int | None
    layout: Layout | None


class Learned(NamedTuple):
    """What a call has learned that no call before it had, and all that it read."""

    params: int
    buffers: int
    sources: frozenset[str]


class TracePlacement:
    """Where each tensor of a trace is in a net, and what places further layers there."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        (name, first), *others = trace.inputs.items()
        self.net = Net(shape_of(first.dims, 1), name=name if others else None)
        paths = [call.path for call in trace.calls]
        self._parts = Parts(self.net, paths, trace.classes)
        self._held: dict[int, Held] = {}
        self.hold(first, self.net.input, 1)
        for name, value in others:
            self.hold(value, self.net.further_input(shape_of(value.dims, 1), name), 1)
        self._owners: dict[frozenset[str], int] = {}
        self._read: set[str] = set()
        self._steps = [len(self.net) - 1]  # the last layer before each call
        self.learned = Learned(0, 0, frozenset())
        self._path: PartPath = ()  # of the call that is placed
        self.again: list[tuple[int, int, bool]] = []
        """Layers of modules in several places: which, in how many, and whether a module calls."""

    def end(self) -> None:
        """Note that a call has been placed."""
        self._steps.append(len(self.net) - 1)

    def occupancies(self) -> Iterator[Occupancy]:
        """Return what memory was held, in steps of the net."""
        steps = self._steps[:1]
        for row, step in zip(self._trace.last_rows, self._steps[1:], strict=True):
            steps += [step] * (row + 2 - len(steps))
        return occupancies(self._trace.lifetimes, steps, len(self.net))

    def begin(self, call: TracedCall) -> None:
        """Find what a call has learned; its parts are opened when it places a layer."""
        self._path = call.path
        sources = frozenset().union(*[weight.sources for weight in call.weights])
        new = sources - self._read
        count = self._trace
        self.learned = Learned(
            sum(count.params.get(name, 0) for name in new),
            sum(count.buffers.get(name, 0) for name in new),
            sources,
        )

    def finish(self) -> None:
        """Place what no call has read, which is for training alone, and say what is put out."""
        self._parts.close()
        for value in self._trace.outputs:
            self.net.output(self.any(value))
        unread = sum([n for name, n in self._trace.params.items() if name not in self._read])
        if unread:
            facts = Facts("unused", self.net.input.shape, Cost(weights=unread), "view")
            with self.net.training_only():
                self.net.build(Foreign(facts), self.net.input)

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

    def whole_map(self, value: TracedTensor, axis: int) -> Tensor:
        """Return a tensor as a map that has each of its axes, be it of one position."""
        tensor, wanted = self.map(value, axis), shape_of(value.dims, axis)
        order = channels_first(value.dims, axis)
        return tensor if tensor.shape == wanted else self._turned(value, wanted, order)

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
        layout = (
            held.layout if held else turn(value.dims, channels_first(value.dims, axis)).inverse()
        )
        axes = map_axes(layout, value.dims, shape) if layout else None
        if axes is None:
            return None
        sizes = [1] * len(shape)
        for own, size in zip(axes, wide, strict=True):
            if own is not None:
                sizes[own] = size
        return tuple(sizes)

    def _turned(self, value: TracedTensor, wanted: Shape, order: Dims) -> Tensor:
        return self._resized(self.any(value), wanted, self._layout_in(value, order))

    def _layout_in(self, value: TracedTensor, order: Dims) -> Layout | None:
        """Return in which order elements lie in a tensor whose axes get another order, if known."""
        layout = self.layout(value)
        return layout.then(turn(value.dims, order)) if layout else None

    def _resized(self, tensor: Tensor, wanted: Shape, layout: Layout | None) -> Tensor:
        """Place a view of a map, with the order of its elements as far as that is known."""
        options = layout.options if layout else ()
        return self.place_view(
            Foreign(Facts("reshape", wanted, storage="view", options=options)), tensor
        )

    def hold(self, value: TracedTensor, tensor: Tensor, axis: int) -> None:
        """Note the map that a tensor is, with its channels on an axis."""
        there = axis if axis < len(value.dims) else 0
        layout = turn(value.dims, channels_first(value.dims, there)).inverse()
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
        for value in call.outputs:
            self._held.setdefault(value.number, Held(self.any(call.outputs[0]), None, None))

    def put(self, call: TracedCall, op: Op, inputs: Sequence[Tensor], axis: int) -> Tensor:
        """Place an op, or one that is like it where the shape or the params are others."""
        value = call.outputs[0]
        wanted, learned = shape_of(value.dims, axis), self.learned
        if op.field("called") is not None:
            op = op.having(called=call.called)
        shapes = tuple([tensor.shape for tensor in inputs])
        made = put_out(op, shapes)
        if made is None:  # heads folded into the batch, for one
            is_known = op.family == "product"
            cost = Cost(macs=call.macs, activations=wanted.elements if is_known else 0)
            facts = Facts(op.twin(), wanted, cost, family=op.family, counted=is_known)
            return self.put_facts(call, facts, inputs, axis)
        fits = agree(made, wanted) or made.elements == wanted.elements
        cost = op.cost(shapes, made if fits else wanted)
        fits = fits and cost.macs == call.macs
        name = self._parts.enter(call.path)
        tensor = None
        if fits and (cost.params, cost.buffers) == (learned.params, learned.buffers):
            tensor = self.net.build(op, *inputs, name=name)
            self._owners.setdefault(learned.sources, tensor.node)
        elif fits and cost.params and not learned.params and learned.sources in self._owners:
            tensor = self._sharing(op, inputs, name)
        if tensor is None:
            cost = _with_learned(cost, learned)._replace(macs=call.macs)
            facts = Facts(op.word, wanted, cost, op.storage, op.family, op.role, like=op)
            tensor = self.net.build(Foreign(facts), *inputs, name=name)
        return self._made(call, tensor, axis)

    def slide(self, call: TracedCall, op: Op, inputs: Sequence[Tensor]) -> Tensor:
        """Place an op that has a window, over a map or over each map of a batch."""
        if op.field("called") is not None:
            op = op.having(called=call.called)
        each = _each(call, op, len(inputs))
        if each is None:
            return self.put(call, op, inputs, 1)
        cost = op.on(each.inputs).cost(each.inputs, each.output)
        cost = cost.times(each.maps)._replace(biases=cost.biases, macs=call.macs)
        shape = shape_of(call.outputs[0].dims, 1)
        facts = Facts(op.word, shape, cost, op.storage, op.family, op.role, like=op, each=each)
        return self.put_facts(call, facts, inputs, 1)

    def _sharing(self, op: Op, inputs: Sequence[Tensor], name: str | None) -> Tensor | None:
        """Place an op with the weights of an earlier one; None where it has them transposed."""
        owner = self._owners[self.learned.sources]
        try:
            with self.net.sharing(owner, owner + 1):
                return self.net.build(op, *inputs, name=name)
        except ShapeError:
            return None

    def part_of(self, call: TracedCall, op: Op, tensor: Tensor) -> Tensor:
        """Place what takes a part of a map and has learned nothing."""
        return self.net.build(op, tensor, name=self._parts.enter(call.path))

    def place_view(self, op: Op, tensor: Tensor) -> Tensor:
        """Place what only views a map, among the layers of the part that needs the view."""
        self._parts.open(self._path)
        return self.net.build(op, tensor)

    def put_facts(
        self, call: TracedCall, facts: Facts, inputs: Sequence[Tensor], axis: int
    ) -> Tensor:
        """Place an operation by its facts, with the params that it has learned."""
        learned = self.learned
        cost = _with_learned(facts.cost, learned)
        facts = facts._replace(cost=cost, called=_as_of(facts.word, call.called))
        name = self._parts.enter(call.path)
        tensor = self.net.build(Foreign(facts), *inputs, name=name)
        return self._made(call, tensor, axis)

    def _made(self, call: TracedCall, tensor: Tensor, axis: int) -> Tensor:
        self._read |= self.learned.sources
        self.hold(call.outputs[0], tensor, axis)
        if call.places > 1:
            in_module = call.called.removesuffix("_heir") not in _BY_CODE
            self.again.append((tensor.node, call.places, in_module))
        return tensor


def _each(call: TracedCall, op: Op, count: int) -> EachMap | None:
    """Return what an op does to each map of a batch; None if there is one, or it does not fit."""
    out, maps = call.outputs[0].dims, [value.dims for value in call.values[:count]]
    if out[0] == 1 or any(dims[0] != out[0] for dims in maps):
        return None
    inputs = tuple([shape_of((1, *dims[1:]), 1) for dims in maps])
    made, output = put_out(op, inputs), shape_of((1, *out[1:]), 1)
    return EachMap(out[0], inputs, output) if made is not None and agree(made, output) else None


def _with_learned(cost: Cost, learned: Learned) -> Cost:
    """Return a cost with the params that a call has learned: weights first, where it has them."""
    further = learned.params - cost.weights
    biases = min(cost.biases, further if further >= 0 else learned.params)
    weights = learned.params - biases
    return cost._replace(weights=weights, biases=biases, buffers=learned.buffers)


def _is_turned(layout: Layout | None) -> bool:
    """Tell whether elements are known to lie in another order than those of the map."""
    return layout is not None and not layout.is_plain


def _as_of(word: str, called: str) -> str:
    """Return how an op is called, empty if as usual; of what is no word of ours it is not told."""
    if called in _TOLD:
        return called
    kind = find(word) if word in OPS else None
    usual = kind.defaults().get("called") if kind else _USUAL.get(word)
    return called if usual not in (None, called) else ""


_BY_CODE = ("derived", "flat", "function", "kept", "matmul", "method", "mm", "own")
"""How a model's own code calls a function, and no layer of PyTorch."""
_USUAL = {**dict.fromkeys(TABLES, "module"), "baddbmm": "function"}
"""How what is no word of ours is called, if tools tell how."""
_TOLD = (
    *("broadcast", "broadcast_method", "opaque", "projected", "unseen", "unusual"),
    *("reversed", "unadded", "unaligned", "vector", "vector_method"),
)
"""How what is no word of ours is called where tools tell it apart."""
