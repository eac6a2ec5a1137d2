"""Rules: what each tool counts of each op, a sum of a few terms.

A rule takes each of its terms so many times. `rules.txt` holds a rule for each op and each tool.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from bncalc.analysis.terms import TERMS, RuledLayer
from bncalc.model.graph import Aside
from bncalc.model.op import Op
from bncalc.model.ops.foreign import Foreign
from bncalc.model.shape import Shape

CountRule = tuple[tuple[int, str], ...]
"""A sum of terms, each with its factor."""
_OWN: CountRule = ((1, "m"),)
_TWICE: CountRule = ((2, "m"),)
"""What PyTorch's own counter counts of an op that no row has."""
_HEIR = "_heir"
"""How a call ends in a layer derived from one of PyTorch's, which ultralytics-thop takes for it."""
_OF_OTHERS = "_of_others"
"""How a call ends in attention that is not PyTorch's, which ultralytics-thop does not know."""
_STRIDED = "strided"
"""How a call of a linear layer ends whose map lies in another order: ptflops misses its bias."""
_PADDED = (":padded", "_padded")
"""How a call of a convolution ends whose padding is a word, which tools that trace do not know."""
_EVEN = {"m": "P", "M": "P", "b": "Q"}
"""Terms of a convolution as calflops has them, which pads both ends of an axis alike."""
_HOOKED = (
    *("adaptive_avg_pool", "adaptive_max_pool", "avg_pool", "batch_norm", "conv", "conv_transpose"),
    *("elu", "gelu", "global_avg_pool", "global_max_pool", "group_norm", "gru", "gru_cell"),
    *("instance_norm", "layer_norm", "leaky_relu", "linear", "lstm", "lstm_cell", "max_pool"),
    *("prelu", "relu", "relu6", "resize", "rnn_relu", "rnn_relu_cell", "rnn_tanh", "rnn_tanh_cell"),
    "upsample",
)
"""What ptflops counts in modules, by which it has then counted for each image."""
RESIZED = ("resize", "upsample")
"""What ptflops takes the first image of a batch for, and then divides by all."""
_BY_CODE = ("addmm", "function", "kept", "matmul", "method", "mm", "own", "vector")
"""Words in how a model's own code calls a function, and no module."""
_AS_MODULE: CountRule = ((1, "="),)
"""A rule of a kind of call, which is that of the module."""


def counted(
    op: Op, inputs: tuple[Shape, ...], output: Shape, tool: str
) -> Iterator[tuple[str, int]]:
    """Return the terms of what a tool counts of one layer for one image, each with its column."""
    rule = rule_for(op, tool)
    if rule:
        layer, times = _layer(op, inputs, output)
        for factor, name in rule:
            term = TERMS[name[0]]
            column = term.column if op.family == "product" else op.family
            yield column, factor * times * term.count(layer) * _channels(name[1:], layer)


def _channels(side: str, layer: RuledLayer) -> int:
    """Return the channels that a tool takes for steps of a sequence without a batch."""
    if not side:
        return 1
    return layer.inputs[0].channels if side == "@i" else layer.output.channels


def operations(op: Op, aside: Aside, tool: str) -> int:
    """Return what a tool counts of an op on what arrives at an aside."""
    return sum([count for _, count in counted(op, aside.inputs, aside.output, tool)])


def again(aside: Aside, tool: str) -> int:
    """Return what a tool counts of a layer again because its module is in several places.

    thop looks at it in each place, and adds up in each; calflops and ptflops add up alone, ptflops
    what it counts of the module and not of the function in it.
    """
    count, places = operations(aside.op, aside, tool), aside.places
    if tool == "thop":
        return count * (places**2 - 1)
    if tool == "ptflops" and aside.in_module:
        module = of_module(aside.op, aside.inputs, aside.output, tool)
        return sum([count for _, count in module]) * (places - 1)
    return count * (places - 1) if tool in ("calflops", "calflops-macs") else 0


def of_module(
    op: Op, inputs: tuple[Shape, ...], output: Shape, tool: str
) -> Iterator[tuple[str, int]]:
    """Yield the terms of what ptflops counts of a module, and not of the function in it."""
    word, *how = op.twin().split(":")
    calls = set(how[-1].split("_")) if how else set()
    attends = "attention" in calls
    if not attends and (word not in _HOOKED or not calls.isdisjoint(_BY_CODE)):
        return
    yield from counted(op, inputs, output, tool)
    if not (attends and word in ("fused_attention", "multiply")):
        for column, count in counted(_as_function(op), inputs, output, tool):
            yield column, -count


