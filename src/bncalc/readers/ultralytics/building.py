"""Building: rows are placed one after the other, and every mistake is told at its place."""

from __future__ import annotations

from collections.abc import Mapping

from bncalc.errors import Location, Problem, ShapeError, suggest
from bncalc.language.library import Library
from bncalc.language.spec import Argument, Definition
from bncalc.model.net import Net, Tensor
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.origin import Design, Origin, Placed, PlacedCall
from bncalc.named import NamedTuple
from bncalc.readers.ultralytics.arguments import ArgumentError, RowArguments
from bncalc.readers.ultralytics.context import Context, Module, RowMaps
from bncalc.readers.ultralytics.modules import ANCHORED, MODULES
from bncalc.readers.ultralytics.rows import ModelFile, ModuleRow
from bncalc.readers.ultralytics.scale import ModelScale
from bncalc.spelling import slip

_SEPARABLE = {"C3k2", "A2C2f", "C2fCIB"}


class _Written(NamedTuple):
    """A row as something that was written."""

    word: str
    location: Location
    arguments: Mapping[str, Placed] = {}


class _Doubted(Exception):
    """A row reads what could not be built, and cannot be judged."""


class _UnknownModule(ShapeError):
    """A word that no module has, whatever arrives there."""


class RowBuilding:
    """Places the rows of a file, and keeps the maps that each puts out."""

    def __init__(
        self,
        file: ModelFile,
        scale: ModelScale,
        net: Net,
        library: Library,
        problems: list[Problem],
    ) -> None:
        self._net, self._rows = net, file.rows
        self._library, self._problems = library, problems
        self._modules = ANCHORED if file.anchors else MODULES
        separable = any(row.module in _SEPARABLE for row in file.rows)
        self._context = Context(net, scale, file.numbers, separable, file.anchors)
        self._maps: list[RowMaps] = []
        self._doubted: set[int] = set()
        self._origins: list[Origin] = []

    def design(self, name: str) -> Design:
        """Return the graph, and the row that each layer comes from."""
        for index, row in enumerate(self._rows):
            call: PlacedCall = _Written(row.module, row.location)
            self._origins.append(Origin(len(self._net), call))
            with self._net.part(row.module, str(index)):
                self._maps.append(self._placed(index, row))
        return Design(self._net.graph(name), tuple(self._origins))

    def _placed(self, index: int, row: ModuleRow) -> RowMaps:
        """Place a row, or what stands in for it: the input map."""
        sources = self._sources(index, row)
        if not (sources and row.module):
            self._doubted.add(index)
            return self._net.input
        known = len(self._problems)
        try:
            return self._place(index, row, sources)
        except _UnknownModule as error:
            self._problems.append(Problem(row.place("2"), str(error)))
        except ArgumentError as error:
            self._report(row.places.get(f"3.{error.field}", row.place("3")), row, error)
        except ShapeError as error:
            if index not in self._doubted:
                self._report(row.places.get(error.field or "", row.location), row, error)
        except _Doubted:
            if index in self._doubted:
                del self._problems[known:]
        self._doubted.add(index)
        return sources[0]

    def _report(self, location: Location, row: ModuleRow, error: ShapeError) -> None:
        self._problems.append(Problem(location, f"{row.module}: {error}"))

    def _sources(self, index: int, row: ModuleRow) -> tuple[RowMaps, ...]:
        """Return what a row reads; tell of sources that are not before it, and return none then."""
        maps: list[RowMaps] = []
        for position, source in enumerate(row.sources):
            number = index + source if source < 0 else source
            if source == -1 and index == 0:
                maps.append(self._net.input)
            elif 0 <= number < index:
                maps.append(self._maps[number])
                if number in self._doubted:
                    self._doubted.add(index)
            else:
                place = row.places.get(f"0.{position}", row.place("0"))
                message = f"row {index} cannot read row {number}, which is not before it"
                self._problems.append(Problem(place, f"{row.module}: {message}"))
        return tuple(maps) if len(maps) == len(row.sources) else ()

    def _place(self, index: int, row: ModuleRow, sources: tuple[RowMaps, ...]) -> RowMaps:
        own = self._library.find(row.module)
        if self._library.doubts(row.module):
            raise _Doubted
        module = self._modules.get(row.module) if own is None else self._own(row, own)
        if module is None:
            return self._unknown(index, row, sources)
        given = RowArguments(module.arguments, row.arguments, self._context.numbers)
        is_forked = not all(isinstance(x, Tensor) for x in sources)
        if module.takes != "forks" and (is_forked or (len(sources) > 1 and module.takes == "one")):
            raise ShapeError("several maps arrive, but it takes one", field="0")
        repeats = self._context.scale.repeats(row.repeats)
        try:
            if module.repeats_within:
                return module.place(self._context._replace(repeats=repeats), sources, given)
            return self._in_a_row(row, module, sources, given, repeats)
        except ArgumentError:
            raise
        except ShapeError as error:
            at = "0" if error.field == "from" else f"3.{given.position_of_field(error.field)}"
            raise ShapeError(str(error), field=at) from None

    def _in_a_row(
        self,
        row: ModuleRow,
        module: Module,
        maps: tuple[RowMaps, ...],
        given: RowArguments,
        repeats: int,
    ) -> RowMaps:
        """Place the copies of a row, each a part of its own where there are several."""
        if repeats == 1:
            return module.place(self._context, maps, given)
        placed: RowMaps = ()
        for copy in range(repeats):
            with self._net.part(row.module, str(copy)):
                placed = module.place(self._context, maps, given)
            if not isinstance(placed, Tensor):
                raise ShapeError("it has several outputs and cannot be repeated")
            maps = (placed,)
        return placed

    def _own(self, row: ModuleRow, definition: Definition) -> Module:
        """Return a block of the user's own as a module.

        Its arguments are those of the row in their order; `out` is scaled, `n` takes the repeats.
        """
        names = " ".join([name for name in definition.arguments if name != "n"])
        repeats_within = "n" in definition.arguments

        def place(context: Context, sources: tuple[Tensor, ...], given: RowArguments) -> RowMaps:
            values = given.written()
            if "out" in values:
                values["out"] = context.scale.channels(given.whole("out", least=1))
            if repeats_within:
                values["n"] = context.repeats
            for name, default in definition.arguments.items():
                if default is None and name not in values:
                    raise ArgumentError(f"it needs {name!r}")
            arguments = {
                name: Argument(value, row.place(f"3.{given.position(name)}"))
                for name, value in values.items()
            }
            at = row.place("2")
            maps = self._library.place(context.net, row.module, arguments, sources, at)
            if maps is None:
                raise _Doubted
            return maps[0] if len(maps) == 1 else maps

        return Module(place, names, repeats_within, "several")

    def _unknown(self, index: int, row: ModuleRow, sources: tuple[RowMaps, ...]) -> RowMaps:
        """Place a head that is not known as an operation that is not counted.

        Raises _UnknownModule for any other word, and one that is a known one with a slip;
        _Doubted for one that a file may define which could not be read.
        """
        words = (*self._modules, *self._library.words)
        is_slip = slip(row.module, words) is not None
        maps = [x for x in sources if isinstance(x, Tensor)]
        if is_slip or index < len(self._rows) - 1 or not maps:
            hint = suggest(row.module, words)
            if not hint and self._library.is_incomplete:
                raise _Doubted
            others = "" if is_slip else "; --include FILE defines others"
            raise _UnknownModule(f"unknown module {row.module!r}{hint}{others}")
        return self._net.place(Foreign(Facts(row.module, maps[0].shape, counted=False)), *maps)
