"""Distinctions: what tools tell a call apart by, beside who made it: its arguments and its rows."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

from bncalc.readers.torch.heirs import is_alone
from bncalc.readers.torch.module_stack import Given
from bncalc.readers.torch.trace import TracedCall


def told_apart(call: TracedCall, how: str, words: Set[str], given: Given) -> str:
    """Return how a call was made where tools tell by more than by who made it.

    `words` are those of its rows: the bias of a strided linear layer is added apart. `given` is how
    its module was called: without a batch, tools take another axis for it.
    """
    unusual = _unusually_given(call, how, given)
    has_bias = call.word == "linear" and call.given(2, "bias") is not None
    if has_bias and "addmm" not in words:
        return _ending(unusual or how, "strided")
    if call.word.startswith("conv") and isinstance(call.given(4, "padding"), str):
        return _ending(unusual or how, "padded")
    if unusual:
        return unusual
    return "strided" if call.word in _STEPPED and "mm" in words else how


def _unusually_given(call: TracedCall, how: str, given: Given) -> str:
    """Return how a layer is called on a map without a batch, or by name; empty if as usual."""
    if call.word == "linear":
        if how == "attention" and (given.axes, given.by_place) != _OF_ATTENTION:
            return "attention_unbatched"
        if how == "function_heir" and is_alone(given):
            return "function_alone"
    if how == "function_heir" and call.word.startswith("avg_pool"):
        return how if given.dims == call.values[0].dims else "function_alone"
    if how == "module" and given.axes is None:
        return "named"
    return "unbatched" if how == "module" and _is_unbatched(call, given.axes) else ""


def _is_unbatched(call: TracedCall, axes: int | None) -> bool:
    """Return whether a layer is called on one map without a batch of one."""
    made = len(call.outputs[0].dims)
    if call.word[-2:] in ("1d", "2d", "3d"):
        return made == int(call.word[-2]) + 1
    if call.word == "instance_norm":
        return axes == made - 1
    return axes == (2 if call.word in (*_STEPPED, "lstm") else 1 if "_cell" in call.word else 0)


def is_turned(word: str, given: Sequence[Any]) -> bool:
    """Return whether a recurrent layer is given steps whose elements do not lie in a row.

    A CPU multiplies those of all steps at once, and the meta device step by step.
    """
    if word not in _STEPPED or given[0].dim() != 3:
        return False
    batch_first = given[8]
    return not (given[0].transpose(0, 1) if batch_first else given[0]).is_contiguous()


def _ending(how: str, end: str) -> str:
    """Return how a layer is called in which one thing is unusual, whoever calls it.

    The elements of a linear layer's map lie in another order, or a convolution's padding is a word.
    """
    if how == "module":
        return end
    return f"{how.removesuffix('_heir')}_{end}{'_heir' * how.endswith('_heir')}"


_OF_ATTENTION = (3, 3)
"""Axes, and maps by place, that ptflops looks for in what attention is given: else it fails."""
_STEPPED = ("gru", "rnn_relu", "rnn_tanh")
"""Recurrent layers that a CPU runs step by step, by products; an LSTM is one kernel."""