def _as_function(op: Op) -> Op:
    """Return an op as code calls it."""
    if not isinstance(op, Foreign):
        return op.having(called="function") if op.field("called") is not None else op
    like = op.facts.like
    return Foreign(op.facts._replace(called="function", like=like and _as_function(like)))


def _layer(op: Op, inputs: tuple[Shape, ...], output: Shape) -> tuple[RuledLayer, int]:
    """Return a layer as rules look at it, and how many maps it is done to."""
    cost = op.cost(inputs, output)
    if not isinstance(op, Foreign):
        return RuledLayer(op, inputs, output, cost), 1
    if op.facts.like is None:
        return RuledLayer(op, inputs, output, cost, op.facts.seen), 1
    if op.facts.each is None:
        return RuledLayer(op.facts.like, inputs, output, cost), 1
    maps, inputs, output = op.facts.each
    return RuledLayer(op.facts.like, inputs, output, cost._replace(macs=cost.macs // maps)), maps


def rule_for(op: Op, tool: str) -> CountRule | None:
    """Return a tool's rule for an op; None where it has not been observed."""
    if tool == "bncalc":
        return _OWN if op.family == "product" else ()
    rule = _rule_of(op.twin(), op.family, tool)
    return rule if rule is not None and _is_known(rule, op) else None


def _rule_of(twin: str, family: str, tool: str) -> CountRule | None:
    """Return a tool's rule for what an op's `twin` says; calls by words that end so as others."""
    rules = _rules(tool)
    if twin.endswith(_HEIR):
        base = twin.removesuffix(_HEIR)
        twin = _of_parent(base, rules) if tool == "ultralytics-thop" else base
    if twin.endswith(_OF_OTHERS):
        if tool == "ultralytics-thop":
            return ()
        twin = twin.removesuffix(_OF_OTHERS)
    if twin.endswith(_STRIDED) and twin not in rules:
        if tool == "ptflops-aten":
            return _OWN
        twin = twin.removesuffix(_STRIDED).rstrip("_:")
    if twin.endswith(_PADDED):
        return _padded(_rule_of(twin[: -len(_PADDED[0])], family, tool), tool)
    if twin in rules:
        return rules[twin]
    if tool == "torch":
        return _TWICE
    word, _, called = twin.rpartition(":")
    general = rules.get(f"{family}:{called}")
    return rules.get(word) if general == _AS_MODULE else general


def _padded(rule: CountRule | None, tool: str) -> CountRule | None:
    """Return the rule of a convolution whose padding is a word, by that of one padded otherwise."""
    if rule and tool in ("fvcore", "torchprofile"):
        return tuple([term for term in rule if term[1] not in _EVEN])
    if rule and tool in ("calflops", "calflops-macs"):
        return tuple([(factor, _EVEN.get(name, name)) for factor, name in rule])
    return rule


def _of_parent(twin: str, rules: Mapping[str, CountRule | None]) -> str:
    """Return the name of what a layer of PyTorch does as one derived from it does."""
    word = twin.rpartition(":")[0]
    return f"{word}:attention" if f"{word}:attention" in rules else word


def _is_known(rule: CountRule, op: Op) -> bool:
    """Return whether the op is one that the terms of a rule can be worked out of."""
    kind = type(op.facts.like or op if isinstance(op, Foreign) else op)
    return all(issubclass(kind, TERMS[name[0]].of) for _, name in rule)


@cache
def _rules(tool: str) -> Mapping[str, CountRule | None]:
    """Return the rules of a tool, by what an op's `twin` says; None if it was not observed."""
    text = files("bncalc.analysis").joinpath("rules.txt").read_text(encoding="utf-8")
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    column = lines[0].index(tool)
    return {words[0]: _rule(words[column]) for words in lines[1:]}


@cache
def _rule(cell: str) -> CountRule | None:
    if cell == "?":
        return None
    cell, sign, side = cell.partition("@")
    terms = cell.replace("-", "+-").split("+")
    return tuple([(_factor(term[:-1]), term[-1] + sign + side) for term in terms if cell != "·"])


def _factor(text: str) -> int:
    return int(f"{text}1") if text in ("", "-") else int(text)
