"""Text: values and entries as YAML, on one line where they fit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import isinf
from textwrap import wrap

from bncalc.language.scalar import PLAIN_WORDS
from bncalc.model.registry import JOINS
from bncalc.writers.yaml.definition import OwnBlock
from bncalc.writers.yaml.entry import EntryArguments, WrittenEntry, ids

_WIDTH = 100
_PLAIN = re.compile(r"=?[A-Za-z_][\w.-]*(\.\*)?", re.ASCII)


def entries_of(entries: list[WrittenEntry]) -> list[object]:
    """Return entries as plain values, with formulas in the slots that have one."""
    named = ids(entries)
    return [_entry(entry, entry.name in named) for entry in entries]


def definition_of(definition: OwnBlock) -> EntryArguments:
    """Return an own block as plain values."""
    body = definition.example
    several = len(body.inputs) > 1
    parts: dict[str, object] = {
        "args": definition.arguments or None,
        "inputs": list(body.inputs) if several else None,
        "outputs": list(body.outputs) or None,
        "layers": entries_of(body.entries),
    }
    return {key: value for key, value in parts.items() if value is not None}


def lines(value: object, indent: int = 0) -> Iterator[str]:
    """Write a value in lines, each as far as it fits."""
    pad = " " * indent
    if isinstance(value, list) and value:
        for item in value:
            yield from _hung(item, f"{pad}- ", indent + 2)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _hung(item, f"{pad}{scalar(key)}: ", indent + 2)


def _hung(value: object, head: str, indent: int) -> Iterator[str]:
    """Write what follows a dash or a key: on its line, or below it."""
    text = flow(value, listed=head.endswith("- "))
    if len(head) + len(text) <= _WIDTH or not isinstance(value, (list, Mapping)) or not value:
        yield (head + text).rstrip()
        return
    below = _filled(value, indent) if _is_plain(value) else lines(value, indent)
    if head.endswith("- "):
        yield head + next(below).lstrip(" ")
    else:
        yield head.rstrip()
    yield from below


def _is_plain(value: object) -> bool:
    """Return whether a value is a list of names and numbers alone."""
    return isinstance(value, list) and not any(isinstance(x, (list, Mapping)) for x in value)


def _filled(value: object, indent: int) -> Iterator[str]:
    """Write a long list of names and numbers on as few lines as it takes."""
    pad = " " * indent
    yield from wrap(
        flow(value),
        _WIDTH,
        initial_indent=pad,
        subsequent_indent=f"{pad} ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def flow(value: object, *, listed: bool = False) -> str:
    """Write a value on one line; as an item of a list a mapping of one key needs no braces."""
    if isinstance(value, Mapping):
        pairs = [f"{scalar(key)}: {flow(item)}" for key, item in value.items()]
        if listed and len(pairs) == 1:
            return pairs[0].rstrip()
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(flow, value))}]"
    return "" if value is None else scalar(value)


def scalar(value: object) -> str:
    """Write one value, quoted where YAML would read it otherwise."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float) and isinf(value):  # what a pool's border is filled with
        return ".inf" if value > 0 else "-.inf"
    if not isinstance(value, str):
        return repr(value)
    if _PLAIN.fullmatch(value) and value not in PLAIN_WORDS:
        return value
    return f'"{"".join(map(_escaped, value))}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _entry(entry: WrittenEntry, named: bool) -> dict[str, object] | str:
    word, given = _what(entry)
    parts: dict[str, object] = {"id": entry.name} if named else {}
    sources: object = list(entry.sources) if len(entry.sources) > 1 else "".join(entry.sources)
    if sources and word in JOINS and not entry.lists:
        given = {"from": sources, **(given if isinstance(given, dict) else {})}
    elif sources:
        parts["from"] = sources
    parts[word] = given
    if entry.repeat:
        parts["repeat"] = entry.formulas.get(("repeat", "repeat"), entry.repeat)
    if entry.first:
        parts["first"] = _given(entry, "first", entry.first)
    if entry.shared:
        parts["shared"] = True
    if entry.condition:
        parts["if"] = f"={entry.condition}"
    if entry.otherwise:
        parts["else"] = _entry(
            replace(entry, sources=entry.otherwise, condition="", otherwise=()), False
        )
    return word if parts == {word: None} else parts


def _what(entry: WrittenEntry) -> tuple[str, dict[str, object] | list[object] | str | None]:
    """Return the word of an entry and what follows it."""
    if entry.again is not None:
        return "same_as", entry.again_as
    if entry.lists:
        lists: list[object] = [entries_of(inner) for inner in entry.lists]
        inner = lists if entry.word in JOINS else lists[0]
        return entry.word, inner if isinstance(inner, list) else None
    return entry.word, _given(entry, "arguments", entry.arguments) or None


def _given(
    entry: WrittenEntry,
    where: str,
    arguments: EntryArguments,
) -> dict[str, object]:
    """Return the arguments that need writing, formulas in their slots."""
    written = entry.written() if where == "arguments" else arguments
    return {
        key: entry.formulas.get((where, key), value)
        for key, value in arguments.items()
        if key in written or (where, key) in entry.formulas
    }
