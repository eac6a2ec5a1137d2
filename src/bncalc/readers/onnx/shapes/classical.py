"""Shapes of classical machine learning: features, and the labels and scores of classifiers."""

from __future__ import annotations

from math import prod

from bncalc.readers.onnx.call import OnnxCall, ShapeRule
from bncalc.readers.onnx.shapes import elementwise
from bncalc.readers.onnx.tensor import FLOAT, INT64
from bncalc.readers.onnx.value import Contradiction, Unknown, Value, tensor

_LABELS = ("classlabels_int64s", "classlabels_ints", "classlabels_strings")


def picking(call: OnnxCall) -> Value:
    """Elements of the last axis, by index; a single row is one of several."""
    return tensor(call.type(), (*(call.dims()[:-1] or (1,)), prod(call.dims(1))))


def classification(call: OnnxCall) -> tuple[Value, Value]:
    """Return the label of each row, and a score for each class."""
    labels = [call.attributes.get(name) for name in _LABELS]
    count = max([len(each) for each in labels if isinstance(each, tuple)], default=0)
    if not count:
        raise Unknown
    rows = _rows(call)
    return tensor(INT64, (rows,)), tensor(FLOAT, (rows, count))


def regression(call: OnnxCall) -> Value:
    return tensor(FLOAT, (_rows(call), call.integer("n_targets", call.integer("targets", 1))))


def _rows(call: OnnxCall) -> int:
    dims = call.dims()
    if not dims:
        raise Contradiction("a single number has no rows of features")
    return dims[0] if len(dims) > 1 else 1


RULES: dict[str, ShapeRule] = {
    "ArrayFeatureExtractor": picking,
    "Binarizer": elementwise.same,
    "Imputer": elementwise.same,
    "LinearClassifier": classification,
    "LinearRegressor": regression,
    "Normalizer": elementwise.same,
    "Scaler": elementwise.same,
    "TreeEnsemble": regression,
    "TreeEnsembleClassifier": classification,
    "TreeEnsembleRegressor": regression,
}
