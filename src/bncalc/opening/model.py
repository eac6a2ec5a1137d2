"""Opening: a MODEL name becomes designs, read by the language or by the reader of its kind."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from os import PathLike
from typing import TYPE_CHECKING
from warnings import warn

from bncalc.calls import public
from bncalc.disk import DISK, Disk
from bncalc.errors import (
    BncalcError,
    Location,
    Problem,
    SpecError,
    UsageError,
    refuse_other,
    text_of,
)
from bncalc.files import Files, refuse
from bncalc.language.nodes import YamlNode
from bncalc.model.fields import input_shape
from bncalc.model.graph import Graph
from bncalc.model.origin import Design
from bncalc.model.reading import Reading, Request
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.opening.kinds import LANGUAGE, READERS, kind_in, kind_of, kind_of_root, reader, unread
from bncalc.opening.lookup import located
from bncalc.opening.name import BLOCK, ModelName, parse, setting_text
from bncalc.opening.setting import setting_value
from bncalc.uncollected import Uncollected
from bncalc.zoo import ZOO

if TYPE_CHECKING:
    from bncalc.language.source import Read
    from bncalc.opening.stock import Stock


class Shipped(Disk):
    """The disk, whose files are the zoo's."""

    def called(self, path: str) -> str:
        return f"zoo:{os.path.basename(path)}"  # noqa: PTH119 - pathlib costs as much as a command


SHIPPED = Shipped()


class Overrides(NamedTuple):
    """What a call or a budget file assumes for all of its models; the names do not show it."""

    input: Shape | None = None
    defaults: Mapping[str, object] = {}
    include: tuple[str, ...] = ()


NO_OVERRIDES = Overrides()


class Model(NamedTuple):
    """The designs that a name means, in the file's order, and which is the baseline.

    Their names show what was set: `plain@width=0.9`. `files` are the nodes of all that was read, by
    path: the model's own file, then those that it includes; none of other people's formats.
    """

    name: ModelName
    designs: tuple[Design, ...]
    baseline: str
    alternatives: bool
    """Whether the file holds alternatives to compare, and not one network."""
    files: Mapping[str, YamlNode]
    overrides: Overrides
    variant: str | None = None
    warnings: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Model {self.name}: {', '.join([graph.name for graph in self.graphs])}>"

    @property
    def given_input(self) -> Shape | None:
        """The input that takes the place of the file's own, if one does."""
        return self.overrides.input if self.name.input is None else self.name.input

    @property
    def graphs(self) -> tuple[Graph, ...]:
        return tuple([design.graph for design in self.designs])


@public
def load(
    model: str | PathLike[str],
    *,
    vars: Mapping[str, object] | None = None,
    input: tuple[int, ...] | None = None,
) -> tuple[Graph, ...]:
    """Return the designs of a MODEL: a file, `FILE#name`, a shipped name, each `@NAME=VALUE`.

    `vars` sets variables of the file: numbers, lists, or YAML text; `input` is (channels, height,
    width), with as many sizes as the file's own. What a file says and hardly means is a warning of
    Python's. Raises SpecError for what is wrong in the file, UsageError for a name that leads
    nowhere.
    """
    return _graphs("load", model, vars, input)


@public
def network(
    model: str | PathLike[str],
    *,
    vars: Mapping[str, object] | None = None,
    input: tuple[int, ...] | None = None,
) -> Graph:
    """Return the one design of a MODEL, as in network("resnet50").

    The arguments are those of `load`. Raises UsageError if the name means several designs.
    """
    graphs = _graphs("network", model, vars, input)
    if len(graphs) > 1:
        names = [graph.name for graph in graphs]
        right = f"name one, as in {model}#{names[0]}, or take all with load"
        raise UsageError(f"{model} holds several designs: {', '.join(names)}; {right}")
    return graphs[0]


def _graphs(
    function: str,
    model: str | PathLike[str],
    vars: Mapping[str, object] | None,
    input: tuple[int, ...] | None,
) -> tuple[Graph, ...]:
    """Return the designs of a call, and give its caller the warnings that a command prints."""
    if not isinstance(vars, Mapping | None):
        refuse_other(function, "vars by name, such as vars={'width': 0.5}", vars)
    settings = {name: setting_text(value) for name, value in (vars or {}).items()}
    shape = None if input is None else input_shape(input)
    name = parse(text_of(function, model, "resnet50"))
    opened = open_model(name.having(settings, shape))
    for problem in sorted(opened.warnings):
        warn(str(problem), stacklevel=4)  # above `public`, which is around the function
    return opened.graphs


def open_model(
    name: str | ModelName, overrides: Overrides = NO_OVERRIDES, files: Files = DISK
) -> Model:
    """Return the designs that a name means; of a family its own `vars`, where none is picked.

    Raises SpecError for what is wrong in the file and UsageError for a name that leads nowhere.
    """
    return _opened(name, overrides, files, every=False)[0]


