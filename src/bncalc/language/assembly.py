"""Assembly: a spec becomes graphs, as shapes meet layers one after the other.

A problem does not end it. A stand-in of the likely shape takes the place of what could not be
built, with a note of what is in doubt about that shape, and statements that rest on a doubt are
kept back. So each mistake is reported once, and what follows from it is not.
"""

from collections.abc import Mapping
from typing import NamedTuple

from bncalc.errors import Location, Problem, ShapeError, suggest
from bncalc.language.decoder import REPEAT
from bncalc.language.origin import Design, Origin
from bncalc.language.spec import (
    UNREADABLE,
    Argument,
    Call,
    Entry,
    Formula,
    Group,
    Join,
    Spec,
)
from bncalc.model.fields import Field, Integer
from bncalc.model.net import Defaults, Net, Tensor
from bncalc.model.op import Block
from bncalc.model.registry import find
from bncalc.model.shape import Shape

MAX_LAYERS = 300_000
_REPEAT = REPEAT._replace(type=Integer(0, 100_000))
"""Written out, none is a slip; worked out, as `=extra`, it leaves the entry away."""
SURE: frozenset[str] = frozenset()
UNSURE = frozenset(("channels", "space"))

Values = dict[str, object]


class Assembled(NamedTuple):
    """The designs of a spec, in its order, and the problems met on the way."""

    designs: tuple[Design, ...]
    problems: tuple[Problem, ...]


class Frame(NamedTuple):
    """What a list of entries can see: values, ids, what arrives, and who called."""

    values: Mapping[str, object]
    ids: dict[str, Tensor]
    callers: tuple[Call, ...] = ()

    @property
    def via(self) -> tuple[tuple[str, Location], ...]:
        return tuple((one.word, one.location) for one in self.callers)


class Unbuilt(Exception):
    """Raised where an entry cannot be built; the reason has been reported."""


class TooLarge(Exception):
    """Raised where a network passes every bound; that has been reported, and all work ends."""


def assemble(
    spec: Spec, values: Values, input: Shape | None, defaults: Defaults, name: str
) -> Assembled:
    """Build a network, or every alternative of a file, from evaluated vars."""
    problems: list[Problem] = []
    designs = []
    bodies = spec.blocks if spec.layers is None else {name: spec.layers}
    for title, entries in bodies.items():
        assembler = _Assembler(spec, values, input, defaults, problems)
        designs.append(assembler.body(title, entries))
    return Assembled(tuple(designs), tuple(problems))


def evaluate(value: object, names: Mapping[str, object]) -> object:
    """Return a value with its formulas worked out; raise Unevaluated saying where it failed."""
    if isinstance(value, Formula):
        return _worked_out(value, names)
    if type(value) is tuple:
        return tuple(evaluate(one, names) for one in value)
    if isinstance(value, dict):
        return {key: evaluate(one, names) for key, one in value.items()}
    return value


def _worked_out(formula: Formula, names: Mapping[str, object]) -> object:
    from bncalc.language.expression import ExpressionError

    try:
        return formula.expression.evaluate(names)
    except ExpressionError as error:
        at = formula.location
        where = at._replace(column=at.column + error.offset)
        raise Unevaluated(Problem(where, error.message)) from None


