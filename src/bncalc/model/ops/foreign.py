"""Operations of other people's models that the language has no word for, described by value."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self, get_args

from bncalc.model.cost import FREE, Cost, Kept
from bncalc.model.field_types import Choice, Integer, Text
from bncalc.model.fields import Counts
from bncalc.model.kind import field
from bncalc.model.op import Block, Family, Op, Storage
from bncalc.model.reach import UNCLEAR, Reach
from bncalc.model.shape import Shape, Unsized
from bncalc.named import NamedTuple

if TYPE_CHECKING:
    from bncalc.model.net import Net, Tensor

LargeCount = Annotated[int, Integer(0, 10**15)]


Keeping = Literal["inputs", "output", "both", "nothing"]
ForeignOptions = tuple[tuple[str, float | str | tuple[int, ...]], ...]
"""What an operation is told besides its maps. Of views, in order: the `sizes` that a map without
its batch is split into, a `cut` of one of them (axis, start, stop, step), and their `order`."""


class EachMap(NamedTuple):
    """What is done to each of several maps: how many, what arrives for one, what comes of it."""

    maps: int
    inputs: tuple[Shape, ...]
    output: Shape


class Facts(NamedTuple):
    """What is known of an operation: how it is called, what it puts out, what it costs.

    The cost of one that is not `counted` is only its params. `like` is an op that reads the first
    of its inputs in the same way and has the same fields; its params or its output are others, or
    it is done to `each` of several maps. `seen` are the operations or elements that tools take it
    to have, where they look at the sizes of what it is given in a way of their own.
    `keeps` are the maps that it keeps for the backward pass if it is like nothing known; None where
    that follows from what it does.
    `called` is how the model's code calls it, where that is not the usual way; `options` are what
    it is told besides its maps, as far as a writer wants to know: limits, a mode. One is `derived`
    if it uses what it has learned only after more has been worked out of it, as with weight norm.
    """

    word: str
    output: Shape
    cost: Cost = FREE
    storage: Storage = "new"
    family: Family = "other"
    role: str = ""
    counted: bool = True
    like: Op | None = None
    each: EachMap | None = None
    called: str = ""
    seen: int = 0
    options: ForeignOptions = ()
    derived: bool = False
    keeps: Keeping | None = None


def facts_like(op: Op, output: Shape, cost: Cost) -> Facts:
    """Return what is known of what is like an op, and whose output or cost are others."""
    return Facts(op.word, output, cost, op.storage, op.family, op.role, like=op)


class Foreign(Op):
    """An operation that is what the model it comes from says of it; it is no word of a file."""

    __slots__ = ("aside", "counted", "facts", "family", "role", "storage", "word")

    facts: ClassVar[Facts]
    inputs = None
    fewest = 0

    def __init__(self, facts: Facts) -> None:
        self.__dict__.update(vars(facts.like) if facts.like else {})
        for name in ("word", "storage", "family", "role", "counted"):
            object.__setattr__(self, name, getattr(facts, name))
        object.__setattr__(self, "facts", facts)
        object.__setattr__(self, "aside", (facts.like or Op).aside)

    def __eq__(self, other: object) -> bool:
        return type(other) is Foreign and other.facts == self.facts

    def __hash__(self) -> int:
        return hash(self.facts)

    def __str__(self) -> str:
        return self.word

    def output(self, *inputs: Shape) -> Shape:
        return self.facts.output

    def cost(self, inputs: tuple[Shape, ...], output: Shape) -> Cost:
        return self.facts.cost

    def reach(self, inputs: tuple[Shape, ...], output: Shape) -> Reach:
        like = self.facts.like
        if like is None or self.facts.each is not None:
            return UNCLEAR
        return like.reach(inputs[: like.inputs], output)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        """Return what its like keeps; of anything else what is said, or what follows from it."""
        like = self.facts.like
        if like is not None:
            return like.kept(inputs, output)
        keeps = self.facts.keeps or _keeps(self.facts, len(inputs))
        return Kept(inputs=keeps in ("inputs", "both"), output=keeps in ("output", "both"))

    def factors(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[int, ...]:
        like = self.facts.like
        return like.factors(inputs, output) if like is not None and self.facts.derived else ()

    def twin(self) -> str:
        if self.facts.like is not None:
            return self.facts.like.twin()
        return f"{self.word}:{self.facts.called}" if self.facts.called else self.word

    def is_depthwise(self, output: Shape) -> bool:
        return self.facts.like is not None and self.facts.like.is_depthwise(output)


def _keeps(facts: Facts, inputs: int) -> Keeping:
    """Return what is kept of an operation that does not say: what arrives, if that may be needed.

    The derivatives of moving data, of a sum and of a product with fixed numbers need no map.
    """
    cost = facts.cost
    moves = facts.counted and not cost.macs and not cost.elementwise
    scales = facts.role == "multiply" and inputs == 1 and not cost.params
    return "nothing" if moves or scales or facts.role == "add" else "inputs"


_NO_ROLE = "function"


class Custom(Block):
    """An operation without a word of its own, described by its numbers for one image.

    An operation of other people's models that bncalc does not know is written as one. If it is not
    `counted`, only its params are, and it is listed as not counted. With a role it is one operation
    for each element of a map that stays as it is: `{op: multiply, role: multiply}`.
    """

    op: Annotated[str, Text()] = field(doc="what it is called")
    out: Counts | None = field(
        None,
        doc="its output shape: channels, then the size of each axis; by default unknown, or with a "
        "role that of the first input",
    )
    params: LargeCount = field(0, doc="learnable numbers")
    buffers: LargeCount = field(0, doc="numbers that are stored and not learned")
    macs: LargeCount = field(0, doc="multiply-accumulates")
    elementwise: LargeCount | None = field(
        None, doc="other operations; by default none, or with a role one for each output element"
    )
    activations: LargeCount = field(0, doc="output elements of its products")
    counted: bool = field(True, doc="whether all of its cost is known")
    family: Annotated[str, Choice(get_args(Family))] = field("other", doc="what it is")
    storage: Annotated[str, Choice(get_args(Storage))] | None = field(
        None,
        doc="whether its output is a new map, may overwrite the first input, or is the same map; "
        "by default new, or with a role `in_place`",
    )
    role: Annotated[str, Choice((_NO_ROLE, "act", "norm", "add", "multiply"))] = field(
        _NO_ROLE,
        doc="what it is to each element: the switch of the memory policy that it is under if it "
        "may overwrite",
    )
    keeps: Annotated[str, Choice(get_args(Keeping))] | None = field(
        None,
        doc="which of its maps training keeps for the backward pass; by default its inputs, or "
        "nothing if it only moves data, adds, or multiplies one map by fixed numbers",
    )

    inputs = None
    fewest = 1
    layer = True

    @classmethod
    def of(cls, facts: Facts, x: Shape) -> Self:
        """Return what describes an operation of someone else's model whose first input is `x`."""
        cost = facts.cost
        shaped = cls(op=facts.word, role=facts.role or _NO_ROLE)
        usual = shaped.facts(x)
        is_usual = usual.output == facts.output
        return cls(
            op=facts.word,
            out=None if is_usual or isinstance(facts.output, Unsized) else tuple(facts.output),
            params=cost.params,
            buffers=cost.buffers,
            macs=cost.macs,
            elementwise=None
            if cost.elementwise == shaped.elements(facts.output)
            else cost.elementwise,
            activations=cost.activations,
            counted=facts.counted,
            family=facts.family,
            storage=None if facts.storage == usual.storage else facts.storage,
            role=facts.role or _NO_ROLE,
            keeps=facts.keeps,
        )

    def facts(self, x: Shape) -> Facts:
        """Return what is known of the operation where the first input is `x`."""
        by_element = self.role != _NO_ROLE
        output = Unsized() if self.out is None else Shape(*self.out)
        if self.out is None and by_element:
            output = x
        return Facts(
            self.op,
            output,
            Cost(
                weights=self.params,
                buffers=self.buffers,
                macs=self.macs,
                elementwise=self.elements(output) if self.elementwise is None else self.elementwise,
                activations=self.activations,
            ),
            self.storage or ("in_place" if by_element else "new"),  # type: ignore[arg-type]  # one of its words
            self.family,  # type: ignore[arg-type]  # one of its words
            self.role,
            counted=self.counted,
            keeps=self.keeps,  # type: ignore[arg-type]  # one of its words
        )

    def elements(self, output: Shape) -> int:
        """Return how many operations it is by its role."""
        return output.elements if self.role != _NO_ROLE else 0

    def build(self, net: "Net", *inputs: "Tensor") -> "Tensor":
        return net.place(Foreign(self.facts(inputs[0].shape)), *inputs)
