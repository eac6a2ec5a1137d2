"""Interpretation: a model's nodes in order, functions and branches written out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bncalc.loading import loaded
from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.fitting import Fitting
from bncalc.readers.onnx.inference import Execution, Inference, Missing, NodeStep
from bncalc.readers.onnx.proto import DEEPEST, MOST_STEPS, Attribute, ModelProto, NodeProto
from bncalc.readers.onnx.scope import NONE, Frame, ValueScope
from bncalc.readers.onnx.scoped_node import ScopedNode
from bncalc.readers.onnx.shapes import PACKED
from bncalc.readers.onnx.shapes.windows import channels_taken
from bncalc.readers.onnx.tensor import TensorProto
from bncalc.readers.onnx.value import Value
from bncalc.readers.onnx.wire import Wire

_LAST_OLD_SET = 6
"""The last operator set whose operations say it in another way; the next broadcasts as today."""
CONTROLS = {
    "ConcatFromSequence": "sequences:join",
    "Crop": "legacy:cropped",
    "If": "control:branch",
    "Loop": "control:loop",
    "Optional": "sequences:same",
    "OptionalGetElement": "sequences:same",
    "Scan": "control:scan",
    "SequenceAt": "sequences:element",
    "SequenceConstruct": "sequences:construct",
    "SequenceEmpty": "sequences:construct",
    "SequenceErase": "sequences:erase",
    "SequenceInsert": "sequences:insert",
    "SequenceLength": "sequences:length",
    "SplitToSequence": "sequences:split",
}
"""What writes out operations that hold graphs, or lists of tensors, and one that others do today.

It is imported where a model has such an operation. It returns False where what a node does is not
known, as where content decides.
"""


def infer(
    wire: Wire, model: ModelProto, inputs: Mapping[str, Value], symbols: Mapping[str, int]
) -> Execution:
    """Return what a model does to inputs of known sizes.

    Raises Damaged, with the offset of the operation, where sizes contradict each other.
    """
    inference = Interpretation(wire, model, symbols)
    names = ValueScope()
    given = tuple([inference.name(names, name, value) for name, value in inputs.items()])
    inference.run(model.graph, Frame(names))
    outputs = inference.elements([names.get(output.name) for output in model.graph.outputs])
    missing = next((o.name for o in model.graph.outputs if names.get(o.name) == NONE), None)
    if missing is not None:
        raise Damaged(0, f"no operation makes the model's output {missing!r}")
    return Execution(
        wire, model.graph, inference.values, inference.names, inference.steps, given, outputs
    )


class Interpretation(Inference):
    """What nodes stand for: functions, branches and loops, operations of today and of old sets."""

    def __init__(self, wire: Wire, model: ModelProto, symbols: Mapping[str, int]) -> None:
        super().__init__(wire, model, symbols)
        self._settled: dict[int, dict[str, object]] = {}
        """The attributes of nodes, by where the model has them, that no call of a function sets."""
        self._packed: set[int] = set()
        """The places of maps whose channels have been packed in blocks."""

    def step(self, node: NodeProto, frame: Frame) -> None:
        """Do what a node does; raises Damaged for what is not there or does not fit."""
        if len(self.steps) >= MOST_STEPS:
            raise Damaged(node.at, f"the model has more than {MOST_STEPS} operations")
        if len(frame.scope) > DEEPEST:
            raise Damaged(node.at, f"functions are nested more than {DEEPEST} deep")
        places = frame.names.places(node.inputs)
        if NONE in places:
            for name in filter(frame.names.lacks, node.inputs):
                message = f"{node.op} reads {name!r}, which nothing before it makes"
                raise Missing(node.at, message)
        attributes = self._attributes(node, frame.settings)
        if (node.domain, node.op, node.overload) in self._model.functions:
            self._function(node, places, frame)
            return
        if not node.domain and (node.op in CONTROLS or self.opset <= _LAST_OLD_SET):
            scoped = ScopedNode(self, node, frame, places, attributes)
            with Fitting(node.at, f"{node.op} {node.name!r}"):
                if node.outputs and node.op in CONTROLS:
                    control: Callable[[ScopedNode], bool]
                    control = loaded(f"readers.onnx.{CONTROLS[node.op]}")
                    if control(scoped):
                        return
                if self.opset <= _LAST_OLD_SET:
                    from bncalc.readers.onnx.legacy import as_today

                    places, attributes = as_today(scoped)
        self.operation(node, places, frame, attributes)
        if node.domain == PACKED:
            self._fill(self.steps[-1])

    def _fill(self, step: NodeStep) -> None:
        """Give a map the channels that fill its last block: the weights that take it say how many.

        What packs a map in blocks does not know how many channels these have.
        """
        if step.call.op == "ReorderInput":
            self._packed.update(step.outputs)
        elif step.call.op == "Conv" and step.inputs[0] in self._packed:
            value, weights = [self.values[place] for place in step.inputs[:2]]
            if value.dims and weights.dims:
                batch, _, *space = value.dims
                filled = (batch, channels_taken(step.call), *space)
                self.values[step.inputs[0]] = value._replace(dims=filled)

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
                settled[name] = self.constant(held) if isinstance(held, TensorProto) else held
        if is_own:
            self._settled[id(node.attributes)] = settled
        return settled

    def _function(self, node: NodeProto, places: tuple[int, ...], frame: Frame) -> None:
        """Write out a call of one of the model's own functions."""
        function = self._model.functions[node.domain, node.op, node.overload]
        within = ValueScope()
        within.own.update(zip(function.inputs, places, strict=False))
        within.left_out = frozenset([name for name in function.inputs if within.get(name) == NONE])
        given = {**function.defaults, **node.attributes}
        for name, attribute in node.attributes.items():
            if attribute.reference:
                given[name] = frame.settings.get(attribute.reference, Attribute())
        inside = Frame(within, (*frame.scope, node.name or node.op), given)
        for inner in function.nodes:
            self.step(inner, inside)
        for inner_name, name in zip(function.outputs, node.outputs, strict=False):
            frame.names.own[name] = within.get(inner_name)
