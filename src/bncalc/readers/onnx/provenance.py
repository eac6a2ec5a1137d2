"""Provenance: which tensors of a file are learned, by what PyTorch's exporter notes down of them.

It lists the model's parameters and buffers by name, and its optimiser notes down of each constant
that it has worked out what it was worked out from. Other exporters say nothing.
"""

from __future__ import annotations

import re
from functools import cached_property

from bncalc.readers.onnx.properties import properties_at
from bncalc.readers.onnx.proto import GraphProto
from bncalc.readers.onnx.wire import Wire

_SIGNATURE = b"pkg.torch.export.ExportedProgram.graph_signature"
_FOLDED_FROM = b"pkg.onnxscript.optimizer.folded_from"
_TARGET = rb"(?m)^[^\s:]+: ([A-Z_]+?)(?:_MUTATION)? target='([^']*)'"
_QUOTED = rb"'([^']*)'"


class Provenance:
    """What is known of the tensors of a file, by name."""

    def __init__(self, wire: Wire, graph: GraphProto) -> None:
        self._wire, self._graph = wire, graph

    def is_learned(self, name: str) -> bool | None:
        """Tell whether a tensor is a parameter, or worked out from one; None if nothing says."""
        targets, key = self._targets, name.encode()
        if targets is None or key in targets:
            return None if targets is None else targets[key]
        return bool(self.parameters(name)) if key in self._sources else None

    def parameters(self, name: str) -> list[str]:
        """Return the parameters that a tensor was worked out from; none if nothing says."""
        targets = self._targets or {}
        sources = self._sources.get(name.encode(), ()) if targets else ()
        return [source.decode("utf-8", "replace") for source in sources if targets.get(source)]

    def copied(self, name: str) -> str:
        """Return the parameter that a tensor is in another order: it was made of nothing else."""
        parameters = self.parameters(name)
        alone = len(parameters) == len(self._sources.get(name.encode(), ())) == 1
        return parameters[0] if alone else ""

    @cached_property
    def _targets(self) -> dict[bytes, bool] | None:
        """Parameters, and other tensors that are not, of what was exported, if it is noted."""
        spans = properties_at(self._wire, self._graph.properties, (_SIGNATURE,))
        texts = [self._wire.data[slice(*span)] for _, span in spans]
        pairs = [pair for text in texts for pair in re.findall(_TARGET, text)]
        return {name: kind == b"PARAMETER" for kind, name in pairs} if texts else None

    @cached_property
    def _sources(self) -> dict[bytes, list[bytes]]:
        """What the exporter's optimiser has worked constants out from, through all steps."""
        sources = {}
        for span in self._graph.values:
            fields = [*self._wire.fields(*span)]
            noted = [(start, stop) for number, start, stop in fields if number == 4]
            for _, at in properties_at(self._wire, noted, (_FOLDED_FROM,)):
                names = [self._wire.raw(*each) for number, *each in fields if number == 1]
                sources.update(
                    dict.fromkeys(names, re.findall(_QUOTED, self._wire.data[slice(*at)]))
                )
        return sources
