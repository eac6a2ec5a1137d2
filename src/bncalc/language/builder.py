"""The builder: the parser's events become nodes, without recursion, and problems are collected.

Scalars follow the core schema of YAML 1.2, where PyYAML follows 1.1: `yes` and `1:30` are text,
`010` is ten and `1e3` a number. Merge keys (`<<`) are kept from 1.1, because people use them.
"""

from collections.abc import Callable
from typing import Any, NoReturn

from bncalc.errors import Location, Problem, SpecError, suggest
from bncalc.language.nodes import MappingNode, ScalarNode, SequenceNode, YamlNode
from bncalc.language.scalar import MAX_DIGITS, PLAIN_WORDS, number_of
from bncalc.language.syntax import Break, explained, expression_at, quoting, unquoted
from bncalc.loading import patterns_on_use
from bncalc.named import NamedTuple, new

with patterns_on_use():
    import yaml
    from yaml.events import (
        AliasEvent,
        CollectionStartEvent,
        DocumentStartEvent,
        Event,
        MappingEndEvent,
        MappingStartEvent,
        ScalarEvent,
        SequenceEndEvent,
        SequenceStartEvent,
    )

    try:
        from yaml import CBaseLoader as Parser
    except ImportError:  # PyYAML built without libyaml: the same events, 20 times slower
        from yaml import BaseLoader as Parser  # type: ignore[assignment]

_MAX_DEPTH = 64
MAX_NODES = 1_000_000
_MOST_BREAKS = 20
"""So many expressions without quotes are told at once: the file is read again after each."""


def build(text: str, path: str) -> YamlNode | None:
    """Return the node of one document; raise SpecError for all that is wrong in its syntax.

    An expression that breaks it for want of quotes is told, and taken for a number.
    """
    problems: list[Problem] = []
    for _ in range(_MOST_BREAKS):
        builder = _Builder(text, path)
        try:
            root = builder.build()
        except yaml.MarkedYAMLError as error:
            if "nesting depth" in (error.problem or ""):
                # A newer libyaml looks ahead and gives up by itself; an older one stops as we do.
                _Builder(text, path).build(yaml.BaseLoader)
            broken = builder.broken(error)
            problems += [*builder.problems, explained(broken, text, path)]
            expression = unquoted(broken, text)
            if not expression:
                break
            assert broken.formula is not None
            start = broken.formula[0]
            text = text[:start] + "0".ljust(len(expression)) + text[start + len(expression) :]
        else:
            problems += builder.problems
            break
    if problems:
        raise SpecError(problems)
    return root


class _Open:
    """A list or mapping that has begun and not yet ended."""

    __slots__ = ("anchor", "children", "count", "height", "location", "mapping")

    def __init__(self, location: Location, mapping: bool, anchor: str | None, count: int) -> None:
        self.children: list[YamlNode] = []  # of a mapping: key, value, key, value …
        self.location = location
        self.mapping = mapping
        self.anchor = anchor
        self.count = count  # the nodes that came before it, aliases counted in full
        self.height = 1


class _Anchored(NamedTuple):
    node: YamlNode
    size: int
    height: int


class _Formula(NamedTuple):
    """The unquoted expression read last: the first suspect where the syntax breaks after it."""

    text: str
    start: int
    location: Location


