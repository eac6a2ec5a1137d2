"""Inference: a model's operations in order, functions and branches written out, shapes known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bncalc.named import NamedTuple
from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.call import OnnxCall
from bncalc.readers.onnx.control import CONTROLS
from bncalc.readers.onnx.legacy import LAST, OldCall, as_today
from bncalc.readers.onnx.proto import (
    DEEPEST,
    Attribute,
    GraphProto,
    ModelProto,
    NodeProto,
)
from bncalc.readers.onnx.scope import NONE, ValueScope
from bncalc.readers.onnx.shapes import RULES
from bncalc.readers.onnx.shapes.windows import OF_SIZES
from bncalc.readers.onnx.tensor import FLOAT, INT64, TensorProto, numbers
from bncalc.readers.onnx.value import DATA, FILE, SIZES, Contradiction, Unknown, Value, tensor
from bncalc.readers.onnx.value_info import ValueProto, read_value
from bncalc.readers.onnx.wire import Wire

MOST_STEPS = 50_000
"""How many operations a model may come to when its functions are written out."""
MOST_OF_LOOPS = 30_000
"""How many operations the turns of all loops may come to; a loop beyond that is not counted."""
RANDOM = {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform",
          "RandomUniformLike"}  # fmt: skip


MULTIPLYING = {"Conv", "ConvTranspose", "Einsum", "Gemm", "MatMul"}
"""Products of floats, which are layers whatever they multiply."""


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
    values: list[Value]
    names: list[str]
    steps: list[NodeStep]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def infer(
    wire: Wire, model: ModelProto, inputs: Mapping[str, Value], symbols: Mapping[str, int]
) -> Execution:
    """Return what a model does to inputs of known sizes.

    Raises Damaged, with the offset of the operation, where sizes contradict each other.
    """
    inference = Inference(wire, model, symbols)
    names = ValueScope()
    given = tuple([inference.name(names, name, value) for name, value in inputs.items()])
    inference.run(model.graph, names, ())
    outputs = inference.elements([names.get(output.name) for output in model.graph.outputs])
    missing = next((o.name for o in model.graph.outputs if names.get(o.name) == NONE), None)
    if missing is not None:
        raise Damaged(0, f"no operation puts out the model's output {missing!r}")
    return Execution(wire, inference.values, inference.names, inference.steps, given, outputs)


class Inference:
    """What is known so far of what a model does."""

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
        self._settled: dict[int, dict[str, object]] = {}
        """The attributes of nodes, by where the model has them, that no call of a function sets."""
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

    def run(self, graph: GraphProto, names: ValueScope, scope: tuple[str, ...]) -> None:
        """Do what a graph does."""
        self.hold(graph, names)
        for node in graph.nodes:
            self.step(node, names, scope, {})

    def hold(self, graph: GraphProto, names: ValueScope) -> None:
        """Give the tensors of a graph their places."""
        for constant in graph.tensors:
            self.name(names, constant.name, self._constant(constant))

    def _constant(self, constant: TensorProto) -> Value:
        held = numbers(self._wire, constant)
        return Value(constant.type, constant.dims, held, FILE)

    def step(
        self,
        node: NodeProto,
        names: ValueScope,
        scope: tuple[str, ...],
        settings: Mapping[str, Attribute],
    ) -> None:
        """Do what a node does; raises Damaged for what is not there or does not fit."""
        if len(self.steps) >= MOST_STEPS:
            raise Damaged(node.at, f"more than {MOST_STEPS} operations")
        if len(scope) > DEEPEST:
            raise Damaged(node.at, f"functions nested more than {DEEPEST} deep")
        places = tuple([names.get(name) for name in node.inputs])
        if NONE in places:
            for name, place in zip(node.inputs, places, strict=True):
                if place == NONE and name:
                    message = f"{node.op} reads {name!r}, which nothing before it puts out"
                    raise Damaged(node.at, message)
        attributes = self._attributes(node, settings)
        if (node.domain, node.op) in self._model.functions:
            self._function(node, places, names, scope, settings)
        elif not self._control(node, names, scope):
            if self.opset <= LAST and not node.domain:
                places, attributes = as_today(OldCall(self, node, scope, places, attributes))
            self.operation(node, places, names, scope, attributes)

    def _control(self, node: NodeProto, names: ValueScope, scope: tuple[str, ...]) -> bool:
        """Write out what a node does, if it is of those that are and what it does is known."""
        write = CONTROLS.get(node.op) if node.outputs and not node.domain else None
        return write is not None and write(self, node, names, scope)

    def _attributes(
        self, node: NodeProto, settings: Mapping[str, Attribute]
    ) -> Mapping[str, object]:
        """Return the attributes by name; within a function some are those of its call."""
        settled = self._settled.get(id(node.attributes))
        if settled is not None:
            return settled
        settled, is_own = {}, True
        for name, given in node.attributes.items():
            attribute = settings.get(given.reference) if given.reference else given
            is_own = is_own and attribute is given
            if attribute is not None:
                held = attribute.value
                settled[name] = self._constant(held) if isinstance(held, TensorProto) else held
        if is_own:
            self._settled[id(node.attributes)] = settled
        return settled

    def operation(
        self,
        node: NodeProto,
        places: tuple[int, ...],
        names: ValueScope,
        scope: tuple[str, ...],
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
        made = []
        for index, name in enumerate(node.outputs):
            known = outputs[index] if index < len(outputs) else self._as_recorded(name)
            known = Value(known.type, known.dims, known.numbers, origin)
            if name:
                made.append(self.name(names, name, known))
            else:  # what comes out first has a place even where nobody wants it
                made.append(NONE if index else self.put("", known))
        self.steps.append(NodeStep(call, node, places, tuple(made), scope))

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
            self._recorded = {value.name: value for value in values}
        recorded = self._recorded.get(name) or ValueProto(name, 0, None)
        if recorded.dims is None:
            return Value(recorded.type)
        sizes = [self._symbols.get(n) if isinstance(n, str) else n for n in recorded.dims]
        known = tuple([size for size in sizes if size is not None])
        return Value(recorded.type, known if len(known) == len(sizes) else None)

    def _function(
        self,
        node: NodeProto,
        places: tuple[int, ...],
        names: ValueScope,
        scope: tuple[str, ...],
        settings: Mapping[str, Attribute],
    ) -> None:
        """Write out a call of one of the model's own functions."""
        function = self._model.functions[node.domain, node.op]
        within = ValueScope()
        within.own.update(zip(function.inputs, places, strict=False))
        given = {**function.defaults, **node.attributes}
        for name, attribute in node.attributes.items():
            if attribute.reference:
                given[name] = settings.get(attribute.reference, Attribute())
        for inner in function.nodes:
            self.step(inner, within, (*scope, node.name or node.op), given)
        for inner_name, name in zip(function.outputs, node.outputs, strict=False):
            names.own[name] = within.get(inner_name)


def _put_out(call: OnnxCall) -> tuple[Value, ...]:
    """Return the outputs by the operation's rule; raise Unknown where it has none."""
    if call.op == "Constant" and not call.domain:
        return (_constant(call.attributes),)
    rule = RULES.get(call.domain, {}).get(call.op)
    if rule is None:
        raise Unknown
    try:
        outputs = rule(call)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        # Rules read as the standard says; what a damaged file holds in its place may be anything.
        raise Contradiction("its inputs and attributes do not fit each other") from None
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
    return DATA if call.op in RANDOM or _multiplies(call) else origin


def _multiplies(call: OnnxCall) -> bool:
    """Tell whether it is a product that each run works out again, of maps and not of vectors.

    PyTorch counts it too where both sides are constants: positions, projected by learned weights.
    """
    if call.op not in MULTIPLYING or call.domain:
        return False
    ranks = [len(value.dims or ()) for value in call.inputs[:2] if value is not None]
    return min(ranks, default=0) > 1 and call.input(0).is_float
