"""Composing: lists of entries are placed one after the other, with all that they hold."""

from collections.abc import Mapping
from contextlib import nullcontext

from bncalc.errors import suggest
from bncalc.language.bounding import MAX_CALLS, MAX_DEPTH, TooLarge
from bncalc.language.evaluation import Values
from bncalc.language.frame import Frame, Maps, Placed, Stretch
from bncalc.language.grammar import CONDITION
from bncalc.language.placing import Unbuilt
from bncalc.language.repeating import Repeating
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
from bncalc.language.variables import variables
from bncalc.model.net import Tensor
from bncalc.model.registry import find


class Composing(Repeating):
    """Places entries in one net.

    Through them flow maps: what an entry puts out is what the next takes, unless it says `from`.
    """

    vars: dict[str, Values]
    """The variables of each file, by its path."""
    ends: set[int]
    """The nodes whose maps are put out where nothing reads them."""

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
            if not self.holds(entry, inputs, frame):
                return self.otherwise(entry, before, frame)
            inputs = self.inputs(entry, inputs, frame)
            self.bound(entry, frame)
            return self.repeated(entry, before, inputs, frame, bare)
        except Unbuilt:
            x, names = self.stand_in(entry, inputs[0]), self.names_of(entry)
            return Maps((x,) * max(1, len(names)), names)

    def holds(self, entry: Entry, before: tuple[Tensor, ...], frame: Frame) -> bool:
        """Return whether the condition of an entry holds for what arrives at it.

        That is what it says `from`, if it is there: an entry that is left out may name what is not.
        """
        if entry.condition is None:
            return True
        named = [frame.ids.get(reference.id) for reference in entry.sources or ()]
        arriving = named[0].tensors if named and named[0] is not None else before
        return bool(self.value(entry.condition, CONDITION, arriving, frame))

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
        stamp = self.stamps.own.get(known) if known is not None else None
        if stamp is not None and self.net.repeats(stamp.made):
            return self.press(stamp, inputs, name, callers)
        begun = self.begin()
        maps = self.opened(definition, values, inputs, callers, None if bare else (call.word, name))
        stamp = self.stamp(begun, inputs, maps, len(callers))
        if known is not None and stamp is not None:
            self.stamps.own[known] = stamp
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


def _no_id(id: str, known: Mapping[str, object]) -> str:
    hint = suggest(id, known) or (f"; known here: {', '.join(known)}" if known else "")
    return f"there is no earlier id {id!r}{hint}"
