"""The operations of ONNX that are read, from the tables of the reader."""

from bncalc.readers.onnx.interpretation import CONTROLS
from bncalc.readers.onnx.patterns import TERMS
from bncalc.readers.onnx.placing import PLACERS
from bncalc.readers.onnx.placing.words import (
    JOINS,
    NATIVE,
    NATIVE_JOINS,
    NATIVE_REDUCTIONS,
    PER_ELEMENT,
    REDUCTIONS,
)
from bncalc.readers.onnx.shapes import FAMILIES, rules_of
from bncalc.readers.onnx.shapes.indexing import RULES, compressed, non_zero

UNSIZED = {name for name, rule in RULES.items() if rule in (compressed, non_zero)}
SIZES = {"Constant", "ConstantOfShape", "Range", "Shape", "Size"}
"""Operations that make sizes and constants, which are no layers."""
VIEWS = {
    f"moving:{name}"
    for name in ("reordering", "reshape", "same", "slicing", "splitting", "transpose")
}
COPY = "a map of its own, without a cost"
OTHERS = {
    "AffineGrid": "affine_grid: for each number 2 operations for each axis of the map",
    "Attention": "`fused_attention`, onnxruntime's after a `linear`; with a past, or fewer "
    "heads of keys, counted as `attention`",
    "AveragePool": "`avg_pool`",
    "BiasGelu": "`add`, `gelu`",
    "BatchNormalization": "`batch_norm`",
    "BiasSplitGelu": "split_gelu: an addition for each number, 6 operations for each that is left",
    "Col2Im": "fold: 1 addition for each number of the input",
    "Concat": "`concat`, `class_token`; parts of one map, joined: `roll`, `space_to_depth`",
    "Conv": "`conv`, `standardised_conv`",
    "ConvInteger": "`conv`",
    "ConvTranspose": "`conv_transpose`",
    "DeformConv": "deformable_conv: the MACs of a convolution, 7 operations for each tap",
    "DepthToSpace": "`pixel_shuffle`",
    "Dropout": "`dropout`; none or all of its share: no layer",
    "DynamicQuantizeLSTM": "the MACs of an LSTM",
    "DynamicQuantizeMatMul": "as `MatMul`",
    "EmbedLayerNormalization": "embedding: 7 operations for the norm, 1 for each addition",
    "DynamicQuantizeLinear": "a view: no layer",
    "Einsum": "`matmul`, or 1 MAC for each combination of letters",
    "FastGelu": "`gelu`, after an `add` if it has a bias",
    "FlexAttention": "as `Attention`; with a graph of its own for scores not counted",
    "FusedConv": "`conv`; `add`, if a map is added to it; its activation",
    "FusedGemm": "`linear`; its activation",
    "FusedMatMul": "the MACs of a product",
    "FusedMatMulActivation": "as `FusedMatMul`; its activation",
    "GRU": "`gru`",
    "Gather": "a stretch of an axis: `split`, `slice`; rows of a table: embedding; others: gather",
    "GatherBlockQuantized": "as `Gather`",
    "Gemm": "`linear`",
    "GemmFastGelu": "`linear`, `gelu`",
    "GlobalAveragePool": "`global_avg_pool`",
    "GlobalLpPool": "as `LpPool`, with one window",
    "GlobalMaxPool": "`global_max_pool`",
    "GridSample": "grid_sample: 7 operations for each number, between four of an image",
    "GroupQueryAttention": "as `Attention`",
    "GroupNorm": "`group_norm`; its activation",
    "GroupNormalization": "`group_norm`",
    "InstanceNormalization": "`instance_norm`",
    "LinearAttention": "linear_attention: 2 or, with a `delta` rule, 3 products of a head's matrix "
    "a token",
    "LRN": "`local_response_norm`",
    "LSTM": "`lstm`; with peepholes only its MACs",
    "LayerNormalization": "`layer_norm`",
    "LpPool": "lp_pool: 2 operations for each number of a window",
    "MatMul": "`linear`, `attention_scores`, `attention_mix`, `matmul`",
    "MatMulBnb4": "`linear`",
    "MatMulInteger": "as `MatMul`",
    "MatMulIntegerToFloat": "as `MatMul`",
    "MatMulNBits": "`linear`",
    "MaxPool": "`max_pool`",
    "MultiHeadAttention": "as `Attention`",
    "NhwcConv": "`conv`, channels last",
    "NhwcFusedConv": "as `FusedConv`, channels last",
    "NhwcMaxPool": "`max_pool`, channels last",
    "PRelu": "`prelu`",
    "Pad": "`pad`",
    "QAttention": "as `Attention`",
    "QEmbedLayerNormalization": "as `EmbedLayerNormalization`",
    "QGemm": "`linear`",
    "QLinearAveragePool": "`avg_pool`",
    "QLinearConcat": "`concat`",
    "QLinearConv": "`conv`",
    "QLinearGlobalAveragePool": "`global_avg_pool`",
    "QLinearMatMul": "as `MatMul`",
    "QLinearSoftmax": "`softmax`",
    "RMSNormalization": "`rms_norm`",
    "RNN": "its MACs",
    "Resize": "`upsample` by whole numbers; resize: 7 operations for each number between four",
    "RoiAlign": "roi_align: 8 operations for each sample, if their number is given",
    "Softmax": "`softmax`",
    "SimplifiedLayerNormalization": "`rms_norm`",
    "SkipGroupNorm": "`add`, `group_norm`; its activation",
    "SkipLayerNormalization": "`add`, `layer_norm`",
    "SkipSimplifiedLayerNormalization": "`add`, `rms_norm`",
    "SpaceToDepth": "`space_to_depth`",
    "TransposeMatMul": "as `FusedMatMul`",
    "Upsample": "as `Resize`",
}
"""What those become that no table tells; an operation that is in none fails this page."""


