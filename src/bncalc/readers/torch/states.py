"""States: the learned and fixed numbers that a call reads, and how weights are made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from keyword import kwlist

from bncalc.model.graph import Constant
from bncalc.readers.torch.call_text import CallText, Form, Text, Unwritable
from bncalc.readers.torch.trace import CONCATENATIONS, TracedTensor, Weight


class States:
    """What texts of weights are made of: parameters as the model has them, buffers, constants.

    A tensor that nothing learned goes into is a constant of its own, however it was made.
    """

    def __init__(self, params: Set[str]) -> None:
        self._params = params
        self._names: dict[str, Weight] = {}

    def text(self, weight: TracedTensor | Weight) -> Text:
        """Return how a weight is worked out; raise Unwritable where that cannot be said."""
        if isinstance(weight, TracedTensor):
            raise Unwritable
        if weight.made is None or self._params.isdisjoint(weight.sources):
            return Text(f"{{m}}.{self._name(weight)}")
        call = weight.made.call
        if call.word in _SAME:
            return self._same(call.weights, weight.dtype)
        if call.word in _ATTRIBUTES:
            return Text(f"{self.text(call.weights[0]).operand}.{call.word}")
        form = _FORMS.get(call.word)
        if form is None:
            raise Unwritable
        text = CallText(call, form, self.text).text()
        if call.word in _SEVERAL:
            return Text(f"{text.operand}[{weight.made.output}]")
        return text

    def _same(self, weights: list[Weight], dtype: str) -> Text:
        """Return the text of equal numbers, which may become decimal ones as another has them."""
        text = self.text(weights[0])
        if len(weights) > 1 and weights[0].dtype != dtype:
            return Text(f"{text.operand}.to({self.text(weights[1]).source})")
        return text

    def constants(self) -> Iterator[Constant]:
        """Return the states of all texts so far, each with its name."""
        for name, weight in self._names.items():
            learned = 0 if self._params.isdisjoint(weight.sources) else weight.size
            yield Constant(weight.dims, learned, weight.dtype, name)

    def _name(self, weight: Weight) -> str:
        """Return the name of a state: the last of the model's own that can be one."""
        known = next((name for name, each in self._names.items() if each == weight), None)
        if known is not None:
            return known
        if 0 in weight.dims:
            raise Unwritable
        path = min(weight.sources) if len(weight.sources) == 1 else ""
        found = re.search(r"[^\W\d]\w*(\.\d+)*$", path)
        first = found[0].replace(".", "_") if found else "constant"
        names = [first, *[f"{first}_{count}" for count in range(2, len(self._names) + 4)]]
        name = next(each for each in names if each not in (*self._names, *_TAKEN))
        self._names[name] = weight
        return name


_TAKEN = (*kwlist, "fixed", "indices", "masks", "self")
"""Names that a state cannot have."""
_SAME = ("alias", "clone", "contiguous", "data", "detach", "float", "to", "type_as")
"""What makes equal numbers, by its plain name."""
_ATTRIBUTES = ("T", "mT")
_SEVERAL = ("chunk", "split", "std_mean", "unbind", "var_mean")
"""What makes several tensors."""
_METHODS = (
    "abs amax amin broadcast_to clamp clamp_max clamp_min cos diagonal exp expand expand_as "
    "flatten flip log log1p log2 mean movedim narrow neg norm permute reciprocal relu repeat "
    "repeat_interleave reshape reshape_as roll rsqrt select sigmoid sign sin softmax sqrt square "
    "squeeze std sum swapaxes t tanh tile transpose tril triu unflatten unsqueeze var view view_as"
)
_FUNCTIONS = "batch_norm gelu interpolate layer_norm linear normalize pad silu softplus"
_FORMS: dict[str, Form] = {
    **{word: Form() for word in _METHODS.split()},
    **{word: Form("F") for word in _FUNCTIONS.split()},
    **{word: Form("torch") for word in ("einsum", "maximum", "minimum", "mv", "stack", "where")},
    **dict.fromkeys(_SEVERAL, Form("torch")),
    **dict.fromkeys(CONCATENATIONS, Form("torch", name="cat")),
    "add": Form(sign="+"),
    "div": Form(sign="/"),
    "dot": Form("torch"),
    "getitem": Form(),
    "matmul": Form(sign="@"),
    "mm": Form("torch"),
    "mul": Form(sign="*"),
    "pow": Form(sign="**"),
    "setitem": Form(),
    "sub": Form(sign="-"),
    "vdot": Form("torch"),
    "weight_norm": Form("torch", name="_weight_norm"),
}
"""How functions of weights alone are written, by their plain names."""
