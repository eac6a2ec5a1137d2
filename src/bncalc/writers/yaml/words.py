"""Words: what an op or a block is called in a file, and the values of all its arguments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from math import prod
from typing import TypeVar

from bncalc.model.building import Defaults
from bncalc.model.cost import Kept
from bncalc.model.field_types import Either, FieldType
from bncalc.model.graph import Node
from bncalc.model.op import Block, Op
from bncalc.model.ops.arranging import Reshape
from bncalc.model.ops.convolution import Conv, Depthwise, Weighted
from bncalc.model.ops.foreign import Custom, Facts, Foreign, Keeping
from bncalc.model.shape import Shape, Unsized
from bncalc.model.size_types import AXES, Axes, is_by_axis
from bncalc.named import NamedTuple
from bncalc.writers.yaml.entry import EntryArguments, is_same

Usual = TypeVar("Usual", bound=Hashable)
_NAMES = {number: name for name, number in AXES.items()}


class NamedLayer(NamedTuple):
    """A node, and the norm and activation that are named after it."""

    node: Node
    norm: Op | None = None
    act: Op | None = None


class WrittenWord(NamedTuple):
    """A word with all of its arguments, and those that need not be written."""

    word: str
    arguments: EntryArguments
    usual: EntryArguments


class Words:
    """Puts ops and blocks in words, in a file with these defaults."""

    def __init__(self, defaults: Defaults) -> None:
        self.defaults = defaults
        self._usual = {
            "norm": following(defaults.norm, "_norm"),
            "act": following(defaults.act, ""),
            "bias": defaults.bias,
            "padding": defaults.padding,
        }

    def layer(self, layer: NamedLayer, inputs: tuple[Shape, ...]) -> WrittenWord:
        """Return the call of an op and of what is named after it."""
        op = layer.node.op
        facts = _facts(layer.node, inputs)
        if facts is not None:
            kept = op.kept(inputs, layer.node.output)
            x = inputs[0] if inputs else Unsized()
            return self.block(Custom.of(_with_keeps(facts, kept, inputs), x))
        if type(op) is Conv and op.groups == inputs[0].channels > 1:
            multiplier = op.out // op.groups
            values = {field.name: getattr(op, field.name, None) for field in Depthwise.fields}
            call = self.block(Depthwise(**{**values, "multiplier": multiplier}))
        else:
            call = self.block(op)
        if isinstance(op, Weighted):
            call.arguments["norm"] = following(layer.norm or "none", "_norm")
            call.arguments["act"] = following(layer.act or "none", "")
        return call

    def block(self, block: Block) -> WrittenWord:
        """Return the call of a single block."""
        arguments, usual = {}, {}
        for field in block.fields:
            arguments[field.name] = plain(field.type, getattr(block, field.name))
            if not field.required:
                value = plain(field.type, type(block).defaults()[field.name])
                usual[field.name] = value
                if value == "default" and isinstance(block, Op | Depthwise):
                    usual[field.name] = self._usual.get(field.name, value)
        return WrittenWord(block.word, arguments, usual)

    def header(self) -> EntryArguments:
        """Return the defaults as a file has them."""
        without = Words(Defaults())
        return {
            key: value
            for key, value in self._usual.items()
            if not is_same(value, without._usual[key])
        }


def following(op: str | Op, ending: str) -> object:
    """Return a norm or an activation as the argument that names it."""
    if isinstance(op, str):
        return op
    word = op.word.removesuffix(ending)
    own = {key: value for key, value in vars(op).items() if value != op.defaults()[key]}
    return {word: own} if own else word


def _facts(node: Node, inputs: tuple[Shape, ...]) -> Facts | None:
    """Return what describes an operation that no word can be used for, None for any other."""
    op = node.op
    if isinstance(op, Foreign):
        return op.facts
    if op.inputs is None and len(inputs) < op.fewest:  # other formats join one map, too
        cost = op.cost(inputs, node.output)
        return Facts(op.word, node.output, cost, op.storage, op.family, op.role)
    return None


def _with_keeps(facts: Facts, kept: Kept, inputs: tuple[Shape, ...]) -> Facts:
    """Return a description that says what is kept, where that does not follow from the rest."""
    silent = facts._replace(like=None, keeps=None)
    usual = Foreign(silent).kept(inputs, facts.output)
    if (usual.inputs, usual.output) == (kept.inputs, kept.output):
        return silent
    word: Keeping = "inputs" if kept.inputs else "output"
    if kept.inputs == kept.output:
        word = "both" if kept.inputs else "nothing"
    return silent._replace(keeps=word)


def following_sizes(op: Op, x: Shape) -> tuple[str, tuple[object, ...]] | None:
    """Return the field of sizes that a view makes, and them by formulas of what arrives.

    So another input can be written into the file, and a width in one place. None if they are
    numbers. Channels follow if they are as many; of a reshape, positions do if they are left by
    themselves or become channels.
    """
    if isinstance(op, Foreign) and op.storage == "view":
        channels, *sizes = op.facts.output
        return ("out", ("=cin", *sizes)) if x.has_channels and channels == x.channels else None
    if not isinstance(op, Reshape):
        return None
    if not x.axes or len(op.to) < 2:
        return None
    first, *others = op.to
    if len(others) > 1 and x.channels != x.positions and first in (x.channels, x.positions):
        return "to", ("=cin" if first == x.channels else "=positions", *others)
    *to, positions = op.to
    if positions == x.positions and prod(to) == x.channels:
        return "to", ("=cin" if len(to) == 1 else to[0], *to[1:], "=positions")
    return ("to", ("=positions", "=cin")) if op.to == (x.positions, x.channels) else None


def plain(type: FieldType, value: object) -> object:
    """Return a value as it is written: one size where all are alike, axes by name."""
    if isinstance(value, Op):
        return following(value, "_norm")
    if not isinstance(value, tuple):
        return value
    if isinstance(type, Axes) or (isinstance(type, Either) and isinstance(type.types[0], Axes)):
        value = tuple([_NAMES.get(axis, axis) for axis in value])
        return value[0] if len(value) == 1 else value
    if is_by_axis(type) and len(set(value)) == 1:
        return value[0]
    return value


def defaults_of(layers: list[NamedLayer]) -> list[Defaults]:
    """Return what most convolutions have in common, to be said once: with and without a bias.

    The likelier of the two comes first.
    """
    convolutions = [
        layer
        for layer in layers
        if isinstance(layer.node.op, Weighted) and layer.node.op.defaults()["norm"] == "default"
    ]
    ops = [layer.node.op for layer in convolutions]
    norm = _usual([layer.norm for layer in convolutions if layer.norm], len(ops))
    act = _usual([layer.act for layer in convolutions if layer.act], len(ops))
    paddings = [
        _padding(layer.node.op) for layer in layers if "padding" in layer.node.op.defaults()
    ]
    own = "default" in paddings  # which would mean the file's
    padding = None if own else _usual([_padding(op) for op in ops], len(ops))
    biased = 2 * sum(vars(op)["bias"] is True for op in ops) > len(ops)
    return [
        Defaults(norm=norm or "none", act=act or "none", bias=bias, padding=padding or "default")  # type: ignore[arg-type]  # a size is one, too
        for bias in (biased, not biased)
    ]


def _padding(op: Op) -> object:
    padding = vars(op).get("padding", "default")
    return padding[0] if isinstance(padding, tuple) and len(set(padding)) == 1 else padding


def _usual(values: Sequence[Usual], count: int) -> Usual | None:
    """Return the commonest value, None if fewer than a quarter of so many layers have it."""
    counts: Counter[Usual | None] = Counter(values)
    commonest = max(counts, key=counts.__getitem__, default=None)
    return commonest if 4 * counts[commonest] > count else None
