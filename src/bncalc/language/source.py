"""YAML text, read into nodes that know their line and column.

Scalars follow the core schema of YAML 1.2, where PyYAML follows 1.1: `yes` and `1:30` are text,
`010` is ten and `1e3` a number. Merge keys (`<<`) are kept from 1.1, because people use them.
"""

import re
import sys
from collections.abc import Callable
from typing import NamedTuple, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
)

from bncalc.errors import Location, Problem, SpecError, suggest

try:
    from yaml import CBaseLoader as Parser
except ImportError:  # PyYAML built without libyaml: the same events, 20 times slower
    from yaml import BaseLoader as Parser  # type: ignore[assignment]

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 1_000_000
MAX_DIGITS = 18

NETWORK = "a file holds alternatives to compare (`blocks:`) or one network (`layers:`)"


class Scalar(NamedTuple):
    """One value: `text` as written (without quotes), `plain` when it was written without them."""

    value: object
    text: str
    plain: bool
    location: Location


class Sequence(NamedTuple):
    """A list of nodes."""

    items: tuple["Node", ...]
    location: Location


class Mapping(NamedTuple):
    """Keys and their nodes in written order; no two keys have the same text."""

    entries: tuple[tuple[Scalar, "Node"], ...]
    location: Location

    def get(self, key: str) -> "Node | None":
        """Return what stands under a key, or None where the key is not written."""
        return next((node for written, node in self.entries if written.text == key), None)


Node = Scalar | Sequence | Mapping


def read_file(path: str, holds: str = NETWORK) -> Node:
    """Read one YAML file, or standard input for `-`; raise SpecError for all that is wrong.

    `holds` says what such a file holds, to who gave an empty one.
    """
    name = "<stdin>" if path == "-" else path
    try:
        if path == "-":
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with open(path, "rb") as file:  # noqa: PTH123 - Path.open cannot stop at a size
                data = file.read(MAX_BYTES + 1)  # bounded: the path may be an endless stream
    except FileNotFoundError:
        _refuse(Location(name), "there is no such file")
    except IsADirectoryError:
        _refuse(Location(name), "this is a directory; name a YAML file in it")
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path
        _refuse(Location(name), f"cannot read the file: {getattr(error, 'strerror', error)}")
    return read_bytes(data, name, holds)


def read_bytes(data: bytes, path: str, holds: str = NETWORK) -> Node:
    """Read the bytes of one YAML file; raise SpecError for all that is wrong."""
    if len(data) > MAX_BYTES:
        _refuse(Location(path), f"the file is larger than {MAX_BYTES // 1024**2} MiB")
    return read(_decode(data, path), path, holds)


def read(text: str, path: str, holds: str = NETWORK) -> Node:
    """Read one YAML document; raise SpecError for all that is wrong in it (syntax: the first)."""
    text = text.removeprefix("\ufeff")
    if stray := [text.index(one) for one in set(text) if not _may_stand(one)]:
        at = min(stray)
        code = f"U+{ord(text[at]):04X}"
        what = "a binary file?" if text[at] == "\0" else "remove it, or write it as an escape"
        _refuse(_place(text, at, path), f"control character {code} in the text ({what})")
    if not text.strip():
        _refuse(Location(path), f"the file is empty; {holds}")
    builder = _Builder(text, path)
    try:
        root = builder.build()
    except yaml.MarkedYAMLError as error:
        if "nesting depth" in (error.problem or ""):
            # A newer libyaml looks ahead and gives up by itself; the other stops where we do.
            _Builder(text, path).build(yaml.BaseLoader)
        builder.problems.append(_syntax_problem(error, builder))
        raise SpecError(builder.problems) from None
    if builder.problems:
        raise SpecError(builder.problems)
    if root is None or (isinstance(root, Scalar) and root.plain and not root.text):
        _refuse(Location(path), f"the file holds nothing but comments; {holds}")
    return root


def _may_stand(character: str) -> bool:
    """Return whether YAML 1.2 lets a character stand in a text and editors agree on its line.

    Besides control characters that rules out surrogates, which libyaml cannot encode, and the three
    that YAML 1.1 takes for line breaks and editors do not: every later line would be off by one.
    """
    code = ord(character)
    if code < 0xA0:
        return 0x20 <= code <= 0x7E or character in "\t\n\r"
    return code not in (0x2028, 0x2029, 0xFFFE, 0xFFFF) and not 0xD800 <= code <= 0xDFFF


def _refuse(location: Location, message: str) -> NoReturn:
    raise SpecError([Problem(location, message)])


