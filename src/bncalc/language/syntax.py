"""Syntax: what the parser could not read, said in the words of who wrote it."""

from bncalc.errors import Location, Problem
from bncalc.named import NamedTuple


class Break(NamedTuple):
    """Where a parser gave up: what it says, and the offsets it points at.

    `opened` is where what it was in the middle of began; `formula` the unquoted expression read
    last, by its offset and its place: the first suspect.
    """

    problem: str
    context: str
    offset: int
    opened: int | None
    formula: tuple[int, Location] | None


def explained(broken: Break, text: str, path: str) -> Problem:
    """Say in the writer's words what the parser could not read, and where it began to be wrong."""
    at, at_end = broken.offset, broken.offset >= len(text)
    if expression := unquoted(broken, text):
        assert broken.formula is not None
        return Problem(broken.formula[1], quoting(expression))
    for inside, what in (("quoted", "quote"), ("flow", "bracket")):
        if at_end and broken.opened is not None and inside in broken.context:
            message = f"the {what} that opens here is not closed"
            return Problem(place(text, broken.opened, path), message)
    message = _bare_entry(text, at) or _message(broken.problem, text[at : at + 1])
    return Problem(place(text, len(text.rstrip()) if at_end else at, path), message)


def unquoted(broken: Break, text: str) -> str:
    """Return the expression within which a parser gave up, for want of quotes; else nothing."""
    if broken.formula is None:
        return ""
    start, _ = broken.formula
    whole = expression_at(text, start)
    return whole if start <= broken.offset < start + len(whole) else ""


def _bare_entry(text: str, offset: int) -> str:
    """Return the advice to put a ':' after an entry's word, if keys follow it on the next line."""
    above, _, line = text[:offset].rpartition("\n")
    entry = above.rpartition("\n")[2].partition(" #")[0].rstrip()
    indent, dash, word = entry.partition("- ")
    indented = len(line) - len(line.lstrip()) > len(indent)
    if not indented or indent.strip() or not dash or not word.isidentifier():
        return ""
    return f"'{word}' needs a ':' if keys follow it: '- {word}:'"


def _message(problem: str, character: str) -> str:
    if "cannot start any token" in problem:
        stray = f"plain text cannot begin with '{character}'; quote it"
        return _TAB if character == "\t" else stray
    ours = (ours for theirs, ours in _SYNTAX if any(part in problem for part in theirs.split("|")))
    return next(ours, f"not valid YAML: {problem}")


def place(text: str, offset: int, path: str) -> Location:
    """Return the line and column of an offset."""
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    return Location(path, before.count("\n") + 1, len(before) - before.rfind("\n"))


def quoting(expression: str) -> str:
    """Return the advice to quote an expression."""
    mark = "'" if '"' in expression else '"'
    return f"quote the expression: {mark}{expression}{mark}"


def expression_at(text: str, start: int) -> str:
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
    ("mapping values are not", "':' is not allowed here; check the indentation, or quote the text"),
    ("found a tab", _TAB),
    ("find expected ','|expected ',' or", "a ',' or a closing bracket is missing here"),
    (
        "find expected node|expected the node",
        "a value is missing here, or a bracket is out of place",
    ),
    ("could not find expected ':'", "this key has no ':' after it"),
    (
        "expected key|expected <block end>|'-' indicator",
        "this does not line up with the lines above; indent it like them",
    ),
)
