"""Assembly: a spec becomes graphs, as shapes meet layers one after the other."""

from collections.abc import Mapping
from typing import NamedTuple

from bncalc.errors import Problem, suggest
from bncalc.language.evaluation import Values, names_copy, variables
from bncalc.language.grammar import REPEAT
from bncalc.language.placing import UNKNOWN, Frame, Placing, Unbuilt
from bncalc.language.spec import Call, Entry, Group, Join, Spec
from bncalc.model.fields import Integer
from bncalc.model.net import Defaults, Net, Tensor
from bncalc.model.origin import Design
from bncalc.model.registry import find
from bncalc.model.shape import Shape
from bncalc.number import is_whole

MAX_LAYERS = 300_000
_REPEAT = REPEAT._replace(type=Integer(0, 100_000))
"""A literal 0 is a mistake; a computed 0, as in `=extra`, omits the entry."""


class Assembled(NamedTuple):
    """The designs of a spec, in its order, and the problems met on the way."""

    designs: tuple[Design, ...]
    problems: tuple[Problem, ...]


class TooLarge(Exception):
    """Raised where a network passes every bound; that has been reported, and all work ends."""


def assemble(
    spec: Spec,
    blocks: Mapping[str, tuple[Entry, ...]],
    values: Values,
    input: Shape | None,
    defaults: Defaults,
    name: str,
    *,
    counting: bool = False,
) -> Assembled:
    """Build a network, or those alternatives of a file, from evaluated vars.

    `counting` builds the second of several copies alike, and says for how many it stands.
    """
    problems: list[Problem] = []
    designs = []
    bodies = blocks if spec.layers is None else {name: spec.layers}
    for title, entries in bodies.items():
        assembler = _Assembler(spec, values, input, defaults, problems, counting)
        designs.append(assembler.body(title, entries))
    return Assembled(tuple(designs), tuple(problems))


class _Assembler(Placing):
    """Builds one net."""

    def __init__(
        self,
        spec: Spec,
        values: Values,
        input: Shape | None,
        defaults: Defaults,
        problems: list[Problem],
        counting: bool,
    ) -> None:
        super().__init__(Net(input or Shape(3, 224, 224), defaults), problems)
        self.spec = spec
        self.counting = counting
        self.vars = {spec.path: values}
        if input is None:
            self.doubts[0] = UNKNOWN

    def body(self, name: str, entries: tuple[Entry, ...]) -> Design:
        frame = Frame(self.vars[self.spec.path], {"in": self.net.input})
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
        if not is_whole(count) or not isinstance(entry.what, Call | Join | Group):
            raise Unbuilt
        x, i = inputs[0], 0
        with self.net.part(entry.what.word, entry.id):
            while i < count:
                what = entry.first if i == 0 and entry.first else entry.what
                # Ids within a copy are its own: the next copy has them again.
                copy = Frame({**frame.values, "i": i}, dict(frame.ids), frame.callers)
                self.bound(entry, frame)
                start, arrived = len(self.net), x
                x = self.place(what, (x, *inputs[1:]), copy, str(i), False)
                if self.counting and i and x.shape == arrived.shape and not names_copy(what):
                    self.net.count(start, count - i)
                    break
                i += 1
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
        return self.kind(what, what.kind, inputs, frame, name, bare)

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
        if file.path not in self.vars:
            self.vars[file.path] = variables(file, {}, self.problems)
        return self.vars[file.path]

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
