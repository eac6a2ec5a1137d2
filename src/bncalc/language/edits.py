"""Edits: a file of which one value is another; only what changed is read and placed anew."""

from __future__ import annotations

from copy import copy

from bncalc.errors import Problem
from bncalc.language.decoder import FileDecoder
from bncalc.language.model import LanguageFile
from bncalc.language.nodes import MappingNode, SequenceNode, YamlNode
from bncalc.language.source import Read
from bncalc.language.spec import Entry, Spec
from bncalc.language.stamping import KeptStamps
from bncalc.language.written_values import WrittenValue, with_value
from bncalc.model.origin import Design
from bncalc.model.reading import Request


class Edits:
    """The designs that a file leads to, as it stands and with single values edited.

    Files are read once. What calls have made in one design is taken over by the next.
    """

    def __init__(self, path: str, read: Read) -> None:
        self._known: dict[str, YamlNode] = {}
        self._read = read
        self._file = LanguageFile.read(path, self.read)
        self._kept = KeptStamps()
        self.root = self.read(path)

    def read(self, path: str) -> YamlNode:
        """Return the nodes of a file, read when they are first asked for."""
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    def design(
        self, request: Request, old: WrittenValue | None = None, value: object = None
    ) -> Design:
        """Return a design, with another value in one place.

        Raises BncalcError if it cannot be built; the file as it stands is to be asked for first.
        """
        file = self._file if old is None else self._edited(old, value)
        return file.reading(request, kept=self._kept).designs[0]

    def _edited(self, old: WrittenValue, value: object) -> LanguageFile:
        """Decode the file with one value edited."""
        before, after = self.root, with_value(self.root, old, value)
        spec = self._file.spec
        if isinstance(before, MappingNode) and isinstance(after, MappingNode):
            pairs = zip(before.entries, after.entries, strict=True)
            changed = {key.text: (was, now) for (key, was), (_, now) in pairs if was is not now}
            if changed.keys() <= _BY_THEMSELVES:
                decoder = _EditDecoder(spec, self.read)
                decoder.take(changed)
                return LanguageFile(decoder.spec, decoder.problems)
        return LanguageFile.read(
            spec.path, lambda path: after if path == spec.path else self.read(path)
        )


_BY_THEMSELVES = frozenset(("vars", "defaults", "variants", "blocks", "layers"))
"""The keys of a file under which a value can change without a meaning to what is under others."""


class _EditDecoder(FileDecoder):
    """Decodes what is new in a file that had no problems; its spec has the rest from before."""

    def __init__(self, spec: Spec, read: Read) -> None:
        problems: list[Problem] = []
        super().__init__(spec.path, read, problems, ())
        self.spec = copy(spec)

    def take(self, changed: dict[str, tuple[YamlNode, YamlNode]]) -> None:
        """Take over what stands under some keys: the nodes that were there, and those now."""
        spec = self.spec
        for key, (was, now) in changed.items():
            if key == "layers":
                spec.layers = self.list(spec.layers or (), was, now)
            elif key == "blocks":
                spec.blocks = {**spec.blocks, **self.bodies(was, now)}
            elif key == "vars":
                spec.vars = self.values(now, key)
            else:
                setattr(spec, key, getattr(self, key)(now))

    def list(self, known: tuple[Entry, ...], was: YamlNode, now: YamlNode) -> tuple[Entry, ...]:
        """Return a list of entries, those that are new decoded."""
        assert isinstance(was, SequenceNode)
        assert isinstance(now, SequenceNode)
        entries = [
            entry if old is new else self.edited(entry, new)
            for entry, old, new in zip(known, was.items, now.items, strict=True)
        ]
        return tuple([entry for entry in entries if entry is not None])

    def edited(self, known: Entry, now: YamlNode) -> Entry | None:
        """Return an entry, decoded anew; what others refer to is as it was."""
        entry = self.entry(now)
        return None if entry is None else entry._replace(gathered=known.gathered)

    def bodies(self, was: YamlNode, now: YamlNode) -> dict[str, tuple[Entry, ...]]:
        """Return the alternatives that are new."""
        assert isinstance(was, MappingNode)
        assert isinstance(now, MappingNode)
        pairs = zip(was.entries, now.entries, strict=True)
        return {key.text: self.alternative(new) for (key, old), (_, new) in pairs if old is not new}
