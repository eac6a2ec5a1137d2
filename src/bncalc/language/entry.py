"""Entries: a list of layers is read into calls, joins and groups, each with its wiring."""

from __future__ import annotations

from bncalc.errors import Location, likeliest
from bncalc.language.call import Calls
from bncalc.language.grammar import (
    AGAIN,
    CONDITION,
    GROUPS,
    JOINS,
    REPEAT,
    RESERVED_NAMES,
    SHARED,
    WIRING,
)
from bncalc.language.nodes import MappingNode, ScalarNode, SequenceNode, YamlNode
from bncalc.language.reader import few_or_near, seen
from bncalc.language.spec import (
    GATHERED,
    Argument,
    Call,
    Entry,
    EntryContent,
    Group,
    Join,
    Reference,
    SameAs,
)
from bncalc.quantity import plural


class Entries(Calls):
    """Reads lists of entries."""

    gathered: dict[str, int]
    """The ids of which all copies have been referred to, and in which reference last."""
    references: int = 0

    def layers(self, node: YamlNode, what: str, *, least: int = 0) -> tuple[Entry, ...]:
        if not isinstance(node, SequenceNode):
            right = "a list of entries"
            if isinstance(node, MappingNode) and node.entries:
                right += f", each after a dash: `- {node.entries[0][0].text}: …`"
            self.report(node.location, f"{what} is {seen(node)}; it must be {right}")
            return ()
        if len(node.items) < least:
            self.report(node.location, f"{what} is an empty list; it must have at least one entry")
        known = self.references
        entries = [entry for entry in map(self.entry, node.items) if entry is not None]
        return tuple([self.marked(entry, known) for entry in entries])

    def marked(self, entry: Entry, known: int) -> Entry:
        """Return an entry that knows if all its copies are in references after so many."""
        if entry.gathered or entry.id is None or self.gathered.get(entry.id, 0) <= known:
            return entry
        if isinstance(entry.what, SameAs):
            message = f"`{entry.id}{GATHERED}` cannot be used for an entry that is {AGAIN} another"
            self.report(entry.location, message)
        return entry._replace(gathered=True)

    def entry(self, node: YamlNode) -> Entry | None:
        if isinstance(node, ScalarNode) and isinstance(node.value, str):
            call = self.call(node, ScalarNode(None, "", True, node.location))
            return Entry(call, node.location)
        if not isinstance(node, MappingNode):
            right = "the name of a block or op, or `name: {arguments}`"
            self.report(node.location, f"an entry is {seen(node)}; it must be {right}")
            return None
        words = [(key, value) for key, value in node.entries if key.text not in WIRING]
        if len(words) != 1:
            return self.not_one_word(node, words)
        return self.wired(node, *words[0])

    def not_one_word(
        self, node: MappingNode, words: list[tuple[ScalarNode, YamlNode]]
    ) -> Entry | None:
        """Report what stands beside a block; return the entry that is meant, if one block is."""
        if not words:
            right = "write what it places, as `conv: {out: …}`"
            self.report(node.location, f"the entry has wiring but no block or op; {right}")
            return None
        for key, value in words:
            if key.text in _KIND_KEYS and isinstance(value, ScalarNode) and self.knows(value.text):
                right = f"write `{value.text}: {{…}}`, its arguments in the braces"
                self.report(key.location, f"unknown key {key.text!r}; {right}")
                return None
        known = [key.text for key, _ in words if self.knows(key.text)]
        if len(known) > 1:
            self.report(
                words[1][0].location,
                f"an entry is one block or op, not several: {', '.join(known)}",
            )
            return None
        takes = [] if not known or known[0] in (*GROUPS, AGAIN) else self.arguments_taken(known[0])
        for key, _ in words:
            if key.text not in known:
                self.beside(key, known, takes)
        if not known:
            return None
        ((word, value),) = [pair for pair in words if pair[0].text in known]
        dedented = tuple([pair for pair in words if pair[0].text in takes])
        if isinstance(value, ScalarNode) and value.value is None and dedented:
            value = MappingNode(dedented, value.location)
        meant = [
            (key._replace(text=wiring), it)
            for key, it in words
            if key.text not in (*known, *takes) and (wiring := likeliest(key.text, WIRING))
        ]
        return self.wired(MappingNode((*meant, *node.entries), node.location), word, value)

    def beside(self, key: ScalarNode, known: list[str], takes: list[str]) -> None:
        """Report a key beside a block that is no wiring: an argument out of place, or a slip."""
        where = f" beside {known[0]}" if known else ""
        if argument := likeliest(key.text, takes):
            hint = f"; write `{known[0]}: {{{argument}: …}}`, or indent it below {known[0]}"
        else:
            hint = few_or_near(key.text, [*WIRING, *(() if known else self.words())])
        self.report(key.location, f"unknown key {key.text!r}{where}{hint}")

    def wired(self, node: MappingNode, key: ScalarNode, value: YamlNode) -> Entry:
        wiring = {key.text: value for key, value in node.entries if key.text in WIRING}
        known = self.references
        sources = self.sources(wiring.get("from"))
        is_join = self.joins(key.text)
        if is_join and isinstance(value, MappingNode) and value.get("from") is not None:
            sources = self.sources(value.get("from"))
            arguments = [pair for pair in value.entries if pair[0].text != "from"]
            value = MappingNode(tuple(arguments), value.location)
        what = self.what(key, value)
        if isinstance(what, Call) and any(source.copies_of for source in sources or ()):
            what = what._replace(gathers=is_join)
        self.refuse_wiring(wiring, what)
        entry = Entry(
            what,
            node.location,
            first=self.first_copy(what, wiring.get("first")),
            id=self.id(wiring.get("id")),
            sources=sources,
            repeat=self.repeat(wiring.get("repeat")),
            number=self.number(wiring.get("index")),
            condition=self.condition(wiring.get("if")),
            otherwise=self.otherwise(wiring.get("else")),
            shared=self.shared(wiring.get("shared")),
        )
        return self.marked(entry, known)

    def what(self, key: ScalarNode, value: YamlNode) -> EntryContent:
        """Read what an entry places: a join of branches, a group, another entry, or a call."""
        if key.text == AGAIN:
            return SameAs(AGAIN, self.text(value, AGAIN), value.location)
        if key.text in self.spec.doubted:
            return Call(key.text, None, {}, key.location, broken=True)
        if key.text in GROUPS:
            return Group(key.text, self.layers(value, key.text, least=1), key.location)
        if not self.joins(key.text) or not isinstance(value, SequenceNode):
            return self.call(key, value)
        names = [branch.text for branch in value.items if isinstance(branch, ScalarNode)]
        if names and len(names) == len(value.items):
            ids = ", ".join(names)
            right = f"write `{key.text}: {{from: [{ids}]}}` to join ids, `[[…], […]]` branches"
            self.report(value.location, f"{key.text} is given a list of names; {right}")
            return Call(key.text, None, {}, key.location, broken=True)
        branches = tuple([self.layers(branch, "a branch") for branch in value.items])
        if len(branches) < 2:
            count = plural(len(branches), "branch", "branches")
            message = f"{key.text} has {count}; it needs two or more"
            self.report(value.location, message)
        return Join(self.our(key.text), branches, key.location)

    def joins(self, word: str) -> bool:
        """Return whether a word, or what other people call it, takes branches."""
        return word not in self.spec.definitions and self.our(word) in JOINS

    # The wiring

    def refuse_wiring(self, wiring: dict[str, YamlNode], what: EntryContent) -> None:
        """Report wiring that means nothing without other wiring, or beside what is placed."""
        for word, other in _NEEDED:
            if word in wiring and other not in wiring:
                self.report(wiring[word].location, f"`{word}` without `{other}`")
        barred = () if isinstance(what, Call) else ("first",)
        for word in (*barred, "repeat") if isinstance(what, SameAs) else barred:
            if word in wiring:
                self.report(wiring[word].location, f"`{word}` cannot be used beside {what.word}")

    def first_copy(self, what: EntryContent, node: YamlNode | None) -> Call | None:
        return self.first(what, node) if node is not None and isinstance(what, Call) else None

    def shared(self, node: YamlNode | None) -> Location | None:
        """Return where it says that copies share their weights; None where it says no."""
        argument = None if node is None else self.checked(self.argument(node), SHARED)
        return None if argument is None or argument.value is not True else argument.location

    def id(self, node: YamlNode | None) -> str | None:
        id = None if node is None else self.name(node, "id")
        if node is not None and id and id.isprintable() and (wrong := _wrong_with(id)):
            self.report(node.location, f"id {id!r} {wrong}")
        return id or None

    def sources(self, node: YamlNode | None, what: str = "from") -> tuple[Reference, ...] | None:
        if node is None:
            return None
        nodes = node.items if isinstance(node, SequenceNode) else (node,)
        if not nodes:
            self.report(node.location, f"`{what}` is an empty list; it must name an id")
        texts = [(self.text(item, what), item.location) for item in nodes]
        references = tuple(Reference(text, at) for text, at in texts if text)
        for reference in references:
            if reference.copies_of:
                self.references += 1
                self.gathered[reference.copies_of] = self.references
        return references or None

    def repeat(self, node: YamlNode | None) -> Argument | None:
        return None if node is None else self.checked(self.argument(node), REPEAT)

    def number(self, node: YamlNode | None) -> str:
        """Read the name that expressions have for the number of a copy."""
        name = "i" if node is None else self.text(node, "index")
        if node is None or not name:
            return "i"
        if not name.isidentifier() or name in RESERVED_NAMES or name in self.spec.vars:
            right = "a name like `stage` that is not a variable of the file"
            self.report(node.location, f"index is {name!r}; it must be {right}")
        return name

    def condition(self, node: YamlNode | None) -> Argument | None:
        return None if node is None else self.checked(self.argument(node), CONDITION)

    def otherwise(self, node: YamlNode | None) -> tuple[Entry, ...]:
        if node is None or isinstance(node, SequenceNode):
            return () if node is None else self.layers(node, "else")
        entry = self.entry(node)
        return () if entry is None else (entry,)


_NEEDED = (("first", "repeat"), ("index", "repeat"), ("shared", "repeat"), ("else", "if"))
"""Wiring that means nothing without other wiring."""
_KIND_KEYS = ("type", "kind", "op", "block", "layer", "module")
"""Where other formats say which kind an entry is."""


def _wrong_with(id: str) -> str:
    """Return why a text cannot be an id; nothing if it can."""
    if id == "in":
        return "is that of the input; write another"
    if id.endswith(GATHERED):
        return f"ends with {GATHERED}, which means all copies of an entry; write it without"
    if "/" in id:
        return "has a slash, which separates the parts of a path; write it without"
    return "begins or ends with a space; write it without" if id != id.strip() else ""
