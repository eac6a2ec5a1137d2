"""Operations of other people's models that the language has no word for, described by value."""

from typing import ClassVar

from bncalc.model.cost import FREE, Cost
from bncalc.model.kept import Kept
from bncalc.model.op import Family, Op, Storage
from bncalc.model.reach import UNCLEAR, Reach
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple


class Facts(NamedTuple):
    """What is known of an operation: how it is called, what it puts out, what it costs.

    The cost of one that is not `counted` is its params alone. `like` is an op that reads the first
    of its inputs in the same way and has the same fields; its params or its output are others.
    """

    word: str
    output: Shape
    cost: Cost = FREE
    storage: Storage = "new"
    family: Family = "other"
    role: str = ""
    counted: bool = True
    like: Op | None = None


class Foreign(Op):
    """An operation that is what the model it comes from says of it; it is no word of a file."""

    __slots__ = ("counted", "facts", "family", "role", "storage", "word")

    facts: ClassVar[Facts]
    inputs = None

    def __init__(self, facts: Facts) -> None:
        self.__dict__.update(vars(facts.like) if facts.like else {})
        for name in ("word", "storage", "family", "role", "counted"):
            object.__setattr__(self, name, getattr(facts, name))
        object.__setattr__(self, "facts", facts)

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
        return UNCLEAR if like is None else like.reach(inputs[: like.inputs], output)

    def kept(self, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        """Return what its like keeps; of anything else what arrives, as most functions do."""
        like = self.facts.like
        return Kept(inputs=True) if like is None else like.kept(inputs, output)

    def twin(self) -> str:
        return self.word if self.facts.like is None else self.facts.like.twin()

    def is_depthwise(self, output: Shape) -> bool:
        return self.facts.like is not None and self.facts.like.is_depthwise(output)
