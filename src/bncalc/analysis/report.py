"""The report: what each layer costs, what the parts and the whole add up to. Data alone."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, NoReturn, TypeVar

from bncalc.analysis.assumptions import Assumptions
from bncalc.frames import Framed
from bncalc.loading import loaded
from bncalc.model.cost import Cost
from bncalc.model.graph import Part
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.number import largest
from bncalc.quantity import plural

REPORT_SCHEMA = "bncalc.report/1"
"""What a document of reports says that it is."""


class Layer(NamedTuple):
    """One layer. The product of `factors` is its weights; `traffic` is in bytes.

    A `fused` layer works on the map of the layer before it while that is written.
    `fields` are those of its op that say what it does, by name: a norm and activation after it are
    layers of their own. They are None where a report was read back and holds only numbers.
    `weights_of` is the path of the layer whose weights it uses again: they count there. One that is
    not `counted` is an operation of another framework whose cost is not known: its params are.
    `stored` are the bytes of its weights where the model has them in a width of their own.
    """

    path: str
    op: str
    inputs: tuple[Shape, ...]
    output: Shape
    cost: Cost
    factors: tuple[int, ...]
    traffic: int
    training_only: bool
    fused: bool = False
    fields: Mapping[str, object] | None = None
    weights_of: str | None = None
    counted: bool = True
    stored: int | None = None

    def weight_bytes(self, each: int) -> int:
        """Return the bytes of params and buffers, if one of them takes `each`."""
        own = self.stored
        return (self.cost.params + self.cost.buffers) * each if own is None else own


class Port(NamedTuple):
    """A map that arrives or is put out: its path in the network, its shape, its name if any."""

    path: str
    shape: Shape
    name: str | None = None


class Section(NamedTuple):
    """A part of the network: the layers `start` up to `stop`, and their sum."""

    path: str
    word: str
    depth: int
    start: int
    stop: int
    output: Shape
    cost: Cost
    traffic: int


class _Totals(NamedTuple):
    params: int
    buffers: int
    macs: int
    elementwise: int
    flops: int
    activations: int
    weight_bytes: int
    peak_activation_bytes: int
    traffic_bytes: int


class Totals(_Totals):
    """The whole. Names ending in `bytes` are bytes, for the batch and types assumed."""

    __slots__ = ()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            """Say what a total is called that was asked for by the word of its metric."""
            raise _not_here("the totals have", name)


def _not_here(owner: str, name: str) -> AttributeError:
    """Say where a number is that was asked of something else."""
    hint, metric = "", None
    if not name.startswith("_"):
        metric = loaded("analysis.metric:METRICS").get(name)
    if metric is not None and metric.key in Totals._fields:
        hint = f"; write report.totals.{metric.key}"
    elif metric is not None:
        hint = f"; write measure(graph, also=[{metric.analysis!r}]).numbers()[{metric.key!r}]"
    return AttributeError(f"{owner} no {name!r}{hint}")


class HeldMemory(NamedTuple):
    """One stretch of memory: the nodes `first` to `last` hold it; `size` is in bytes."""

    first: int
    last: int
    size: int


class _Liveness(NamedTuple):
    storages: tuple[HeldMemory, ...]
    live: tuple[int, ...]


class Liveness(_Liveness):
    """Live bytes at each node, and where they are most. Node 0 is the input."""

    def __repr__(self) -> str:
        return f"<Liveness of {len(self.live)} nodes: {self.peak:,} bytes at node {self.step}>"

    @cached_property
    def peak(self) -> int:
        most: int = largest(*self.live)
        return most

    @property
    def step(self) -> int:
        """The first node at which the peak is reached."""
        return self.live.index(self.peak)

    def at(self, step: int) -> tuple[HeldMemory, ...]:
        """Return the storages that live at a step, in the order in which they were made."""
        return tuple(
            [each for each in self.storages if each.first <= step <= each.last and each.size]
        )


class Peak(NamedTuple):
    """Where a memory is fullest: the path of the step, and the bytes of what it holds, by path."""

    path: str
    maps: Mapping[str, int]


class Result:
    """What an analysis adds to a report: its own fields, and their names in machine formats."""

    __slots__ = ()

    def of_whole(self) -> Mapping[str, object]:
        """Return what holds for the whole network."""
        return {}

    def of_layers(self) -> Mapping[str, Sequence[object]]:
        """Return what holds for each layer, a value a layer."""
        return {}

    def assumed(self) -> Mapping[str, object]:
        """Return what it rests on beyond the report's own assumptions."""
        return {}

    def __repr__(self) -> str:
        numbers = ", ".join([f"{name} {value}" for name, value in self.of_whole().items()])
        return f"<{type(self).__name__}: {numbers}>"


