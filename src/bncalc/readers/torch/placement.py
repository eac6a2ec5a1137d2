"""Placement: calls of a trace become nodes of a graph, native ops wherever one does the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from math import prod
from typing import Any

from bncalc.errors import ShapeError
from bncalc.model.cost import FREE, Cost
from bncalc.model.graph import Occupancy
from bncalc.model.net import Tensor
from bncalc.model.op import Op
from bncalc.model.ops.foreign import EachMap, Facts, Foreign, facts_like
from bncalc.model.registry import OPS, find
from bncalc.named import NamedTuple
from bncalc.readers.axes import agree, likely, put_out, shape_of
from bncalc.readers.torch.calling import TABLES
from bncalc.readers.torch.lifetimes import Lifetime, occupancies
from bncalc.readers.torch.maps import TensorMaps
from bncalc.readers.torch.trace import Trace, TracedCall


class Learned(NamedTuple):
    """What a call has learned that no call before it had, and all that it read.

    `all_params` are also those that a call before it had.
    """

    params: int
    buffers: int
    sources: frozenset[str]
    all_params: int


class TracePlacement(TensorMaps):
    """What places the calls of a trace in a net, where its tensors are maps."""

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace)
        self.trace = trace
        self._owners: dict[frozenset[str], tuple[int, Cost]] = {}
        """The first layer with each set of weights, and its cost."""
        self._read: set[str] = set()
        self.frozen = Counter[int]()
        """How many of the params of each layer have no gradient."""
        self._steps = [len(self.net) - 1]  # the last layer before each call
        self.learned = Learned(0, 0, frozenset(), 0)
        self._derived = False  # whether the call works with numbers made of learned ones
        self.again: list[tuple[int, int, bool]] = []
        """Layers of modules in several places: which, in how many, and whether a module calls."""

    def end(self) -> None:
        """Note that a call has been placed."""
        self._steps.append(len(self.net) - 1)

    def occupancies(self) -> Iterator[Occupancy]:
        """Return what memory was held, in steps of the net."""
        steps = self._steps[:1]
        for row, step in zip(self.trace.last_rows, self._steps[1:], strict=True):
            steps += [step] * (row + 2 - len(steps))
        return occupancies(self.trace.lifetimes, steps, len(self.net))

    def kept(self, memories: Iterable[Lifetime]) -> Iterator[Occupancy]:
        """Return what training keeps, each from the layer of the call that asks for it."""
        end = len(self.net)
        for each in memories:
            yield Occupancy(each.elements, self.step(each.first), end, each.width)

    def step(self, call: int) -> int:
        """Return the last node that a call, by its number, has placed."""
        return max(1, self._steps[min(call + 1, len(self._steps) - 1)])

    def node_of(self, call: int) -> int:
        """Return the node of a call, counted from 1; 0 for none."""
        return self.step(call - 1) if call else 0

    def begin(self, call: TracedCall) -> None:
        """Find what a call has learned; its parts are opened when it places a layer."""
        self._path = call.path
        sources = frozenset().union(*[weight.sources for weight in call.weights])
        new = sources - self._read
        count = self.trace
        self.learned = Learned(
            sum(count.params.get(name, 0) for name in new),
            sum(count.buffers.get(name, 0) for name in new),
            sources,
            sum(count.params.get(name, 0) for name in sources),
        )
        self._derived = any(weight.is_derived(count.params) for weight in call.weights)

    def finish(self) -> None:
        """Place what no call has read, which is for training alone, and say what is put out."""
        self._path = ()
        made = [self.in_order(value) for value in self.trace.outputs]
        self._parts.close()
        for tensor in made:
            self.net.output(tensor)
        unread = self.trace.params.keys() - self._read
        if unread:
            cost = Cost(weights=sum([self.trace.params[name] for name in unread]))
            facts = Facts("unused", self.net.input.shape, cost, "view")
            with self.net.training_only():
                self._read_by(self.net.build(Foreign(facts), self.net.input).node, unread)

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
            biases = wanted.channels if op.takes_bias and vars(op).get("bias") is True else 0
            activations = wanted.elements if is_known else 0
            cost = Cost(biases=biases, macs=call.macs, activations=activations)
            facts = Facts(op.twin(), wanted, cost, family=op.family, counted=is_known)
            return self.put_facts(call, facts, inputs, axis)
        fits = agree(made, wanted) or made.elements == wanted.elements
        cost = op.cost(shapes, made if fits else wanted)
        fits = fits and cost.macs == call.macs and not self._derived
        name = self._parts.enter(call.path)
        tensor = None
        if fits and (cost.params, cost.buffers) == (learned.params, learned.buffers):
            tensor = self.net.build(op, *inputs, name=name)
            self._owners.setdefault(learned.sources, (tensor.node, cost))
        elif fits and cost.params and not learned.params and learned.sources in self._owners:
            tensor = self._sharing(op, inputs, name)
        if tensor is None:
            cost = _with_learned(cost, learned)._replace(macs=call.macs)
            facts = facts_like(op, wanted, cost)._replace(derived=self._derived)
            tensor = self._by_facts(facts, inputs, name)
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
        facts = facts_like(op, shape, cost)._replace(each=each)
        return self.put_facts(call, facts, inputs, 1)

    def _sharing(self, op: Op, inputs: Sequence[Tensor], name: str | None) -> Tensor | None:
        """Place an op with the weights of an earlier one; None where it has them otherwise."""
        owner, _ = self._owners[self.learned.sources]
        try:
            with self.net.sharing(owner, owner + 1):
                return self.net.build(op, *inputs, name=name)
        except ShapeError:
            return None

    def owner(self, sources: frozenset[str]) -> int | None:
        """Return the first layer that has learned these numbers, and no others."""
        return self._owners[sources][0] if sources in self._owners else None

    def part_of(self, call: TracedCall, op: Op, tensor: Tensor) -> Tensor:
        """Place what takes a part of a map and has learned nothing."""
        return self.net.build(op, tensor, name=self._parts.enter(call.path))

    def foreign(
        self,
        call: TracedCall,
        word: str,
        cost: Cost = FREE,
        *,
        inputs: Sequence[Tensor] | None = None,
        axis: int | None = None,
        **facts: Any,
    ) -> Tensor:
        """Place what the language has no word for, on all maps that it reads unless some are given.

        It puts out a map of the sizes of the call's tensor, its channels on an axis, or on a likely
        one. All of what a product puts out is activations, unless the cost says how many there are.
        """
        out = call.outputs[0].dims
        axis = likely(out) if axis is None else axis
        if cost.macs and not cost.activations:
            cost = cost._replace(activations=prod(out))
        maps = [self.any(value) for value in call.values] if inputs is None else inputs
        return self.put_facts(call, Facts(word, shape_of(out, axis), cost, **facts), maps, axis)

    def put_facts(
        self, call: TracedCall, facts: Facts, inputs: Sequence[Tensor], axis: int
    ) -> Tensor:
        """Place an operation by its facts, with the params that it has learned."""
        learned = self.learned
        cost = _with_learned(facts.cost, learned)
        called = _as_of(facts.word, call.called)
        facts = facts._replace(cost=cost, called=called, derived=self._derived)
        name = self._parts.enter(call.path)
        return self._made(call, self._by_facts(facts, inputs, name), axis)

    def _by_facts(self, facts: Facts, inputs: Sequence[Tensor], name: str | None) -> Tensor:
        """Place an operation by its facts, with the weights of an earlier one if it has those."""
        learned, cost = self.learned, facts.cost
        if learned.sources in self._owners and not learned.params and facts.counted:
            _, owned = self._owners[learned.sources]
            cost = cost._replace(weights=owned.weights, biases=owned.biases, buffers=owned.buffers)
            shared = self._sharing(Foreign(facts._replace(cost=cost)), inputs, name)
            if shared is not None:
                return shared
        tensor = self.net.build(Foreign(facts), *inputs, name=name)
        if learned.params:
            self._owners.setdefault(learned.sources, (tensor.node, facts.cost))
        return tensor

    def _made(self, call: TracedCall, tensor: Tensor, axis: int) -> Tensor:
        self._read_by(tensor.node, self.learned.sources)
        self.hold(call.outputs[0], tensor, axis)
        if call.places > 1:
            in_module = call.called.removesuffix("_heir") not in _BY_CODE
            self.again.append((tensor.node, call.places, in_module))
        return tensor

    def _read_by(self, node: int, sources: Set[str]) -> None:
        """Note what a layer reads, and how much of what it is the first to read has no gradient."""
        frozen = self.trace.frozen & (sources - self._read)
        self.frozen[node] += sum([self.trace.params[name] for name in frozen])
        self._read |= sources


TracePlacer = Callable[[TracePlacement, TracedCall], None]
"""What places a call."""


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


def _as_of(word: str, called: str) -> str:
    """Return how an op is called, empty if as usual; of what is no word of ours it is not told."""
    if called in _TOLD or (word in _OF_ATTENTION and called.endswith("_heir")):
        return called
    kind = find(word) if word in OPS else None
    usual = kind.defaults().get("called") if kind else _USUAL.get(word)
    return called if usual not in (None, called) else ""


_BY_CODE = ("function", "kept", "matmul", "method", "mm", "own")
"""How a model's own code calls a function, and no layer of PyTorch."""
_USUAL = {
    **dict.fromkeys((*TABLES, "rnn_relu", "rnn_tanh"), "module"),
    **dict.fromkeys(("gru_cell", "lstm_cell", "rnn_relu_cell", "rnn_tanh_cell"), "module"),
    **dict.fromkeys(("log_softmax", "resize", "softmin"), "module"),
    **dict.fromkeys(("baddbmm", "bmm", "mm"), "function"),
}
"""How what is no word of ours is called, if tools tell how."""
_OF_ATTENTION = ("baddbmm", "bmm")
"""What attention derived from PyTorch's calls, beside layers of ours."""
_TOLD = (
    *("bicubic", "broadcast", "broadcast_method", "grouped", "named", "nearest"),
    *("projected", "reversed", "row", "row_method", "strided", "unadded"),
    *("unadded_broadcast", "unaligned", "unbatched", "unseen", "unusual", "vector"),
    "vector_method",
)
"""How what is no word of ours is called where tools tell it apart."""