def operations() -> str:
    """Return the page of ONNX operations: what each becomes, and which are not counted."""
    known = {name for domain in FAMILIES for rules in rules_of(domain) for name in rules}
    counted = sorted(known & set(PLACERS))
    rows = "\n".join([f"| `{name}` | {becomes(name)} |" for name in counted])
    return PAGE.format(
        rows=rows,
        controls=listed(sorted(CONTROLS)),
        terms=listed(sorted(TERMS)),
        sizes=listed(sorted(SIZES)),
        uncounted=listed(sorted(known - set(PLACERS) - SIZES - UNSIZED)),
    )


PAGE = """# Operations of ONNX

Made from the tables of the reader by `docs/make.py`. Shapes follow the operator set of the file;
operations of `com.microsoft` are among them, and convolutions, pools and enlargements of
`com.microsoft.nchwc`. A word in `code` is an op of the language.

| operation | what it becomes |
|---|---|
{rows}

## Written out

{controls}, where sizes, constants and settings of the MODEL tell the branch, the number of turns,
the element or the length of a sequence.
A model's own functions are always written out.

## Put together from several operations

{terms}; shuffles of channels and of space that are written as reshapes.

## Sizes are known, costs are not

{uncounted}. They are listed as not counted, as is any operation that is not on this page.
{sizes} make sizes and constants, and no layers.
"""


def becomes(name: str) -> str:
    """Say which op of our own an operation becomes, or how it is counted."""
    if PLACERS[name] in VIEWS:
        return "a view: no layer, unless what reads it needs other sizes"
    if PLACERS[name] == "moving:free":
        return COPY
    if name in NATIVE:
        return f"`{NATIVE[name]}`"
    if name in NATIVE_REDUCTIONS:
        words = [f"`{word}`" for word in NATIVE_REDUCTIONS[name]]
        return ", ".join(words)
    if name in REDUCTIONS:
        return each(REDUCTIONS[name], "that arrives")
    if name == "Clip":
        return "`relu6` from 0 to 6; else " + each(PER_ELEMENT[name], "")
    if name in PER_ELEMENT and name not in OTHERS:
        return each(PER_ELEMENT[name], "")
    if name in JOINS:
        word = JOINS[name]
        return f"`{word}`" if word in NATIVE_JOINS else f"{word}: 1 operation for each element"
    return OTHERS[name]


def each(count: int, which: str) -> str:
    if not count:
        return COPY
    noun = "operation" if count == 1 else "operations"
    return f"{count} {noun} for each element {which}".rstrip()


def listed(names: list[str]) -> str:
    return ", ".join([f"`{name}`" for name in names])