def _decode(data: bytes, path: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8")
        bad = error.object[error.start]
        utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        hint = "; it looks like UTF-16, save it as UTF-8" if utf16 else "; save the file as UTF-8"
        if b"\0" in data and not utf16:
            hint = "; a binary file?"
        place = _place(before, len(before), path)
        _refuse(place, f"byte 0x{bad:02x} is not valid UTF-8{hint}")


def _place(text: str, offset: int, path: str) -> Location:
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    return Location(path, before.count("\n") + 1, len(before) - before.rfind("\n"))


class _Open:
    """A list or mapping that has begun and not yet ended."""

    __slots__ = ("anchor", "children", "count", "height", "location", "mapping")

    def __init__(self, location: Location, mapping: bool, anchor: str | None, count: int) -> None:
        self.children: list[Node] = []  # of a mapping: key, value, key, value …
        self.location = location
        self.mapping = mapping
        self.anchor = anchor
        self.count = count  # the nodes that came before it, aliases counted in full
        self.height = 1


class _Anchored(NamedTuple):
    node: Node
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
        self._known: dict[str, object] = dict(_WORDS)
        self._anchors: dict[str, _Anchored | None] = {}  # None: still open
        self._stack = [_Open(Location(path), False, None, 0)]
        self._children = self._stack[0].children

    def build(self, loader: Callable[[str], Parser | yaml.BaseLoader] | None = None) -> Node | None:
        parser = (loader or Parser)(self.text)
        documents = 0
        while (event := parser.get_event()) is not None:
            if isinstance(event, ScalarEvent):
                self._scalar(event)
            elif isinstance(event, CollectionStartEvent):
                self._open(event)
            elif isinstance(event, CollectionEndEvent):
                self._close()
            elif isinstance(event, AliasEvent):
                self._alias(event)
            elif isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._stop(self._at(event), "a second document starts here; a file holds one")
        return self._children[0] if self._children else None

    def _at(self, event: Event) -> Location:
        mark = event.start_mark
        assert mark is not None
        return Location(self.path, mark.line + 1, mark.column + 1)

    def _report(self, location: Location, message: str) -> None:
        self.problems.append(Problem(location, message))

    def _stop(self, location: Location, message: str) -> NoReturn:
        self._report(location, message)
        raise SpecError(self.problems)

    def _scalar(self, event: ScalarEvent) -> None:
        # Nearly all of a file is scalars, so this is written for speed: tuple.__new__ makes the
        # same named tuples in half the time, and each distinct text is resolved once.
        mark, text, plain = event.start_mark, event.value, event.implicit[0]
        assert mark is not None
        location = _new(Location, (self.path, mark.line + 1, mark.column + 1))
        value = self._known.get(text, _UNKNOWN) if plain else text
        if value is _UNKNOWN:
            value = self._resolve(text, mark.index, location)
        node = _new(Scalar, (value, text, plain, location))
        self._children.append(node)
        self._count += 1
        if event.tag is not None:
            self._report(location, _tag_message(event.tag))
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(node, 1, 0)

    def _resolve(self, text: str, index: int, location: Location) -> object:
        if text.startswith("="):
            self.last = _Formula(text, index, location)
            whole = _expression_at(self.text, index)
            if text.count("(") > text.count(")") and len(whole) > len(text):
                self._report(location, _quote(whole))
            return text  # not remembered: each place has its own problem
        try:
            value = _number(text)
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
        if len(self._stack) > MAX_DEPTH:
            self._stop(location, f"nested deeper than {MAX_DEPTH} levels")
        is_mapping = isinstance(event, MappingStartEvent)
        self._stack.append(_Open(location, is_mapping, event.anchor, self._count))
        self._children = self._stack[-1].children
        self._count += 1
        if event.anchor is not None:
            self._anchors[event.anchor] = None

    def _close(self) -> None:
        ended = self._stack.pop()
        node: Node
        if ended.mapping:
            node = self._mapping(ended)
        else:
            node = Sequence(tuple(ended.children), ended.location)
        if ended.anchor is not None:
            size = self._count - ended.count
            self._anchors[ended.anchor] = _Anchored(node, size, ended.height)
        if self._count > MAX_NODES:
            self._stop(ended.location, f"the file holds more than {MAX_NODES:,} values")
        self._attach(node, ended.height)

    def _attach(self, node: Node, height: int) -> None:
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
            self._stop(location, f"*{name} stands inside what it names")
        self._count += meant.size
        if self._count > MAX_NODES:
            self._stop(location, f"with *{name} the file holds more than {MAX_NODES:,} values")
        if len(self._stack) - 1 + meant.height > MAX_DEPTH:
            self._stop(location, f"with *{name} nested deeper than {MAX_DEPTH} levels")
        self._attach(meant.node, meant.height)

    def _mapping(self, ended: _Open) -> Mapping:
        values = ended.children[1::2]
        keys = [key for key in ended.children[::2] if isinstance(key, Scalar)]
        names = {key.text for key in keys}
        if len(names) == len(values) and names.isdisjoint(_SUSPECT):
            return Mapping(tuple(zip(keys, values, strict=True)), ended.location)
        own: dict[str, tuple[Scalar, Node]] = {}
        merged: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(ended.children[::2], values, strict=True):
            if problem := _key_problem(key, own):
                self._report(key.location, problem)
            elif isinstance(key, Scalar):
                own[key.text] = (key, value)
                if key.text == "<<" and key.plain:
                    merged = self._merged(value)
        if "<<" in own and own["<<"][0].plain:
            del own["<<"]
        return Mapping(tuple((merged | own).values()), ended.location)

    def _merged(self, value: Node) -> dict[str, tuple[Scalar, Node]]:
        entries: dict[str, tuple[Scalar, Node]] = {}
        for source in value.items if isinstance(value, Sequence) else (value,):
            if isinstance(source, Mapping):
                entries = {key.text: (key, node) for key, node in source.entries} | entries
            else:
                message = "`<<` takes a mapping, or a list of mappings: `<<: *name`"
                self._report(value.location, message)
        return entries


_new = tuple.__new__
_UNKNOWN = object()
_SUSPECT = frozenset(("", "<<", "~", "null", "Null", "NULL"))
_WORDS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER = re.compile(
    r"(?P<decimal>[-+]?[0-9]+)|0o(?P<octal>[0-7]+)|0x(?P<hexadecimal>[0-9a-fA-F]+)"
    r"|(?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<special>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)
_BASES = {"decimal": 10, "octal": 8, "hexadecimal": 16}


def _number(text: str) -> object:
    """Return the number that a plain scalar stands for, or the text; OverflowError: too large."""
    found = _NUMBER.fullmatch(text)
    if not found or found.lastgroup is None:
        return text
    if found.lastgroup == "float":
        return float(text)
    if found.lastgroup == "special":
        return float(text.replace(".", ""))
    digits = found[found.lastgroup]
    # Counted before int() sees them: it refuses more than 4,300 digits, with a ValueError.
    number = (
        int(digits, _BASES[found.lastgroup]) if len(digits) <= 4 * MAX_DIGITS else 10**MAX_DIGITS
    )
    if abs(number) >= 10**MAX_DIGITS:
        raise OverflowError
    return number


def _tag_message(tag: str) -> str:
    written = tag.replace("tag:yaml.org,2002:", "!!")
    return f"tags are not supported: {written if written.startswith('!') else f'!<{written}>'}"


def _key_problem(key: Node, earlier: dict[str, tuple[Scalar, Node]]) -> str | None:
    if not isinstance(key, Scalar):
        kind = "list" if isinstance(key, Sequence) else "mapping"
        return f"a key must be a name, not a {kind}"
    if key.value is None:
        return f"a key must be a name, not {key.text or 'nothing'}"
    if not key.text:
        return "a key must be a name, not an empty text"
    if key.text in earlier:
        first = earlier[key.text][0].location.line
        return f"duplicate key '{key.text}' on line {key.location.line}, first on line {first}"
    return None


def _quote(expression: str) -> str:
    mark = "'" if '"' in expression else '"'
    return f"quote the expression: {mark}{expression}{mark}"


def _expression_at(text: str, start: int) -> str:
    """Return the expression that begins at an offset, up to where its brackets allow an end."""
    depth = 0
    for offset in range(start, min(len(text), start + 500)):
        character = text[offset]
        if character in "\r\n" or (depth == 0 and character in ",]}"):
            return text[start:offset].rstrip()
        depth += (character in "([") - (character in ")]")
    return text[start : start + 500].rstrip()


_TAB = "a tab cannot indent; use spaces"

# What the parsers say (libyaml | PyYAML without it), and what that means to who wrote the text.
_SYNTAX = (
    ("mapping values are not", "':' cannot stand here; check the indentation, or quote the text"),
    ("found a tab", _TAB),
    ("find expected ','|expected ',' or", "a ',' or a closing bracket is missing here"),
    (
        "find expected node|expected the node",
        "a value is missing here, or a bracket is out of place",
    ),
    ("could not find expected ':'", "this key has no ':' after it"),
    (
        "expected key|expected <block end>|'-' indicator",
        "this does not fit the lines above; indent it as they are",
    ),
)


def _syntax_problem(error: yaml.MarkedYAMLError, builder: _Builder) -> Problem:
    """Say in the writer's words what the parser could not read, and where it began to be wrong."""
    said, mark, context = error.problem or "", error.problem_mark, error.context_mark
    text, path = builder.text, builder.path
    assert mark is not None
    if (last := builder.last) is not None:
        whole = _expression_at(text, last.start)
        if last.start <= mark.index < last.start + len(whole):
            return Problem(last.location, _quote(whole))
    if mark.index >= len(text) and context and "quoted" in (error.context or ""):
        return Problem(_place(text, context.index, path), "the quote that opens here is not closed")
    if mark.index >= len(text) and context and "flow" in (error.context or ""):
        return Problem(
            _place(text, context.index, path), "the bracket that opens here is not closed"
        )
    end = len(text.rstrip()) if mark.index >= len(text) else mark.index
    if "cannot start any token" in said:
        found = text[mark.index]
        message = _TAB if found == "\t" else f"a plain text cannot begin with '{found}'; quote it"
    else:
        known = (
            ours for theirs, ours in _SYNTAX if any(part in said for part in theirs.split("|"))
        )
        message = next(known, f"not valid YAML: {said}")
    return Problem(_place(text, end, path), message)
