"""The columns that a table may have: what each is called, what it holds, what it rests on."""

from __future__ import annotations

from bncalc.render.table import Column

TOTALS = {
    "params": Column("params", "params"),
    "macs": Column("macs", "MACs"),
    "activations": Column("activations", "activations"),
    "weights": Column("weight_bytes", "weight memory", "bytes"),
    "peak": Column("peak_activation_bytes", "peak activations", "bytes"),
    "traffic": Column("traffic_bytes", "traffic", "bytes"),
    "buffers": Column("buffers", "buffers"),
    "elementwise": Column("elementwise", "elementwise"),
    "flops": Column("flops", "FLOPs"),
}
"""By the word that `--columns` takes; a column's key is the name in `totals`."""

COMPARED = ("params", "macs", "activations", "weights", "peak")
SHOWN = ("output", "params", "macs", "share")

LAYERS = {
    "op": Column("op", "op", "text"),
    "input": Column("input", "input", "text"),
    "output": Column("output", "output", "text"),
    "formula": Column("formula", "weights", "text"),
    "params": Column("params", "params"),
    "macs": Column("macs", "MACs"),
    "share": Column("share", "of MACs", "bar"),
    "activations": Column("activations", "activations"),
    "weights": Column("weight_bytes", "weight memory", "bytes"),
    "traffic": Column("traffic_bytes", "traffic", "bytes"),
    "buffers": Column("buffers", "buffers"),
    "elementwise": Column("elementwise", "elementwise"),
    "flops": Column("flops", "FLOPs"),
}
"""The columns of a single network, layer by layer."""

SORTABLE = ("params", "macs", "activations", "traffic", "buffers", "elementwise", "flops")
