"""Asides: what a model works out of weights alone, which is no layer of its own."""

from __future__ import annotations

from collections.abc import Iterator

from bncalc.model.graph import Aside
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.shape import Shape
from bncalc.readers.torch.placement import TracePlacement
from bncalc.readers.torch.placing import place
from bncalc.readers.torch.trace import Trace, TracedCall, TracedTensor


def asides(trace: Trace) -> Iterator[Aside]:
    """Return what some tools count of a model besides its layers."""
    for call in trace.asides:
        yield from _of_weights(trace, call)
    for word in sorted(trace.obstacles):
        yield Aside(Foreign(Facts(word, Shape(1))), (), Shape(1))


def _of_weights(trace: Trace, call: TracedCall) -> Iterator[Aside]:
    """Return the layers that a call on weights alone would be on a map of their sizes."""
    first = next(iter(call.weights), None)
    if first is None:
        return
    value = TracedTensor(0, first.dims)
    outputs = tuple([TracedTensor(i + 1, out.dims) for i, out in enumerate(call.outputs)])
    call = call.having(first, value)._replace(path=(), outputs=outputs)
    placement = TracePlacement(trace._replace(inputs={"input": value}, calls=(call,), outputs=()))
    place(placement, call)
    graph, multiplies = placement.net.graph(""), call.word == "mul" or call.called == "reversed"
    for node in graph.nodes[1:]:
        yield Aside(node.op, graph.input_shapes(node), node.output, multiplies=multiplies)


COUNTED_ASIDE = (
    *[f"{word}{n}d" for word in ("adaptive_avg_pool", "avg_pool", "max_pool") for n in (1, 2, 3)],
    *("add", "batch_norm", "div", "elu", "embedding", "gelu", "group_norm", "instance_norm"),
    *("interpolate", "layer_norm", "leaky_relu", "local_response_norm", "mean", "mul", "prelu"),
    *("relu", "relu6", "rms_norm", "silu", "softmax"),
)
"""What some tool counts of weights alone."""
