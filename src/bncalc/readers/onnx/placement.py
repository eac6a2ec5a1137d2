"""Placement: a model's layers become nodes of a graph, native ops wherever one does the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bncalc.errors import ShapeError
from bncalc.model.cost import FREE, Cost
from bncalc.model.graph import Code
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Op
from bncalc.model.ops.foreign import Facts, facts_like
from bncalc.model.registry import op_named
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.readers.axes import agree, put_out
from bncalc.readers.onnx.flow import Flow, input_axis
from bncalc.readers.onnx.layers import FusedLayer
from bncalc.readers.onnx.maps import ValueMaps
from bncalc.readers.onnx.names import module_of_weight
from bncalc.readers.onnx.roles import LearnedByRole
from bncalc.readers.onnx.scope import NONE
from bncalc.readers.onnx.tensor import BITS, FLOAT
from bncalc.readers.onnx.value import Unknown
from bncalc.readers.parts import PartPath, Parts


class FittedOp(NamedTuple):
    """An op for the axes of the maps that arrive, and what it puts out, costs and multiplies."""

    op: Op
    output: Shape
    cost: Cost
    factors: tuple[int, ...]


Weights = tuple[frozenset[int], str, tuple[int, ...]]
"""Learned constants as an op has them: which they are, its word, the factors of their number."""


class OnnxPlacement(ValueMaps):
    """What places the layers of a model in a net, where its values are maps."""

    _parts: Parts

    def __init__(self, flow: Flow) -> None:
        super().__init__(flow)
        self.learned = LearnedByRole()
        """What the layer has learned that is being placed."""
        self.convolutions: dict[tuple[object, ...], Op] = {}
        """The ops of convolutions, by what they are read from."""
        self.codes: dict[int, Code | str] = {}
        """What a node computes beside what its op says, or why that is not known."""
        self.scores: dict[int, int] = {}
        """In how many windows each node has attention scores that holds some."""
        self._sources: frozenset[int] = frozenset()
        self._owners: dict[Weights, int] = {}
        self._learners: set[tuple[frozenset[int], str]] = set()
        self._parameters: dict[tuple[frozenset[int], Shape], Tensor] = {}
        self._path: PartPath = ()
        self._name: str | None = None
        self._ops: dict[tuple[object, ...], Op] = {}
        self._fits: dict[tuple[int, tuple[Shape, ...]], tuple[Op, FittedOp | None]] = {}
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

    def finish(self) -> list[int]:
        """Close all parts; return the values that are put out."""
        self._parts.close()
        return [place for place in self.flow.trace.outputs if self.flow.is_data(place)]

    def put_out(self, place: int, *, named: bool) -> None:
        """Say that a value is put out, by its name where there are others."""
        self.net.output(self.any(place), self.flow.trace.names[place] if named else None)

    def begin(self, layer: FusedLayer, path: tuple[str, ...]) -> None:
        """Open the parts that the next layer lies in, and find what it has learned."""
        self._path = path
        self._name = self._parts.enter(path) if layer.is_placed else None
        self.learned, self._sources = self.roles.learned(layer.learning)

    def learns(self, word: str) -> bool:
        """Return whether the layer has weights of its own or those of an earlier one."""
        return self.learned.params > 0 or (self._sources, word) in self._learners

    def op(self, word: str, **fields: Any) -> Op:
        """Return the op of a word; those of the same fields are one."""
        key = word, *fields.items()
        op = self._ops.get(key)
        if op is None:
            op = self._ops[key] = op_named(word)(**fields)
        return op

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
            return self._made(layer, self._likened(op, cost, wanted, inputs), axis, inputs)
        weights, params = (self._sources, op.word, fit.factors), fit.cost.params
        if (params, fit.cost.buffers) == (learned.params, learned.buffers):
            tensor = self.net.put(fit.op, fit.output, *inputs, name=self._name)
            if params:
                self._owners[weights] = tensor.node
                self._learners.add(weights[:2])
        elif params and not learned.params and weights in self._owners:
            tensor = self._shared(op, inputs, self._owners[weights])
        else:
            tensor = self._likened(op, fit.cost, wanted, inputs)
        return self._made(layer, tensor, axis, inputs)

    def _fit(self, op: Op, shapes: tuple[Shape, ...]) -> FittedOp | None:
        """Return what an op does to maps; None where it does not fit them."""
        known = self._fits.get((id(op), shapes))
        if known is None:
            output, fit = put_out(op, shapes), None
            if output is not None:
                cost, factors = op.cost(shapes, output), op.factors(shapes, output)
                fit = FittedOp(op.on(shapes), output, cost, factors)
            known = self._fits[id(op), shapes] = op, fit
        return known[1]

    def _likened(self, op: Op, cost: Cost, output: Shape, inputs: Sequence[Tensor]) -> Tensor:
        """Place what is like an op and puts out or has learned something else."""
        facts = facts_like(op, output, self.learned.cost(cost))
        return self.place_facts(facts, *inputs, name=self._name)

    def _shared(self, op: Op, inputs: Sequence[Tensor], owner: int) -> Tensor:
        """Place an op that has the weights of an earlier one."""
        with self.net.sharing(owner, owner + 1):
            return self.net.build(op, *inputs, name=self._name)

    def is_of_another(self, place: int) -> bool:
        """Tell whether a constant is of another module than the layer, by the names of both."""
        module = module_of_weight(self.flow.trace.names[place]) if place != NONE else ()
        return bool(module) and module != tuple([name.replace(".", "_") for name in self._path])

    def parameter(self, shape: Shape, place: int) -> Tensor | None:
        """Place what the layer has learned as a map of its own; None where it is no such map.

        Constants behind which nothing is learned, a mask say, are a fixed map. It has the name of
        its module if that lies beside the layer.
        """
        learned, sources = self.learned, self._sources
        op = self.op("parameter", shape=tuple(shape), learned=bool(sources))
        if not sources:
            return self.net.build(op)
        tensor = self._parameters.get((sources, shape))
        if learned.params == shape.elements and not learned.buffers:
            *around, name = module_of_weight(self.flow.trace.names[place]) or ("",)
            beside = self.is_of_another(place) and around == [*self._path[:-1]]
            tensor = self.net.build(op, name=name if beside else None)
            self._parameters[sources, shape] = tensor
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

    def _has_sizes_of(self, source: int, place: int) -> bool:
        values = self.flow.values
        dims = values[source].dims
        return dims is not None and dims == values[place].dims

    def end(self, layer: FusedLayer, nodes: range) -> None:
        """Note that a layer has been placed."""
        whole: dict[int, bool] = {}
        for source in layer.data if nodes else ():
            x = self.placed(source)
            if x is None or self.orders.is_asked(x.node) or whole.get(x.node):
                continue
            if self.flow.values[source].dims is not None:
                alike = self._has_sizes_of(source, layer.step.outputs[0])
                whole[x.node] = alike or self._is_usual(source, x)
        self.orders.end(nodes, whole)

    def _is_usual(self, source: int, x: Tensor) -> bool:
        """Return whether a map lies in a value as one does whose channels are on its axis."""
        layout = self.layout(source)
        return layout is not None and layout == self.standard(source, x, self.axis(source))

    def still_scores(self, inputs: Sequence[Tensor], tensor: Tensor) -> None:
        """Note that a map holds attention scores where one that it is made of does."""
        for each in inputs:
            if each.node in self.scores:
                self.scores[tensor.node] = self.scores[each.node]

    def foreign(
        self,
        layer: FusedLayer,
        word: str,
        cost: Cost = FREE,
        *,
        each: int = 0,
        inputs: Sequence[Tensor] | None = None,
        axis: int | None = None,
        **facts: Any,
    ) -> Tensor:
        """Place what the language has no word for, on all maps that arrive unless some are given.

        It costs so many operations for `each` number that it puts out beside its cost; a product
        works all of them out.
        """
        axis = self.axis(layer.step.outputs[0]) if axis is None else axis
        shape = self.shape(layer.step.outputs[0], axis)
        cost = cost._replace(elementwise=cost.elementwise + each * shape.elements)
        if facts.get("family") == "product" and not cost.activations:
            cost = cost._replace(activations=shape.elements)
        maps = [self.any(place) for place in layer.data] if inputs is None else inputs
        return self.put_facts(layer, Facts(word, shape, cost, **facts), maps, axis)

    def put_facts(
        self, layer: FusedLayer, facts: Facts, inputs: Sequence[Tensor], axis: int
    ) -> Tensor:
        """Place an operation by its facts, with the params that it has learned."""
        facts = facts._replace(cost=self.learned.cost(facts.cost))
        tensor = self.place_facts(facts, *inputs, name=self._name)
        return self._made(layer, tensor, axis, inputs)

    def _made(
        self, layer: FusedLayer, tensor: Tensor, axis: int, inputs: Sequence[Tensor]
    ) -> Tensor:
        """Note where the output of a layer is, and how: as a map of its sizes that it reads."""
        place, read = layer.step.outputs[0], {each.node for each in inputs}
        like = None
        for source in layer.data:
            x = self.placed(source)
            if x is None or x.node not in read or x.shape != tensor.shape:
                continue
            if not self.orders.is_turned(x.node) and self._has_sizes_of(source, place):
                like = source
                break
        self.settle(place, tensor, axis, like=like)
        self._keep_width(tensor)
        return tensor

    def _keep_width(self, tensor: Tensor) -> None:
        """Say of weights narrower than usual how wide they are."""
        learned = self.learned
        if learned.bits < BITS[FLOAT] * (learned.params + learned.buffers):
            self.net.store(tensor, learned.bits)
