"""Tracing: products of sizes and of weights as a trace of PyTorch's has them.

Code may do other things where it is traced, and arithmetic on sizes is operations on tensors there.
So a tool that looks at a trace counts what no run shows, and the model is traced to know it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

import torch
from torch.nn import Module

from bncalc.readers.torch.arguments import ModelArguments
from bncalc.readers.torch.meta import MetaMode, on_meta
from bncalc.readers.torch.tensors import tensors_in
from bncalc.readers.torch.words import makes_anew


def products_beside(model: Any, given: ModelArguments) -> int:
    """Return the elements of all products in a trace that no number of the input goes into."""
    with torch.no_grad(), on_meta(), _TracedOnMeta():
        graph, _ = torch.jit._get_trace_graph(_Called(model, given), tuple(given.tensors.values()))
    fed = set(list(graph.inputs())[: len(given.tensors)])
    elements = 0
    for node in graph.nodes():
        word = node.kind().partition("::")[2]
        if word in _OF_SIZES or makes_anew(word):
            continue
        if word in _WITH_MACS or not fed.isdisjoint(node.inputs()):
            fed.update(node.outputs())
        elif word in ("mul", "mul_"):
            elements += prod(node.output().type().sizes())
    return elements


_WITH_MACS = (
    *("addbmm", "addmm", "baddbmm", "bmm", "einsum", "inner", "linear", "matmul", "mm"),
    *("scaled_dot_product_attention", "tensordot"),
)
"""What is a layer too where it is given weights alone, and what is made of it another."""
_OF_SIZES = ("numel", "size")
"""What reads no number of a tensor, beside what makes another that is like it."""


class _Called(Module):
    """A model that is given its tensors by place, and returns a list of those that it makes."""

    def __init__(self, model: Any, given: ModelArguments) -> None:
        super().__init__()
        self.model, self._given = model, given

    def forward(self, *tensors: Any) -> list[Any]:
        given = self._given.of(tensors)
        return tensors_in(self.model(*given.by_place, **given.by_name))


class _TracedOnMeta(MetaMode):
    """Runs functions of ATen on the meta device, without the code that does so being traced."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        with _untraced() as state:
            made = super().__torch_dispatch__(func, types, args, kwargs)
        if func is torch.ops.aten.convolution.default and state is not None:
            _note_convolution(state.graph(), tensors_in(args), made)
        return made


@contextmanager
def _untraced() -> Iterator[Any]:
    """Run code that no trace is shown, within an operation that one is shown."""
    tracer = torch._C._dispatch_key_parse("Tracer")
    excluded = torch._C._dispatch_tls_local_exclude_set().remove(tracer)
    with torch._C._ForceDispatchKeyGuard(torch._C._dispatch_tls_local_include_set(), excluded):
        state = torch._C._get_tracing_state()
        torch._C._set_tracing_state(None)
        try:
            yield state
        finally:
            torch._C._set_tracing_state(state)


def _note_convolution(graph: Any, given: list[Any], made: Any) -> None:
    """Note a convolution in a trace, which is shown it on other devices alone, as a product."""
    values = [torch._C._get_value_trace(tensor) for tensor in given]
    for other in values[1:]:
        node = graph.create("aten::matmul", [values[0], other], 1)
        graph.insertNode(node)
        values[0] = node.output()
    torch._C._set_value_trace(made, values[0])
