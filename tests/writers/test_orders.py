"""Orders: an ONNX file's reshapes and transposes take the same elements in its exports."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.readers.onnx.encoder import file, node

import bncalc
from bncalc.writers.onnx.file import model_bytes
from bncalc.writers.pytorch.module import module_file

Dims = list[int]
WINDOWS = [
    node("Reshape", "x s1", "a"),
    node("Transpose", "a", "b", perm=[0, 2, 4, 3, 5, 1]),
    node("Reshape", "b s2", "w"),
    node("Split", "w thirds", "q k v", axis=-1),
    *[node("Reshape", f"{each} s3", f"{each}1") for each in "qkv"],
    *[node("Transpose", f"{each}1", f"{each}2", perm=[0, 2, 1, 3]) for each in "qv"],
    node("Transpose", "k1", "k2", perm=[0, 2, 3, 1]),
    node("MatMul", "q2 k2", "m"),
    node("Mul", "m half", "n"),
    node("Softmax", "n", "p", axis=-1),
    node("MatMul", "p v2", "o"),
    node("Transpose", "o", "o1", perm=[0, 2, 1, 3]),
    node("Reshape", "o1 s4", "o2"),
    node("Transpose", "o2", "o3", perm=[0, 5, 1, 3, 2, 4]),
    node("Reshape", "o3 s5", "o4"),
    node("MaxPool", "o4", "y", kernel_shape=[2, 2]),
]
HEADS = [
    node("Transpose", "x", "t", perm=[0, 2, 1]),
    node("Reshape", "t s", "h"),
    node("Split", "h sizes", "a b", axis=3),
    node("Relu", "a", "a1"),
    node("Transpose", "a1", "a2", perm=[0, 2, 3, 1]),
    node("Reshape", "a2 all", "a3"),
    node("MaxPool", "a3", "y", kernel_shape=[2]),
]
LAST = [
    node("Transpose", "x", "t", perm=[0, 2, 3, 1]),
    node("Slice", "t zero far axes two", "e"),
    node("Slice", "t one far axes two", "o"),
    node("Add", "e o", "c"),
    node("Reshape", "c all", "v"),
    node("MaxPool", "v", "y", kernel_shape=[2]),
]
MERGED = [
    node("Transpose", "x", "t", perm=[0, 2, 3, 1]),
    *[
        node("Slice", f"t {start} far axes twos", f"p{i}")
        for i, start in enumerate(("zeros", "lower", "right", "ones"))
    ],
    node("Concat", "p0 p1 p2 p3", "c", axis=-1),
    node("Transpose", "c", "m", perm=[0, 3, 1, 2]),
    node("MaxPool", "m", "y", kernel_shape=[2, 2]),
]
PRODUCT = [
    node("Einsum", "x z", "m", equation="abc,adc->adb"),
    node("Transpose", "m", "t", perm=[0, 2, 1]),
    node("MatMul", "t m", "n"),
    node("MaxPool", "n", "y", kernel_shape=[2]),
]
DOTS = [
    node("Einsum", "x z", "m", equation="bnd,bnd->bn"),
    node("Unsqueeze", "m one", "n"),
    node("MaxPool", "n", "y", kernel_shape=[2]),
]
Net = tuple[str, dict[str, Dims], dict[str, Any], Sequence[bytes]]
NETS: tuple[Net, ...] = (
    ("windows", {"x": [1, 24, 4, 6]}, {"s1": [1, 24, 2, 2, 3, 2], "s2": [6, 4, 24],
     "s3": [6, 4, 2, 4], "s4": [1, 2, 3, 2, 2, 8], "s5": [1, 8, 4, 6], "half": 0.5,
     "thirds": [8, 8, 8]}, WINDOWS),
    ("parts of each head", {"x": [1, 12, 5]},
     {"s": [1, 5, 2, 6], "sizes": [2, 4], "all": [1, 4, 5]}, HEADS),
    ("channels last", {"x": [1, 3, 4, 6]},
     {"zero": [0], "one": [1], "far": [9], "axes": [2], "two": [2], "all": [1, 4, 9]}, LAST),
    ("neighbours, column by column", {"x": [1, 3, 4, 6]},
     {"zeros": [0, 0], "lower": [1, 0], "right": [0, 1], "ones": [1, 1], "far": [9, 9],
     "axes": [1, 2], "twos": [2, 2]}, MERGED),
    ("a product for each position", {"x": [1, 3, 4], "z": [1, 3, 4]}, {"one": [1]}, DOTS),
    ("an equation", {"x": [1, 4, 5], "z": [1, 6, 5]}, {}, PRODUCT),
)  # fmt: skip


@pytest.mark.frameworks
@pytest.mark.parametrize(("name", "inputs", "held", "nodes"), NETS, ids=[net[0] for net in NETS])
def test_an_export_of_a_file_puts_out_what_onnxruntime_does(
    name: str, inputs: dict[str, Dims], held: dict[str, Any], nodes: Sequence[bytes], tmp_path: Path
) -> None:
    import numpy as np
    import onnxruntime
    import torch

    path = file(tmp_path, nodes, held, inputs)
    graph = bncalc.network(path)
    names: dict[str, Any] = {}
    exec(compile(module_file(graph), name, "exec"), names)
    module = names["Net"]().eval()
    given = {
        each: np.random.default_rng(0).random(dims, np.float32) for each, dims in inputs.items()
    }
    session = onnxruntime.InferenceSession(path)
    (wanted,) = session.run(None, given)
    with torch.no_grad():
        made = module(*map(torch.from_numpy, given.values()))
    torch.testing.assert_close(made.reshape(wanted.shape), torch.from_numpy(wanted))
    again = onnxruntime.InferenceSession(model_bytes(graph))
    ours = [each.name for each in again.get_inputs()]
    (out,) = again.run(None, dict(zip(ours, given.values(), strict=True)))
    np.testing.assert_allclose(out.reshape(wanted.shape), wanted, rtol=1e-5)