class Unevaluated(Exception):
    """A formula without a value; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


def variables(spec: Spec, settings: Mapping[str, Argument], problems: list[Problem]) -> Values:
    """Return the vars of a file, some of them set otherwise; they may use each other."""
    arguments = {**spec.vars, **settings}
    values: Values = {}
    for name in arguments:
        _resolve(name, arguments, values, (), problems)
    return values


def _resolve(
    name: str,
    arguments: Mapping[str, Argument],
    values: Values,
    trail: tuple[str, ...],
    problems: list[Problem],
) -> None:
    if name in values or name not in arguments:
        return
    argument = arguments[name]
    if name in trail:
        circle = " → ".join((*trail, name))
        problems.append(Problem(argument.location, f"vars use each other in a circle: {circle}"))
        values[name] = UNREADABLE
        return
    for used in _names_in(argument.value):
        _resolve(used, arguments, values, (*trail, name), problems)
    known = {key: value for key, value in values.items() if value is not UNREADABLE}
    try:
        values.setdefault(name, evaluate(argument.value, known))
    except Unevaluated as error:
        if not any(values.get(used) is UNREADABLE for used in _names_in(argument.value)):
            problems.append(error.problem)
        values[name] = UNREADABLE


def _names_in(value: object) -> list[str]:
    if isinstance(value, Formula):
        return sorted(value.expression.names)
    if isinstance(value, tuple | dict):
        inside = value.values() if isinstance(value, dict) else value
        return [name for one in inside for name in _names_in(one)]
    return []


def _rests_on(value: object) -> frozenset[str]:
    """Return what of the shape that arrives a value is computed from."""
    names = _names_in(value)
    channels = {"channels"} if "cin" in names else set()
    return frozenset(channels | ({"space"} if "h" in names or "w" in names else set()))


def _settled_by(block: Block) -> frozenset[str]:
    """Return what is beyond doubt behind a block, whatever arrives."""
    channels = {"channels"} if getattr(block, "out", None) is not None else set()
    return frozenset(channels | ({"space"} if block.settles_space else set()))


class _Assembler:
    """Builds one net."""

    def __init__(
        self,
        spec: Spec,
        values: Values,
        input: Shape | None,
        defaults: Defaults,
        problems: list[Problem],
    ) -> None:
        self.spec = spec
        self.values = {spec.path: values}
        self.problems = problems
        self.net = Net(input or Shape(3, 224, 224), defaults)
        self.doubts: dict[int, frozenset[str]] = {} if input else {0: UNSURE}
        self.origins: list[Origin] = []

    def body(self, name: str, entries: tuple[Entry, ...]) -> Design:
        frame = Frame(self.values[self.spec.path], {"in": self.net.input})
        try:
            if len(entries) == 1 and isinstance(entries[0].what, Call) and self.spec.blocks:
                # The one block of an alternative is the design itself, not a part of it.
                self.attempt(entries[0], self.net.input, frame, bare=True)
            else:
                self.entries(entries, self.net.input, frame)
        except TooLarge:
            self.net = Net(self.net.input.shape)  # what there is of it is of no use to anyone
        return Design(self.net.graph(name), tuple(self.origins))

    # Lists of entries

    def entries(self, entries: tuple[Entry, ...], x: Tensor, frame: Frame) -> Tensor:
        for entry in entries:
            x = self.attempt(entry, x, frame)
            if entry.id is not None:
                if entry.id in frame.ids:
                    self.report(entry.location, f"the id {entry.id!r} is used twice", frame)
                frame.ids[entry.id] = x
        return x

    def attempt(self, entry: Entry, x: Tensor, frame: Frame, *, bare: bool = False) -> Tensor:
        """Place an entry, or a stand-in where that fails."""
        inputs: tuple[Tensor, ...] = (x,)
        try:
            inputs = self.inputs(entry, x, frame)
            self.bound(entry, frame)
            return self.repeated(entry, inputs, frame, bare)
        except Unbuilt:
            return self.stand_in(entry, inputs[0])

    def inputs(self, entry: Entry, x: Tensor, frame: Frame) -> tuple[Tensor, ...]:
        if entry.sources is None:
            return (x,)
        found = []
        for id, at in entry.sources:
            if id not in frame.ids:
                known = ", ".join(frame.ids)
                hint = suggest(id, frame.ids) or f"; known here: {known}"
                self.report(at, f"there is no earlier id {id!r}{hint}", frame)
                raise Unbuilt
            found.append(frame.ids[id])
        return tuple(found)

    def repeated(
        self, entry: Entry, inputs: tuple[Tensor, ...], frame: Frame, bare: bool
    ) -> Tensor:
        if entry.repeat is None:
            return self.place(entry.what, inputs, frame, entry.id, bare)
        count = self.value(entry.repeat, _REPEAT, inputs, frame)
        if not isinstance(count, int) or not isinstance(entry.what, Call | Join | Group):
            raise Unbuilt
        x = inputs[0]
        with self.net.part(entry.what.word, entry.id):
            for i in range(count):
                what = entry.first if i == 0 and entry.first else entry.what
                # Ids within a copy are its own: the next copy has them again.
                copy = Frame({**frame.values, "i": i}, dict(frame.ids), frame.callers)
                self.bound(entry, frame)
                x = self.place(what, (x, *inputs[1:]), copy, str(i), False)
        return x

    def bound(self, entry: Entry, frame: Frame) -> None:
        if len(self.net) > MAX_LAYERS:
            message = f"the network has more than {MAX_LAYERS:,} layers"
            self.report(entry.location, message, frame)
            raise TooLarge

    # One entry

    def place(
        self,
        what: Call | Join | Group,
        inputs: tuple[Tensor, ...],
        frame: Frame,
        name: str | None,
        bare: bool,
    ) -> Tensor:
        if isinstance(what, Join):
            return self.join(what, inputs[0], frame, name)
        if isinstance(what, Group):
            return self.group(what, inputs[0], frame, name)
        if what.broken or what.kind is None:
            raise Unbuilt
        if isinstance(what.kind, Spec):
            return self.own(what, what.kind, inputs, frame, name, bare)
        block = what.ready or self.block(what, what.kind, inputs, frame)
        doubt = self.doubt(inputs)
        self.arity(block, inputs, what, frame)
        self.note(what, frame)
        try:
            y = (
                block.build(self.net, *inputs)
                if bare
                else self.net.build(block, *inputs, name=name)
            )
        except ShapeError as error:
            if error.about not in doubt:
                at = what.location
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
            if last.call is call and last.callers is frame.callers:
                return
        self.origins.append(Origin(len(self.net), call, frame.callers))

    def arity(self, block: Block, inputs: tuple[Tensor, ...], what: Call, frame: Frame) -> None:
        least = block.inputs or 2
        if len(inputs) < least or (block.inputs is not None and len(inputs) > least):
            wanted = f"{least} inputs" if block.inputs else "at least 2 inputs"
            how = "; list branches, or write `from: [a, b]`" if block.inputs is None else ""
            wanted = "one input" if block.inputs == 1 else wanted
            self.report(what.location, f"{what.word} takes {wanted}, not {len(inputs)}{how}", frame)
            raise Unbuilt

    def block(
        self, call: Call, kind: type[Block], inputs: tuple[Tensor, ...], frame: Frame
    ) -> Block:
        values: Values = {}
        for one in kind.fields:
            if one.name in call.arguments:
                values[one.name] = self.value(call.arguments[one.name], one, inputs, frame)
        try:
            return kind(**values)
        except ShapeError as error:
            self.report(call.location, str(error), frame)
            raise Unbuilt from None

    def value(
        self, argument: Argument, field: Field | None, inputs: tuple[Tensor, ...], frame: Frame
    ) -> object:
        """Return the value of an argument; report one that has none, or not the right one."""
        if argument.literal:
            return argument.value
        names, doubt = dict(frame.values), self.doubt(inputs)
        doubt = doubt & _rests_on(argument.value)
        names.update(zip(("cin", "h", "w"), inputs[0].shape, strict=True))
        if argument.value is UNREADABLE:
            raise Unbuilt
        try:
            value = evaluate(argument.value, names)
        except Unevaluated as error:
            if not doubt:
                self.problems.append(error.problem._replace(via=frame.via))
            raise Unbuilt from None
        try:
            return value if field is None else field.accept(value)
        except ValueError as error:
            if not doubt:
                formula = argument.value
                text = f" (={formula.expression.text})" if isinstance(formula, Formula) else ""
                message = str(error).replace(";", f"{text};", 1)
                self.report(argument.location, message, frame)
            raise Unbuilt from None

    def own(
        self,
        call: Call,
        file: Spec,
        inputs: tuple[Tensor, ...],
        frame: Frame,
        name: str | None,
        bare: bool,
    ) -> Tensor:
        definition = file.definitions[call.word]
        if any(one.word == call.word for one in frame.callers):
            circle = " → ".join([*(one.word for one in reversed(frame.callers)), call.word])
            self.report(call.location, f"blocks use each other in a circle: {circle}", frame)
            raise Unbuilt
        if len(inputs) > 1:
            self.report(call.location, f"{call.word} takes one input, not {len(inputs)}", frame)
            raise Unbuilt
        values = dict(self.vars_of(definition.file))
        for key, default in definition.arguments.items():
            if key in call.arguments:
                values[key] = self.value(call.arguments[key], None, inputs, frame)
            elif default is not None:
                inside = frame._replace(values=values)
                values[key] = self.value(default, None, inputs, inside)
        inner = Frame(values, {"in": inputs[0]}, (call, *frame.callers))
        if bare:
            return self.entries(definition.layers, inputs[0], inner)
        with self.net.part(call.word, name):
            return self.entries(definition.layers, inputs[0], inner)

    def vars_of(self, file: Spec) -> Values:
        """Return the vars of a file; an included one has its own."""
        if file.path not in self.values:
            self.values[file.path] = variables(file, {}, self.problems)
        return self.values[file.path]

    def join(self, what: Join, x: Tensor, frame: Frame, name: str | None) -> Tensor:
        if len(what.branches) < 2:
            raise Unbuilt
        with self.net.part(what.word, name):
            ends = []
            for number, branch in enumerate(what.branches, start=1):
                with self.net.part("branch", f"branch{number}"):
                    ends.append(self.entries(branch, x, frame))
            kind = find(what.word)
            call = Call(what.word, kind, {}, what.location, ready=kind())
            return self.place(call, tuple(ends), frame, None, False)

    def group(self, what: Group, x: Tensor, frame: Frame, name: str | None) -> Tensor:
        with self.net.part(what.word, name):
            if what.word == "stage":
                return self.entries(what.layers, x, frame)
            with self.net.training_only():
                self.entries(what.layers, x, frame)
            return x

    # Doubts and problems

    def stand_in(self, entry: Entry, x: Tensor) -> Tensor:
        """Return a map of the likeliest shape in place of what could not be built."""
        channels, height, width = x.shape
        doubt = UNSURE
        if isinstance(entry.what, Call):
            out = entry.what.arguments.get("out")
            if out is not None and out.literal and isinstance(out.value, int):
                channels, doubt = out.value, doubt - {"channels"}
        y = self.net.place(find("identity")(), x)  # type: ignore[arg-type]
        y = Tensor(y.node, Shape(channels, height, width))
        self.doubts[y.node] = doubt
        return y

    def doubt(self, inputs: tuple[Tensor, ...]) -> frozenset[str]:
        if not self.doubts:
            return SURE
        return SURE.union(*(self.doubts.get(one.node, SURE) for one in inputs))

    def report(self, location: Location, message: str, frame: Frame) -> None:
        self.problems.append(Problem(location, message, frame.via))
