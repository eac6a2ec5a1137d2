"""Nesting: own blocks and words that are worked out are placed, each seeing what is its own."""

from abc import abstractmethod
from collections import ChainMap
from collections.abc import Mapping
from contextlib import nullcontext

from bncalc.errors import Location, some_of, suggest
from bncalc.language.bounding import MAX_CALLS, NetworkTooLarge
from bncalc.language.evaluation import VariableValues
from bncalc.language.frame import Frame
from bncalc.language.placing import Unbuilt
from bncalc.language.repeating import Repeating
from bncalc.language.scope import Binding, Maps, Scope
from bncalc.language.spec import Argument, Call, Definition, Entry, Formula, Reference, Spec
from bncalc.language.variables import variables
from bncalc.model.net import Tensor


class Nesting(Repeating):
    """Places blocks of a file's own in one net."""

    vars: dict[str, VariableValues]
    """The variables of each file, by its path."""

    @abstractmethod
    def entries(self, entries: tuple[Entry, ...], maps: Maps, frame: Frame) -> Maps:
        """Place a list of entries."""

    def own(
        self, call: Call, file: Spec, inputs: tuple[Tensor, ...], frame: Frame, name: str | None
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
        is_part = call is not self.itself
        known = self.key_of((file.path, call.word), given, inputs) if is_part else None
        callers = (call, *frame.callers)
        stamp = self.stamps.own.get(known) if known is not None else None
        if stamp is not None and self.net.repeats(stamp.made):
            return self.press(stamp, inputs, name, callers)
        begun = self.begin()
        part = (call.word, name) if is_part else None
        maps = self.opened(definition, values, inputs, callers, part)
        stamp = self.stamp(begun, inputs, maps, len(callers))
        if known is not None:
            self.stamps.own[known] = stamp
        return maps

    def opened(
        self,
        definition: Definition,
        values: VariableValues,
        inputs: tuple[Tensor, ...],
        callers: tuple[Call, ...],
        part: tuple[str, str | None] | None,
    ) -> Maps:
        """Place what is in an own block, as a part of its own unless it is the design itself."""
        arriving = [Maps((x,)) for x in inputs]
        ids = {"in": arriving[0], **dict(zip(definition.inputs, arriving, strict=False))}
        inner = Frame(values, Scope.of(ids), ChainMap(), callers)
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
            raise NetworkTooLarge
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
        self, what: Call, word: Formula, inputs: tuple[Tensor, ...], frame: Frame, name: str | None
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
        return self.place(call, inputs, frame, name)

    def vars_of(self, file: Spec) -> VariableValues:
        """Return the vars of a file; an included one has its own."""
        if file.path not in self.vars:
            self.vars[file.path] = variables(file, {}, self.problems)
        return self.vars[file.path]

    def named(self, reference: Reference, frame: Frame) -> Maps:
        """Return the maps that an id stands for; report one that there is not."""
        found = self.bound_to(reference.id, reference.location, frame)
        if found is None:
            raise Unbuilt
        return found.maps

    def bound_to(
        self, id: str, location: Location, frame: Frame, *, placed: bool = False
    ) -> Binding | None:
        """Return what an id stands for, if so that of a placed entry.

        Report one that is not known, or that several lists have, and return None.
        """
        found = frame.scope.find(id)
        if found is None or (placed and found.placed is None):
            ids = frame.scope.visible()
            known = dict.fromkeys([id for id, each in ids if not placed or each.placed is not None])
            hint = suggest(id, known) or (f"; known here: {some_of(known)}" if known else "")
            self.report(location, f"there is no earlier id {id!r}{hint}", frame)
            return None
        if found.several:
            whole = [f"'{name}'" for name in frame.scope.whole(id)]
            right = f"write {' or '.join(whole)}" if whole else "give its stage an id"
            self.report(location, f"the id {id!r} is used in several lists; {right}", frame)
            return None
        return found