def source_of(name: ModelName, files: Files = DISK) -> str:
    """Return the text of the file that a model is in; raise SpecError if it is no text.

    Raises UsageError for a name with settings, which are not in the file.
    """
    request = request_of(name, NO_OVERRIDES, files)
    if request.path.startswith(BLOCK):
        raise UsageError(f"{name} is a kind of block and in no file; `bncalc export` writes one")
    if name.echo:
        raise UsageError(f"{name}: a file is printed as it is; leave out {name.echo}")
    data = request.files.read(request.path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse(request.files.called(request.path), "the file is not text")


def open_models(
    name: str | ModelName,
    overrides: Overrides = NO_OVERRIDES,
    files: Files = DISK,
    stock: "Stock | None" = None,
) -> tuple[Model, ...]:
    """Return every variant of a file that has variants, where the name picks none; else one.

    What is in `stock` is not placed again, and what is placed is added to it.
    """
    return _opened(name, overrides, files, every=True, stock=stock)


def _opened(
    name: str | ModelName,
    overrides: Overrides,
    files: Files,
    *,
    every: bool,
    stock: "Stock | None" = None,
) -> tuple[Model, ...]:
    name = parse(name) if isinstance(name, str) else name
    request = request_of(name, overrides, files)._replace(every=every)
    nodes: dict[str, YamlNode] = {}
    try:
        with Uncollected():
            readings = _read(name, request, nodes, stock)
    except SpecError:
        from bncalc.work_tree import leads_out

        if request.files is DISK and request.path != "-" and leads_out(request.path):
            message = "it leads out of its repository, so its problems are not shown"
            raise SpecError([Problem(Location(request.path), message)]) from None
        raise
    return tuple([_model(name, reading, nodes, overrides) for reading in readings])


def request_of(name: ModelName, overrides: Overrides, files: Files = DISK) -> Request:
    """Return what a name asks of a reader; raise UsageError for what it cannot ask."""
    if name.revision:
        raise UsageError(f"{name}: a git revision cannot be named here")
    path, part = located(name, files)
    called = ""
    if path.startswith(ZOO):
        files, called = SHIPPED, name.path
    settings = {key: setting_value(key, text) for key, text in name.settings.items()}
    input = overrides.input if name.input is None else name.input
    return Request(
        path,
        part,
        settings,
        input,
        overrides.defaults,
        files,
        include=overrides.include,
        called=called,
    )


def _read(
    name: ModelName, request: Request, nodes: dict[str, YamlNode], stock: "Stock | None"
) -> tuple[Reading, ...]:
    """Read a model as its kind is read; `nodes` takes all that the language has read."""
    kind = kind_of(request.path)
    if kind == LANGUAGE:
        from bncalc.language.model import read_language  # half of what opening takes to load
        from bncalc.language.source import reading

        read = _remembering(reading(request.files), nodes)
        kind = kind_of_root(read(request.path))
        if kind == LANGUAGE:
            return read_language(request, read, None if stock is None else stock.stamps)
        nodes.clear()
    if kind not in READERS:
        raise unread(str(name), kind)
    return reader(kind)(request)


def refuse_include(names: Sequence[ModelName], include: Sequence[str]) -> None:
    """Raise UsageError for files of blocks if no model can have a use for them."""
    if include and not any(map(_may_take_blocks, names)):
        kept, path = ", ".join(include), ", ".join(map(str, names[:3]))
        is_one = "is not one" if len(names) == 1 else "are none"
        raise UsageError(
            f"--include {kept}: blocks of that file are modules of Ultralytics models, and {path} "
            f"{is_one}; a file that uses blocks of its own says `include:` itself"
        )


def _may_take_blocks(name: ModelName) -> bool:
    """Return whether a model is an Ultralytics one, as far as can be known before it is opened."""
    from bncalc.language.source import reading

    if name.revision or name.path == "-":
        return kind_of(name.path) == LANGUAGE
    with suppress(BncalcError):
        request = request_of(name, NO_OVERRIDES)
        return kind_in(request.path, reading(request.files)) == "ultralytics"
    return True  # what is wrong with it is said when it is opened


def _remembering(read: "Read", nodes: dict[str, YamlNode]) -> "Read":
    """Return the same way to read, which reads no file twice and keeps what it has read."""

    def remembered(path: str) -> YamlNode:
        if path not in nodes:
            nodes[path] = read(path)
        return nodes[path]

    return remembered


def _model(
    name: ModelName, reading: Reading, nodes: Mapping[str, YamlNode], overrides: Overrides
) -> Model:
    echo = name.echo
    settings = tuple([(key, setting_value(key, text)) for key, text in name.settings.items()])
    return Model(
        name,
        tuple([_called(design, echo, settings) for design in reading.designs]),
        reading.baseline + echo,
        reading.alternatives,
        nodes,
        overrides,
        reading.variant,
        reading.warnings,
        (*reading.notes, *_unused_form(name, reading, overrides)),
    )


def _unused_form(name: ModelName, reading: Reading, overrides: Overrides) -> Iterator[str]:
    """Say that a form was asked for, if no block of a model has any."""
    parts = (part for design in reading.designs for part in design.graph.parts)
    if "form" in overrides.defaults and not any(hasattr(part.block, "form") for part in parts):
        yield f"{name}: no block has a form, so --form {overrides.defaults['form']} changes nothing"


def _called(design: Design, echo: str, settings: tuple[tuple[str, object], ...]) -> Design:
    """Return a design that shows what was set."""
    graph = design.graph
    return design.of(graph._replace(name=graph.name + echo, settings=settings))
