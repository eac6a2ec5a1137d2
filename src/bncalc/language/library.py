"""The library: blocks that files define, to be placed in a net that somebody else builds."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from itertools import count

from bncalc.errors import Location, Problem
from bncalc.language.assembly import deep_recursion
from bncalc.language.bounding import NetworkTooLarge
from bncalc.language.composing import Composing
from bncalc.language.decoder import FileDecoder
from bncalc.language.frame import Frame
from bncalc.language.nodes import YamlNode
from bncalc.language.placing import Unbuilt
from bncalc.language.scope import Scope
from bncalc.language.source import Read
from bncalc.language.spec import Argument, Call, Definition, Spec
from bncalc.language.stamping import Stamps
from bncalc.model.net import Net, Tensor


class Library:
    """Blocks by their names; what is wrong in their files is added to the problems."""

    def __init__(self, read: Read, problems: list[Problem]) -> None:
        self._read, self._problems = read, problems
        self._spec = Spec("")

    def include(self, files: YamlNode | None, beside: str) -> None:
        """Take over what files define: a name, or a list of them, beside the file of that path."""
        decoder = FileDecoder(beside, self._read, self._problems, ())
        decoder.include(files)
        self._spec.take_over(decoder.spec)

    def include_file(self, name: str, at: Location) -> None:
        """Take over what a file defines that a call has named."""
        decoder = FileDecoder("", self._read, self._problems, ())
        decoder.include_file(name, at)
        self._spec.take_over(decoder.spec)

    def find(self, word: str) -> Definition | None:
        """Return the block of that name."""
        return self._spec.definitions.get(word)

    def doubts(self, word: str) -> bool:
        """Return whether problems are told of a block, so that no call of it can be judged."""
        return word in self._spec.doubted

    @property
    def is_incomplete(self) -> bool:
        """Whether a file could not be read, which has been told, and may define any word."""
        return self._spec.incomplete

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(self._spec.definitions)

    def place(
        self,
        net: Net,
        word: str,
        arguments: Mapping[str, Argument],
        inputs: tuple[Tensor, ...],
        at: Location,
    ) -> tuple[Tensor, ...] | None:
        """Place a block; return what it puts out, or None where that has failed and been told."""
        known = len(self._problems)
        call = Call(word, self._spec, dict(arguments), at)
        placer = _Placer(self._spec, net, self._problems)
        placer.itself = call
        try:
            with deep_recursion():
                maps = placer.own(call, self._spec, inputs, Frame({}, Scope(), ChainMap()), None)
        except (Unbuilt, NetworkTooLarge):
            return None
        return maps.tensors if len(self._problems) == known else None


class _Placer(Composing):
    """Places blocks of a library in one net."""

    def __init__(self, spec: Spec, net: Net, problems: list[Problem]) -> None:
        super().__init__(spec, net, problems)
        self.counting = False
        self.work = self.depth = self.deepest = 0
        self.vars = {}
        self.ends, self.numbers = set(), count()
        self.stamps = Stamps({}, {})
