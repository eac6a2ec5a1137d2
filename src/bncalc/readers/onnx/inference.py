"""Inference: what operations do with values of known sizes, one by one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping

from bncalc.named import NamedTuple
from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.call import OnnxCall
from bncalc.readers.onnx.fitting import MISMATCH
from bncalc.readers.onnx.order import in_order
from bncalc.readers.onnx.proto import GraphProto, ModelProto, NodeProto
from bncalc.readers.onnx.scope import NONE, Frame, ValueScope
from bncalc.readers.onnx.shapes import rule_of
from bncalc.readers.onnx.shapes.windows import OF_SIZES
from bncalc.readers.onnx.tensor import FLOAT, INT64, TensorProto, numbers
from bncalc.readers.onnx.value import DATA, FILE, SIZES, Contradiction, Unknown, Value, tensor
from bncalc.readers.onnx.value_info import ValueProto, read_value
from bncalc.readers.onnx.wire import Wire

MOST_OF_LOOPS = 30_000
"""How many operations the turns of all loops may come to; a loop beyond that is not counted."""
RANDOM = {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform",
          "RandomUniformLike"}  # fmt: skip


MULTIPLYING = {
    "Conv", "ConvInteger", "ConvTranspose", "DynamicQuantizeMatMul", "Einsum", "FusedConv",
    "FusedGemm", "FusedMatMul", "Gemm", "MatMul", "MatMulBnb4", "MatMulInteger",
    "MatMulIntegerToFloat", "MatMulNBits", "NhwcConv", "NhwcFusedConv", "QGemm", "QLinearConv",
    "QLinearMatMul",
}  # fmt: skip
"""Products of maps, which are layers whatever they multiply."""
_OF_INTEGERS = {
    "ConvInteger", "MatMulInteger", "MatMulIntegerToFloat", "QGemm", "QLinearConv", "QLinearMatMul"
}  # fmt: skip
_RIGHT = {"QLinearConv": 3, "QLinearMatMul": 3}
"""Which input the right side is, where that is not the second."""


class Missing(Damaged):
    """A node reads what no node before it puts out."""


class NodeStep(NamedTuple):
    """One operation with the places of its values; `scope` are the functions' calls around it."""

    call: OnnxCall
    node: NodeProto
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    scope: tuple[str, ...] = ()


class Execution(NamedTuple):
    """All that a model does, values by their place in `values`, `names` beside them."""

    wire: Wire
    graph: GraphProto
    values: list[Value]
    names: list[str]
    steps: list[NodeStep]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


