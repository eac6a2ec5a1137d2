"""Shapes of spectra: Fourier transforms, their windows, and filters on the mel scale."""

from __future__ import annotations

from bncalc.readers.onnx.array import place
from bncalc.readers.onnx.call import OnnxCall, ShapeRule
from bncalc.readers.onnx.tensor import FLOAT
from bncalc.readers.onnx.value import Value, tensor


def transform(call: OnnxCall) -> Value:
    """Complex numbers along an axis, by two on the last; half of them of a real signal."""
    dims, axis = list(call.dims()), call.attributes.get("axis")
    if axis is None:
        axis = call.whole(2)[0] if call.given(2) is not None else -2
    axis = place(int(str(axis)), len(dims))
    length = call.whole(1)[0] if call.given(1) is not None else dims[axis]
    halved, inverse = call.flag("onesided"), call.flag("inverse")
    if halved and inverse and call.given(1) is None:
        length = 2 * (dims[axis] - 1)
    dims[axis] = length // 2 + 1 if halved and not inverse else length
    dims[-1] = 1 if halved and inverse else 2
    return tensor(call.type(), tuple(dims))


def short_time_transform(call: OnnxCall) -> Value:
    """A transform for each frame of a signal: batch × frames × frequencies × 2."""
    batch, length, *_ = call.dims()
    step = call.whole(1)[0]
    frame = call.whole(3)[0] if call.given(3) is not None else call.dims(2)[0]
    frequencies = frame // 2 + 1 if call.flag("onesided", default=True) else frame
    return tensor(call.type(), (batch, (length - frame) // step + 1, frequencies, 2))


def window(call: OnnxCall) -> Value:
    return tensor(call.integer("output_datatype", FLOAT), (call.whole(0)[0],))


def mel_weights(call: OnnxCall) -> Value:
    """A filter for each of so many bands, on half of the frequencies."""
    dims = (call.whole(1)[0] // 2 + 1, call.whole(0)[0])
    return tensor(call.integer("output_datatype", FLOAT), dims)


RULES: dict[str, ShapeRule] = {
    **dict.fromkeys(["BlackmanWindow", "HammingWindow", "HannWindow"], window),
    "DFT": transform,
    "MelWeightMatrix": mel_weights,
    "STFT": short_time_transform,
}
