"""Names of learned numbers: those that notes of a file list, and what the others look like."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Mapping
from math import prod
from typing import Any

SIGNATURE = "pkg.torch.export.ExportedProgram.graph_signature"
FOLDED_FROM = "pkg.onnxscript.optimizer.folded_from"
_TABLES = (
    "inv_freq", "freqs_cis", "cos_cached", "sin_cached", "rope.pos_embed", "grid",
    "coords", "coords_table", "coords_log", "coordinates_log",
)  # fmt: skip
"""What positions are called that a formula has made."""
_MADE_UP = ("_scale", "_zero_point", "_quantized")
"""What quantisers add to the names of tensors."""


def learned_by_name(graph: Any) -> dict[str, bool]:
    """Return whether constants are learned, of those of which the file says so.

    One that the exporter has worked out is, if a parameter is among what it was worked out from
    that the file does not have itself; of several that are one parameter turned only the first is.
    """
    lines = _properties(graph).get(SIGNATURE, "").splitlines()
    learned = {_target(line): ": PARAMETER" in line for line in lines if " target='" in line}
    held, worked_out = {each.name: prod(each.dims) for each in graph.initializer}, {}
    turned = set()
    for value in graph.value_info if lines else ():
        sources = literal_eval(_properties(value).get(FOLDED_FROM, "[]"))
        if sources:
            parameters = {source for source in sources if learned.get(source)}
            again = len(sources) == 1 and (*sources, held.get(value.name)) in turned
            worked_out[value.name] = not (again or parameters <= held.keys())
            turned.add((*sources, held.get(value.name)))
    return worked_out | learned


def _target(line: str) -> str:
    return line.partition(" target='")[2].partition("'")[0]


def _properties(message: Any) -> Mapping[str, str]:
    return {each.key: each.value for each in message.metadata_props}


def is_of_a_formula(name: str) -> bool:
    """Tell whether a name ends in that of positions which a formula makes, as a word of its own."""
    before = {name[: -len(ending)][-1:] for ending in _TABLES if name.endswith(ending)}
    return not before.isdisjoint({"", ".", "_"})


def is_of_a_mask(name: str) -> bool:
    """Tell whether a name is that of a mask, or of a first state of TensorFlow's."""
    word = name.replace(".", "_").rpartition("_")[2]
    return word == "mask" or name.rpartition("/")[2] == "zeros:0"


def is_of_a_module(name: str) -> bool:
    """Tell whether a number is called as a module's parameters are: `blocks.0.act.scale`."""
    module, _, own = name.rpartition(".")
    made_up = own.endswith(_MADE_UP) or "const" in name.lower()
    numbered = own.rpartition("_")[2].isdecimal()  # by Paddle, which names no parameter
    made_up = made_up or numbered or module in ("", "auto", "p2o")
    return own.isidentifier() and not made_up


def is_of_a_parameter(name: str) -> bool:
    """Tell whether a tensor is called as a parameter is, or has been."""
    word = name.replace(".", "_")
    called = len(word) > 1 and word.isidentifier() and name[-1].isalpha()
    return (called and not name.lower().startswith("const")) or name.startswith("onnx::")


def is_moved(name: str) -> bool:
    """Tell whether a `Constant` is called as what was looked up in a table, or moved, is."""
    op = name.rpartition("/")[2].partition("_")[0]
    called = op in ("Gather", "Reshape", "Slice", "Transpose")
    return called and "/" in name and name.endswith("_output_0")


def is_of_node(name: str) -> bool:
    """Tell whether a tensor apart from the nodes is called as the output of a `Constant` is."""
    return name.startswith("val_") or "Constant" in name.rpartition("/")[2]
