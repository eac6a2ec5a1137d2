"""Code: calls of functions as a model has them, on tensors that are views of the maps of a graph.

It serves a writer where a call is no op of the language, or says more than its op: with it nothing
of the call is lost, be it an equation, an axis or a mask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from math import inf
from typing import Any

from bncalc.model.graph import Code, Constant, Graph, Node, View
from bncalc.model.ops.attention import FusedAttention
from bncalc.model.ops.foreign import Foreign
from bncalc.named import NamedTuple
from bncalc.readers.layout import Layout, standard, turn
from bncalc.readers.torch.placement import TracePlacement
from bncalc.readers.torch.saying import unsaid
from bncalc.readers.torch.trace import TracedCall, TracedTensor, Weight


def with_code(
    graph: Graph, placement: TracePlacement, calls: Iterable[TracedCall], params: Set[str]
) -> Graph:
    """Return a graph whose functions have the code of their calls, if no op of ours says it all."""
    nodes = list(graph.nodes)
    seen: set[int] = set()
    for call in calls:
        index = placement.any(call.outputs[0]).node
        if index in seen:
            continue
        seen.add(index)
        node, more = nodes[index], unsaid(call)
        op = node.op
        if more or (isinstance(op, Foreign) and op.counted):
            learned = op.cost(graph.input_shapes(node), node.output).params
            code = _Code(placement, call, node, learned, params).code(more)
            if isinstance(code, str) and isinstance(op, Foreign) and op.facts.like and not more:
                code = None
            nodes[index] = node._replace(code=code)
    return graph._replace(nodes=tuple(nodes))


class _Unwritable(Exception):
    """Something of a call cannot be said in a line; the message says why, if it must be told."""


class _Code:
    """What writes a call down; with `further` its tensors have the batch before all their axes."""

    def __init__(
        self,
        placement: TracePlacement,
        call: TracedCall,
        node: Node,
        learned: int,
        params: Set[str],
    ) -> None:
        self._placement, self._call, self._node = placement, call, node
        self._learned, self._params = learned, params
        self._values = call.values
        self._constants: list[Weight] = []
        self._index: Weight | None = None
        self._further = any(each.dims[:1] != (1,) for each in (*call.values, call.outputs[0]))

    def code(self, more: str) -> Code | str | None:
        """Return the code of the call; where it cannot be written in a line why, or None.

        `more` are the arguments that no op says.
        """
        try:
            text = self._written(self._form())
            views = [self._view(*each) for each in zip(self._values, self._views(), strict=True)]
            out = self._call.outputs[0]
            output = self._view(out, self._placement.layout(out))
            return Code(text, tuple(views), output, self._constant(), bool(more))
        except _Unwritable as error:
            reason = f"what {more} of {self._call.word} does cannot be written" if more else ""
            return str(error) or reason or None

    def _form(self) -> _Form:
        form = _form(self._call)
        if form is None or len(self._call.outputs) > 1 or len(self._values) != len(self._views()):
            raise _Unwritable
        if self._further and not form.broadcasts:
            raise _Unwritable
        return form

    def _views(self) -> list[Layout | None]:
        """Return how each tensor lies in the map that the node reads in its place."""
        op, sources = self._node.op, self._node.inputs
        op = (op.facts.like or op) if isinstance(op, Foreign) else op
        if len(sources) != len(self._values):
            return []
        layouts: list[Layout | None] = []
        out = self._call.outputs[0]
        for value, source in zip(self._values, sources, strict=True):
            if isinstance(op, FusedAttention):
                *windows, heads, positions, depth = range(len(value.dims))
                order = (heads, depth, *windows, positions)
                layouts.append(turn(value.dims, order).inverse())
            elif source == self._placement.any(value).node:
                layouts.append(self._placement.layout(value))
            else:
                axis = self._placement.axis(out)
                layouts.append(standard(value.dims, axis))
        return layouts

    def _view(self, value: TracedTensor, layout: Layout | None) -> View:
        if layout is None or 0 in value.dims or not value.dims:
            raise _Unwritable
        return View(layout.sizes, layout.order, value.dims if self._further else value.dims[1:])

    def _constant(self) -> Constant | None:
        """Return the one constant of the call, if it has one."""
        learned = self._learned
        if not self._constants:
            if learned:
                raise _Unwritable
            return None
        (constant,) = self._constants
        if self._params & constant.sources and constant.is_computed:
            raise _Unwritable("its numbers are worked out from learned ones")
        if self._params & constant.sources and not learned:
            raise _Unwritable("an earlier layer has learned its numbers")
        return Constant(constant.dims, learned, constant is self._index)

    def _written(self, form: _Form) -> str:
        """Return the text of the call, with places for its tensors."""
        call = self._call
        if form.sign:
            return self._joined(form)
        if call.word == "getitem":
            return f"{self._text(call.all[0])}[{self._key(call.all[1])}]"
        if call.word in ("expand", "expand_as"):
            sizes = self._view(call.outputs[0], Layout()).dims
            x = self._view(call.values[0], Layout()).dims
            ones = f"[:{', None' * (len(sizes) - len(x))}]" if len(sizes) > len(x) else ""
            return f"{{0}}{ones}.expand(-1, {', '.join(map(str, sizes))})"
        given = [self._text(self._shifted(form, i, each)) for i, each in enumerate(call.arguments)]
        given += [
            f"{name}={self._text(self._shifted(form, name, each))}"
            for name, each in call.named.items()
            if each is not None and _USUAL.get(name) != each and name not in _UNSAID
        ]
        if form.owner:
            return f"{form.owner}.{form.name or call.word}({', '.join(given)})"
        first, *others = given
        return f"{first}.{form.name or call.word}({', '.join(others)})"

    def _joined(self, form: _Form) -> str:
        """Return what joins two operands: a sign, or a function that is told how."""
        call = self._call
        first, second = map(self._text, call.all[:2])
        further = list(call.named.items())[max(2 - len(call.arguments), 0) :]
        told = [f"{name}={self._text(each)}" for name, each in further if each is not None]
        if told or all(isinstance(each, (TracedTensor, Weight)) for each in call.all[:2]):
            return f"torch.{form.name}({', '.join([first, second, *told])})"
        base = f"({first})" if first.startswith("-") else first
        return f"{base} {form.sign} {second}"

    def _shifted(self, form: _Form, place: int | str, value: Any) -> Any:
        """Return an argument; one that counts axes, from the front, counts the batch as well."""
        if not self._further or place not in (form.axis, "dim") or not isinstance(value, int):
            return value
        return value + 1 if value >= 0 else value

    def _key(self, key: Any) -> str:
        """Return what stands in brackets; the batch is not cut."""
        keys = list(key) if isinstance(key, tuple) and not isinstance(key, Weight) else [key]
        if self._further:
            keys.insert(0, slice(None))
        if keys[0] is not ... and keys[0] != slice(None):
            raise _Unwritable
        self._index = next((each for each in keys if isinstance(each, Weight)), None)
        return ", ".join([self._part(each) for each in keys])

    def _part(self, key: Any) -> str:
        if isinstance(key, slice):
            ends = ["" if each is None else str(each) for each in (key.start, key.stop)]
            step = f":{key.step}" if key.step not in (None, 1) else ""
            return f"{':'.join(ends)}{step}"
        return "..." if key is ... else self._text(key)

    def _text(self, value: Any) -> str:
        if isinstance(value, TracedTensor):
            return f"{{{self._values.index(value)}}}"
        if isinstance(value, Weight):
            return self._constant_text(value)
        if isinstance(value, (tuple, list)):
            return f"({', '.join(self._items(value))}{',' * (len(value) == 1)})"
        if value is None or isinstance(value, (bool, int, str)):
            return repr(value).replace("'", '"')
        if isinstance(value, float):
            infinite = f"{'-' * (value < 0)}torch.inf"
            return infinite if abs(value) == inf else repr(value)
        raise _Unwritable

    def _items(self, values: Iterable[Any]) -> Iterator[str]:
        for value in values:
            yield self._text(value)

    def _constant_text(self, weight: Weight) -> str:
        if weight not in self._constants:
            self._constants.append(weight)
        if len(self._constants) > 1 or 0 in weight.dims:
            raise _Unwritable
        if self._call.word not in ("cat", "concat", "concatenate", "stack"):
            return "{m}"
        return f"{{m}}.expand({{0}}.shape[0], {', '.join(['-1'] * (len(weight.dims) - 1))})"


class _Form(NamedTuple):
    """How a function is written: between its operands, of a module, or of its first tensor.

    One that `broadcasts` takes tensors with a further axis before their own; `axis` is the argument
    that counts axes.
    """

    owner: str = ""
    sign: str = ""
    name: str = ""
    broadcasts: bool = False
    axis: int = -1


_USUAL = {
    "dilation": 1,
    "dropout_p": 0.0,
    "enable_gqa": False,
    "eps": 1e-12,
    "is_causal": False,
    "keepdim": False,
    "mode": "constant",
    "p": 2.0,
    "padding": 0,
}
"""What the functions take for arguments that are not given."""
_UNSAID = {"device", "dtype", "inplace", "layout", "memory_format", "pin_memory"}
_FORMS: dict[str, _Form] = {
    "add": _Form(name="add", sign="+", broadcasts=True),
    "div": _Form(name="div", sign="/", broadcasts=True),
    "mul": _Form(name="mul", sign="*", broadcasts=True),
    "pow": _Form(name="pow", sign="**", broadcasts=True),
    "sub": _Form(name="sub", sign="-", broadcasts=True),
    **dict.fromkeys(["bmm", "matmul"], _Form(name="matmul", sign="@", broadcasts=True)),
    **dict.fromkeys(["maximum", "minimum", "where"], _Form("torch", broadcasts=True)),
    **dict.fromkeys(["cat", "concat", "concatenate"], _Form("torch", name="cat")),
    **dict.fromkeys(["addcdiv", "addcmul", "gather", "stack"], _Form("torch")),
    **dict.fromkeys(["amax", "amin", "mean", "norm", "std", "sum", "var"], _Form()),
    **dict.fromkeys(["flip", "repeat", "unfold"], _Form()),
    **dict.fromkeys(["conv1d", "conv2d", "conv3d", "fold", "linear"], _Form("F")),
    **dict.fromkeys(["avg_pool1d", "avg_pool2d", "avg_pool3d", "interpolate"], _Form("F")),
    "layer_norm": _Form("F"),
    "softplus": _Form("F", broadcasts=True),
    **dict.fromkeys(["expand", "expand_as"], _Form(broadcasts=True)),
    "clamp": _Form(broadcasts=True),
    "getitem": _Form(broadcasts=True),
    "masked_fill": _Form(broadcasts=True),
    "normalize": _Form("F", broadcasts=True, axis=2),
    "pad": _Form("F", broadcasts=True),
    "repeat_interleave": _Form(broadcasts=True, axis=2),
    "scaled_dot_product_attention": _Form("F", broadcasts=True),
    "softmax": _Form(broadcasts=True, axis=1),
}
"""By the plain name of the function."""


def _form(call: TracedCall) -> _Form | None:
    """Return how a function is written; `unfold` is one of tensors and one of images."""
    if call.word == "unfold" and len(call.arguments) < 4 and "size" not in call.named:
        return _Form("F")
    return _FORMS.get(call.word)
