"""Assembly: a spec becomes graphs, as shapes meet layers one after the other."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from bncalc.errors import Location, Problem, instead, suggest
from bncalc.language.evaluation import Values, names_copy
from bncalc.language.frame import Frame, Placed, Stretch
from bncalc.language.grammar import CONDITION, REPEAT
from bncalc.language.placing import UNKNOWN, Placing, Unbuilt
from bncalc.language.spec import Again, Argument, Call, Entry, Formula, Group, Join, Spec, What
from bncalc.language.variables import variables
from bncalc.model.fields import Integer
from bncalc.model.net import Defaults, Net, Tensor
from bncalc.model.origin import Design
from bncalc.model.registry import WORDS, find
from bncalc.model.shape import Shape
from bncalc.number import is_whole
from bncalc.synonyms import meant

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
        frame = Frame(self.vars[self.spec.path], {"in": self.net.input}, {})
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
            start, known, problems = len(self.net), len(frame.ids), len(self.problems)
            x = self.attempt(entry, x, frame)
            if entry.id is not None:
                if entry.id in frame.ids:
                    self.report(entry.location, f"the id {entry.id!r} is used twice", frame)
                frame.ids[entry.id] = x
                made, broken = Stretch(start, len(self.net)), len(self.problems) > problems
                frame.placed[entry.id] = Placed(entry, frame, known, made, broken)
        return x

    def attempt(self, entry: Entry, x: Tensor, frame: Frame, *, bare: bool = False) -> Tensor:
        """Place an entry, or a stand-in where that fails."""
        inputs: tuple[Tensor, ...] = (x,)
        try:
            if entry.condition is not None and not self.value(
                entry.condition, CONDITION, inputs, frame
            ):
                return self.otherwise(entry, x, frame)
            inputs = self.inputs(entry, x, frame)
            self.bound(entry, frame)
            return self.repeated(entry, x, inputs, frame, bare)
        except Unbuilt:
            return self.stand_in(entry, inputs[0])

    def otherwise(self, entry: Entry, x: Tensor, frame: Frame) -> Tensor:
        """Place what takes the place of an entry; one entry has the id of the other, too."""
        if len(entry.otherwise) == 1 and entry.otherwise[0].id is None:
            return self.attempt(entry.otherwise[0]._replace(id=entry.id), x, frame)
        return self.entries(entry.otherwise, x, frame)

    def inputs(self, entry: Entry, x: Tensor, frame: Frame) -> tuple[Tensor, ...]:
        if entry.sources is None:
            return (x,)
        found = []
        for id, at in entry.sources:
            if id not in frame.ids:
                self.report(at, _no_id(id, frame.ids), frame)
                raise Unbuilt
            found.append(frame.ids[id])
        return tuple(found)

    def repeated(
        self, entry: Entry, before: Tensor, inputs: tuple[Tensor, ...], frame: Frame, bare: bool
    ) -> Tensor:
        """Place the copies of an entry; without any, what comes next follows the entry before."""
        if entry.repeat is None:
            return self.place(entry.what, inputs, frame, entry.id, bare)
        count = self.value(entry.repeat, _REPEAT, inputs, frame)
        if not is_whole(count):
            raise Unbuilt
        if count == 0:
            return before
        x, i = inputs[0], 0
        with self.net.part(entry.what.word, entry.id):
            first = Stretch(len(self.net), len(self.net))
            while i < count:
                what = entry.first if i == 0 and entry.first else entry.what
                self.bound(entry, frame)
                start, arrived = len(self.net), x
                # Ids within a copy are its own: the next copy has them again.
                copy, weights = frame.copy(entry.number, i), first if i else None
                with self.weights_of(weights, entry.shared):
                    x = self.place(what, (x, *inputs[1:]), copy, str(i), False)
                first = first if i else Stretch(start, len(self.net))
                counts = self.counting and i > 0 and not names_copy(what, entry.number)
                if counts and self.alike(arrived, x):  # the next copy finds what this one found
                    self.net.count(start, count - i)
                    break
                i += 1
        return x

    @contextmanager
    def weights_of(self, nodes: Stretch | None, at: Location | None) -> Iterator[None]:
        """Give what is placed within the weights of some nodes, if it says so at a place."""
        if nodes is None or at is None:
            yield
            return
        self.sharing.append(at)
        try:
            with self.net.sharing(*nodes):
                yield
        finally:
            self.sharing.pop()

    def alike(self, x: Tensor, y: Tensor) -> bool:
        """Return whether the same costs as much after one map as after another."""
        return x.shape == y.shape and self.net.keeps(x) == self.net.keeps(y)

    def bound(self, entry: Entry, frame: Frame) -> None:
        if len(self.net) > MAX_LAYERS:
            message = f"the network has more than {MAX_LAYERS:,} layers"
            self.report(entry.location, message, frame)
            raise TooLarge

    # One entry

    def place(
        self,
        what: What,
        inputs: tuple[Tensor, ...],
        frame: Frame,
        name: str | None,
        bare: bool,
    ) -> Tensor:
        if isinstance(what, Join):
            return self.join(what, inputs[0], frame, name)
        if isinstance(what, Group):
            return self.group(what, inputs[0], frame, name)
        if isinstance(what, Again):
            return self.again(what, inputs, frame, name)
        if what.broken or what.kind is None:
            raise Unbuilt
        if isinstance(what.kind, Formula):
            return self.computed(what, what.kind, inputs, frame, name)
        if isinstance(what.kind, Spec):
            return self.own(what, what.kind, inputs, frame, name, bare)
        return self.kind(what, what.kind, inputs, frame, name, bare)

    def again(
        self, what: Again, inputs: tuple[Tensor, ...], frame: Frame, name: str | None
    ) -> Tensor:
        """Place an earlier entry once more, with its weights."""
        placed = frame.placed.get(what.id)
        if placed is None:
            self.report(what.location, _no_id(what.id, frame.placed), frame)
        if placed is None or placed.broken:
            raise Unbuilt
        with self.weights_of(placed.nodes, what.location):
            entry = placed.entry._replace(id=name)
            return self.repeated(entry, inputs[0], inputs, placed.again(), False)

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
        inner = Frame(values, {"in": inputs[0]}, {}, (call, *frame.callers))
        if bare:
            return self.entries(definition.layers, inputs[0], inner)
        with self.net.part(call.word, name):
            return self.entries(definition.layers, inputs[0], inner)

    def computed(
        self,
        what: Call,
        word: Formula,
        inputs: tuple[Tensor, ...],
        frame: Frame,
        name: str | None,
    ) -> Tensor:
        """Place the block that a value names, with arguments or as `{word: {…}}`; or nothing."""
        given = Argument(word, what.location, literal=False)
        value = self.value(given, None, inputs, frame)
        if value in (None, "none"):
            return inputs[0]
        arguments = dict(what.arguments)
        if isinstance(value, Mapping) and len(value) == 1:
            ((value, further),) = value.items()
            if isinstance(further, Mapping):
                own = {key: Argument(item, what.location) for key, item in further.items()}
                arguments = {**own, **arguments}
        call = self.called(str(value), arguments, what.location, frame)
        return self.place(call, inputs, frame, name, False)

    def called(self, word: str, arguments: dict[str, Argument], at: Location, frame: Frame) -> Call:
        """Return the call of a word that was worked out; report one that cannot be."""
        files = (frame.callers[0].kind if frame.callers else self.spec, self.spec)
        for file in files:
            if isinstance(file, Spec) and word in file.definitions:
                definition = file.definitions[word]
                missing = [
                    name
                    for name, default in definition.arguments.items()
                    if default is None and name not in arguments
                ]
                self.refuse_arguments(word, arguments, definition.arguments, missing, at, frame)
                return Call(word, file, arguments, at)
        ours = word if word in WORDS else meant(word, WORDS)
        if ours is None:
            hint = suggest(word, (*WORDS, *self.spec.definitions))
            self.report(at, f"there is no block or op {word!r}{hint}", frame)
            raise Unbuilt
        kind = find(ours)
        names = [field.name for field in kind.fields]
        self.refuse_arguments(ours, arguments, names, (), at, frame)
        return Call(ours, kind, arguments, at)

    def refuse_arguments(
        self,
        word: str,
        given: Mapping[str, Argument],
        known: Collection[str],
        missing: Collection[str],
        at: Location,
        frame: Frame,
    ) -> None:
        """Report what a word does not take, and what it needs; raise Unbuilt if there is any."""
        unknown = [name for name in given if name not in known]
        for name in unknown:
            hint = instead(name, known)
            self.report(given[name].location, f"{word} has no argument {name!r}{hint}", frame)
        for name in missing:
            self.report(at, f"{word} needs {name!r}", frame)
        if unknown or missing:
            raise Unbuilt

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


def _no_id(id: str, known: Mapping[str, object]) -> str:
    hint = suggest(id, known) or (f"; known here: {', '.join(known)}" if known else "")
    return f"there is no earlier id {id!r}{hint}"
