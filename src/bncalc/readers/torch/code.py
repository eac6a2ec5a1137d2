"""Code: calls of functions as a model has them, on tensors that are views of the maps of a graph.

It serves a writer where a call is no op of the language, or says more than its op: with it nothing
of the call is lost, be it an equation, an axis or a mask.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from bncalc.model.graph import Code, Constant, Graph, Node, View
from bncalc.model.ops.attention import FusedAttention
from bncalc.model.ops.foreign import Foreign
from bncalc.readers.axes import Dims
from bncalc.readers.layout import Layout, standard, turn
from bncalc.readers.torch.call_text import COMPARING, SIGNS, CallText, Form, Text, Unwritable
from bncalc.readers.torch.placement import TracePlacement
from bncalc.readers.torch.placing.standardising import moved_back
from bncalc.readers.torch.saying import unsaid
from bncalc.readers.torch.states import OF_TWO, UNKNOWN, Formulas, States
from bncalc.readers.torch.trace import CONCATENATIONS, TracedCall, TracedTensor, Weight


def with_code(
    graph: Graph, placement: TracePlacement, calls: Sequence[TracedCall], params: Set[str]
) -> Graph:
    """Return a graph whose functions have the code of their calls, if no op of ours says it all."""
    nodes = list(graph.nodes)
    seen: set[int] = set()
    read = {*placement.trace.outputs, *[value for call in calls for value in call.values]}
    for call in calls:
        index = placement.any(call.outputs[0]).node
        if index in seen:
            continue
        seen.add(index)
        node, more = nodes[index], unsaid(call)
        if not call.values and node.inputs:
            before = node.inputs[0]
            nodes[before] = nodes[before]._replace(code=_making(call.weights[0], nodes[before]))
        op, outputs = node.op, [value for value in call.outputs if value in read]
        if any(placement.any(value).node == index for value in outputs if value != call.outputs[0]):
            more = more or _FURTHER
        if isinstance(op, Foreign) and (op.facts.derived or _works_out(call, params)):
            more = more or _WEIGHTS
        if more or isinstance(op, Foreign):
            learned = op.cost(graph.input_shapes(node), node.output).params
            code = _Code(placement, call, outputs, node, learned, params).code(more)
            is_like = isinstance(op, Foreign) and op.facts.like is not None
            if is_like and not more and isinstance(code, str) and code != _SHARED:
                code = None
            nodes[index] = node._replace(code=code)
    return graph._replace(nodes=tuple(nodes))


def _making(weight: Weight, node: Node) -> Code | str | None:
    """Return how a map is made that a layer takes though it depends on no input; None if stored.

    Of one that is worked out from stored numbers it is not known.
    """
    if weight.sources:
        return UNKNOWN if _is_worked_out(weight) else None
    if weight.made is None:
        return None
    try:
        constant = Constant(weight.dims, 0, weight.dtype, formula=Formulas([weight]).of(weight))
    except Unwritable:
        return UNKNOWN
    axis = weight.dims.index(node.output.channels, 1)
    layout = standard(weight.dims, axis)
    view = View(layout.sizes, layout.order, weight.dims[1:])
    return Code("{m}", (), view, (constant,), more=True)


def _works_out(call: TracedCall, params: Set[str]) -> bool:
    """Return whether numbers that a call reads are worked out of buffers."""
    return any(_is_worked_out(each) for each in call.weights if params.isdisjoint(each.sources))


def _is_worked_out(weight: Weight) -> bool:
    """Return whether numbers are worked out of stored ones, and not only moved."""
    return bool(weight.sources) and moved_back(weight).made is not None


class _Code:
    """What writes a call down; with `further` its tensors have the batch before all their axes."""

    def __init__(
        self,
        placement: TracePlacement,
        call: TracedCall,
        outputs: list[TracedTensor],
        node: Node,
        learned: int,
        params: Set[str],
    ) -> None:
        self._placement, self._call, self._node = placement, call, node
        self._outputs = outputs or call.outputs[:1]
        self._out = self._outputs[0]
        self._learned, self._params = learned, params
        self._values = call.values[:1] if call.word == "expand_as" else call.values
        self._states = States(params)
        self._further = any(each.dims[:1] != (1,) for each in (*call.values, self._out))

    def code(self, more: str) -> Code | str | None:
        """Return the code of the call; where it cannot be written in a line why, or None.

        `more` are the arguments that no op says.
        """
        try:
            text = self._written(self._form())
            views = [self._view(*each) for each in zip(self._values, self._views(), strict=True)]
            output = self._view(self._out, self._placement.layout(self._out))
            return self._held(Code(text, tuple(views), output, more=bool(more)))
        except Unwritable as error:
            return str(error) or self._reason(more) or None

    def _reason(self, more: str) -> str:
        """Return why the call cannot be written, if what it does is more than its op says."""
        if more == _WEIGHTS:
            return UNKNOWN
        return more and f"what {more} of {self._call.word} does cannot be written"

    def _form(self) -> Form:
        form = _form(self._call)
        if form is None or len(self._values) != len(self._views()):
            raise Unwritable
        if len(self._outputs) > 1:
            raise Unwritable("several of its outputs are read, and bncalc can write one")
        if self._further and not form.broadcasts:
            raise Unwritable
        return form

    def _views(self) -> list[Layout | None]:
        """Return how each tensor lies in the map that the node reads in its place."""
        op, sources = self._node.op, self._node.inputs
        op = (op.facts.like or op) if isinstance(op, Foreign) else op
        if len(sources) != len(self._values):
            return []
        layouts: list[Layout | None] = []
        for place, (value, source) in enumerate(zip(self._values, sources, strict=True)):
            if isinstance(op, FusedAttention) and place < op.inputs:
                *windows, heads, positions, depth = range(len(value.dims))
                order = (heads, depth, *windows, positions)
                layouts.append(turn(value.dims, order).inverse())
            elif source == self._placement.any(value).node:
                layouts.append(self._placement.layout(value))
            else:
                axis = self._placement.axis(self._out)
                layouts.append(standard(value.dims, axis))
        return layouts

    def _view(self, value: TracedTensor, layout: Layout | None) -> View:
        if layout is None or 0 in value.dims or not value.dims:
            raise Unwritable
        dims = (*self._ones(value), *value.dims) if self._further else value.dims[1:]
        return View(layout.sizes, layout.order, dims)

    def _ones(self, value: TracedTensor) -> Dims:
        """Return the axes that a tensor lacks to be broadcast behind the batch."""
        axes = max([len(each.dims) for each in self._values]) if value in self._values else 0
        return (1,) * (axes - len(value.dims))

    def _held(self, code: Code) -> Code:
        """Return the code with the constants of the call, of which one alone needs no name."""
        constants = tuple(self._states.constants())
        learned = sum(each.learned for each in constants)
        if self._learned > learned:
            raise Unwritable
        if self._learned < learned:
            code = code._replace(owner=self._owner())
        if len(constants) == 1:
            call = code.call.replace(f"{{m}}.{constants[0].name}", "{m}")
            code, constants = code._replace(call=call), (constants[0]._replace(name=""),)
        return code._replace(constants=constants)

    def _owner(self) -> int:
        """Return the earlier layer that has learned all constants of the call."""
        sources = frozenset().union(*[weight.sources for weight in self._call.weights])
        owner = self._placement.owner(sources)
        if owner is None or self._learned:
            raise Unwritable(_SHARED)
        return owner

    def _tensor(self, value: TracedTensor | Weight) -> Text:
        if isinstance(value, TracedTensor):
            return Text(f"{{{self._values.index(value)}}}")
        text = self._states.text(value)
        if not self._has_batch(value):
            return text
        ends = ", ".join(["-1"] * (len(value.dims) - 1))
        return Text(f"{text.operand}.expand({{0}}.shape[0], {ends})")

    def _has_batch(self, weight: Weight) -> bool:
        """Return whether a weight is one of each image, put beside maps or to be written over."""
        if self._call.word in (*CONCATENATIONS, "grid_sample", "stack"):
            return True
        if self._call.word != "setitem" or weight is not self._call.all[0]:
            return False
        if not weight.dims[:1] == self._values[0].dims[:1] == (1,):
            raise Unwritable
        return True

    def _written(self, form: Form) -> str:
        """Return the text of the call, with places for its tensors."""
        call = self._call
        if call.word == "copy":
            return f"{self._tensor(call.all[1]).operand}.expand_as({{0}})"
        if call.word in ("expand", "expand_as"):
            sizes = self._view(self._out, Layout()).dims
            x = self._view(call.values[0], Layout()).dims
            ones = f"[:{', None' * (len(sizes) - len(x))}]" if len(sizes) > len(x) else ""
            return f"{{0}}{ones}.expand(-1, {', '.join(map(str, sizes))})"
        text = CallText(call, form, self._tensor, further=self._further).text()
        if len(call.outputs) > 1:
            return f"{text.operand}[{call.outputs.index(self._out)}]"
        return text.source if self._values or not self._further else f"{text.operand}[None]"


_WEIGHTS = "weights"
"""What of a call is more than its op says, if its weights are worked out from stored ones."""
_FURTHER = "a further output"
"""What of a call is more than its op says, if not only the first of its outputs is read."""
_SHARED = "an earlier layer has learned its numbers"
_OF_TORCH = (
    "atan2 bitwise_xor floor_divide fmod lerp logical_and logical_or logical_xor maximum minimum "
    "remainder where"
)
_METHODS = (
    "bitwise_not clamp copy expand expand_as expm1 frac getitem isinf isnan log10 log1p log2 "
    "logical_not masked_fill nan_to_num round setitem trunc"
)
_OF_FUNCTIONAL = (
    "celu hardshrink hardtanh linear pad rrelu scaled_dot_product_attention softplus softshrink "
    "tanhshrink threshold"
)
_ALONG = (
    "amax amin argmax argmin argsort cummax cummin cumprod cumsum flip kthvalue logsumexp max mean "
    "median min mode norm prod repeat sort std sum topk unfold var"
)
_WINDOWED = "batch_norm fold grid_sample group_norm instance_norm interpolate layer_norm rms_norm"
_SLIDING = [f"{word}{n}d" for word in ("avg_pool", "conv", "conv_transpose") for n in (1, 2, 3)]
_FORMS: dict[str, Form] = {
    **{
        word: Form(name=word, sign=sign, broadcasts=True)
        for word, sign in {**SIGNS, **COMPARING}.items()
    },
    **dict.fromkeys(["bmm", "matmul"], Form(name="matmul", sign="@", broadcasts=True)),
    **dict.fromkeys(_OF_TORCH.split(), Form("torch", broadcasts=True)),
    **dict.fromkeys(_METHODS.split(), Form(broadcasts=True)),
    **dict.fromkeys(_OF_FUNCTIONAL.split(), Form("F", broadcasts=True)),
    **dict.fromkeys(_ALONG.split(), Form()),
    **dict.fromkeys([*_WINDOWED.split(), *_SLIDING], Form("F")),
    **dict.fromkeys(("glu", "log_softmax", "softmin"), Form("F", broadcasts=True, axis=1)),
    **dict.fromkeys(CONCATENATIONS, Form("torch", name="cat")),
    **dict.fromkeys(["addcdiv", "addcmul", "gather", "stack"], Form("torch")),
    "fill": Form("torch", name="full_like", broadcasts=True),
    "index_select": Form(broadcasts=True, axis=1),
    "linalg_vector_norm": Form("torch", name="linalg.vector_norm"),
    "log_sigmoid": Form("F", name="logsigmoid", broadcasts=True),
    "normalize": Form("F", broadcasts=True, axis=2),
    "repeat_interleave": Form(broadcasts=True, axis=2),
    "softmax": Form(broadcasts=True, axis=1),
    "zero": Form("torch", name="zeros_like", broadcasts=True),
}
"""By the plain name of the function."""


def _form(call: TracedCall) -> Form | None:
    """Return how a function is written; `unfold` is one of tensors and one of images."""
    if call.word in OF_TWO and len(call.values) + len(call.weights) > 1:
        return OF_TWO[call.word]._replace(broadcasts=True)
    if call.word == "unfold" and len(call.arguments) < 4 and "size" not in call.named:
        return Form("F")
    return _FORMS.get(call.word)
