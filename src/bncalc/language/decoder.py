"""The decoder: nodes with positions become a spec, and every problem on the way is collected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from bncalc.errors import Location, Problem, ShapeError, SpecError, suggest
from bncalc.language.reader import Reader, seen
from bncalc.language.source import Mapping, Node, Scalar, Sequence, read_file
from bncalc.language.spec import (
    UNREADABLE,
    Argument,
    Call,
    Definition,
    Entry,
    Formula,
    Group,
    Join,
    Reference,
    Spec,
)
from bncalc.model.fields import (
    Act,
    Bias,
    Field,
    Form,
    Integer,
    Norm,
    Padding,
    describe,
    type_in,
)
from bncalc.model.op import Block
from bncalc.model.registry import WORDS, find

Read = Callable[[str], Node]

FILE_KEYS = {
    "name": "what the network is called",
    "description": "what it is, in a sentence",
    "source": "where its facts are from",
    "input": "[channels, height, width]",
    "defaults": "norm, act, bias, padding of every conv in this file",
    "vars": "names for values that expressions may use",
    "variants": "named settings of the vars",
    "define": "blocks of your own",
    "include": "files whose blocks may be used here",
    "blocks": "alternatives to compare",
    "baseline": "the alternative that ratios refer to",
    "layers": "the layers of one network",
}
WIRING = ("id", "from", "repeat", "first")
JOINS = ("add", "multiply", "concat")
GROUPS = ("stage", "auxiliary")
MAX_INCLUDES = 64

REPEAT = Field("repeat", Integer(1, 100_000), 1, "how many copies follow each other")
DEFAULTS = {
    name: Field(name, type_in(annotated), None, "")
    for name, annotated in {
        "norm": Norm, "act": Act, "bias": Bias, "padding": Padding, "form": Form,
    }.items()
}  # fmt: skip


def decode(path: str, read: Read = read_file) -> tuple[Spec, list[Problem]]:
    """Decode a file and all that it includes; return the spec and its problems.

    A text that is not YAML at all raises SpecError.
    """
    problems: list[Problem] = []
    spec = _File(path, read, problems, ()).decode(read(path))
    return spec, problems


def argument_of(node: Node) -> Argument:
    """Return the value that a node stands for; raise SpecError where it cannot be read."""
    problems: list[Problem] = []
    argument = _File("", read_file, problems, ()).argument(node)
    if problems:
        raise SpecError(problems)
    return argument


class _File(Reader):
    """Decodes one file; `trail` are the files that include it."""

    def __init__(
        self, path: str, read: Read, problems: list[Problem], trail: tuple[str, ...]
    ) -> None:
        super().__init__(problems)
        self.spec = Spec(path)
        self.read = read
        self.trail = (*trail, path)

    def decode(self, root: Node) -> Spec:
        if not isinstance(root, Mapping):
            self.report(
                root.location, f"a file is a mapping with `blocks:` or `layers:`, not {seen(root)}"
            )
            return self.spec
        keys = dict(self.keyed(root, FILE_KEYS, "key"))
        spec = self.spec
        for key in ("name", "description", "source"):
            if key in keys:
                setattr(spec, key, self.text(keys[key], key))
        spec.input = self.input(keys.get("input"))
        spec.vars = self.values(keys.get("vars"), "vars")
        spec.defaults = self.defaults(keys.get("defaults"))
        spec.variants = self.variants(keys.get("variants"))
        self.include(keys.get("include"))
        self.define(keys.get("define"))
        self.body(root, keys)
        return spec

    # What a file holds

    def body(self, root: Mapping, keys: dict[str, Node]) -> None:
        spec = self.spec
        included = len(self.trail) > 1
        if "blocks" in keys and "layers" in keys:
            where = keys["layers"].location
            self.report(where, "a file holds `blocks:` or `layers:`, not both")
        elif not included and "blocks" not in keys and "layers" not in keys:
            missing = "`blocks:` (alternatives to compare) nor `layers:` (one network)"
            self.report(root.location, f"the file has neither {missing}")
        if "layers" in keys:
            spec.layers = self.layers(keys["layers"], "layers", least=1)
        if "blocks" in keys:
            for key, node in self.mapping(keys["blocks"], "blocks", least=1):
                spec.blocks[key.text] = self.alternative(node)
        self.baseline(keys.get("baseline"))
        if not included and spec.input is None and "input" not in keys:
            self.report(root.location, "the file has no `input: [channels, height, width]`")

    def alternative(self, node: Node) -> tuple[Entry, ...]:
        if isinstance(node, Sequence):
            return self.layers(node, "an alternative", least=1)
        entry = self.entry(node)
        return () if entry is None else (entry,)

    def baseline(self, node: Node | None) -> None:
        if node is None:
            return
        name = self.text(node, "baseline")
        if name and name not in self.spec.blocks:
            known = ", ".join(self.spec.blocks) or "none"
            hint = suggest(name, self.spec.blocks)
            self.report(node.location, f"baseline {name!r} is not one of the blocks: {known}{hint}")
        self.spec.baseline = name or None

    def input(self, node: Node | None) -> Argument | None:
        if node is None:
            return None
        right = "[channels, height, width], three whole numbers of at least 1"
        argument = self.argument(node)
        value = argument.value
        if argument.literal or type(value) is tuple:
            value = value if type(value) is tuple else ()
            fits = len(value) == 3
            if not fits or not all(_whole(one) or _has_formula(one) for one in value):
                self.report(
                    node.location, f"input is {describe(argument.value)}; it must be {right}"
                )
                return None
        return argument

    def defaults(self, node: Node | None) -> dict[str, Argument]:
        found: dict[str, Argument] = {}
        if node is not None:
            for key, value in self.keyed_mapping(node, "defaults", DEFAULTS, "default"):
                argument = self.checked(self.argument(value), DEFAULTS[key])
                if argument is not None:
                    found[key] = argument
        return found

    def values(self, node: Node | None, what: str) -> dict[str, Argument]:
        found: dict[str, Argument] = {}
        for key, value in self.mapping(node, what):
            if not key.text.isidentifier() or key.text in ("cin", "h", "w", "i"):
                right = "a name like `depth_2`, and none of cin, h, w, i"
                self.report(key.location, f"{key.text!r} cannot be a name here; it must be {right}")
            else:
                found[key.text] = self.argument(value)
        return found

    def variants(self, node: Node | None) -> dict[str, dict[str, Argument]]:
        found: dict[str, dict[str, Argument]] = {}
        for key, settings in self.mapping(node, "variants"):
            found[key.text] = self.values(settings, f"variant {key.text}")
            for name, argument in found[key.text].items():
                if name not in self.spec.vars:
                    known = suggest(name, self.spec.vars)
                    self.report(argument.location, f"{name!r} is not one of the vars{known}")
        return found

    def include(self, node: Node | None) -> None:
        if node is None:
            return
        nodes = node.items if isinstance(node, Sequence) else (node,)
        for one in nodes:
            name = self.text(one, "include")
            if not name:
                continue
            path = str(PurePosixPath(self.spec.path).parent / name)
            if path in self.trail or len(self.trail) > MAX_INCLUDES:
                circle = " → ".join((*self.trail, path))
                self.report(one.location, f"files include each other in a circle: {circle}")
                continue
            try:
                included = _File(path, self.read, self.problems, self.trail).decode(self.read(path))
            except SpecError as error:
                at = one.location
                self.report(at, f"cannot include {name!r}: {error.problems[0].message}")
                self.problems.extend(p for p in error.problems if p.location.line)
            else:
                self.spec.definitions.update(included.definitions)

    def define(self, node: Node | None) -> None:
        found = []
        for key, entry in self.mapping(node, "define"):
            name = key.text
            if name in (*WORDS, *WIRING, *GROUPS):
                self.report(key.location, f"{name!r} is already a word of the language")
                continue
            found.append((key, entry))
            # Known before any body is read, so that definitions may use each other in any order.
            self.spec.definitions[name] = Definition(name, {}, (), self.spec, key.location)
        bodies = [
            (key, dict(self.keyed_mapping(n, key.text, ("args", "layers"), "key")))
            for key, n in found
        ]
        for key, body in bodies:
            arguments: dict[str, Argument | None] = {}
            for name, value in self.values(body.get("args"), "args").items():
                arguments[name] = None if value.value is None else value
            blank = self.spec.definitions[key.text]
            self.spec.definitions[key.text] = blank._replace(arguments=arguments)
        for key, body in bodies:
            if "layers" not in body:
                self.report(key.location, f"the block {key.text!r} has no `layers:`")
            layers = self.layers(body["layers"], "layers") if "layers" in body else ()
            known = self.spec.definitions[key.text]
            self.spec.definitions[key.text] = known._replace(layers=layers)

    # Entries

    def layers(self, node: Node, what: str, *, least: int = 0) -> tuple[Entry, ...]:
        if not isinstance(node, Sequence):
            self.report(node.location, f"{what} is {seen(node)}; it must be a list of entries")
            return ()
        if len(node.items) < least:
            self.report(node.location, f"{what} is an empty list; it must have at least one entry")
        return tuple(one for one in map(self.entry, node.items) if one is not None)

    def entry(self, node: Node) -> Entry | None:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            call = self.call(node, Scalar(None, "", True, node.location))
            return Entry(call, None, None, None, None, node.location)
        if not isinstance(node, Mapping):
            right = "the name of a block or op, or `name: {arguments}`"
            self.report(node.location, f"an entry is {seen(node)}; it must be {right}")
            return None
        words = [(key, value) for key, value in node.entries if key.text not in WIRING]
        if len(words) != 1:
            self.not_one_word(node, words)
            return None
        return self.wired(node, *words[0])

    def not_one_word(self, node: Mapping, words: list[tuple[Scalar, Node]]) -> None:
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

    def wired(self, node: Mapping, key: Scalar, value: Node) -> Entry | None:
        wiring = {k.text: v for k, v in node.entries if k.text in WIRING}
        sources = self.sources(wiring.get("from"))
        what: Call | Join | Group
        first = None
        if key.text in JOINS and isinstance(value, Sequence):
            branches = tuple(self.layers(one, "a branch") for one in value.items)
            if len(branches) < 2:
                self.report(
                    value.location, f"{key.text} has {len(branches)} branches; it needs two"
                )
            what = Join(key.text, branches, key.location)
        elif key.text in GROUPS:
            what = Group(key.text, self.layers(value, key.text, least=1), key.location)
        else:
            if key.text in JOINS and isinstance(value, Mapping) and value.get("from") is not None:
                sources = self.sources(value.get("from"))
                value = Mapping(
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
        nodes = node.items if isinstance(node, Sequence) else (node,)
        if not nodes:
            self.report(node.location, "`from` is an empty list; it must name an id")
        texts = [(self.text(one, "from"), one.location) for one in nodes]
        return tuple(Reference(text, at) for text, at in texts if text) or None

    # Calls

    def call(self, key: Scalar, node: Node) -> Call:
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
        if not isinstance(node, Mapping) and not (isinstance(node, Scalar) and node.value is None):
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
        if isinstance(node, Mapping):
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
        if isinstance(node, Mapping):
            for key, value in node.entries:
                if key.text in definition.arguments:
                    given[key.text] = self.argument(value)
                else:
                    self.unknown(key, definition.arguments, f"argument of {word}")
        elif not (isinstance(node, Scalar) and node.value is None):
            self.report(node.location, f"{word} is given {seen(node)}; it takes a mapping")
        for name, default in definition.arguments.items():
            if default is None and name not in given:
                self.report(at, f"{word} needs {name!r}")
        return Call(word, self.spec, given, at, broken=len(self.problems) > count)

    def first(self, call: Call, node: Node) -> Call | None:
        if not isinstance(node, Mapping):
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
        if not isinstance(node, Mapping):
            return default or {}
        return {key.text: self.argument(value) for key, value in node.entries}

    # Values

    def argument(self, node: Node) -> Argument:
        value = self.value(node)
        return Argument(value, node.location, not _has_formula(value))

    def value(self, node: Node) -> object:
        if isinstance(node, Sequence):
            return tuple(self.value(one) for one in node.items)
        if isinstance(node, Mapping):
            return {key.text: self.value(one) for key, one in node.entries}
        if isinstance(node.value, str) and node.value.startswith("="):
            return self.formula(node, node.value[1:])
        return node.value

    def formula(self, node: Scalar, text: str) -> object:
        from bncalc.language.expression import ExpressionError, parse

        at = node.location
        start = at._replace(column=at.column + (1 if node.plain else 2))
        try:
            return Formula(parse(text), start)
        except ExpressionError as error:
            self.report(start._replace(column=start.column + error.offset), error.message)
            return UNREADABLE

    def checked(self, argument: Argument, field: Field) -> Argument | None:
        """Return the argument in canonical form if it is a literal; report one that cannot be."""
        if not argument.literal:
            return argument
        try:
            return argument._replace(value=field.accept(argument.value))
        except ValueError as error:
            self.report(argument.location, str(error))
            return None

    # Words

    def knows(self, word: str) -> bool:
        return word in WORDS or word in GROUPS or word in self.spec.definitions

    def words(self) -> tuple[str, ...]:
        return (*WORDS, *GROUPS, *self.spec.definitions)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 10**9


def _has_formula(value: object) -> bool:
    if type(value) is tuple:
        return any(map(_has_formula, value))
    if isinstance(value, dict):
        return any(map(_has_formula, value.values()))
    return value is UNREADABLE or isinstance(value, Formula)
