"""Control: branches, and loops whose turns are known, written out."""

from __future__ import annotations

from collections.abc import Sequence

from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.array import place as place_axis
from bncalc.readers.onnx.scope import NONE, ValueScope
from bncalc.readers.onnx.scoped_node import ScopedNode
from bncalc.readers.onnx.tensor import BOOL, INT64
from bncalc.readers.onnx.value import FILE, Value

FIRST_SCAN = 9
"""The operator set in which `Scan` lost its batch and the lengths of sequences."""


def branch(node: ScopedNode) -> bool:
    """Write out the branch of an `If` that its condition takes, or those that it may take."""
    condition = node.numbers(0)
    if not condition:
        return _either(node)
    node.give(_run(node, "then" if condition[0] else "else"))
    return True


def _run(node: ScopedNode, which: str) -> list[int]:
    graph, within = node.graph(f"{which}_branch"), ValueScope(node.frame.names)
    node.inference.run(graph, node.frame._replace(names=within))
    return [within.get(output.name) for output in graph.outputs]


def _either(node: ScopedNode) -> bool:
    """Write out both branches, or the one that takes what arrives; the node joins them."""
    inference, count = node.inference, len(node.proto.outputs)
    places, mark = [node.place(0)], inference.mark()
    for which in ("then", "else"):
        start = inference.mark()
        try:
            outputs = _run(node, which)
        except Damaged:
            outputs = []
        if NONE in outputs or len(outputs) < count:
            if not inference.spend(len(inference.steps) - start[1]):
                inference.forget(mark)
                return False
            inference.forget(start)
        else:
            places += outputs[:count]
    if len(places) == 1:
        return False
    inference.operation(node.proto, tuple(places), node.frame, {})
    return True


def loop(node: ScopedNode) -> bool:
    """Write out the turns of a `Loop`: of the most there may be, as long as its condition holds.

    A turn takes its number, the condition, and what the turn before has handed on.
    """
    most, held = node.numbers(0), node.numbers(1)
    if any(not numbers and node.place(at) != NONE for at, numbers in enumerate((most, held))):
        return False
    body, turns, carried = _Body(node), 0, [*node.places[2:]]
    condition = node.place(1) if held else body.constant(BOOL, 1)
    while (not most or turns < most[0]) and (not held or held[0]):
        outputs = body.turn([body.constant(INT64, turns), condition, *carried])
        held = node.inference.values[outputs[0]].numbers if outputs else None
        if not held:
            return body.undo()
        condition, carried = outputs[0], outputs[1 : 1 + len(carried)]
        body.collect(outputs[1 + len(carried) :])
        turns += 1
    return body.finish(carried)


def scan(node: ScopedNode) -> bool:
    """Write out the turns of a `Scan`: one for each position along an axis of inputs."""
    if node.inference.opset < FIRST_SCAN:
        return False
    count = node.integer("num_scan_inputs", 0)
    if not 0 < count <= len(node.places):
        raise node.damaged("it scans none of its inputs")
    carried, over = [*node.places[:-count]], node.places[-count:]
    axes, backwards = (_integers(node, f"scan_input_{word}") for word in ("axes", "directions"))
    body = _Body(node)
    parts = [
        body.parts(place, axes[index : index + 1], backwards[index : index + 1])
        for index, place in enumerate(over)
    ]
    for own in zip(*parts, strict=False):
        outputs = body.turn([*carried, *own])
        if not outputs:
            return body.undo()
        carried = outputs[: len(carried)]
        body.collect(outputs[len(carried) :])
    return body.finish(carried) if all(parts) else body.undo()


class _Body:
    """The body of a loop: what it does in each turn, and what the turns have put out.

    Constants have their place once, or weights would be others in every turn.
    """

    def __init__(self, node: ScopedNode) -> None:
        self._node, self._inference = node, node.inference
        self._mark = self._inference.mark()
        self._graph = node.graph("body")
        self._around = ValueScope(node.frame.names)
        frame = node.frame._replace(names=self._around)
        self._collected: list[list[int]] = []
        self._inference.hold(self._graph, self._around)
        for inner in self._graph.nodes:
            if inner.op == "Constant":
                self._inference.step(inner, frame)

    def turn(self, places: Sequence[int]) -> list[int]:
        """Do what the body does with values at these places; return none if that is too much."""
        nodes = [node for node in self._graph.nodes if node.op != "Constant"]
        if not self._inference.spend(1 + len(nodes)):
            return []
        within = ValueScope(self._around)
        within.own.update(zip([value.name for value in self._graph.inputs], places, strict=False))
        frame = self._node.frame._replace(names=within)
        for node in nodes:
            self._inference.step(node, frame)
        outputs = [within.get(output.name) for output in self._graph.outputs]
        if NONE in outputs:
            raise self._node.damaged("its body lacks one of its outputs")
        return outputs

    def collect(self, places: list[int]) -> None:
        """Keep what a turn puts out, to be stacked."""
        self._collected.append(places)

    def constant(self, type_: int, number: int) -> int:
        """Return the place of a number."""
        return self._inference.put("", Value(type_, (), (number,), FILE))

    def parts(self, place: int, axes: Sequence[int], backwards: Sequence[int]) -> list[int]:
        """Return the places of a value's positions along an axis, the first unless one is given."""
        dims = self._inference.values[place].dims if place != NONE else None
        if not dims:
            return []
        axis = place_axis(axes[0] if axes else 0, len(dims))
        if not self._inference.spend(dims[axis]):
            return []
        order = range(dims[axis])[:: -1 if backwards and backwards[0] else 1]
        return [self._do("Gather", [place, self.constant(INT64, n)], axis=axis) for n in order]

    def finish(self, carried: list[int]) -> bool:
        """Give the outputs their names: what the last turn hands on, and what is stacked."""
        self._node.give(carried)
        stacked = self._node.proto.outputs[len(carried) :]
        if stacked and not self._collected:
            return self.undo()
        words = ("scan_output_axes", "scan_output_directions")
        axes, backwards = (_integers(self._node, word) for word in words)
        for index, name in enumerate(stacked):
            axis = axes[index] if index < len(axes) else 0
            places = [turn[index] for turn in self._collected]
            if index < len(backwards) and backwards[index]:
                places.reverse()
            apart = [self._do("Unsqueeze", [place], axes=(axis,)) for place in places]
            self._node.frame.names.own[name] = self._do("Concat", apart, axis=axis)
        return True

    def undo(self) -> bool:
        """Forget all turns: what the loop does is not known."""
        self._inference.forget(self._mark)
        return False

    def _do(self, op: str, places: list[int], **attributes: object) -> int:
        return self._node.instead(op, places, attributes)[0]


def _integers(node: ScopedNode, name: str) -> tuple[int, ...]:
    held = node.attributes.get(name)
    return held if isinstance(held, tuple) and all(isinstance(n, int) for n in held) else ()
