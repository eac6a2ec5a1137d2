"""Paths: in which module of the model an operation was, by what exporters write down of it.

What bncalc writes into its own exports is the path itself. Elsewhere the name of a weight says it
best, `layer1.0.conv1.weight`, and is the same in every export; then the scopes that PyTorch's
exporter records; then a node's own name, `/layer1/layer1.0/relu/Relu`.
"""

from __future__ import annotations

import re
from itertools import takewhile

from bncalc.readers.onnx.flow import Flow
from bncalc.readers.onnx.inference import NodeStep
from bncalc.readers.onnx.layers import FusedLayer
from bncalc.readers.onnx.names import module_of_weight
from bncalc.readers.onnx.properties import OURS, read_properties
from bncalc.readers.onnx.slots import X, slots
from bncalc.readers.onnx.value import DATA
from bncalc.readers.parts import PartPath

PROPERTIES = b"pkg.torch.onnx.name_scopes", b"pkg.torch.onnx.class_hierarchy"
"""What PyTorch notes down: the modules around an operation by name and by class, then itself."""
_QUOTED = r"'([^'\\]*(?:\\.[^'\\]*)*)'|\"([^\"\\]*(?:\\.[^\"\\]*)*)\""


class Modules:
    """The modules of a model: the path of each operation's, and the classes of those around it."""

    def __init__(self, flow: Flow) -> None:
        self.classes: dict[PartPath, str] = {}
        """The classes of the modules of the operations asked for so far."""
        self._flow = flow
        self._known: dict[tuple[str, str], PartPath | None] = {}
        self._learnt: dict[tuple[str, str], PartPath] = {}
        """The names of the parts around layers, by what bncalc has written down of both."""
        self._is_ours = any(self._written(step) for step in flow.steps[:1])

    def path_of(self, layer: FusedLayer) -> PartPath:
        """Return the path of an operation's module, empty where nothing tells."""
        if self._is_ours and (path := self._written(layer.core)):
            return path
        recorded = self._recorded(layer.step)  # whose classes are learned in any case
        for step in layer.steps:
            for role, place in zip(slots(step), step.inputs, strict=True):
                if role not in ("", X) and self._flow.values[place].origin != DATA:
                    path = module_of_weight(self._flow.trace.names[place])
                    if path:
                        return path
        last = _named(layer.step) if recorded is None else recorded
        return _common([last, *[self._path_of(step) for step in layer.steps[1:]]])

    def _path_of(self, step: NodeStep) -> PartPath:
        """Return the path that the scopes of a node or its name tell, without the operation."""
        recorded = self._recorded(step)
        return _named(step) if recorded is None else recorded

    def _written(self, step: NodeStep) -> PartPath:
        """Return the path that bncalc has written, empty where none; learn the parts' words."""
        path, words = read_properties(self._flow.trace.wire, step.node.properties, OURS)
        own = path.rfind("/") + 1
        around = path[:own], words
        if around not in self._learnt:
            names = tuple(path[:own].split("/")[:-1])
            parts = zip(range(1, len(names) + 1), words.split("/"), strict=False)
            self.classes.update({names[:depth]: word for depth, word in parts if word})
            self._learnt[around] = names
        return (*self._learnt[around], path[own:]) if path else ()

    def _recorded(self, step: NodeStep) -> PartPath | None:
        """Return the path that scopes tell, None where the file has none; learn their classes."""
        if not step.node.properties:
            return None
        texts = read_properties(self._flow.trace.wire, step.node.properties, PROPERTIES)
        scopes, classes = [text.rpartition(", ")[0] for text in texts]
        if (scopes, classes) not in self._known:
            self._known[scopes, classes] = self._learned(_texts(scopes), _texts(classes))
        return self._known[scopes, classes]

    def _learned(self, scopes: list[str], classes: list[str]) -> PartPath | None:
        paths = [tuple(scope.split(".")) if scope else () for scope in scopes]
        pairs = zip(paths, classes, strict=False)
        self.classes.update({path: name.rpartition(".")[2] for path, name in pairs if path})
        return paths[-1] if paths else None


def _named(step: NodeStep) -> PartPath:
    """Return the path that the name of a node tells, after those of the functions around it."""
    path: list[str] = []
    before = ""
    for name in [*step.scope, *step.node.name.strip("/").split("/")[:-1]]:
        path += name.removeprefix(before + ".").split(".")
        before = name
    return tuple(path)


def _texts(listed: str) -> list[str]:
    """Return the texts of a list that Python has written, or of the beginning of one."""
    return [single or double for single, double in re.findall(_QUOTED, listed)]


def _common(paths: list[PartPath]) -> PartPath:
    """Return what all paths begin with: in their order the first and the last differ soonest."""
    pairs = zip(min(paths), max(paths), strict=False)
    return tuple([name for name, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)])
