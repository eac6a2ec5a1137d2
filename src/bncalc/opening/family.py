"""A family: one model that is built many times, each time with other values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from bncalc.disk import DISK
from bncalc.errors import UsageError
from bncalc.files import Files
from bncalc.language.model import LanguageFile
from bncalc.language.source import reading
from bncalc.language.stamping import KeptStamps
from bncalc.model.graph import Graph
from bncalc.model.reading import Reading, Request
from bncalc.model.shape import Shape
from bncalc.number import Plural
from bncalc.opening.kinds import LANGUAGE, READERS, kind_in, reader, unread
from bncalc.opening.model import NO_OVERRIDES, Overrides, request_of
from bncalc.opening.name import ModelName, parse


class ModelFamily:
    """A model read once. Values to build it with may stand for those of several designs."""

    def __init__(
        self, name: str | ModelName, overrides: Overrides = NO_OVERRIDES, files: Files = DISK
    ) -> None:
        self.name = parse(name) if isinstance(name, str) else name
        self._request = request_of(self.name, overrides, files)
        self._kind = kind_in(self._request.path, reading(self._request.files))
        if self._kind not in (LANGUAGE, *READERS):
            raise unread(str(self.name), self._kind)
        self._file: LanguageFile | None = None
        if self._kind == LANGUAGE:
            self._file = LanguageFile.read(self._request.path, reading(self._request.files))
        if self._file is not None and not self._request.part:
            self._refuse_several([*self._file.spec.blocks])
        self._kept = KeptStamps()

    @property
    def is_ours(self) -> bool:
        """Whether it is in bncalc's own language; another is read anew for each design."""
        return self._file is not None

    @property
    def variables(self) -> Mapping[str, object]:
        """What can be set, each with its value now; of another format what the name sets."""
        if self._file is None:
            return dict(self._request.settings)
        return self._file.values(self._request)[0]

    def input(self, settings: Mapping[str, object]) -> Shape | None:
        """Return the one input under some settings; None for several, or one without channels.

        That of a model in another format is the one that it has as it is named.
        """
        if self._file is None:
            return self._own_input
        return self._file.values(self._with(settings))[1]

    @cached_property
    def _own_input(self) -> Shape | None:
        graph = self.graph({})
        return graph.input if len(graph.inputs) == 1 and graph.input.has_channels else None

    def graph(
        self, settings: Mapping[str, object], input: Shape | None = None, *, counting: bool = True
    ) -> Graph:
        """Build the one design; if `counting`, one copy of a repeat may stand for several alike."""
        request = self._with(settings)
        request = request if input is None else request._replace(input=input)
        designs = self._reading(request, counting).designs
        self._refuse_several([design.graph.name for design in designs])
        return designs[0].graph

    def _with(self, settings: Mapping[str, object]) -> Request:
        return self._request._replace(settings={**self._request.settings, **settings})

    def _reading(self, request: Request, counting: bool) -> Reading:
        if self._file is None:
            return reader(self._kind)(_single(request))[0]
        # What calls have made for many designs at once is not kept.
        several = any(map(_is_plural, (*request.settings.values(), *(request.input or ()))))
        kept = self._kept if counting and not several else None
        return self._file.reading(request, counting=counting, kept=kept)

    def _refuse_several(self, parts: list[str]) -> None:
        if len(parts) > 1:
            names = ", ".join([f"{self.name.path}#{part}" for part in parts])
            raise UsageError(f"{self.name} holds several designs; name one of them: {names}")


def _is_plural(value: object) -> bool:
    """Return whether a value stands for those of several designs, or a list holds one that does."""
    return isinstance(value, Plural) or (type(value) is tuple and any(map(_is_plural, value)))


def _single(request: Request) -> Request:
    """Return a request for one design; where it stands for several, they part."""
    settings = {name: _common(value) for name, value in request.settings.items()}
    input = None if request.input is None else Shape(*map(_common, request.input))
    return request._replace(settings=settings, input=input)


def _common(value: Any) -> Any:
    """Return the value that all designs have, also within a list."""
    if _is_plural(value) and type(value) is not tuple:
        return int(value) if value.whole else float(value)
    return tuple(map(_common, value)) if type(value) is tuple else value