ResultKind = TypeVar("ResultKind", bound=Result)


class _Report(NamedTuple):
    name: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    layers: tuple[Layer, ...]
    parts: tuple[Part, ...]
    cost: Cost
    totals: Totals
    memory: Liveness
    assumptions: Assumptions
    results: tuple[Result, ...] = ()
    settings: tuple[tuple[str, object], ...] = ()
    reads: tuple[tuple[int, ...], ...] = ()


class Report(_Report, Framed):
    """All numbers of one design. `layers` are in running order, the input left out.

    `parts` are those of the graph, whose node 0 is the input; `results` what further analyses have
    added, in the order in which they were asked for; `settings` what the call has set of the file's
    variables, by name. `reads` are the nodes that each node reads, empty where a report was read
    back.
    """

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Each part with its sum: a difference of two running totals, worked out when wanted."""
        layers = self.layers
        costs = zip(*[layer.cost for layer in layers], strict=True)
        sums = [list(accumulate(column, initial=0)) for column in costs] if self.parts else []
        moved = list(accumulate([layer.traffic for layer in layers], initial=0))
        sections = []
        for part in self.parts:
            a, b = part.start - 1, part.stop - 1
            cost = Cost(*[column[b] - column[a] for column in sums])
            traffic, output = moved[b] - moved[a], layers[b - 1].output
            sections.append(Section(part.path, part.word, part.depth, a, b, output, cost, traffic))
        return tuple(sections)

    @property
    def input(self) -> Shape:
        """The shape of the first input."""
        return self.inputs[0].shape

    @property
    def output(self) -> Shape:
        """The shape of the output that is made last."""
        put_out = {port.path for port in self.outputs}
        made = (layer.output for layer in reversed(self.layers) if layer.path in put_out)
        return next(made, self.outputs[-1].shape)

    @property
    def paths(self) -> tuple[str, ...]:
        """The path of every step of memory: the first input, then each layer."""
        return (self.inputs[0].path, *[layer.path for layer in self.layers])

    @property
    def peak(self) -> Peak:
        """The step at which the most bytes of maps are live, and those maps."""
        step, paths = self.memory.step, self.paths
        return Peak(paths[step], {paths[each.first]: each.size for each in self.memory.at(step)})

    @property
    def uncounted(self) -> tuple[Layer, ...]:
        """The layers whose cost is not known; it is in no total but that of params."""
        return tuple([layer for layer in self.layers if not layer.counted])

    def __repr__(self) -> str:
        totals = self.totals
        layers = plural(len(self.layers), "layer")
        counts = f"{totals.params:,} params, {totals.macs:,} MACs, {layers}"
        return f"<Report {self.name}: {self.input} → {self.output}, {counts}>"

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            """Say where a number is that was asked of the report itself."""
            raise _not_here("a report has", name)

    def rows(self) -> list[dict[str, object]]:
        """Return a flat dict for each layer, as `pandas.DataFrame` takes them."""
        rows: list[dict[str, object]] = loaded("analysis.rows:layers")(self)
        return rows

    def result(self, kind: type[ResultKind]) -> ResultKind:
        """Return what an analysis has added; raise LookupError if it was not asked for."""
        for result in self.results:
            if type(result) is kind:
                return result
        raise LookupError(f"the report of {self.name} holds no {getattr(kind, '__name__', kind)}")

    def numbers(self) -> dict[str, object]:
        """Return everything that holds for the whole design, by its name in machine formats."""
        numbers: dict[str, object] = {"input": self.input, "output": self.output}
        numbers |= self.totals._asdict()
        for result in self.results:
            numbers |= result.of_whole()
        return numbers

    def columns(self) -> dict[str, Sequence[object]]:
        """Return what further analyses say of each layer, by its name in machine formats."""
        return {name: values for each in self.results for name, values in each.of_layers().items()}

    def assumed(self) -> dict[str, object]:
        """Return what further analyses rest on beyond the assumptions, by name."""
        return {name: value for each in self.results for name, value in each.assumed().items()}
