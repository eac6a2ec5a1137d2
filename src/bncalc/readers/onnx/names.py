"""Names: what the name of a tensor tells, where the model gave it and not an exporter."""

from __future__ import annotations

import re

_WEIGHT = (
    r"^(?!onnx::|/)(?:gpu_\d+/)?(.+?)[._/]"
    r"(?:weight_bias|weight|bias|gamma|beta|kernel|scale|w|b|s)(?:_\d+)?$"
)
_QUANTISED = r"_quantized$|_DequantizeLinear_Output(?:_\d+)?$"
_NUMBER = (
    r"^(?!onnx::|p2o\.|auto\.|(?i:.*const))[A-Za-z_]\w*(?:\.\w+)*\."
    r"(?!.*(?:_scale|_zero_point|_quantized|_\d+)$)[A-Za-z]\w*$"
)
_NAMED = r"^(?!Constant|const)(?:\d+\.)*[A-Za-z_][\w.]*[A-Za-z]$"
_OF_NODE = r"^val_\d+$|(?:^|/)Constant(?:_\d+)?_output_0$"
_MOVED = r"/(?:Gather|Reshape|Slice|Transpose)(?:_\d+)?_output_0$"
_TABLES = (
    *("inv_freq", "freqs_cis", "cos_cached", "sin_cached", "grid", "rope.pos_embed"),
    *[
        f"{each}{form}"
        for each in ("coord", "coords", "coordinates")
        for form in ("", "_table", "_log")
    ],
)
_OF_FORMULA = tuple([mark + word for word in _TABLES for mark in "._"])
_OF_MASK = (".mask", "_mask", "/zeros:0")


def module_of_weight(name: str) -> tuple[str, ...]:
    """Return the path of the module that a weight is of; empty where its name does not tell.

    `layer1.0.conv1.weight` is of `layer1.0.conv1`, `pos_embed` of itself; `onnx::Conv_193`,
    `val_12` and `/features/Constant_output_0` were made up by exporters. onnxruntime's quantiser
    lengthens the names that it finds.
    """
    name = re.sub(_QUANTISED, "", name)
    match = re.match(_WEIGHT, name)
    if match:
        return tuple(match[1].replace("/", ".").split("."))
    return tuple(name.split(".")) if re.match(_NAMED, name) else ()


def is_learned_number(name: str) -> bool:
    """Tell whether a single number has the name of a module's parameter: `blocks.0.act.scale`.

    A quantiser's scales and an exporter's constants have names with other endings.
    """
    return re.match(_NUMBER, name) is not None


def is_of_constant_node(name: str) -> bool:
    """Tell whether PyTorch's exporters call what a `Constant` node puts out so.

    Tools that make a tensor of the file of it keep the name.
    """
    return re.search(_OF_NODE, name) is not None


def is_moved(name: str) -> bool:
    """Tell whether PyTorch's older exporter calls numbers so that are those of another tensor.

    Tools that work it out and make a `Constant` node of it keep the name.
    """
    return re.search(_MOVED, name) is not None


def is_of_formula(name: str) -> bool:
    """Tell whether a tensor has the name of positions that a formula makes."""
    return f".{name}".endswith(_OF_FORMULA)


def is_of_mask(name: str) -> bool:
    """Tell whether a tensor has the name of a mask, or of a first state: TensorFlow's `zeros:0`."""
    return any(f"{mark}{name}".endswith(_OF_MASK) for mark in "./")
