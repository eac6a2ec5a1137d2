"""Entries: a list of layers is read into calls, joins and groups, each with its wiring."""

from __future__ import annotations

from bncalc.errors import Location, Problem, ShapeError
from bncalc.language.grammar import GROUPS, JOINS, REPEAT, WIRING
from bncalc.language.nodes import MappingNode, Node, ScalarNode, SequenceNode
from bncalc.language.reader import seen
from bncalc.language.spec import Argument, Call, Entry, Group, Join, Reference, Spec
from bncalc.language.values import Values
from bncalc.model.op import Block
from bncalc.model.registry import WORDS, find


class Entries(Values):
    """Reads the entries of one file, which knows the blocks that it defines and includes."""

    def __init__(self, spec: Spec, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.spec = spec

    def layers(self, node: Node, what: str, *, least: int = 0) -> tuple[Entry, ...]:
        if not isinstance(node, SequenceNode):
            self.report(node.location, f"{what} is {seen(node)}; it must be a list of entries")
            return ()
        if len(node.items) < least:
            self.report(node.location, f"{what} is an empty list; it must have at least one entry")
        return tuple(one for one in map(self.entry, node.items) if one is not None)

    def entry(self, node: Node) -> Entry | None:
        if isinstance(node, ScalarNode) and isinstance(node.value, str):
            call = self.call(node, ScalarNode(None, "", True, node.location))
            return Entry(call, None, None, None, None, node.location)
        if not isinstance(node, MappingNode):
            right = "the name of a block or op, or `name: {arguments}`"
            self.report(node.location, f"an entry is {seen(node)}; it must be {right}")
            return None
        words = [(key, value) for key, value in node.entries if key.text not in WIRING]
        if len(words) != 1:
            self.not_one_word(node, words)
            return None
        return self.wired(node, *words[0])

    def not_one_word(self, node: MappingNode, words: list[tuple[ScalarNode, Node]]) -> None:
        if not words:
            self.report(node.location, "the entry has wiring and no block or op")
            return
        known = [key.text for key, _ in words if self.knows(key.text)]
        if len(known) > 1:
            self.report(words[1][0].location, f"one entry, several words: {', '.join(known)}")
            return
        for key, value in words:
            if key.text not in known:
                self.unknown(key, (*WIRING, *(() if known else self.words())), "key beside a block")
            elif not known:
                self.call(key, value)

    def wired(self, node: MappingNode, key: ScalarNode, value: Node) -> Entry | None:
        wiring = {k.text: v for k, v in node.entries if k.text in WIRING}
        sources = self.sources(wiring.get("from"))
        what: Call | Join | Group
        first = None
        if key.text in JOINS and isinstance(value, SequenceNode):
            branches = tuple(self.layers(one, "a branch") for one in value.items)
            if len(branches) < 2:
                self.report(
                    value.location, f"{key.text} has {len(branches)} branches; it needs two"
                )
            what = Join(key.text, branches, key.location)
        elif key.text in GROUPS:
            what = Group(key.text, self.layers(value, key.text, least=1), key.location)
        else:
            if (
                key.text in JOINS
                and isinstance(value, MappingNode)
                and value.get("from") is not None
            ):
                sources = self.sources(value.get("from"))
                value = MappingNode(
                    tuple(e for e in value.entries if e[0].text != "from"), value.location
                )
            what = self.call(key, value)
            if "first" in wiring:
                first = self.first(what, wiring["first"])
        if "first" in wiring and "repeat" not in wiring:
            self.report(wiring["first"].location, "`first` without `repeat`")
        if "first" in wiring and not isinstance(what, Call):
            self.report(wiring["first"].location, f"`first` cannot stand beside {key.text}")
        id = self.text(wiring["id"], "id") if "id" in wiring else None
        if id == "in" or (id and ("/" in id or id != id.strip())):
            self.report(wiring["id"].location, f"id {id!r} is taken or has a slash in it")
        repeat = self.repeat(wiring["repeat"]) if "repeat" in wiring else None
        return Entry(what, first, id or None, sources, repeat, node.location)

    def repeat(self, node: Node) -> Argument | None:
        argument = self.argument(node)
        return self.checked(argument, REPEAT)

    def sources(self, node: Node | None) -> tuple[Reference, ...] | None:
        if node is None:
            return None
        nodes = node.items if isinstance(node, SequenceNode) else (node,)
        if not nodes:
            self.report(node.location, "`from` is an empty list; it must name an id")
        texts = [(self.text(one, "from"), one.location) for one in nodes]
        return tuple(Reference(text, at) for text, at in texts if text) or None

    # Calls

    def call(self, key: ScalarNode, node: Node) -> Call:
        word, at = key.text, key.location
        if word in GROUPS:
            self.report(at, f"{word} needs its entries: `{word}: [...]`")
            return Call(word, None, {}, at, broken=True)
        if not self.knows(word):
            self.unknown(key, self.words(), "block or op")
            return Call(word, None, self.arguments_of(node), at, broken=True)
        if word in self.spec.definitions:
            return self.own(word, node, at)
        kind = find(word)
        if not isinstance(node, MappingNode) and not (
            isinstance(node, ScalarNode) and node.value is None
        ):
            shape = f"`{word}: {{{kind.fields[0].name}: …}}`" if kind.fields else f"`- {word}`"
            self.report(node.location, f"{word} is given {seen(node)}; write {shape}")
            return Call(word, kind, {}, at, broken=True)
        return self.checked_call(word, kind, self.arguments_of(node, {}), node, at)

    def checked_call(
        self, word: str, kind: type[Block], given: dict[str, Argument], node: Node, at: Location
    ) -> Call:
        count = len(self.problems)
        good: dict[str, Argument] = {}
        known = {one.name: one for one in kind.fields}
        if isinstance(node, MappingNode):
            for key, _ in node.entries:
                if key.text not in known:
                    self.unknown(
                        key, (*known, *WIRING), f"key of {word}", wiring=key.text in WIRING
                    )
        for name, argument in given.items():
            if name in known:
                checked = self.checked(argument, known[name])
                if checked is not None:
                    good[name] = checked
        for name, one in known.items():
            if one.required and name not in given:
                self.report(at, f"{word} needs {name!r}: {one.doc}")
        broken = len(self.problems) > count
        ready = None
        if not broken and all(one.literal for one in good.values()):
            try:
                ready = kind(**{name: one.value for name, one in good.items()})
            except ShapeError as error:
                self.report(at, str(error))
                broken = True
        return Call(word, kind, good, at, ready, broken)

    def own(self, word: str, node: Node, at: Location) -> Call:
        definition = self.spec.definitions[word]
        count = len(self.problems)
        given: dict[str, Argument] = {}
        if isinstance(node, MappingNode):
            for key, value in node.entries:
                if key.text in definition.arguments:
                    given[key.text] = self.argument(value)
                else:
                    self.unknown(key, definition.arguments, f"argument of {word}")
        elif not (isinstance(node, ScalarNode) and node.value is None):
            self.report(node.location, f"{word} is given {seen(node)}; it takes a mapping")
        for name, default in definition.arguments.items():
            if default is None and name not in given:
                self.report(at, f"{word} needs {name!r}")
        return Call(word, self.spec, given, at, broken=len(self.problems) > count)

    def first(self, call: Call, node: Node) -> Call | None:
        if not isinstance(node, MappingNode):
            self.report(node.location, f"first is {seen(node)}; it must be a mapping of arguments")
            return None
        if call.kind is None or isinstance(call.kind, Spec):
            if call.kind is not None:
                known = self.spec.definitions[call.word].arguments
                for key, _ in node.entries:
                    if key.text not in known:
                        self.unknown(key, known, f"argument of {call.word}")
            return call._replace(arguments={**call.arguments, **self.arguments_of(node)})
        given = {**call.arguments, **self.arguments_of(node)}
        return self.checked_call(call.word, call.kind, given, node, call.location)

    def arguments_of(
        self, node: Node, default: dict[str, Argument] | None = None
    ) -> dict[str, Argument]:
        if not isinstance(node, MappingNode):
            return default or {}
        return {key.text: self.argument(value) for key, value in node.entries}

    # Words

    def knows(self, word: str) -> bool:
        return word in WORDS or word in GROUPS or word in self.spec.definitions

    def words(self) -> tuple[str, ...]:
        return (*WORDS, *GROUPS, *self.spec.definitions)
