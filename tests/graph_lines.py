"""Graphs as lines of text: each layer with its inputs, its fields and all that it costs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bncalc.model.graph import Graph, Node
from bncalc.model.ops.foreign import Foreign
from bncalc.model.shape import Unsized

UNSAID = {"act", "called", "norm"}
"""Fields that are layers of their own, or of no effect on a cost."""
ONES = ((1,), (1, 1), (1, 1, 1))


def lines_of(graph: Graph, *, costs: bool = True) -> Iterator[str]:
    """Yield a line for each input and layer, and for what is put out."""
    for index, node in enumerate(graph.nodes):
        inputs, told = " ".join(map(str, node.inputs)), _told(graph, node, costs=costs)
        yield f"  {index} {node.path}({inputs}) = {_shape(node)} {told}".rstrip()
    yield f"  out: {' '.join(str(output.node) for output in graph.outputs)}"


def _shape(node: Node) -> str:
    return "?" if isinstance(node.output, Unsized) else "×".join(map(str, node.output))


def _told(graph: Graph, node: Node, *, costs: bool) -> str:
    cost = node.op.cost(graph.input_shapes(node), node.output)._asdict() if costs else {}
    further = {"weights of": node.weights_of, "bits": node.weight_bits}
    fields = " ".join([node.op.word, *_fields(node)]) if node.inputs else ""
    told = [fields, *[f"{amount:,} {name}" for name, amount in cost.items() if amount]]
    told += [f"{name} {n}" for name, n in further.items() if n is not None]
    told += [f"input {view.input} {_turned(view.sizes, view.order)}" for view in node.views]
    told += ["training only"] if node.training_only else []
    return "; ".join([text for text in told if text])


def _turned(sizes: tuple[int, ...], order: tuple[int, ...]) -> str:
    return f"as {_value(sizes)} in order {_value(order)}" if sizes else "in an unknown order"


def _fields(node: Node) -> list[str]:
    """Return the facts of a foreign op, or the fields of ours that are not as usual."""
    if isinstance(node.op, Foreign):
        facts = node.op.facts
        given = [facts.storage, facts.family, facts.role, *map(str, facts.options)]
        given += [] if facts.counted else ["not counted"]
        return [f"[{' '.join([text for text in given if text])}]"]
    values = {field.name: getattr(node.op, field.name) for field in node.op.fields}
    usual = node.op.defaults()
    return [
        f"{name}={_value(value)}"
        for name, value in values.items()
        if name not in UNSAID and value != usual.get(name) and value not in (False, *ONES)
    ]


def _value(value: object) -> str:
    return "×".join(map(str, value)) if isinstance(value, tuple) else str(value)


def hold(lines: list[str], kept: Path, request: pytest.FixtureRequest) -> None:
    """Hold lines to those of a file, which `--golden` writes anew."""
    if request.config.getoption("--golden"):
        kept.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert lines == kept.read_text(encoding="utf-8").splitlines()
