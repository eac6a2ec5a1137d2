"""The grammar: the few words of a file that are not blocks or ops."""

from __future__ import annotations

from bncalc.model import registry
from bncalc.model.field_types import Boolean, Integer
from bncalc.model.fields import Act, Bias, Field, Form, Norm, Padding, type_in

FILE_KEYS = {
    "name": "the network's name",
    "description": "what it is, in one sentence",
    "source": "where its facts come from",
    "input": "[channels, height, width], or channels and 0 to 3 sizes",
    "inputs": "several inputs by name, each written as `input` is",
    "counts_only": "what the network computes that the file does not say, a sentence each; it is "
    "counted, and not exported as code",
    "outputs": "the ids of the outputs; all maps that nothing reads if not given",
    "defaults": "norm, act, bias and padding of every conv in this file, and padding of its pools",
    "vars": "names for values that expressions may use",
    "variants": "named settings of the vars",
    "define": "your own blocks",
    "include": "files whose blocks may be used here",
    "blocks": "alternatives to compare",
    "baseline": "the alternative that ratios are relative to",
    "layers": "the layers of one network",
}
WIRING = ("id", "from", "repeat", "first", "index", "shared", "if", "else")
AGAIN = "same_as"
"""In place of a word: the entry of that id once more, with the same weights."""
JOINS = tuple(registry.JOINS)
GROUPS = ("stage", "auxiliary")
RESERVED = (*WIRING, *GROUPS, "add", "multiply", "concat", AGAIN)
"""Words that no block of a file's own can have."""
RESERVED_NAMES = ("cin", "h", "w", "i")
"""Names of expressions that a file cannot give to something else."""

REPEAT = Field("repeat", Integer(1, 100_000), 1, "how many copies to place in a row")
SHARED = Field("shared", Boolean(), False, "whether all copies share the weights of the first")
CONDITION = Field("if", Boolean(), ..., "whether the entry is placed")
DEFAULTS = {
    name: Field(name, type_in(annotated), None, doc)
    for name, annotated, doc in (
        ("norm", Norm, "the norm after each convolution: batch, or {group: {groups: 8}}"),
        ("act", Act, "the activation after each norm: relu, silu, …"),
        ("bias", Bias, "whether convolutions and linear layers have a bias"),
        ("padding", Padding, "padding of convolutions and pools; else dilation·(kernel−1)//2"),
        ("form", Form, "whether blocks such as RepVGG are as trained, or fused for inference"),
    )
}  # fmt: skip