class _Builder:
    """Turns the parser's events into nodes, without recursion, collecting problems on its way."""

    def __init__(self, text: str, path: str) -> None:
        self.problems: list[Problem] = []
        self.last: _Formula | None = None
        self.text = text
        self.path = path
        self._count = 0
        self._documents = 0
        self._known: dict[str, object] = dict(PLAIN_WORDS)
        self._anchors: dict[str, _Anchored | None] = {}  # None: still open
        self._stack = [_Open(Location(path), False, None, 0)]
        self._children = self._stack[0].children

    def build(
        self, loader: Callable[[str], Parser | yaml.BaseLoader] | None = None
    ) -> YamlNode | None:
        parser = (loader or Parser)(self.text)
        takers: dict[type[Event], Callable[[Any], None]] = {
            ScalarEvent: self._scalar,
            MappingStartEvent: self._open,
            MappingEndEvent: self._close,
            SequenceStartEvent: self._open,
            SequenceEndEvent: self._close,
            AliasEvent: self._alias,
            DocumentStartEvent: self._begin,
        }
        while (event := parser.get_event()) is not None:
            take = takers.get(type(event))
            if take is not None:
                take(event)
        return self._children[0] if self._children else None

    def broken(self, error: yaml.MarkedYAMLError) -> Break:
        """Return where the parser gave up, and what it had read last."""
        mark, context, last = error.problem_mark, error.context_mark, self.last
        assert mark is not None
        return Break(
            problem=error.problem or "",
            context=error.context or "",
            offset=mark.index,
            opened=None if context is None else context.index,
            formula=None if last is None else (last.start, last.location),
        )

    def _at(self, event: Event) -> Location:
        mark = event.start_mark
        assert mark is not None
        return new(Location, (self.path, mark.line + 1, mark.column + 1))

    def _report(self, location: Location, message: str) -> None:
        self.problems.append(Problem(location, message))

    def _stop(self, location: Location, message: str) -> NoReturn:
        self._report(location, message)
        raise SpecError(self.problems)

    def _begin(self, event: DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            self._stop(self._at(event), "a second document starts here; a file holds only one")

    def _scalar(self, event: ScalarEvent) -> None:
        # Nearly all of a file is scalars, so this is written for speed: each distinct text
        # is resolved once.
        mark, text, plain = event.start_mark, event.value, event.implicit[0]
        assert mark is not None
        location = new(Location, (self.path, mark.line + 1, mark.column + 1))
        value = self._known.get(text, _UNKNOWN) if plain else text
        if value is _UNKNOWN:
            value = self._resolve(text, mark.index, location)
        node = new(ScalarNode, (value, text, plain, location))
        self._children.append(node)
        self._count += 1
        if event.tag is not None:
            self._report(location, _tag_message(event.tag))
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(node, 1, 0)

    def _resolve(self, text: str, index: int, location: Location) -> object:
        if text.startswith("="):
            self.last = _Formula(text, index, location)
            if text.count("(") > text.count(")"):
                whole = expression_at(self.text, index)
                if len(whole) > len(text):
                    self._report(location, quoting(whole))
            return text  # not remembered: each place has its own problem
        try:
            value = number_of(text)
        except OverflowError:
            shown = text if len(text) <= 24 else f"{text[:24]}…"
            message = f"the integer {shown} has more than {MAX_DIGITS} digits"
            self._report(location, message)
            return 0
        self._known[text] = value
        return value

    def _open(self, event: CollectionStartEvent) -> None:
        location = self._at(event)
        if event.tag is not None:
            self._report(location, _tag_message(event.tag))
        if len(self._stack) > _MAX_DEPTH:
            self._stop(location, f"nested deeper than {_MAX_DEPTH} levels")
        is_mapping = isinstance(event, MappingStartEvent)
        self._stack.append(_Open(location, is_mapping, event.anchor, self._count))
        self._children = self._stack[-1].children
        self._count += 1
        if event.anchor is not None:
            self._anchors[event.anchor] = None

    def _close(self, _: Event) -> None:
        ended = self._stack.pop()
        node: YamlNode
        if ended.mapping:
            node = self._mapping(ended)
        else:
            node = SequenceNode(tuple(ended.children), ended.location)
        if ended.anchor is not None:
            size = self._count - ended.count
            self._anchors[ended.anchor] = _Anchored(node, size, ended.height)
        if self._count > MAX_NODES:
            self._stop(ended.location, f"the file holds more than {MAX_NODES:,} values")
        self._attach(node, ended.height)

    def _attach(self, node: YamlNode, height: int) -> None:
        around = self._stack[-1]
        around.height = max(around.height, height + 1)
        self._children = around.children
        self._children.append(node)

    def _alias(self, event: AliasEvent) -> None:
        location, name = self._at(event), event.anchor or ""
        if name not in self._anchors:
            self._stop(location, f"no anchor &{name} above{suggest(name, self._anchors)}")
        meant = self._anchors[name]
        if meant is None:
            self._stop(location, f"*{name} is used inside what it names")
        self._count += meant.size
        if self._count > MAX_NODES:
            self._stop(location, f"with *{name} the file holds more than {MAX_NODES:,} values")
        if len(self._stack) - 1 + meant.height > _MAX_DEPTH:
            self._stop(location, f"with *{name} nested deeper than {_MAX_DEPTH} levels")
        self._attach(meant.node, meant.height)

    def _mapping(self, ended: _Open) -> MappingNode:
        values = ended.children[1::2]
        keys = [key for key in ended.children[::2] if isinstance(key, ScalarNode)]
        names = {key.text for key in keys}
        if len(names) == len(values) and names.isdisjoint(_SUSPECT):
            return new(MappingNode, (tuple(zip(keys, values, strict=True)), ended.location))
        own: dict[str, tuple[ScalarNode, YamlNode]] = {}
        merged: dict[str, tuple[ScalarNode, YamlNode]] = {}
        for key, value in zip(ended.children[::2], values, strict=True):
            if problem := _key_problem(key, own):
                self._report(key.location, problem)
            elif isinstance(key, ScalarNode):
                own[key.text] = (key, value)
                if key.text == "<<" and key.plain:
                    merged = self._merged(value)
        if "<<" in own and own["<<"][0].plain:
            del own["<<"]
        return MappingNode(tuple((merged | own).values()), ended.location)

    def _merged(self, value: YamlNode) -> dict[str, tuple[ScalarNode, YamlNode]]:
        entries: dict[str, tuple[ScalarNode, YamlNode]] = {}
        for source in value.items if isinstance(value, SequenceNode) else (value,):
            if isinstance(source, MappingNode):
                entries = {key.text: (key, node) for key, node in source.entries} | entries
            else:
                message = "`<<` takes a mapping, or a list of mappings: `<<: *name`"
                self._report(value.location, message)
        return entries


_UNKNOWN = object()
_SUSPECT = frozenset(("", "<<", "~", "null", "Null", "NULL"))


def _tag_message(tag: str) -> str:
    written = tag.replace("tag:yaml.org,2002:", "!!")
    return f"tags are not supported: {written if written.startswith('!') else f'!<{written}>'}"


def _key_problem(key: YamlNode, earlier: dict[str, tuple[ScalarNode, YamlNode]]) -> str | None:
    if not isinstance(key, ScalarNode):
        kind = "list" if isinstance(key, SequenceNode) else "mapping"
        return f"a key must be a name, not a {kind}"
    if key.value is None:
        return f"a key must be a name, not {key.text or 'nothing'}"
    if not key.text:
        return "a key must be a name, not empty text"
    if key.text in earlier:
        first = earlier[key.text][0].location.line
        return f"duplicate key '{key.text}' on line {key.location.line}, first on line {first}"
    return None
