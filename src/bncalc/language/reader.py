"""The reader: what decoders of any file share, words checked and every problem collected."""

from __future__ import annotations

from collections.abc import Iterable

from bncalc.errors import Location, Problem, hint_for, likeliest, suggest
from bncalc.language.nodes import MappingNode, ScalarNode, SequenceNode, YamlNode
from bncalc.model.fields import describe

_FEW = 16


class NodeReader:
    """Takes nodes apart; what does not fit is reported, and the rest is read."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems

    def text(self, node: YamlNode, what: str) -> str:
        if isinstance(node, ScalarNode) and node.text and node.value is not None:
            return node.text
        self.report(node.location, f"{what} is {seen(node)}; it must be text")
        return ""

    def texts(self, node: YamlNode | None, what: str) -> tuple[str, ...]:
        """Read a text or a list of texts, each on one line; nothing where there is no node."""
        items = node.items if isinstance(node, SequenceNode) else (node,)
        return tuple([self.name(item, what) for item in items if item is not None])

    def name(self, node: YamlNode, what: str) -> str:
        """Read a text that names something in answers: on one line, and all of it printable."""
        text = self.text(node, what)
        if not text.isprintable():
            self.report(node.location, f"{what} holds {unprintable(text)}, which cannot be printed")
        return text

    def mapping(
        self, node: YamlNode | None, what: str, *, least: int = 0, of: str = "values"
    ) -> tuple[tuple[ScalarNode, YamlNode], ...]:
        if node is None or (isinstance(node, ScalarNode) and node.value is None and not least):
            return ()
        if isinstance(node, MappingNode) and len(node.entries) >= least:
            for key, _ in node.entries:
                if not key.text.isprintable():
                    message = f"a name holds {unprintable(key.text)}, which cannot be printed"
                    self.report(key.location, message)
            return node.entries
        self.report(node.location, f"{what} is {seen(node)}; it must be a mapping of names to {of}")
        return ()

    def keyed_mapping(
        self, node: YamlNode, what: str, known: Iterable[str], role: str
    ) -> list[tuple[str, YamlNode]]:
        entries = self.mapping(node, what)
        return self.keyed(MappingNode(entries, node.location), known, role)

    def keyed(
        self, node: MappingNode, known: Iterable[str], role: str
    ) -> list[tuple[str, YamlNode]]:
        """Return the values of known keys; that of an unknown one is read as of what it means."""
        known = list(known)
        values = {key.text: value for key, value in node.entries if key.text in known}
        for key, value in node.entries:
            if key.text not in known:
                self.unknown(key, known, role)
                values.setdefault(likeliest(key.text, known) or key.text, value)
        return [(key, value) for key, value in values.items() if key in known]

    def unknown(self, key: ScalarNode, known: Iterable[str], role: str) -> None:
        hint = few_or_near(key.text, list(known))
        self.report(key.location, f"unknown {role} {key.text!r}{hint}")

    def report(self, location: Location, message: str) -> None:
        self.problems.append(Problem(location, message))


def few_or_near(word: str, known: list[str]) -> str:
    """Return what there is in place of an unknown word: the nearest, or all of them if few."""
    if len(known) > _FEW:
        return suggest(word, known)
    return hint_for(word, known) if known else "; it takes none"


def unprintable(text: str) -> str:
    """Return the first character of a text that cannot be printed, by its code."""
    return next(f"U+{ord(letter):04X}" for letter in text if not letter.isprintable())


def seen(node: YamlNode) -> str:
    """Say what stands there."""
    if isinstance(node, MappingNode):
        return "a mapping"
    return "a list" if isinstance(node, SequenceNode) else describe(node.value)
