"""Saying: which arguments of a call change its result and are no fields of any op of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isclose
from typing import Any

from bncalc.named import NamedTuple
from bncalc.readers.torch.trace import TracedCall, Weight


class _Further(NamedTuple):
    """An argument: its name, what it usually is, and its place, if it has one."""

    name: str
    usual: Any = None
    place: int | None = None

    def of(self, call: TracedCall) -> Any:
        if self.place is None:
            return call.named.get(self.name, self.usual)
        return call.given(self.place, self.name, self.usual)


def unsaid(call: TracedCall) -> str:
    """Return the arguments of a call that no op says, in words, empty if there are none."""
    further = [each.name for each in _FURTHER.get(call.word, ()) if each.of(call) != each.usual]
    changes = _CHANGING.get(call.word)
    return " and ".join([*further, *(changes(call) if changes else ())])


def _scale(call: TracedCall) -> Iterator[str]:
    """Tell of attention whose scores are divided by something else than the root of its depth."""
    scale, query = call.named.get("scale"), call.given(0, "query")
    if scale is not None and not isclose(scale, query.dims[-1] ** -0.5, rel_tol=1e-9):
        yield "scale"


def _uneven(call: TracedCall) -> Iterator[str]:
    """Tell of a map that is resized by factors that its sizes do not have exactly."""
    factor, x = call.given(2, "scale_factor"), call.values[0]
    if factor is None or call.given(5, "recompute_scale_factor"):
        return
    before, after = x.dims[2:], call.outputs[0].dims[2:]
    factors = factor if isinstance(factor, tuple) else (factor,) * len(before)
    if any(n * each != m for n, each, m in zip(before, factors, after, strict=True)):
        yield "scale_factor"


def _over_several(call: TracedCall) -> Iterator[str]:
    """Tell of a norm over several axes, which is no op of ours, that adds something else."""
    if len(call.given(1, "normalized_shape")) > 1 and call.given(4, "eps", 1e-5) != 1e-5:
        yield "eps"


def _first_state(call: TracedCall) -> Iterator[str]:
    """Tell of a recurrent layer that starts from what the model gives it, and not from zeros."""
    is_packed = isinstance(call.given(3, "has_biases"), tuple)
    given = call.given(2 if is_packed else 1, "hx")
    for state in given if type(given) is tuple else (given,):
        if not isinstance(state, Weight) or state.sources:
            yield "hx"
            return


_ALPHA = (_Further("alpha", 1),)
_SPREAD = (_Further("unbiased", True, 2), _Further("correction", 1))
_AVERAGE = (_Further("divisor_override", None, 6),)
_FURTHER: dict[str, tuple[_Further, ...]] = {
    "add": _ALPHA,
    "addmm": (_Further("beta", 1), *_ALPHA),
    "avg_pool2d": _AVERAGE,
    "avg_pool3d": _AVERAGE,
    "div": (_Further("rounding_mode"),),
    "embedding": (_Further("max_norm", None, 3),),
    "instance_norm": (_Further("use_input_stats", True, 5),),
    "interpolate": (_Further("antialias", False, 6),),
    "normalize": (_Further("eps", 1e-12, 3),),
    "round": (_Further("decimals", 0),),
    "scaled_dot_product_attention": (
        _Further("attn_mask", None, 3),
        _Further("dropout_p", 0.0, 4),
        _Further("is_causal", False, 5),
    ),
    "softplus": (_Further("threshold", 20, 2),),
    "std": _SPREAD,
    "sub": _ALPHA,
    "var": _SPREAD,
}
"""By the plain name of the function."""
_CHANGING: dict[str, Callable[[TracedCall], Iterator[str]]] = {
    "gru": _first_state,
    "interpolate": _uneven,
    "layer_norm": _over_several,
    "lstm": _first_state,
    "scaled_dot_product_attention": _scale,
}
"""What tells of arguments that are usual or not by what else is given."""
