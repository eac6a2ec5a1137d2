"""Layers: the operations on data, those that are one in several put together again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from bncalc.named import NamedTuple
from bncalc.readers.onnx.flow import Flow
from bncalc.readers.onnx.inference import NodeStep
from bncalc.readers.onnx.names import module_of_weight
from bncalc.readers.onnx.patterns import SHIFT, Pattern, X, patterns_of
from bncalc.readers.onnx.properties import OURS, read_properties
from bncalc.readers.onnx.scope import NONE
from bncalc.readers.onnx.terms import Match, find
from bncalc.readers.shuffles import shuffle_of

_PRODUCTS = ("Conv", "ConvInteger", "ConvTranspose", "MatMul", "MatMulInteger")
_FIXED = {"GroupNorm": ("InstanceNormalization",), "Conv": ("Mul",), "MatMul": ("Mul",)}
"""Steps of a layer whose constants are not learned: the statistics' own, and scales."""
_MOVING = {
    "Cast", "CastLike", "DequantizeLinear", "Flatten", "Identity", "QuantizeLinear",
    "Reshape", "Slice", "Split", "Squeeze", "Transpose", "Unsqueeze",
}  # fmt: skip
"""Operations that are no layers: whoever reads their output finds what it is made of."""


class FusedLayer(NamedTuple):
    """What is read as one operation: its word, its steps, the last first, and values by name.

    `step` is the last of its steps, which puts out; `core` the one that multiplies with weights,
    else the last; `data` are the values of data that arrive, and `x` is the one that it works on.
    """

    word: str
    step: NodeStep
    steps: tuple[NodeStep, ...]
    names: dict[str, int]
    data: tuple[int, ...]
    core: NodeStep
    x: int

    @property
    def is_placed(self) -> bool:
        """Whether it becomes a layer with a name."""
        return self.word not in _MOVING

    @property
    def learning(self) -> tuple[NodeStep, ...]:
        """The steps in which learned constants enter, in order."""
        if len(self.steps) == 1:
            return self.steps
        fixed = _FIXED.get(self.word, ())
        return tuple([step for step in reversed(self.steps) if step.call.op not in fixed])

    def made(self) -> list[int]:
        """Return the values that it puts out."""
        return [place for place in self.step.outputs if place != NONE]


def layers(flow: Flow) -> list[FusedLayer]:
    """Return the operations on data in order, patterns in place of what they are made of."""
    taken: set[int] = set()
    backwards: list[FusedLayer] = []
    patterns = patterns_of({step.call.op for step in flow.trace.steps})
    for step in reversed(flow.steps):
        if id(step) not in taken:
            layer = _layer(flow, step, patterns)
            taken.update([id(inner) for inner in layer.steps])
            backwards.append(layer)
    return backwards[::-1]


def _layer(flow: Flow, step: NodeStep, patterns: Mapping[str, Sequence[Pattern]]) -> FusedLayer:
    if not step.call.domain:
        candidates = patterns.get(step.call.op, ())
        makers = {flow.before(place) for place in step.inputs} if candidates else set()
        constants = sum([not flow.data[place] for place in step.inputs]) if candidates else 0
        for word, term, before, held in candidates:
            likely = held <= constants and before <= makers
            match = find(flow, step, term) if likely else None
            if match is not None and _fits(flow, word, match):
                return _fused(flow, word, match.steps, match.names)
        word, steps = _shuffle(flow, step)
        if steps:
            return _fused(flow, word, steps, {X: steps[-1].inputs[0]})
    data = tuple(dict.fromkeys([place for place in step.inputs if flow.data[place]]))
    return FusedLayer(step.call.op, step, (step,), {}, data, step, _first(step))


def _fused(flow: Flow, word: str, steps: tuple[NodeStep, ...], names: dict[str, int]) -> FusedLayer:
    within = {place for step in steps for place in step.outputs}
    places = [place for step in reversed(steps) for place in step.inputs if flow.data[place]]
    data = [place for place in dict.fromkeys(places) if place not in within]
    core = next((step for step in steps if step.call.op in _PRODUCTS), steps[0])
    x = names[X] if X in names else _first(core)
    return FusedLayer(word, steps[0], steps, names, tuple(data), core, x)


def _first(step: NodeStep) -> int:
    return step.inputs[0] if step.inputs else NONE


def _fits(flow: Flow, word: str, match: Match) -> bool:
    """Tell whether a constant that adds to a product adds to each channel, and is its only bias.

    Groups that are normalised as channels learn nothing themselves: a module's weights do not fit.
    """
    if word == "FusedAttention":
        return _is_noted_as_one(flow, match.steps) and _is_of_tokens(flow, match)
    if word == "GroupNorm":
        norm = next(step for step in match.steps if step.call.op == "InstanceNormalization")
        scale = flow.trace.names[norm.inputs[1]]
        return not ("." in scale and module_of_weight(scale))
    if word not in _PRODUCTS or SHIFT not in match.names:
        return True
    product = next(step for step in match.steps if step.call.op in _PRODUCTS)
    out = flow.value(product.outputs[0]).dims or ()
    held = flow.value(match.names[SHIFT]).dims or ()
    behind = 0 if product.call.op.startswith("MatMul") else len(out) - 2
    channels = out[-1 - behind :][:1]
    in_place = held[len(held) - 1 - behind :] == channels + (1,) * behind
    own = product.call.op.endswith("Integer") or len(product.inputs) == 2
    return own and in_place and (prod(held),) == channels


def _is_noted_as_one(flow: Flow, steps: Sequence[NodeStep]) -> bool:
    """Tell whether the file says of all steps that they are of one layer, as those of bncalc do."""
    wire, (key, _) = flow.trace.wire, OURS
    noted = {*[path for s in steps for path in read_properties(wire, s.node.properties, (key,))]}
    return len(noted) == 1 and "" not in noted


def _is_of_tokens(flow: Flow, match: Match) -> bool:
    """Tell whether queries, keys and values have equal heads, and weights of a query sum to 1."""
    heads = {(flow.value(match.names[name]).dims or ())[:-2] for name in "qkv"}
    softmax = next(step for step in match.steps if step.call.op == "Softmax")
    return len(heads) == 1 and () not in heads and softmax.call.attributes.get("axis") == -1


_WORDS = {
    "channel_shuffle": "ChannelShuffle",
    "pixel_shuffle": "DepthToSpace",
    "space_to_depth": "SpaceToDepth",
}


def _shuffle(flow: Flow, last: NodeStep) -> tuple[str, tuple[NodeStep, ...]]:
    """Return what the steps before a reshape are together and these steps, empty where nothing."""
    turn = _maker(flow, last, "Reshape", "Transpose")
    first = turn and _maker(flow, turn, "Transpose", "Reshape")
    if first is None or turn is None:
        return "", ()
    places = (first.inputs[0], turn.inputs[0], last.outputs[0])
    before, between, after = [flow.value(place).dims or () for place in places]
    found = shuffle_of(turn.call.integers("perm"), before, between, after)
    return (_WORDS[found.word], (last, turn, first)) if found is not None else ("", ())


def _maker(flow: Flow, step: NodeStep, op: str, before: str) -> NodeStep | None:
    """Return the step before, if it is of that operation and nobody else reads it."""
    maker = flow.made.get(step.inputs[0]) if step.call.op == op and step.inputs else None
    if maker is None or maker.call.op != before or maker.call.domain:
        return None
    alone = len(flow.readers[step.inputs[0]]) == 1 and not flow.puts_out([step.inputs[0]])
    return maker if alone else None