class Inference(ABC):
    """What is known so far of what a model does; `step` says what a node of it stands for."""

    def __init__(self, wire: Wire, model: ModelProto, symbols: Mapping[str, int]) -> None:
        self.values: list[Value] = []
        self.names: list[str] = []
        self.steps: list[NodeStep] = []
        self.sequences: dict[int, tuple[int, ...]] = {}
        """The places of the elements of values that are sequences."""
        self._wire = wire
        self._model = model
        self._symbols = symbols
        self._left = MOST_OF_LOOPS
        self._recorded: dict[str, ValueProto] | None = None
        self._put_out: dict[tuple[object, ...], tuple[OnnxCall, tuple[Value, ...]]] = {}
        """What calls put out that rest on sizes; they are held: attributes are keys by place."""

    def name(self, names: ValueScope, name: str, value: Value) -> int:
        """Give a value a name and a place."""
        place = names.own[name] = self.put(name, value)
        return place

    def put(self, name: str, value: Value) -> int:
        """Give a value a place."""
        self.values.append(value)
        self.names.append(name)
        return len(self.values) - 1

    @property
    def opset(self) -> int:
        return self._model.opset

    def mark(self) -> tuple[int, int]:
        """Return how much is known so far."""
        return len(self.values), len(self.steps)

    def forget(self, mark: tuple[int, int]) -> None:
        """Forget what has come to be known since a mark."""
        values, steps = mark
        del self.values[values:], self.names[values:], self.steps[steps:]
        self.sequences = {at: own for at, own in self.sequences.items() if at < values}

    def elements(self, places: Iterable[int]) -> tuple[int, ...]:
        """Return places, those of the elements in place of each sequence."""
        return tuple([each for at in places for each in self.sequences.get(at, (at,))])

    def spend(self, operations: int) -> bool:
        """Take from what all loops together may come to; return False where it is not left."""
        self._left -= operations
        return self._left >= 0

    @abstractmethod
    def step(self, node: NodeProto, frame: Frame) -> None:
        """Do what a node does; raises Damaged for what is not there or does not fit."""

    def run(self, graph: GraphProto, frame: Frame) -> None:
        """Do what a graph does; nodes are put in order if one reads what a later one puts out."""
        names = frame.names
        self.hold(graph, names)
        mark = self.mark()
        try:
            for node in graph.nodes:
                self.step(node, frame)
        except Missing:
            nodes = in_order(graph.nodes)
            if nodes == [*graph.nodes]:
                raise
            self.forget(mark)
            names.own = {name: place for name, place in names.own.items() if place < mark[0]}
            for node in nodes:
                self.step(node, frame)

    def hold(self, graph: GraphProto, names: ValueScope) -> None:
        """Give the tensors of a graph their places; raises Damaged for a name of two things."""
        held: set[str] = set()
        for constant in graph.tensors:
            if constant.name in held:
                raise Damaged(constant.at, f"the file has the tensor {constant.name!r} twice")
            held.add(constant.name)
            self.name(names, constant.name, self.constant(constant))
        held.update([given.name for given in graph.inputs])
        for node in graph.nodes:
            for name in node.outputs:
                if name in held:
                    what = f"{node.op} makes {name!r}, which the file has already"
                    raise Damaged(node.at, what)
                if name:
                    held.add(name)

    def constant(self, constant: TensorProto) -> Value:
        """Return a tensor of the file as a value, with its numbers if they are few."""
        held = numbers(self._wire, constant)
        return Value(constant.type, constant.dims, held, FILE)

    def operation(
        self,
        node: NodeProto,
        places: tuple[int, ...],
        frame: Frame,
        attributes: Mapping[str, object],
    ) -> None:
        """Do what one operation does with values at these places."""
        places = self.elements(places) if self.sequences else places
        values = [None if place == NONE else self.values[place] for place in places]
        count = len(node.outputs)
        call = OnnxCall(node.op, node.domain, self._model.opset, tuple(values), attributes, count)
        try:
            outputs = self._outputs(call)
        except Contradiction as error:
            raise Damaged(node.at, f"{node.op} {node.name!r}: {error}") from None
        except Unknown:
            outputs = ()
        origin = _origin(call)
        is_foreign = not outputs and call.op != "Constant" and rule_of(call.domain, call.op) is None
        made = []
        for index, name in enumerate(node.outputs):
            known = outputs[index] if index < len(outputs) else self._as_recorded(name)
            lacks_sizes = is_foreign and known.dims is None  # so that it is placed, and named
            known = Value(known.type, known.dims, known.numbers, DATA if lacks_sizes else origin)
            if name:
                made.append(self.name(frame.names, name, known))
            else:  # what comes out first has a place even where nobody wants it
                made.append(NONE if index else self.put("", known))
        self.steps.append(NodeStep(call, node, places, tuple(made), frame.scope))

    def _outputs(self, call: OnnxCall) -> tuple[Value, ...]:
        """Return the outputs of a call; what rests on the same sizes is worked out once."""
        if call.domain or call.op not in OF_SIZES:
            return _put_out(call)
        sizes = [None if value is None else value[:2] for value in call.inputs]
        key = (call.op, id(call.attributes), *sizes)
        known = self._put_out.get(key)
        if known is None:
            known = self._put_out[key] = (call, _put_out(call))
        return known[1]

    def _as_recorded(self, name: str) -> Value:
        """Return what the file itself says of a value that no rule knows."""
        if self._recorded is None:
            values = [read_value(self._wire, *span) for span in self._model.graph.values]
            self._recorded = {value.name: value for value in (*self._model.graph.outputs, *values)}
        recorded = self._recorded.get(name) or ValueProto(name, 0, None)
        if recorded.dims is None:
            return Value(recorded.type)
        sizes = [self._symbols.get(n) if isinstance(n, str) else n for n in recorded.dims]
        known = tuple([size for size in sizes if size is not None])
        return Value(recorded.type, known if len(known) == len(sizes) else None)


def _put_out(call: OnnxCall) -> tuple[Value, ...]:
    """Return the outputs by the operation's rule; raise Unknown where it has none."""
    if call.op == "Constant" and not call.domain:
        return (_constant(call.attributes),)
    rule = rule_of(call.domain, call.op)
    if rule is None:
        raise Unknown
    try:
        outputs = rule(call)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        # Rules read as the standard says; what a damaged file holds in its place may be anything.
        raise Contradiction(MISMATCH) from None
    return (outputs,) if isinstance(outputs, Value) else outputs


def _constant(attributes: Mapping[str, object]) -> Value:
    for name, held in attributes.items():
        if isinstance(held, Value):
            return held
        type_ = {"value_int": INT64, "value_float": FLOAT}.get(name.rstrip("s"))
        if type_ and isinstance(held, tuple):
            return tensor(type_, (len(held),), held)
        if type_ and isinstance(held, (int, float)):
            return tensor(type_, (), (held,))
    raise Unknown


def _origin(call: OnnxCall) -> int:
    """Return where the outputs come from: of a shape, sizes are all that counts."""
    origin = max([value.origin for value in call.inputs if value is not None], default=FILE)
    if call.op in ("Shape", "Size"):
        return min(origin, SIZES)
    return DATA if origin == DATA or call.op in RANDOM or _multiplies(call) else origin


def _multiplies(call: OnnxCall) -> bool:
    """Tell whether it is a product that each run works out again, of maps and not of vectors.

    PyTorch counts it too where both sides are constants: positions, projected by learned weights.
    Those of onnxruntime's own products are packed, and may have any number of axes.
    """
    if call.op not in MULTIPLYING:
        return False
    sides = (0,) if call.domain else (0, _RIGHT.get(call.op, 1))
    ranks = [len(call.input(index).dims or ()) for index in sides if call.given(index)]
    return min(ranks, default=0) > 1 and (call.input(0).is_float or call.op in _OF_INTEGERS)
