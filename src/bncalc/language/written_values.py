"""Written values: every value in a model file, under the dotted name that a person would give it.

`head.conv.out` is a field of the entry whose id is `head`, `conv2.out` one of the second `conv`
that has no id, numbered as layers are. Further names are `stage3.repeat`, `stage3.first.stride`,
`vars.depths[2]`, `variants.large.width`, `defaults.bias`, `input[1]`, `inputs.left[1]`,
`outputs[0]`, `blocks.plain.plain.out`, `define.gated.args.share`, `define.gated.conv.out` and
`add.branch1.conv.out`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from operator import is_

from bncalc.errors import Location
from bncalc.language.grammar import AGAIN, DEFAULTS, GROUPS, JOINS, REPEAT, WIRING
from bncalc.language.nodes import MappingNode, ScalarNode, SequenceNode, YamlNode
from bncalc.model.fields import Field, describe
from bncalc.model.naming import NamedChild, names_of
from bncalc.model.registry import WORDS, find
from bncalc.named import NamedTuple
from bncalc.synonyms import meant


class WrittenValue(NamedTuple):
    """A value where it stands. `field` is what its kind says of it: None for names of one's own.

    `text` is as written, without quotes; a value is `plain` when it was written without them.
    """

    name: str
    value: object
    text: str
    plain: bool
    field: Field | None
    location: Location

    @property
    def literal(self) -> bool:
        """Whether it is a number, true or false, and no text or formula."""
        return isinstance(self.value, (bool, int, float))


def written(root: YamlNode) -> tuple[WrittenValue, ...]:
    """Return the values of one file in written order; no two share a name or a place.

    What names and describes is left out (`name`, `source`, `id` …), and so are included files: the
    values of those are their own. What an alias repeats counts where it was written.
    """
    values: dict[str, WrittenValue] = {}
    places: set[Location] = set()
    for value in _file(root):
        if value.location in places:
            continue
        places.add(value.location)
        name, number = value.name, 1
        while name in values:  # an argument called `repeat`, beside the entry's own `repeat`
            number += 1
            name = f"{value.name}#{number}"
        values[name] = value._replace(name=name)
    return tuple(values.values())


def rewritten(text: str, old: WrittenValue, new: object) -> str:
    """Return the text of a file with one literal value replaced, and nothing else touched.

    `text` is the whole file, its line breaks as they are. Raises ValueError where the value does
    not stand at its place.
    """
    start = _offset(text, old.location)
    properties = _PROPERTIES.match(text, start)
    start = properties.end() if properties else start
    if not old.literal or not text.startswith(old.text, start):
        raise ValueError(f"{old.location}: there is no {old.text} here")
    return text[:start] + describe(new) + text[start + len(old.text) :]


def with_value(root: YamlNode, old: WrittenValue, new: object) -> YamlNode:
    """Return the tree that the rewritten text would be read as, all places as they were.

    What does not hold the value is shared with the tree as it was.
    """
    if isinstance(root, MappingNode):
        entries = []
        for entry in root.entries:
            node = with_value(entry[1], old, new)
            entries.append(entry if node is entry[1] else (entry[0], node))
        same = all(map(is_, entries, root.entries))
        return root if same else MappingNode(tuple(entries), root.location)
    if isinstance(root, SequenceNode):
        items = [with_value(item, old, new) for item in root.items]
        same = all(map(is_, items, root.items))
        return root if same else SequenceNode(tuple(items), root.location)
    if root.location != old.location:
        return root
    return ScalarNode(new, describe(new), True, root.location)


def quoted(name: str) -> str:
    """Return a part of a dotted name, quoted where a dot or bracket in it would mislead."""
    return repr(name) if not name or re.search(r"[.\[\]'\"#\s]", name) else name


_BREAK = re.compile(r"\r\n|\n|\r")
_PROPERTIES = re.compile(r"(?:&\S+\s+)+")
"""An anchor; the place of an anchored value is that of its anchor."""


def _offset(text: str, at: Location) -> int:
    start = int(text.startswith("\ufeff"))
    for _ in range(at.line - 1):
        end = _BREAK.search(text, start)
        if end is None:
            raise ValueError(f"{at}: the file has fewer lines")
        start = end.end()
    return start + at.column - 1


# The walk through a file


def _file(root: YamlNode) -> Iterator[WrittenValue]:
    walk = _Walk(frozenset(name for key, node in _mapping(root) if key == "define"
                           for name, _ in _mapping(node)))  # fmt: skip
    for key, node in _mapping(root):
        if key in ("input", "inputs", "outputs", "vars", "variants"):
            yield from _values(key, node, None)
        elif key == "defaults":
            for name, value in _mapping(node):
                yield from _values(f"defaults.{quoted(name)}", value, DEFAULTS.get(name))
        elif key == "define":
            for name, body in _mapping(node):
                yield from walk.definition(f"define.{quoted(name)}", body)
        elif key == "blocks":
            for name, body in _mapping(node):
                yield from walk.entries(f"blocks.{quoted(name)}.", body)
        elif key == "layers":
            yield from walk.entries("", node)


class _Walk(NamedTuple):
    """Walks through the entries of a file; `own` are the words that it defines."""

    own: frozenset[str]

    def definition(self, name: str, body: YamlNode) -> Iterator[WrittenValue]:
        for key, node in _mapping(body):
            if key in ("args", "outputs"):
                yield from _values(f"{name}.{key}", node, None)
            elif key == "layers":
                yield from self.entries(f"{name}.", node)

    def entries(self, prefix: str, node: YamlNode) -> Iterator[WrittenValue]:
        """Walk through a list of entries, or the one entry that an alternative may be."""
        nodes = node.items if isinstance(node, SequenceNode) else (node,)
        children = [_child(item) for item in nodes]
        for name, child, item in zip(names_of(children), children, nodes, strict=True):
            if isinstance(item, MappingNode):
                yield from self.entry(prefix + quoted(name), child, item)

    def entry(self, name: str, child: NamedChild, node: MappingNode) -> Iterator[WrittenValue]:
        inside = name if child.name is None else f"{name}.{quoted(child.word)}"
        for key, value in _mapping(node):
            if key in ("repeat", "from", "if", "shared", AGAIN):
                yield from _values(f"{name}.{key}", value, REPEAT if key == "repeat" else None)
            elif key in GROUPS:
                yield from self.entries(f"{name}.", value)
            elif key == "else":
                yield from self.entries(f"{name}.else.", value)
            elif isinstance(value, SequenceNode) and self.joins(key):
                for number, branch in enumerate(value.items, start=1):
                    yield from self.entries(f"{name}.branch{number}.", branch)
            elif key not in ("id", "index"):
                at = f"{name}.first" if key == "first" else inside
                for field, argument in _mapping(value):
                    yield from _values(f"{at}.{quoted(field)}", argument, self.field(child, field))

    def joins(self, word: str) -> bool:
        """Return whether a word, or what other people call it, takes branches."""
        return word not in self.own and (word in JOINS or meant(word, JOINS) is not None)

    def field(self, child: NamedChild, name: str) -> Field | None:
        """Return the field of a kind that a key names; None for an own block's."""
        word = child.word if child.word in WORDS else meant(child.word, WORDS)
        if word is None or child.word in self.own:
            return None
        fields = {field.name: field for field in find(word).fields}
        return fields.get(name) or fields.get(meant(name, fields) or "")


def _child(node: YamlNode) -> NamedChild:
    """Return what an entry is called by: its word, and its id where it has one."""
    if not isinstance(node, MappingNode):
        return NamedChild(node.text if isinstance(node, ScalarNode) else "", None)
    words = [key.text for key, _ in node.entries if key.text not in WIRING]
    id = node.get("id")
    return NamedChild(words[0] if words else "", id.text if isinstance(id, ScalarNode) else None)


def _values(name: str, node: YamlNode, field: Field | None) -> Iterator[WrittenValue]:
    if isinstance(node, SequenceNode):
        for position, item in enumerate(node.items):
            yield from _values(f"{name}[{position}]", item, field)
    elif isinstance(node, MappingNode):
        for key, value in _mapping(node):
            yield from _values(f"{name}.{quoted(key)}", value, field)
    elif node.text or not node.plain:
        yield WrittenValue(name, node.value, node.text, node.plain, field, node.location)


def _mapping(node: YamlNode) -> Iterable[tuple[str, YamlNode]]:
    return (
        [(key.text, value) for key, value in node.entries] if isinstance(node, MappingNode) else []
    )
