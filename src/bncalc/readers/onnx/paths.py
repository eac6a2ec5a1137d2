"""Paths: in which module of the model an operation was, by what exporters write down of it.

The name of a weight says it best, `layer1.0.conv1.weight`, and is the same in every export; then
the scopes that PyTorch's exporter records; then a node's own name, `/layer1/layer1.0/relu/Relu`.
"""

from __future__ import annotations

import re

from bncalc.named import NamedTuple
from bncalc.readers.onnx.flow import Flow
from bncalc.readers.onnx.inference import NodeStep
from bncalc.readers.onnx.layers import FusedLayer
from bncalc.readers.onnx.names import module_of_weight
from bncalc.readers.onnx.roles import slot
from bncalc.readers.onnx.scope import NONE
from bncalc.readers.onnx.value import DATA

Path = tuple[str, ...]

_QUOTED = r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\""


class ModuleScope(NamedTuple):
    """The module that an operation was in: its path, and the classes of the modules around."""

    path: Path
    classes: dict[Path, str]


def module_of(flow: Flow, layer: FusedLayer) -> ModuleScope:
    """Return the module of an operation; the path is empty where nothing tells."""
    classes = _classes(layer.step)
    for step in layer.steps:
        for index, place in enumerate(step.inputs):
            if place != NONE and slot(step, index) and flow.value(place).origin != DATA:
                path = module_of_weight(flow.trace.names[place])
                if path:
                    return ModuleScope(path, classes)
    return ModuleScope(_common([_path_of_node(step) for step in layer.steps]), classes)


def _path_of_node(step: NodeStep) -> Path:
    """Return the path that the scopes of a node or its name tell, without the operation itself."""
    scopes = _texts(step.node.scopes)
    if scopes:
        return tuple(scopes[-2].split(".")) if len(scopes) > 1 and scopes[-2] else ()
    path: list[str] = []
    before = ""
    for name in [*step.scope, *step.node.name.strip("/").split("/")[:-1]]:
        path += name.removeprefix(before + ".").split(".")
        before = name
    return tuple(path)


def _classes(step: NodeStep) -> dict[Path, str]:
    """Return the class of each module around an operation, by the module's path."""
    scopes, classes = _texts(step.node.scopes)[:-1], _texts(step.node.classes)[:-1]
    pairs = zip(scopes, classes, strict=False)
    return {tuple(scope.split(".")): name.rpartition(".")[2] for scope, name in pairs if scope}


def _texts(listed: str) -> list[str]:
    """Return the texts of a list that Python has written."""
    if not listed:
        return []
    return [single or double for single, double in re.findall(_QUOTED, listed)]


def _common(paths: list[Path]) -> Path:
    """Return what all paths begin with."""
    shortest = min(paths, key=len)
    for index, name in enumerate(shortest):
        if any(path[index] != name for path in paths):
            return shortest[:index]
    return shortest
