"""Building: the words that blocks build with, each of which places an op or a block."""

from abc import abstractmethod
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from bncalc.calls import public_kind
from bncalc.errors import ShapeError, UsageError, hint_for, refuse_other, suggest
from bncalc.model.op import Block, Op
from bncalc.model.ops.convolution import Conv, Depthwise
from bncalc.model.registry import ACTIVATIONS, NORMS, WORDS, find
from bncalc.model.shape import Shape
from bncalc.model.window import is_strided
from bncalc.named import NamedTuple

if TYPE_CHECKING:
    from typing import Unpack

    from bncalc.model.net import Tensor
    from bncalc.model.ops.convolution import ConvFields, DepthwiseFields

AxisSize = int | tuple[int, ...]


@public_kind
class Defaults(NamedTuple):
    """What a layer's `default` stands for. `form` is `trained`, or `fused` for inference."""

    norm: str | Op = "none"
    act: str | Op = "none"
    bias: bool = False
    padding: str = "default"
    form: str = "trained"


class Building:
    """Places what a block asks for by name, with the defaults of its net."""

    defaults: Defaults

    @abstractmethod
    def build(self, kind: Block, *inputs: "Tensor", name: str | None = None) -> "Tensor":
        """Place an op or a block; a block becomes a part of its own."""

    @abstractmethod
    def _append(
        self,
        op: Op,
        inputs: "tuple[Tensor, ...]",
        shape: Shape,
        word: str,
        name: str | None = None,
        *,
        attached: bool = False,
    ) -> "Tensor":
        """Add a node and its name: both or, where something raised before, neither."""

    def conv(
        self,
        x: "Tensor",
        out: int,
        kernel: AxisSize = 3,
        *,
        name: str | None = None,
        **fields: "Unpack[ConvFields]",
    ) -> "Tensor":
        """Place a convolution, and the norm and activation that follow it."""
        return self.build(Conv(out=out, kernel=kernel, **fields), x, name=name)

    def depthwise(
        self,
        x: "Tensor",
        kernel: AxisSize = 3,
        *,
        name: str | None = None,
        **fields: "Unpack[DepthwiseFields]",
    ) -> "Tensor":
        """Place a depthwise convolution, and the norm and activation that follow it."""
        return self.build(Depthwise(kernel=kernel, **fields), x, name=name)

    def norm(self, x: "Tensor", norm: str | Op = "default") -> "Tensor":
        """Place a normalisation; `default` is the net's."""
        op = _following(norm, self.defaults.norm, "_norm")
        return x if op is None else self.build(op, x)

    def act(self, x: "Tensor", act: str | Op = "default") -> "Tensor":
        """Place an activation; `default` is the net's."""
        op = _following(act, self.defaults.act, "")
        return x if op is None else self.build(op, x)

    def follow(self, x: "Tensor", *, norm: str | Op, act: str | Op) -> "Tensor":
        """Place the norm and the activation that belong to the layer before, named after it."""
        x = self._attach(x, "norm", _following(norm, self.defaults.norm, "_norm"))
        return self._attach(x, "act", _following(act, self.defaults.act, ""))

    def _attach(self, x: "Tensor", role: str, op: Op | None) -> "Tensor":
        if op is None:
            return x
        try:
            shape = op.output(x.shape)
        except ShapeError as error:
            raise ShapeError(f"{op.word}: {error}", field=role, about=error.about) from None
        return self._append(op, (x,), shape, role, attached=True)

    def drop_path(self, x: "Tensor", rate: float) -> "Tensor":
        """Place stochastic depth; return x itself if the rate is 0."""
        return self.op("drop_path", x, rate=rate) if rate else x

    def add(self, *maps: "Tensor") -> "Tensor":
        return self.build(_plain_op("add"), *maps)

    def concat(self, *maps: "Tensor") -> "Tensor":
        return self.build(_plain_op("concat"), *maps)

    def op(
        self, word: str, *inputs: "Tensor", name: str | None = None, **fields: object
    ) -> "Tensor":
        """Place the op or block of that word."""
        return self.build(kind_of(word, fields)(**fields), *inputs, name=name)

    def shortcut(self, x: "Tensor", out: int, *, stride: AxisSize = 1) -> "Tensor":
        """Return x, or its 1×1 projection if the shape changes (He et al. 2015, option B)."""
        if not is_strided(stride) and x.channels == out:
            return x
        return self.conv(x, out, 1, stride=stride, act="none", name="shortcut")

    def form(self, form: str) -> str:
        """Return `trained` or `fused`; `default` is the net's."""
        return self.defaults.form if form == "default" else form


def kind_of(word: str, fields: Iterable[str]) -> type[Block]:
    """Return the op or block of a word; raise UsageError for an unknown word or field."""
    if not isinstance(word, str):
        refuse_other("block", "the word of a block or op, such as 'bottleneck'", word)
    try:
        kind = find(word)
    except KeyError:
        hint = suggest(word, WORDS)
        raise UsageError(f"there is no block or op {word!r}{hint}") from None
    for name in fields:
        if kind.field(name) is None:
            hint = suggest(name, [field.name for field in kind.fields])
            if name in Defaults._fields:
                hint = f"; it is one of the defaults, as in Defaults({name}=…)"
            raise UsageError(f"{word} has no argument {name!r}{hint}")
    return kind


def _following(op: str | Op, default: str | Op, ending: str) -> Op | None:
    """Return the op that follows a layer; its word may be `default`, or `none` for no op."""
    op = default if op == "default" else op
    return op if isinstance(op, Op) else _norm_or_act(str(op), ending)


@cache
def _norm_or_act(word: str, ending: str) -> Op | None:
    if word == "none":
        return None
    if word + ending not in (NORMS if ending else ACTIVATIONS):
        known = [word.removesuffix(ending) for word in (NORMS if ending else ACTIVATIONS)]
        kind = "norm" if ending else "activation"
        raise UsageError(f"there is no {kind} {word!r}{hint_for(word, known)}")
    return _plain_op(word + ending)


@cache
def _plain_op(word: str) -> Op:
    op = find(word)()
    assert isinstance(op, Op)
    return op
