"""States: the learned and fixed numbers that a call reads, and how weights are made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from keyword import kwlist
from typing import Any

from bncalc.model.graph import Constant
from bncalc.model.literal import literal
from bncalc.readers.torch.call_text import COMPARING, SIGNS, CallText, Form, Text, Unwritable
from bncalc.readers.torch.trace import CONCATENATIONS, Making, TracedCall, TracedTensor, Weight


class States:
    """What texts of weights are made of: parameters and buffers as the model has them, constants.

    A tensor that nothing stored goes into is a constant of its own, made by a formula.
    """

    def __init__(self, params: Set[str]) -> None:
        self._params = params
        self._names: dict[str, Weight] = {}

    def text(self, weight: TracedTensor | Weight) -> Text:
        """Return how a weight is worked out; raise Unwritable where that cannot be said."""
        if isinstance(weight, TracedTensor):
            raise Unwritable
        if weight.made is None or not weight.sources:
            return Text(f"{{m}}.{self._name(weight)}")
        call = weight.made.call
        if call.word in (*_SAME, *_CONVERSIONS):
            return self._same(call.weights, weight.dtype)
        if call.word in _ATTRIBUTES:
            return Text(f"{self.text(call.weights[0]).operand}.{call.word}")
        text = CallText(call, _form(call), self.text).text()
        if call.word in _SEVERAL:
            return Text(f"{text.operand}[{weight.made.output}]")
        return text

    def _same(self, weights: list[Weight], dtype: str) -> Text:
        """Return the text of equal numbers, which may become decimal ones as another has them."""
        text = self.text(weights[0])
        if weights[0].dtype == dtype:
            return text
        if len(weights) > 1:
            return Text(f"{text.operand}.to({self.text(weights[1]).source})")
        return Text(f"{text.operand}.{dtype or 'float'}()")

    def constants(self) -> Iterator[Constant]:
        """Return the states of all texts so far, each with its name."""
        formulas = Formulas(list(self._names.values()))
        for name, weight in self._names.items():
            learned = 0 if self._params.isdisjoint(weight.sources) else weight.size
            yield Constant(weight.dims, learned, weight.dtype, name, formulas.of(weight))

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


class Formulas:
    """Writes how tensors are made, in statements of a line, what is read more than once in one."""

    def __init__(self, weights: Sequence[Weight]) -> None:
        self._again = _read_again(weights)
        self._names: dict[int, str] = {}  # by the identity of how a tensor was made
        self._statements: list[str] = []

    def of(self, weight: Weight) -> str:
        """Return how a tensor is made of no number that a model stores; empty if it is stored.

        Raise Unwritable where that cannot be said, or would be too long.
        """
        if weight.made is None:
            return ""
        self._statements = []
        text = self._tensor(weight, _MOST_STEPS).source
        return "\n".join([*self._statements, text])

    def _tensor(self, weight: TracedTensor | Weight, steps: int) -> Text:
        if isinstance(weight, TracedTensor) or weight.made is None or not steps:
            raise Unwritable(UNKNOWN)
        made = id(weight.made)
        if made in self._names:
            return Text(self._names[made])
        text = self._text(weight, weight.made, steps)
        if len(text.source) > _LONGEST:
            raise Unwritable(UNKNOWN)
        is_short = len(text.source) <= (_SHORT if made in self._again else _LINE)
        if not is_short and weight.made.call.word != "setitem":
            self._names[made] = name = f"part{len(self._names) + 1}"
            self._statements.append(f"{name} = {text.source}")
            return Text(name)
        return text

    def _text(self, weight: Weight, made: Making, steps: int) -> Text:
        call, dtype = made.call, str(weight.dtype)

        def tensor(other: TracedTensor | Weight) -> Text:
            return self._tensor(other, steps - 1)

        if kind := _FILLED.get(call.word):
            numbers = [weight.dims, *call.all[-1:]] if kind == "full" else [weight.dims]
            text = Text(f"torch.{kind}({', '.join(map(literal, numbers))})")
            dtype = _dtype(numbers[1:])
        elif call.word in (*_SAME, *_CONVERSIONS):
            text, dtype = tensor(call.weights[0]), call.weights[0].dtype
        elif call.word in _FACTORIES:
            text = CallText(call, Form("torch"), tensor).text()
            dtype = _dtype(call.arguments) if call.word in _TYPED else ""
        else:
            text = CallText(call, _form(call), tensor).text()
            text = Text(f"{text.operand}[{made.output}]") if call.word in _SEVERAL else text
        return (
            Text(f"{text.operand}.{weight.dtype or 'float'}()") if dtype != weight.dtype else text
        )


def _read_again(weights: Sequence[Weight]) -> set[int]:
    """Return what more than one call reads of all that tensors are made of."""
    known, again, waiting = set[int](), set[int](), [*weights]
    while waiting:
        made = waiting.pop().made
        if made is not None:
            (again if id(made) in known else known).add(id(made))
            waiting += made.call.weights if id(made) not in again else []
    return again


def _dtype(given: Any) -> str:
    """Return the type of what is made of numbers: that of the widest."""
    if isinstance(given, (list, tuple)):
        kinds = set(map(_dtype, given))
        return "" if "" in kinds or not kinds else "long" if "long" in kinds else "bool"
    return "bool" if isinstance(given, bool) else "long" if isinstance(given, int) else ""


UNKNOWN = "bncalc cannot write how the model works out the numbers that it reads"
_MOST_STEPS = 40
_LONGEST = 1000
"""A formula of more characters is nothing to read."""
_LINE = 60
_SHORT = 20
"""What has more characters is a statement of its own, be it read more than once or not."""
_FACTORIES = ("arange", "eye", "linspace", "tensor")
_TYPED = ("arange", "tensor")
"""What makes numbers of the type of those that it is given."""
_FILLED = {
    f"{before}{word}{after}": word
    for word in ("full", "ones", "zeros")
    for before, after in (("", ""), ("new_", ""), ("", "_like"))
}
"""What makes equal numbers, by its plain name: the function of PyTorch that is told their sizes."""
_TAKEN = (*kwlist, "fixed", "indices", "masks", "self")
"""Names that a state cannot have."""
_SAME = ("alias", "clone", "contiguous", "data", "detach", "float", "to", "type_as")
"""What makes equal numbers, by its plain name."""
_VIEWS = {"unsafe_view": "reshape", "view": "reshape", "view_as": "reshape_as"}
"""What fails of a turned tensor that is no longer made contiguous, and what does the same."""
_ATTRIBUTES = ("T", "mT")
_CONVERSIONS = ("bool", "byte", "double", "half", "int", "long", "type")
_SEVERAL = ("chunk", "meshgrid", "split", "std_mean", "unbind", "var_mean")
"""What makes several tensors."""
_METHODS = (
    "abs amax amin bitwise_not broadcast_to ceil clamp clamp_max clamp_min cos cumsum diagonal exp "
    "expand expand_as flatten flip floor log log1p log2 logical_not masked_fill mean movedim "
    "narrow neg norm permute reciprocal relu repeat repeat_interleave reshape reshape_as roll "
    "round rsqrt select sigmoid sign sin softmax sqrt square squeeze std sum swapaxes t tanh tile "
    "transpose tril triu unflatten unsqueeze var view view_as"
)
_FUNCTIONS = (
    "batch_norm embedding gelu interpolate layer_norm linear normalize one_hot pad silu softplus"
)
_OF_TORCH = "dot einsum gather logical_and logical_or maximum minimum mm mv outer stack vdot where"
_FORMS: dict[str, Form] = {
    **{word: Form() for word in _METHODS.split()},
    **{word: Form("F") for word in _FUNCTIONS.split()},
    **{word: Form("torch") for word in (*_OF_TORCH.split(), *_SEVERAL)},
    **dict.fromkeys(CONCATENATIONS, Form("torch", name="cat")),
    **{word: Form(sign=sign) for word, sign in {**SIGNS, **COMPARING}.items()},
    **dict.fromkeys(["floor_divide", "floordiv"], Form(sign="//")),
    "getitem": Form(),
    "matmul": Form(sign="@"),
    "remainder": Form(sign="%"),
    "setitem": Form(),
    "weight_norm": Form("torch", name="_weight_norm"),
}
"""How functions of weights alone are written, by their plain names."""
OF_TWO = {"max": Form("torch", name="maximum"), "min": Form("torch", name="minimum")}
"""How those of two tensors are that are others of one."""


def _form(call: TracedCall) -> Form:
    """Return how a function is written; raise Unwritable for one that is not known."""
    if call.word in _VIEWS and not call.named:
        return Form(name=_VIEWS[call.word])
    form = (OF_TWO if len(call.weights) == 2 and call.word in OF_TWO else _FORMS).get(call.word)
    if form is None:
        raise Unwritable(UNKNOWN)
    return form
