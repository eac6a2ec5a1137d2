"""Assembly: a spec becomes graphs, as shapes meet layers one after the other."""

import sys
from collections import ChainMap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count

from bncalc.errors import Location, Problem
from bncalc.language.bounding import MAX_DEPTH, TOO_MANY, NetworkTooLarge
from bncalc.language.composing import Composing
from bncalc.language.evaluation import VariableValues
from bncalc.language.frame import Frame
from bncalc.language.layer_count import LayerCount, TooMany
from bncalc.language.placing import ALL_UNSURE, Unbuilt
from bncalc.language.scope import Maps, Scope
from bncalc.language.spec import Call, Entry, Spec
from bncalc.language.stamping import Stamps
from bncalc.model.building import Defaults
from bncalc.model.graph import Output, unread
from bncalc.model.net import Net
from bncalc.model.origin import Design
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple

_LIKELY = Shape(3, 224, 224)
"""Stands for an input that could not be read."""


class Assembled(NamedTuple):
    """The designs of a spec, in its order, and the problems met on the way.

    `unread` are warnings about maps that nothing reads, to be told where nothing else is wrong.
    """

    designs: tuple[Design, ...]
    problems: tuple[Problem, ...]
    unread: tuple[Problem, ...]


def assemble(
    spec: Spec,
    blocks: Mapping[str, tuple[Entry, ...]],
    values: VariableValues,
    inputs: Mapping[str, Shape | None],
    defaults: Defaults,
    name: str,
    *,
    counting: bool = False,
    stamps: Stamps | None = None,
) -> Assembled:
    """Build a network, or those alternatives of a file, from evaluated vars.

    The inputs are by name, None for one that could not be read. `counting` builds the second of
    several copies alike, and says for how many it stands. `stamps` are what calls have made in
    networks with the same defaults, vars and definitions; they are added to.
    """
    problems: list[Problem] = []
    designs, dead = [], []
    bodies = blocks if spec.layers is None else {name: spec.layers}
    for title, entries in bodies.items():
        assembler = _Assembler(spec, values, inputs, defaults, problems, counting)
        assembler.stamps = stamps or Stamps({}, {})
        designs.append(assembler.body(title, entries))
        dead += assembler.dead
    return Assembled(tuple(designs), tuple(problems), tuple(dict.fromkeys(dead)))


class _Assembler(Composing):
    """Builds one net."""

    def __init__(
        self,
        spec: Spec,
        values: VariableValues,
        inputs: Mapping[str, Shape | None],
        defaults: Defaults,
        problems: list[Problem],
        counting: bool,
    ) -> None:
        (name, shape), *further = inputs.items()
        net = Net(shape or _LIKELY, defaults, name=name)
        super().__init__(spec, net, problems)
        self.counting = counting
        self.work = self.depth = self.deepest = 0
        self.vars = {spec.path: values}
        self.ends, self.numbers = set(), count()
        self.dead: list[Problem] = []
        arriving = [net.input]
        arriving += [net.further_input(shape or _LIKELY, name) for name, shape in further]
        self.arriving = dict(zip(inputs, [Maps((x,)) for x in arriving], strict=True))
        self.doubts |= {i: ALL_UNSURE for i, shape in enumerate(inputs.values()) if shape is None}

    def body(self, name: str, entries: tuple[Entry, ...]) -> Design:
        first = Maps((self.net.input,))
        scope = Scope.of({"in": first, **self.arriving})
        frame = Frame(self.vars[self.spec.path], scope, ChainMap(), top=True)
        try:
            with deep_recursion():
                last = self.built(entries, first, frame)
        except NetworkTooLarge:
            self.net = Net(self.net.input.shape)  # what there is of it is of no use to anyone
            return Design(self.net.graph(name), ())
        self.ends.update(x.node for x in last.tensors)
        self.name_outputs(frame)
        graph = self.net.graph(name)
        design, outputs = Design(graph, self.origins), graph.outputs
        if any(output.name is not None for output in outputs):
            idle = unread(graph.nodes)
        else:  # all that nothing reads
            idle = tuple([output.node for output in outputs])
            outputs = self.unnamed_outputs(idle, last)
        put_out = {output.node for output in outputs}
        self.dead = [self.warning(design, node) for node in idle if node not in put_out]
        return design.of(graph._replace(outputs=outputs, counts_only=self.spec.counts_only))

    def built(self, entries: tuple[Entry, ...], first: Maps, frame: Frame) -> Maps:
        try:
            LayerCount().of(entries)
        except TooMany as error:
            self.report(error.location, TOO_MANY, frame)
            raise NetworkTooLarge from None
        if len(entries) == 1 and isinstance(entries[0].what, Call) and self.spec.blocks:
            if entries[0].repeat is None:
                self.itself = entries[0].what
            return self.attempt(entries[0], first, frame)
        return self.entries(entries, first, frame)

    def name_outputs(self, frame: Frame) -> None:
        """Put out what the file names."""
        for reference in self.spec.outputs if self.spec.layers is not None else ():
            with suppress(Unbuilt):
                maps = self.named(reference, frame)
                names = [f"{reference.id}.{name}" for name in maps.names] or [reference.id]
                for x, name in zip(maps.tensors, names, strict=False):
                    self.net.output(x, name)

    def unnamed_outputs(self, idle: tuple[int, ...], last: Maps) -> tuple[Output, ...]:
        """Return the last map, and all at the top that nothing reads."""
        nodes = self.ends.intersection(idle).union([x.node for x in last.tensors])
        return tuple([Output(node) for node in sorted(nodes)])

    def warning(self, design: Design, node: int) -> Problem:
        """Return the warning that nothing reads a map."""
        origin, path = design.origin(node), design.graph.nodes[node].path
        if origin is not None:
            message = "nothing reads this map, and it is not an output"
            return Problem(origin.call.location, message, level="warning")
        written = self.spec.inputs.get(path)
        at = Location(self.spec.called) if written is None else written.location
        return Problem(at, f"nothing reads the input {path!r}", level="warning")


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Let parts lie in parts as deep as assembly allows: each takes a few calls."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, 8 * MAX_DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
