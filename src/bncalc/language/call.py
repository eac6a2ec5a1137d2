"""Calls: a word and its arguments, checked against the kind or the own block that it names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bncalc.errors import Location, Problem, likeliest, suggest
from bncalc.language.grammar import AGAIN, GROUPS, JOINS, WIRING
from bncalc.language.nodes import MappingNode, ScalarNode, YamlNode
from bncalc.language.reader import few_or_near, seen
from bncalc.language.spec import Argument, Call, Formula, Spec
from bncalc.language.values import ValueReader
from bncalc.model.op import Block
from bncalc.model.registry import WORDS, find
from bncalc.number import is_number
from bncalc.synonyms import meant, near


class Calls(ValueReader):
    """Reads the calls of one file, which knows the blocks that it defines and includes."""

    def __init__(self, spec: Spec, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.spec = spec

    def call(self, key: ScalarNode, node: YamlNode) -> Call:
        word, at = key.text, key.location
        if word.startswith("="):
            return self.computed(key, node)
        if word in (*GROUPS, AGAIN):
            needs, shown = ("its entries", "[...]") if word in GROUPS else ("an earlier id", "id")
            self.report(at, f"{word} needs {needs}: `{word}: {shown}`")
            return Call(word, None, {}, at, broken=True)
        if not self.knows(word):
            self.unknown_word(key)
            return Call(word, None, self.arguments_of(node), at, broken=True)
        if not isinstance(node, MappingNode) and not _is_nothing(node):
            right = "" if isinstance(node, ScalarNode) else "; `add: [[…], […]]` joins branches"
            example = self.example(word, node)
            self.report(node.location, f"{word} is given {seen(node)}; write {example}{right}")
            return Call(word, None, {}, at, broken=True)
        if word in self.spec.definitions:
            return self.own(word, node, at)
        word = self.our(word)
        kind = find(word)
        known = self.arguments_taken(word)
        count = len(self.problems)
        given = self.named_arguments(node, known)
        self.refuse_unknown(word, node, known)
        return self.checked_call(word, kind, given, at, count)

    def computed(self, key: ScalarNode, node: YamlNode) -> Call:
        """Read a call whose word is worked out: `=block: {out: 8}`."""
        formula = self.formula(key, key.text[1:])
        given = self.arguments_of(node)
        kind = formula if isinstance(formula, Formula) else None
        broken = kind is None
        if not isinstance(node, MappingNode) and not _is_nothing(node):
            self.report(node.location, f"{key.text} is given {seen(node)}; it takes a mapping")
            broken = True
        return Call("block", kind, given, key.location, broken=broken)

    def checked_call(
        self, word: str, kind: type[Block], given: dict[str, Argument], at: Location, count: int
    ) -> Call:
        """Return a call of a kind, its literals checked; `given` has no other keys than fields.

        It is broken if there are more problems than the `count` before its arguments were read.
        """
        good: dict[str, Argument] = {}
        for field in kind.fields:
            argument = given.get(field.name)
            checked = None if argument is None else self.checked(argument, field)
            if checked is not None:
                good[field.name] = checked
            elif field.required and argument is None:
                self.report(at, f"{word} needs {field.name!r}: {field.doc}")
        broken = len(self.problems) > count
        ready = None
        if not broken and all(argument.literal for argument in good.values()):
            ready = kind(**{name: argument.value for name, argument in good.items()})
        return Call(word, kind, good, at, ready, broken)

    def own(self, word: str, node: YamlNode, at: Location) -> Call:
        definition = self.spec.definitions[word]
        count = len(self.problems)
        self.refuse_unknown(word, node, definition.arguments, own=True)
        given = self.arguments_of(node)
        taken = {
            name if name in definition.arguments else likeliest(name, definition.arguments)
            for name in given
        }
        for name, default in definition.arguments.items():
            if default is None and name not in taken:
                self.report(at, f"{word} needs {name!r}")
        return Call(word, self.spec, given, at, broken=len(self.problems) > count)

    def first(self, call: Call, node: YamlNode) -> Call | None:
        """Return the call of the first copy: the same with some arguments of its own."""
        if not isinstance(node, MappingNode):
            self.report(node.location, f"first is {seen(node)}; it must be a mapping of arguments")
            return None
        if call.kind is None or isinstance(call.kind, Formula):
            return call._replace(arguments={**call.arguments, **self.arguments_of(node)})
        if isinstance(call.kind, Spec):
            known = self.spec.definitions[call.word].arguments
            self.refuse_unknown(call.word, node, known, own=True)
            return call._replace(arguments={**call.arguments, **self.arguments_of(node)})
        names = self.arguments_taken(call.word)
        count = len(self.problems)
        self.refuse_unknown(call.word, node, names)
        given = {**call.arguments, **self.named_arguments(node, names)}
        return self.checked_call(call.word, call.kind, given, call.location, count)

    # Arguments

    def arguments_of(self, node: YamlNode) -> dict[str, Argument]:
        if not isinstance(node, MappingNode):
            return {}
        return {key.text: self.argument(value) for key, value in node.entries}

    def named_arguments(self, node: YamlNode, known: list[str]) -> dict[str, Argument]:
        """Return arguments by the names of fields, also where other people's names are written.

        An unknown one is taken for what it is likeliest to be.
        """
        if not isinstance(node, MappingNode):
            return {}
        arguments: dict[str, Argument] = {}
        unknown: dict[str, Argument] = {}
        for key, value in node.entries:
            name = key.text if key.text in known else meant(key.text, known)
            if name is not None and name in arguments:
                self.report(key.location, f"{key.text!r} is {name!r}, which is given already")
            elif name is not None:
                arguments[name] = self.argument(value)
            elif name := likeliest(key.text, known):  # which is reported
                unknown.setdefault(name, self.argument(value))
        return {**unknown, **arguments}

    def refuse_unknown(
        self, word: str, node: YamlNode, known: Iterable[str], *, own: bool = False
    ) -> None:
        """Report what a block does not take; other people's names are for blocks of ours alone."""
        names = list(known)
        for key, _ in node.entries if isinstance(node, MappingNode) else ():
            if key.text in names or (not own and meant(key.text, names)):
                continue
            if key.text.isdecimal():
                hint = "; a list is written in brackets: [3, 3]"
            elif beside := _wiring(key.text, names):
                hint = f"; write `{beside}:` beside {word}, not among its arguments"
            else:
                hint = few_or_near(key.text, names)
            self.report(key.location, f"{word} has no argument {key.text!r}{hint}")

    # Words

    def knows(self, word: str) -> bool:
        return (
            word in self.spec.definitions
            or word in (*GROUPS, AGAIN)
            or word in WORDS
            or meant(word, WORDS) is not None
        )

    def our(self, word: str) -> str:
        """Return the word of a kind, for it or for what other people call it."""
        return word if word in WORDS else meant(word, WORDS) or word

    def words(self) -> tuple[str, ...]:
        return (*WORDS, *GROUPS, AGAIN, *self.spec.definitions)

    def arguments_taken(self, word: str) -> list[str]:
        """Return the names of what a block takes, of the file's own or of ours."""
        if word in self.spec.definitions:
            return list(self.spec.definitions[word].arguments)
        return [field.name for field in find(self.our(word)).fields]

    def unknown_word(self, key: ScalarNode) -> None:
        """Report a word that is no block; of `conv {out: 8}`, that a colon is missing."""
        word = re.split(r"[\s{]", key.text, maxsplit=1)[0]
        if word == key.text or not self.knows(word):
            if not self.spec.incomplete or suggest(word, self.words()):
                self.unknown(key, self.words(), "block or op")
            return
        right = f"write {self.example(word)}, with a colon after {word}"
        self.report(key.location, f"unknown block or op {key.text!r}; {right}")

    def example(self, word: str, given: YamlNode | None = None) -> str:
        """Return how a block is written, with a number that is given as its first argument."""
        if word in JOINS:
            return f"`{word}: [[…], […]]`"
        names = [name for name in self.arguments_taken(word) if name != "called"]
        value = given.text if isinstance(given, ScalarNode) and is_number(given.value) else "…"
        return f"`{word}: {{{names[0]}: {value}}}`" if names else f"`- {word}`"


def _wiring(word: str, arguments: list[str]) -> str | None:
    """Return the key beside a block that a word means, if it means no argument."""
    return None if near(word, arguments) else near(word, WIRING)


def _is_nothing(node: YamlNode) -> bool:
    return isinstance(node, ScalarNode) and node.value is None
