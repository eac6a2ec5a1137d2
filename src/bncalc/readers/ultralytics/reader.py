"""The reader: an Ultralytics model file becomes a graph for each of its scales."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from bncalc.errors import Location, Problem, ShapeError, SpecError, UsageError, suggest
from bncalc.language.source import reading
from bncalc.model.building import Defaults
from bncalc.model.net import Net, Tensor
from bncalc.model.origin import Call, Design, Origin, Placed
from bncalc.model.reading import NoDesign, Reading, Request
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.readers.ultralytics.context import Arguments, Context, Maps
from bncalc.readers.ultralytics.heads import HEADS, unread
from bncalc.readers.ultralytics.modules import MODULES, REPEATS_WITHIN, fuse
from bncalc.readers.ultralytics.rows import ModelFile, Row, decode
from bncalc.readers.ultralytics.scale import Scale, letter_in

_ACTIVATIONS = {
    "SiLU": "silu",
    "ReLU": "relu",
    "ReLU6": "relu6",
    "LeakyReLU": "leaky_relu",
    "Hardswish": "hard_swish",
    "GELU": "gelu",
    "Mish": "mish",
    "Identity": "none",
}
_SEPARABLE = {"C3k2", "A2C2f", "C2fCIB"}


class _Placed(NamedTuple):
    """A row as something that was written."""

    word: str
    location: Location
    arguments: Mapping[str, Placed] = {}


def read(request: Request) -> tuple[Reading, ...]:
    """Return the design of the scale that is asked for; every scale where that is wanted.

    The scale is the part, or the letter in the file's name, or the first. Raises SpecError for what
    is wrong in the file, NoDesign for a scale that there is not.
    """
    problems: list[Problem] = []
    file = decode(request.path, reading(request.files)(request.path), problems)
    if problems:
        raise SpecError(problems)
    file = file._replace(numbers={**file.numbers, **_settings(file, request.settings)})
    asked = request.part or letter_in(PurePath(request.path).name)
    if asked and asked not in file.scales and (request.part or len(file.scales) > 1):
        known = ", ".join(file.scales)
        raise NoDesign(f"{request.path} has no scale {asked!r}; there are {known}")
    letters = [asked] if asked in file.scales else list(file.scales)
    if not request.every:
        letters = letters[:1]
    return tuple([_reading(file, file.scales[letter], request) for letter in letters])


def _settings(file: ModelFile, settings: Mapping[str, object]) -> Mapping[str, object]:
    for name in settings:
        if name not in file.numbers:
            known = ", ".join(file.numbers)
            raise UsageError(f"{file.path} has no {name!r} to set; there are {known}")
    return settings


def _reading(file: ModelFile, scale: Scale, request: Request) -> Reading:
    stem = PurePath(file.path).stem
    name = stem if not scale.letter or letter_in(stem) else f"{stem}#{scale.letter}"
    design = _Building(file, scale, request).design(name)
    note = f"{file.path}: scale {scale.letter}" if scale.letter and not request.part else ""
    return Reading((design,), name, variant=scale.letter or None, notes=(note,) if note else ())


class _Building:
    """Places the rows of a file, one after the other, and keeps the maps that each puts out."""

    def __init__(self, file: ModelFile, scale: Scale, request: Request) -> None:
        modules = {row.module for row in file.rows}
        defaults = Defaults(norm="batch", act=_activation(file), **request.defaults)  # type: ignore[arg-type]
        self._net = Net(request.input or _input(file, modules), defaults)
        separable = bool(modules & _SEPARABLE)
        self._context = Context(self._net, scale, file.numbers, separable, file.anchors)
        self._rows = file.rows
        self._maps: list[Maps] = []
        self._origins: list[Origin] = []

    def design(self, name: str) -> Design:
        """Return the graph, and the row that each layer comes from."""
        for index, row in enumerate(self._rows):
            call: Call = _Placed(row.module, row.location)
            self._origins.append(Origin(len(self._net), call))
            try:
                with self._net.part(row.module, str(index)):
                    self._maps.append(self._place(index, row))
            except ShapeError as error:
                raise SpecError([Problem(row.location, f"{row.module}: {error}")]) from None
        return Design(self._net.graph(name), tuple(self._origins))

    def _place(self, index: int, row: Row) -> Maps:
        sources = tuple([self._source(index, source) for source in row.sources])
        given = Arguments(row.arguments, self._context)
        if row.module == "CBFuse":
            return fuse(self._context, sources, given)
        maps = tuple([source for source in sources if isinstance(source, Tensor)])
        if len(maps) < len(sources) and row.module != "CBFuse":
            raise ShapeError("several maps arrive where one is wanted")
        if row.module in HEADS:
            HEADS[row.module](self._context, maps, given)
            return maps[0]
        if row.module not in MODULES:
            return self._unknown(index, row, maps)
        repeats = self._context.scale.repeats(row.repeats)
        if row.module in REPEATS_WITHIN:
            return MODULES[row.module](self._context, maps, given, repeats)
        return self._in_a_row(row, maps, given, repeats)

    def _in_a_row(self, row: Row, maps: tuple[Tensor, ...], given: Arguments, repeats: int) -> Maps:
        """Place the copies of a row, each a part of its own where there are several."""
        module = MODULES[row.module]
        if repeats == 1:
            return module(self._context, maps, given, 1)
        placed: Maps = ()
        for copy in range(repeats):
            with self._net.part(row.module, str(copy)):
                placed = module(self._context, maps, given, 1)
            if not isinstance(placed, Tensor):
                raise ShapeError("it puts out several maps and cannot be repeated")
            maps = (placed,)
        return placed

    def _source(self, index: int, source: int) -> Maps:
        if source < 0:
            source += index
            if source == -1 and index == 0:
                return self._net.input
        if not 0 <= source < index:
            if source == -1:
                return self._net.input
            raise ShapeError(f"row {index} cannot read row {source}, which is not before it")
        return self._maps[source]

    def _unknown(self, index: int, row: Row, maps: tuple[Tensor, ...]) -> Maps:
        if index < len(self._rows) - 1:
            raise ShapeError(f"this module is not known{suggest(row.module, [*MODULES, *HEADS])}")
        unread(self._context, maps, row.module)
        return maps[0]


def _input(file: ModelFile, modules: set[str]) -> Shape:
    """Return the input that a file of its kind is published for."""
    channels = file.numbers.get("ch", file.numbers.get("channels", 3))
    side = 224 if "Classify" in modules else 1280 if "-p6" in file.path.lower() else 640
    return Shape(channels if type(channels) is int else 3, side, side)


def _activation(file: ModelFile) -> str:
    written = str(file.numbers.get("activation", file.numbers.get("act", "nn.SiLU()")))
    word = written.partition("(")[0].rpartition(".")[2]
    if word not in _ACTIVATIONS:
        hint = suggest(word, _ACTIVATIONS)
        raise UsageError(f"{file.path}: the activation {written!r} is not known{hint}")
    return _ACTIVATIONS[word]
