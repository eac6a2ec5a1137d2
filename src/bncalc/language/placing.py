"""Placing: one call with its inputs becomes a block in a net, or a problem at its place.

A problem does not end it. A stand-in of the likely shape takes the place of what could not be
built, with a note of what is in doubt about that shape, and statements that rest on a doubt are
kept back. So each mistake is reported once, and what follows from it is not.
"""

from bncalc.errors import Location, Problem, ShapeError
from bncalc.language.evaluation import (
    Unevaluated,
    VariableValues,
    arriving,
    evaluate,
    rests_on,
)
from bncalc.language.frame import Frame
from bncalc.language.spec import UNREADABLE, Argument, Call, Entry, Formula
from bncalc.model.fields import Field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Block
from bncalc.model.origin import Origin, Stamped
from bncalc.model.registry import op_named
from bncalc.model.shape import Shape
from bncalc.quantity import plural

SURE: frozenset[str] = frozenset()
UNSURE = frozenset(("channels", "space"))
ALL_UNSURE = UNSURE | {"axes"}
"""Of an input that could not be read nothing is known, not even how many axes it has."""


class Unbuilt(Exception):
    """Raised where an entry cannot be built; the reason has been reported."""


class Placing:
    """Places calls in one net, and keeps what is in doubt, where it came from and what is wrong."""

    def __init__(self, net: Net, problems: list[Problem]) -> None:
        self.net = net
        self.problems = problems
        self.doubts: dict[int, frozenset[str]] = {}
        self.origins: list[Origin | Stamped] = []
        self.itself: Call | None = None
        """The call that is the design itself, and not a part of it."""
        self.sharing: list[Location] = []
        """Where it says that what is being placed has the weights of something else."""

    def build(
        self, what: Call, block: Block, inputs: tuple[Tensor, ...], frame: Frame, name: str | None
    ) -> Tensor:
        """Place a built-in block or op."""
        inputs = inputs if block.inputs != 0 else ()
        doubt = self.doubt(inputs)
        self.arity(block, inputs, what, frame)
        self.note(what, frame)
        try:
            y = (
                block.build(self.net, *inputs)
                if what is self.itself
                else self.net.build(block, *inputs, name=name)
            )
        except ShapeError as error:
            if error.about not in doubt:
                at = self.sharing[-1] if error.about == "weights" else what.location
                if error.field in what.arguments:
                    at = what.arguments[error.field].location
                self.report(at, str(error), frame)
            raise Unbuilt from None
        if doubt:
            self.doubts[y.node] = doubt - _settled_by(block)
        return y

    def note(self, call: Call, frame: Frame) -> None:
        """Remember who places what follows; copies of one entry share an origin."""
        if self.origins:
            last = self.origins[-1]
            is_same = isinstance(last, Origin) and last.call is call
            if is_same and last.callers is frame.callers:
                return
        self.origins.append(Origin(len(self.net), call, frame.callers))

    def arity(self, block: Block, inputs: tuple[Tensor, ...], what: Call, frame: Frame) -> None:
        least = block.fewest if block.inputs is None else block.inputs
        least = 1 if what.gathers else least
        if len(inputs) < least or (block.inputs is not None and len(inputs) > least):
            wanted = plural(least, "input")
            wanted = wanted if block.inputs is not None else f"at least {wanted}"
            how = "; list branches, or write `from: [a, b]`" if block.inputs is None else ""
            self.report(what.location, f"{what.word} takes {wanted}, not {len(inputs)}{how}", frame)
            raise Unbuilt

    def block(
        self, call: Call, kind: type[Block], inputs: tuple[Tensor, ...], frame: Frame
    ) -> Block:
        names = arriving(inputs[0].shape, frame.values)
        values = {
            name: self.value(argument, kind.field(name), inputs, frame, names)
            for name, argument in call.arguments.items()
        }
        try:
            return kind(**values)
        except ShapeError as error:
            self.report(call.location, str(error), frame)
            raise Unbuilt from None

    def value(
        self,
        argument: Argument,
        field: Field | None,
        inputs: tuple[Tensor, ...],
        frame: Frame,
        names: VariableValues | None = None,
    ) -> object:
        """Return the value of an argument; report one that has none, or not the right one.

        `names` are those of expressions here, where they have been gathered before.
        """
        if argument.literal:
            return argument.value
        if argument.value is UNREADABLE:
            raise Unbuilt
        try:
            if names is None:
                names = arriving(inputs[0].shape, frame.values)
            value = evaluate(argument.value, names)
            return value if field is None else field.accept(value)
        except Unevaluated as error:
            problems = [problem._replace(via=frame.via) for problem in error.problems]
        except ValueError as error:
            formula = argument.value
            text = f" (={formula.expression.text})" if isinstance(formula, Formula) else ""
            message = str(error).replace(";", f"{text};", 1)
            problems = [Problem(argument.location, message, frame.via)]
        if not self.doubt(inputs) & rests_on(argument.value, frame.values):
            self.problems += problems
        raise Unbuilt

    # Doubts and problems

    def stand_in(self, entry: Entry, x: Tensor) -> Tensor:
        """Return a map of the likeliest shape in place of what could not be built."""
        channels, doubt = x.channels, UNSURE | self.doubt((x,))
        if isinstance(entry.what, Call):
            out = entry.what.arguments.get("out")
            if out is not None and out.literal and isinstance(out.value, int):
                channels, doubt = out.value, doubt - {"channels"}
        y = self.net.place(op_named("identity")(), x)
        y = y._replace(shape=Shape(channels, *x.shape.space))
        self.doubts[y.node] = doubt
        return y

    def doubt(self, inputs: tuple[Tensor, ...]) -> frozenset[str]:
        if not self.doubts:
            return SURE
        return SURE.union(*(self.doubts.get(x.node, SURE) for x in inputs))

    def report(self, location: Location, message: str, frame: Frame) -> None:
        self.problems.append(Problem(location, message, frame.via))


def _settled_by(block: Block) -> frozenset[str]:
    """Return what is beyond doubt behind a block, whatever arrives."""
    channels = {"channels"} if getattr(block, "out", None) is not None else set()
    return frozenset(channels | ({"space"} if block.settles_space() else set()))
