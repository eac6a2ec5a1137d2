"""The reader: an Ultralytics model file becomes a graph for each of its scales."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from bncalc.errors import Location, Problem, SpecError, hint_for
from bncalc.language.input import refuse_other_axes
from bncalc.language.library import Library
from bncalc.language.source import reading
from bncalc.model.building import Defaults
from bncalc.model.graph import Graph
from bncalc.model.net import Net
from bncalc.model.ops.normalisation import BatchNorm
from bncalc.model.reading import NoDesign, Reading, Request
from bncalc.model.shape import Shape
from bncalc.readers.ultralytics.arguments import ACTIVATIONS, name_in
from bncalc.readers.ultralytics.building import RowBuilding
from bncalc.readers.ultralytics.modules.heads import EXPECTED
from bncalc.readers.ultralytics.rows import ModelFile, decode
from bncalc.readers.ultralytics.scale import ModelScale, letter_in


def read(request: Request) -> tuple[Reading, ...]:
    """Return the design of the scale that is asked for; every scale where that is wanted.

    The scale is the part, or the letter in the file's name, or the first. Raises SpecError for what
    is wrong in the file, NoDesign for a scale that there is not.
    """
    problems: list[Problem] = []
    root = reading(request.files)(request.path)
    file = decode(request.path, root, request.settings, problems)
    asked = request.part or letter_in(PurePath(request.path).name)
    library = Library(reading(request.files), problems)
    library.include(file.include, request.path)
    for name in request.include:
        library.include_file(name, Location("--include"))
    if asked and asked not in file.scales and (request.part or len(file.scales) > 1):
        hint = hint_for(asked, [letter for letter in file.scales if letter])
        raise NoDesign(f"{request.path} has no scale {asked!r}{hint}")
    letters = [asked] if asked in file.scales else list(file.scales)
    if not request.every:
        letters = letters[:1]
    readings = [
        _reading(file, file.scales[letter], request, library, problems) for letter in letters
    ]
    if problems:
        raise SpecError(problems)
    return tuple(readings)


def _reading(
    file: ModelFile, scale: ModelScale, request: Request, library: Library, problems: list[Problem]
) -> Reading:
    stem = PurePath(file.path).stem
    name = stem if not scale.letter or letter_in(stem) else f"{stem}#{scale.letter}"
    modules = {row.module for row in file.rows}
    norm = BatchNorm(eps=0.001)  # what the models set, whatever the layer says
    defaults = Defaults(norm=norm, act=_activation(file), **request.defaults)  # type: ignore[arg-type]
    net = Net(_input(file, modules, request.input), defaults)
    design = RowBuilding(file, scale, net, library, problems).design(name)
    notes = [f"scale {scale.letter}"] if scale.letter and not request.part else []
    notes += _run_at_inference(design.graph)
    return Reading(
        (design,),
        name,
        variant=scale.letter or None,
        notes=tuple([f"{file.path}: {note}" for note in notes]),
    )


def _run_at_inference(graph: Graph) -> Iterator[str]:
    """Say what tables that were measured on a model in training do not have."""
    for part in graph.parts:
        if part.word == EXPECTED:
            nodes = graph.nodes[part.start : part.stop]
            shapes = [tuple([graph.nodes[index].output for index in node.inputs]) for node in nodes]
            pairs = zip(nodes, shapes, strict=True)
            macs = sum([node.op.cost(inputs, node.output).macs for node, inputs in pairs])
            yield f"{part.path} runs at inference only: {macs:,} MACs that training does not have"


def _input(file: ModelFile, modules: set[str], given: Shape | None) -> Shape:
    """Return the input that is given, or else the one that a file of its kind is published for."""
    channels = file.numbers.get("ch", file.numbers.get("channels", 3))
    side = 224 if "Classify" in modules else 1280 if "-p6" in file.path.lower() else 640
    assert isinstance(channels, int)  # or the file was refused
    own = Shape(channels, side, side)
    if given is None:
        return own
    if len(given) == 1:
        return Shape(own.channels, *given, *given)
    refuse_other_axes(own, given, file.path)
    return given


def _activation(file: ModelFile) -> str:
    written = file.numbers.get("activation", file.numbers.get("act", "nn.SiLU()"))
    return ACTIVATIONS[name_in(written)]
