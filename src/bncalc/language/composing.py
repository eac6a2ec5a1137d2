"""Composing: lists of entries are placed one after the other, with all that they hold."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext

from bncalc.errors import Location, suggest
from bncalc.language.evaluation import Values, names_copy
from bncalc.language.extent import MAX_LAYERS
from bncalc.language.frame import Frame, Maps, Placed, Stretch
from bncalc.language.grammar import CONDITION, REPEAT
from bncalc.language.placing import Unbuilt
from bncalc.language.spec import (
    Again,
    Argument,
    Call,
    Definition,
    Entry,
    Formula,
    Group,
    Join,
    Reference,
    Spec,
    What,
)
from bncalc.language.stamping import Stamp, Stamping
from bncalc.language.variables import variables
from bncalc.model.fields import Integer
from bncalc.model.net import Tensor
from bncalc.model.registry import find
from bncalc.number import is_whole

TOO_MANY = f"the network has more than {MAX_LAYERS:,} layers"
MAX_IDLE = 10_000
"""So many entries and copies may place nothing, and in a larger network a few for each layer."""
MAX_PROBLEMS = 10_000
MAX_DEPTH = 3_000
MAX_CALLS = 1_000
MAX_NAMES = 30_000_000
"""Layers times the depth of parts that they lie in: the names of all are held in memory."""
_REPEAT = REPEAT._replace(type=Integer(0, 100_000))
"""A literal 0 is a mistake; a computed 0, as in `=extra`, omits the entry."""


class TooLarge(Exception):
    """Raised where a network passes every bound; that has been reported, and all work ends."""


class Composing(Stamping):
    """Places entries in one net.

    Through them flow maps: what an entry puts out is what the next takes, unless it says `from`.
    """

    vars: dict[str, Values]
    """The variables of each file, by its path."""
    ends: set[int]
    """The nodes whose maps are put out where nothing reads them."""
    counting: bool
    work: int
    """How many entries and copies have been looked at."""
    depth: int
    """How deep in parts the next layer lies, and the deepest layer so far."""
    deepest: int

    # Lists of entries

    def entries(self, entries: tuple[Entry, ...], maps: Maps, frame: Frame) -> Maps:
        for entry in entries:
            start, known, problems = len(self.net), len(frame.ids), len(self.problems)
            maps = self.attempt(entry, maps, frame)
            if frame.top:
                self.ends.update(x.node for x in maps.tensors)
            if entry.id is not None:
                if entry.id in frame.ids:
                    self.report(entry.location, f"the id {entry.id!r} is used twice", frame)
                frame.name(entry.id, maps)
                made, broken = Stretch(start, len(self.net)), len(self.problems) > problems
                frame.placed[entry.id] = Placed(entry, frame, known, made, broken)
        return maps

    def attempt(self, entry: Entry, before: Maps, frame: Frame, *, bare: bool = False) -> Maps:
        """Place an entry, or a stand-in where that fails."""
        inputs = before.tensors
        try:
            if entry.condition is not None and not self.value(
                entry.condition, CONDITION, inputs, frame
            ):
                return self.otherwise(entry, before, frame)
            inputs = self.inputs(entry, inputs, frame)
            self.bound(entry, frame)
            return self.repeated(entry, before, inputs, frame, bare)
        except Unbuilt:
            x, names = self.stand_in(entry, inputs[0]), self.names_of(entry)
            return Maps((x,) * max(1, len(names)), names)

    def names_of(self, entry: Entry) -> tuple[str, ...]:
        """Return the names of what an entry of an own block puts out."""
        call = entry.what
        if not isinstance(call, Call) or not isinstance(call.kind, Spec):
            return ()
        return tuple([output.id for output in call.kind.definitions[call.word].outputs])

    def otherwise(self, entry: Entry, before: Maps, frame: Frame) -> Maps:
        """Place what takes the place of an entry; one entry has the id of the other, too."""
        if len(entry.otherwise) == 1 and entry.otherwise[0].id is None:
            return self.attempt(entry.otherwise[0]._replace(id=entry.id), before, frame)
        return self.entries(entry.otherwise, before, frame)

    def inputs(self, entry: Entry, before: tuple[Tensor, ...], frame: Frame) -> tuple[Tensor, ...]:
        if entry.sources is None:
            return before
        maps = [self.named(reference, frame) for reference in entry.sources]
        return tuple([x for each in maps for x in each.tensors])

    def named(self, reference: Reference, frame: Frame) -> Maps:
        """Return the maps that an id stands for; report one that there is not."""
        if reference.id not in frame.ids:
            self.report(reference.location, _no_id(reference.id, frame.ids), frame)
            raise Unbuilt
        return frame.ids[reference.id]

    def repeated(
        self, entry: Entry, before: Maps, inputs: tuple[Tensor, ...], frame: Frame, bare: bool
    ) -> Maps:
        """Place the copies of an entry; without any, what comes next follows the entry before.

        A copy takes what the copy before puts out, in place of the first input or of all of them.
        """
        if entry.repeat is None:
            return self.place(entry.what, inputs, frame, entry.id, bare)
        count = self.value(entry.repeat, _REPEAT, inputs, frame)
        if not is_whole(count):
            raise Unbuilt
        if count == 0:
            return before
        with self.net.part(entry.what.word, entry.id):
            return self.copies(entry, count, inputs, frame)

    def copies(self, entry: Entry, count: int, inputs: tuple[Tensor, ...], frame: Frame) -> Maps:
        """Place copies one by one, until one finds what the copy before it found."""
        first = Stretch(len(self.net), len(self.net))
        is_numbered = names_copy(entry.what, entry.number)
        maps, i = Maps(inputs), 0
        while i < count:
            what = entry.first if i == 0 and entry.first else entry.what
            self.bound(entry, frame)
            arrived, begun = maps, self.begin()
            # Ids within a copy are its own: the next copy has them again.
            copy, weights = frame.copy(entry.number, i), first if i else None
            taken = _taken(maps, inputs)
            with self.weights_of(weights, entry.shared):
                maps = self.place(what, taken, copy, str(i), False)
            first = first if i else Stretch(begun.mark.nodes, len(self.net))
            i += 1
            if i > 1 and not is_numbered:
                if self.counting and self.alike(arrived, maps):
                    self.net.count(begun.mark.nodes, count - i + 1)
                    break
                if self.same(arrived, maps) and all(x.node >= first.start for x in arrived.tensors):
                    stamp = self.stamp(begun, taken, maps, len(frame.callers))
                    if stamp is not None and self.net.repeats(stamp.made):
                        return self.further(entry, stamp, range(i, count), (maps, inputs), frame)
        return maps

    def further(
        self,
        entry: Entry,
        stamp: Stamp,
        numbers: range,
        arriving: tuple[Maps, tuple[Tensor, ...]],
        frame: Frame,
    ) -> Maps:
        """Place the copies that are left, all like the one before."""
        maps, inputs = arriving
        if stamp.is_empty:
            return maps
        size = stamp.made.stop - stamp.made.start
        self.bound(entry, frame, size * len(numbers))
        if len(maps.tensors) > 1 or stamp.doubts or stamp.problem:
            for i in numbers:
                maps = self.press(stamp, _taken(maps, inputs), str(i), frame.callers)
            return maps
        tensors, made, again = maps.tensors, stamp.made, self.net.again
        for i in numbers:
            self.note_again(stamp, len(self.net) - made.start, frame.callers)
            tensors = again(made, (*tensors, *inputs[1:]), str(i))
        return Maps(tensors, stamp.names)

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

    def alike(self, maps: Maps, others: Maps) -> bool:
        """Return whether the same costs as much after some maps as after others."""
        pairs = zip(maps.tensors, others.tensors, strict=False)
        return len(maps.tensors) == len(others.tensors) and all(
            x.shape == y.shape and self.net.keeps(x) == self.net.keeps(y) for x, y in pairs
        )

    def same(self, maps: Maps, others: Maps) -> bool:
        """Return whether the same is made after some maps as after others."""
        pairs = zip(maps.tensors, others.tensors, strict=False)
        return len(maps.tensors) == len(others.tensors) and all(
            x.shape == y.shape and self.doubts.get(x.node) == self.doubts.get(y.node)
            for x, y in pairs
        )

    def bound(self, entry: Entry, frame: Frame, further: int = 0) -> None:
        """Raise TooLarge where work passes its bounds: layers, their names, and what makes none."""
        self.work += 1
        layers = len(self.net) + further
        if layers > MAX_LAYERS:
            message = TOO_MANY
        elif layers * self.deepest > MAX_NAMES:
            message = f"{layers:,} layers lie {self.deepest:,} parts deep: too many names"
        elif self.work > MAX_IDLE + 16 * layers:
            message = f"more than {MAX_IDLE:,} entries and copies that place nothing"
        elif len(self.problems) > MAX_PROBLEMS:
            raise TooLarge  # there is enough to mend
        else:
            return
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
    ) -> Maps:
        self.depth += 1
        try:
            self.deepest = max(self.deepest, self.depth)
            return self.placed(what, inputs, frame, name, bare)
        finally:
            self.depth -= 1

    def placed(
        self,
        what: What,
        inputs: tuple[Tensor, ...],
        frame: Frame,
        name: str | None,
        bare: bool,
    ) -> Maps:
        if self.depth > MAX_DEPTH:
            message = f"the parts of the network are nested more than {MAX_DEPTH:,} deep"
            self.report(what.location, message, frame)
            raise TooLarge
        if isinstance(what, Join):
            return self.join(what, Maps(inputs), frame, name)
        if isinstance(what, Group):
            return self.group(what, Maps(inputs), frame, name)
        if isinstance(what, Again):
            return self.again(what, inputs, frame, name)
        if what.broken or what.kind is None:
            raise Unbuilt
        if isinstance(what.kind, Formula):
            return self.computed(what, what.kind, inputs, frame, name)
        if isinstance(what.kind, Spec):
            return self.own(what, what.kind, inputs, frame, name, bare)
        return Maps((self.kind(what, what.kind, inputs, frame, name, bare),))

    def again(
        self, what: Again, inputs: tuple[Tensor, ...], frame: Frame, name: str | None
    ) -> Maps:
        """Place an earlier entry once more, with its weights."""
        placed = frame.placed.get(what.id)
        if placed is None:
            self.report(what.location, _no_id(what.id, frame.placed), frame)
        if placed is None or placed.broken:
            raise Unbuilt
        with self.weights_of(placed.nodes, what.location):
            entry = placed.entry._replace(id=name)
            return self.repeated(entry, Maps(inputs), inputs, placed.again(), False)

    def own(
        self,
        call: Call,
        file: Spec,
        inputs: tuple[Tensor, ...],
        frame: Frame,
        name: str | None,
        bare: bool,
    ) -> Maps:
        definition = file.definitions[call.word]
        self.refuse_own(call, definition, inputs, frame)
        values = dict(self.vars_of(definition.file))
        for key, default in definition.arguments.items():
            if key in call.arguments:
                values[key] = self.value(call.arguments[key], None, inputs, frame)
            elif default is not None:
                inside = frame._replace(values=values)
                values[key] = self.value(default, None, inputs, inside)
        given = {name: values.get(name) for name in definition.arguments}
        known = None if bare else self.key_of((file.path, call.word), given, inputs)
        callers = (call, *frame.callers)
        stamp = self.stamps.get(known) if known is not None else None
        if stamp is not None and self.net.repeats(stamp.made):
            return self.press(stamp, inputs, name, callers)
        begun = self.begin()
        maps = self.opened(definition, values, inputs, callers, None if bare else (call.word, name))
        stamp = self.stamp(begun, inputs, maps, len(callers))
        if known is not None and stamp is not None:
            self.stamps[known] = stamp
        return maps

    def opened(
        self,
        definition: Definition,
        values: Values,
        inputs: tuple[Tensor, ...],
        callers: tuple[Call, ...],
        part: tuple[str, str | None] | None,
    ) -> Maps:
        """Place what is in an own block, as a part of its own unless it is the design itself."""
        arriving = [Maps((x,)) for x in inputs]
        ids = {"in": arriving[0], **dict(zip(definition.inputs, arriving, strict=False))}
        inner = Frame(values, ids, {}, callers)
        with nullcontext() if part is None else self.net.part(*part):
            last = self.entries(definition.layers, arriving[0], inner)
            return self.put_out(definition, inner) if definition.outputs else last

    def refuse_own(
        self, call: Call, definition: Definition, inputs: tuple[Tensor, ...], frame: Frame
    ) -> None:
        """Report a block that uses itself, or is given other inputs than it takes."""
        if len(frame.callers) >= MAX_CALLS:
            message = f"blocks of blocks are nested more than {MAX_CALLS:,} deep"
            self.report(call.location, message, frame)
            raise TooLarge
        if any(caller.word == call.word for caller in frame.callers):
            circle = " → ".join([*(caller.word for caller in reversed(frame.callers)), call.word])
            self.report(call.location, f"blocks use each other in a circle: {circle}", frame)
            raise Unbuilt
        names = definition.inputs
        if len(inputs) != max(1, len(names)):
            wanted = f"{len(names)} inputs ({', '.join(names)})" if len(names) > 1 else "one input"
            self.report(call.location, f"{call.word} takes {wanted}, not {len(inputs)}", frame)
            raise Unbuilt

    def put_out(self, definition: Definition, frame: Frame) -> Maps:
        """Return what an own block puts out, by the names that it says."""
        tensors: list[Tensor] = []
        names: list[str] = []
        for output in definition.outputs:
            maps = self.named(output, frame)
            if len(maps.tensors) > 1:
                each = ", ".join(f"{output.id}.{name}" for name in maps.names)
                self.report(output.location, f"{output.id} is several maps: {each}", frame)
                raise Unbuilt
            tensors += maps.tensors
            names.append(output.id.rpartition(".")[2])
        return Maps(tuple(tensors), tuple(names))

    def computed(
        self,
        what: Call,
        word: Formula,
        inputs: tuple[Tensor, ...],
        frame: Frame,
        name: str | None,
    ) -> Maps:
        """Place the block that a value names, with arguments or as `{word: {…}}`; or nothing."""
        given = Argument(word, what.location, literal=False)
        value = self.value(given, None, inputs, frame)
        if value in (None, "none"):
            return Maps(inputs)
        arguments = dict(what.arguments)
        if isinstance(value, Mapping) and len(value) == 1:
            ((value, further),) = value.items()
            if isinstance(further, Mapping):
                own = {key: Argument(item, what.location) for key, item in further.items()}
                arguments = {**own, **arguments}
        call = self.called(str(value), arguments, what.location, frame)
        return self.place(call, inputs, frame, name, False)

    def vars_of(self, file: Spec) -> Values:
        """Return the vars of a file; an included one has its own."""
        if file.path not in self.vars:
            self.vars[file.path] = variables(file, {}, self.problems)
        return self.vars[file.path]

    def join(self, what: Join, arriving: Maps, frame: Frame, name: str | None) -> Maps:
        if len(what.branches) < 2:
            raise Unbuilt
        within = frame._replace(top=False)
        with self.net.part(what.word, name):
            ends: list[Tensor] = []
            for number, branch in enumerate(what.branches, start=1):
                with self.net.part("branch", f"branch{number}"):
                    ends += self.entries(branch, arriving, within).tensors
            kind = find(what.word)
            call = Call(what.word, kind, {}, what.location, ready=kind())
            return self.place(call, tuple(ends), frame, None, False)

    def group(self, what: Group, arriving: Maps, frame: Frame, name: str | None) -> Maps:
        with self.net.part(what.word, name):
            if what.word == "stage":
                return self.entries(what.layers, arriving, frame)
            with self.net.training_only():
                self.entries(what.layers, arriving, frame)
            return arriving


def _taken(maps: Maps, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Return what a copy takes: all that the copy before puts out, or it and the other inputs."""
    return maps.tensors if len(maps.tensors) > 1 else (*maps.tensors, *inputs[1:])


def _no_id(id: str, known: Mapping[str, object]) -> str:
    hint = suggest(id, known) or (f"; known here: {', '.join(known)}" if known else "")
    return f"there is no earlier id {id!r}{hint}"
