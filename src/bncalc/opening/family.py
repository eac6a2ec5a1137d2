"""A family: one model that is built many times, each time with other values."""

from __future__ import annotations

from collections.abc import Mapping

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
from bncalc.opening.kinds import LANGUAGE, READERS, kind_of, kind_of_root, reader, unread
from bncalc.opening.model import NO_OVERRIDES, Overrides, request_of
from bncalc.opening.name import ModelName, parse

KEPT = 1_000
"""Designs of which the calls are remembered, before it is begun anew: memory stays constant."""


class Family:
    """A model read once. Values to build it with may stand for those of several designs."""

    def __init__(
        self, name: str | ModelName, overrides: Overrides = NO_OVERRIDES, files: Files = DISK
    ) -> None:
        self.name = parse(name) if isinstance(name, str) else name
        self._request = request_of(self.name, overrides, files)
        self._file = _language_file(self._request, str(self.name))
        self._kept = KeptStamps()
        self._readings = 0

    @property
    def variables(self) -> Mapping[str, object]:
        """The variables of the model, each with its present value."""
        if self._file is None:
            return dict(self._request.settings)
        return self._file.values(self._request)[0]

    def input(self, settings: Mapping[str, object]) -> Shape | None:
        """Return the input under some settings, None where its reader alone knows it."""
        if self._file is None:
            return self._request.input
        return self._file.values(self._with(settings))[1]

    def graph(
        self,
        settings: Mapping[str, object],
        input: Shape | None = None,
        *,
        counting: bool = True,
    ) -> Graph:
        """Build the one design; if `counting`, one copy of a repeat may stand for several alike."""
        request = self._with(settings)
        request = request if input is None else request._replace(input=input)
        return self._only(self._reading(request, counting))

    def _with(self, settings: Mapping[str, object]) -> Request:
        return self._request._replace(settings={**self._request.settings, **settings})

    def _reading(self, request: Request, counting: bool) -> Reading:
        if self._file is None:
            return reader(kind_of(request.path))(request)[0]
        kept = self._kept_for(request) if counting else None
        return self._file.reading(request, counting=counting, kept=kept)

    def _kept_for(self, request: Request) -> KeptStamps | None:
        """Return what calls made in the last designs; of many at once nothing is kept."""
        if any(map(_is_plural, (*request.settings.values(), *(request.input or ())))):
            return None
        if self._readings % KEPT == 0:
            self._kept = KeptStamps()
        self._readings += 1
        return self._kept

    def _only(self, reading: Reading) -> Graph:
        if len(reading.designs) > 1:
            names = ", ".join([f"{self.name.path}#{each.graph.name}" for each in reading.designs])
            raise UsageError(f"{self.name} holds several designs; name one of them: {names}")
        return reading.designs[0].graph


def _is_plural(value: object) -> bool:
    """Return whether a value stands for those of several designs, or a list holds one that does."""
    return isinstance(value, Plural) or (type(value) is tuple and any(map(_is_plural, value)))


def _language_file(request: Request, name: str) -> LanguageFile | None:
    """Return the file if it is in bncalc's own language; raise UsageError if nobody reads it."""
    kind = kind_of(request.path)
    if kind == LANGUAGE:
        read = reading(request.files)
        kind = kind_of_root(read(request.path))
        if kind == LANGUAGE:
            return LanguageFile.read(request.path, read)
    if kind not in READERS:
        raise unread(name, kind)
    return None
