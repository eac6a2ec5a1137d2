"""Scratch: what CMSIS-NN's int8 kernels need beside their maps, while one op runs.

Learned from the `*_get_buffer_size` functions of CMSIS-NN (commit 99f736a), which differ by what
the core has: plain integer instructions (`scalar`: Cortex-M0, M3), DSP instructions (`dsp`: M4, M7,
M33) or Helium (`mve`: M55, M85).
"""

from __future__ import annotations

from math import prod

from bncalc.model.op import Op
from bncalc.model.ops.convolution import Conv, Linear
from bncalc.model.ops.pooling import AvgPool, GlobalAvgPool
from bncalc.model.shape import Shape
from bncalc.model.window import default_padding, spread

CORES = {
    "cortex-m0": "scalar", "cortex-m0+": "scalar", "cortex-m3": "scalar", "cortex-m4": "dsp",
    "cortex-m7": "dsp", "cortex-m33": "dsp", "cortex-m55": "mve", "cortex-m85": "mve",
}  # fmt: skip
"""The instructions of each core that there is a table of scratch for."""


def instructions_of(core: str) -> str | None:
    """Return the instructions that a core has; None where there is no table of its scratch.

    `m4` is `cortex-m4`.
    """
    name = core.lower()
    return CORES.get(name) or CORES.get(f"cortex-{name}")


def scratch(op: Op, inputs: tuple[Shape, ...], output: Shape, instructions: str) -> int:
    """Return the bytes of scratch that an int8 kernel asks for at its step.

    Kernels of TensorFlow Lite Micro's own (`reference`) ask for none.
    """
    if instructions == "reference":
        return 0
    if isinstance(op, Conv):
        return _convolution(op, inputs[0], output, instructions)
    if isinstance(op, (AvgPool, GlobalAvgPool)):
        return 4 * inputs[0].channels if instructions == "dsp" else 0
    if isinstance(op, Linear):
        return 4 * op.out if instructions == "mve" else 0
    return 0


def _convolution(op: Conv, arriving: Shape, output: Shape, instructions: str) -> int:
    taps = prod(spread(op.kernel, output.axes, "kernel"))
    if arriving.channels == op.groups == output.channels and taps > 1:
        return _depthwise(op, output, instructions)
    if op.groups == arriving.channels and op.groups > 1:  # a channel multiplier
        return 0
    if taps == 1 and not any(pads(op, output.axes)) and max(op.dilation) == 1:
        return 0
    column = taps * arriving.channels // op.groups
    unit = 16 if instructions == "mve" else 4
    return 4 * -(-column // unit) * unit


def _depthwise(op: Conv, output: Shape, instructions: str) -> int:
    kernel = spread(op.kernel, output.axes, "kernel")
    if max(op.dilation) > 1:
        return 0
    if instructions == "mve":
        return 4 * 124 * prod(kernel)
    small = kernel == (3, 3) and max(pads(op, output.axes)) <= 1
    return 0 if small or instructions == "scalar" else 2 * prod(kernel) * output.channels


def pads(op: Conv, axes: int) -> tuple[int, ...]:
    """Return the positions that a convolution adds at the beginning of each axis."""
    if isinstance(op.padding, str):
        kernel, dilation = spread(op.kernel, axes, "kernel"), spread(op.dilation, axes, "dilation")
        return default_padding(kernel, dilation)
    return spread(op.padding, axes, "padding")
