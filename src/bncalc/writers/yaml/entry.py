"""Entries: the lines of a file to be written, and the bodies of own blocks that hold them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bncalc.language.grammar import RESERVED
from bncalc.model.naming import NamedChild, names_of
from bncalc.model.registry import WORDS
from bncalc.named import NamedTuple
from bncalc.writers.tree import Subtree

EntryArguments = dict[str, object]


@dataclass(slots=True, eq=False)
class WrittenEntry:
    """One line of a list: what is placed, by what name, on which maps, and what it puts out.

    `arguments` are all that its word takes, `usual` those values that need not be written; a slot
    in `formulas`, by place and key, is written as its formula. A group or a join has `lists` of
    entries. Until they are folded, copies of one thing in a `part` are `copies`. One that `gathers`
    takes the maps of all copies of the entry of that name as well. What is placed `again` is named
    as it is seen.
    """

    word: str
    name: str
    takes: tuple[int, ...]
    gives: tuple[int, ...]
    arguments: EntryArguments = field(default_factory=dict)
    usual: EntryArguments = field(default_factory=dict)
    formulas: dict[tuple[str, str], object] = field(default_factory=dict)
    lists: list[list[WrittenEntry]] = field(default_factory=list)
    body: Body | None = None
    copies: list[WrittenEntry] = field(default_factory=list)
    repeat: int = 0
    first: EntryArguments = field(default_factory=dict)
    shared: bool = False
    gathers: str = ""
    again: WrittenEntry | None = None
    again_as: str = ""
    part: Subtree | None = None
    sources: tuple[str, ...] = ()
    is_referred: bool = False
    condition: str = ""
    title: str = ""
    otherwise: tuple[str, ...] = ()

    def written(self) -> EntryArguments:
        """Return the arguments that are not as usual."""
        return {
            key: value
            for key, value in self.arguments.items()
            if key not in self.usual or not is_same(value, self.usual[key])
        }


@dataclass(eq=False)
class Body:
    """What an own block holds, or the network itself: entries that see each other by name.

    `inputs` are what it calls the maps that arrive, `outputs` the names of those that it puts out,
    where that is not simply what its last entry does. `title` is what its kind is called, `part`
    what it is in the network. Once it is defined it has a `word` and the `values` of the arguments.
    """

    name: str
    entries: list[WrittenEntry]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    title: str
    part: Subtree | None
    level: int = 0
    """How deep the bodies are that it calls, which definitions are put in order by."""
    word: str = ""
    values: EntryArguments = field(default_factory=dict)
    usual: EntryArguments = field(default_factory=dict)


class Slot(NamedTuple):
    """A value in an entry: among its arguments or those of the first copy, or the copies."""

    entry: WrittenEntry
    where: str
    key: str
    value: object

    @property
    def formula(self) -> object:
        """What can be written for the value, None if it is a plain one."""
        return self.entry.formulas.get((self.where, self.key))

    def settle(self, formula: object) -> None:
        """Write the value by a formula, or as it is."""
        if formula:
            self.entry.formulas[self.where, self.key] = formula
        else:
            self.entry.formulas.pop((self.where, self.key), None)


def is_same(value: object, other: object) -> bool:
    """Return whether two values are written alike: 1 and true are not."""
    return repr(value) == repr(other)


def is_formula(value: object) -> bool:
    return isinstance(value, str) and value.startswith("=")


def own_slots(entry: WrittenEntry) -> list[Slot]:
    """Return every plain value of an entry, in order, without those within it."""
    listed = [
        Slot(entry, where, key, value)
        for where, arguments in (("arguments", entry.arguments), ("first", entry.first))
        for key, value in arguments.items()
        if not is_formula(value)
    ]
    if entry.repeat:
        listed.append(Slot(entry, "repeat", "repeat", entry.repeat))
    return listed


def form(entries: list[WrittenEntry]) -> tuple[object, ...]:
    """Return what entries are but for their plain values: alike are those with the same form."""
    return tuple([form_of(entry) for entry in entries])


def form_of(entry: WrittenEntry, *, wired: bool = True) -> tuple[object, ...]:
    """Return the form of one entry, without the names of its sources if it is not `wired`."""
    formulas = {key: value for key, value in entry.arguments.items() if is_formula(value)}
    return (
        entry.word,
        entry.name,
        entry.sources if wired else (),
        tuple(entry.arguments),
        tuple(entry.first),
        tuple(formulas.items()),
        entry.repeat > 0,
        entry.shared,
        entry.again_as,
        entry.is_referred if wired else False,
        tuple([form(inner) for inner in entry.lists]),
    )


def word_of(body: Body) -> str:
    """Return the likely word of an own block: what its kind is called."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", body.title or body.name).lower()
    plain = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")
    plain = plain if plain[:1].isalpha() else f"block_{plain}".rstrip("_0123456789")
    if plain.replace("_", "") in WORDS:  # ReLU
        plain = plain.replace("_", "")
    return _unreserved(plain)


def stem(word: str) -> str:
    """Return the word of an own block without the number by which it is told from others."""
    return _unreserved(word.rstrip("0123456789").rstrip("_") or word)


def _unreserved(word: str) -> str:
    return word if word not in (*WORDS, *RESERVED) else f"{word}_block"


def ids(entries: list[WrittenEntry]) -> set[str]:
    """Return the names in a list that must be written: those that others refer to, and those that
    no word gives. An entry that is placed again always needs one.
    """
    needed = {entry.name for entry in entries if entry.is_referred or entry.again}
    while True:
        children = [
            NamedChild(_word(entry), entry.name if entry.name in needed else None)
            for entry in entries
        ]
        others = [
            (child.word, entry.name)
            for entry, child, name in zip(entries, children, names_of(children), strict=True)
            if entry.name != name
        ]
        if not others:
            return needed
        own = {name for word, name in others if name.rstrip("0123456789") != word}
        needed |= own or {
            name for _, name in others
        }  # numbers may be right once these are left out


def _word(entry: WrittenEntry) -> str:
    """Return the word of an entry, of an own block that has none yet the likely one."""
    while not entry.word and entry.copies:
        entry = entry.copies[-1]
    return word_of(entry.body) if entry.body is not None and not entry.word else entry.word
