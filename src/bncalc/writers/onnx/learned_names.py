"""The signature: what PyTorch's exporter calls parameters and buffers of what it has exported."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Mapping
from typing import Any

SIGNATURE = "pkg.torch.export.ExportedProgram.graph_signature"
FOLDED_FROM = "pkg.onnxscript.optimizer.folded_from"


def learned_by_name(graph: Any) -> dict[str, bool]:
    """Return whether constants are learned, of those of which the file says so.

    One that the exporter has worked out is, if a parameter is among what it was worked out from
    that the file does not have itself.
    """
    lines = _properties(graph).get(SIGNATURE, "").splitlines()
    learned = {_target(line): ": PARAMETER" in line for line in lines if " target='" in line}
    held, worked_out = {each.name for each in graph.initializer}, {}
    for value in graph.value_info if lines else ():
        sources = literal_eval(_properties(value).get(FOLDED_FROM, "[]"))
        if sources:
            parameters = {source for source in sources if learned.get(source)}
            worked_out[value.name] = not parameters <= held
    return worked_out | learned


def _target(line: str) -> str:
    return line.partition(" target='")[2].partition("'")[0]


def _properties(message: Any) -> Mapping[str, str]:
    return {each.key: each.value for each in message.metadata_props}
