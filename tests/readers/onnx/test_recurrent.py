"""Recurrent layers: what is another function than PyTorch's, and what is left after all steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.readers.onnx.encoder import FLOAT, INT32, file, node, typed
from tests.rows import each_of

import bncalc
from bncalc.errors import UsageError
from bncalc.model.graph import Graph
from bncalc.writers.onnx.file import made
from bncalc.writers.pytorch.module import module_file
from bncalc.writers.yaml.file import model_file

GATES = {"GRU": 3, "LSTM": 4}
ZEROS, ONES = (FLOAT, bytes(4 * 100)), (FLOAT, b"\0\0\x80\x3f" * 100)
ALL, FEWER = (INT32, b"\7\0\0\0"), (INT32, b"\6\0\0\0")
RESET = {"linear_before_reset": 1}
Held = tuple[int, bytes]

UNLIKE: dict[str, tuple[str, dict[str, Any], dict[str, Held], str]] = {
    "gates that are scaled after their product": ("GRU", RESET, {}, ""),
    "gates that are scaled before it": ("GRU", {}, {}, "linear_before_reset 0"),
    "steps from the end": ("LSTM", {"direction": "reverse"}, {}, "direction reverse"),
    "numbers that are cut off": ("LSTM", {"clip": 0.5}, {}, "clip 0.5"),
    "a gate that is what another leaves": ("LSTM", {"input_forget": 1}, {}, "input_forget 1"),
    "the usual functions": ("LSTM", {"activations": ["Sigmoid", "tanh", "Tanh"]}, {}, ""),
    "another function": (
        "LSTM", {"activations": ["Sigmoid", "Relu", "Tanh"]}, {}, "activations Sigmoid Relu Tanh"),
    "functions of both directions": (
        "GRU", {**RESET, "direction": "bidirectional", "activations": ["Sigmoid", "Tanh"] * 2},
        {}, ""),
    "another function of the second": (
        "GRU", {**RESET, "direction": "bidirectional",
                "activations": ["Sigmoid", "Tanh", "Sigmoid", "Relu"]},
        {}, "activations Sigmoid Tanh Sigmoid Relu"),
    "zeros to begin with": ("LSTM", {}, {"h": ZEROS, "c": ZEROS}, ""),
    "a state to begin with": ("GRU", RESET, {"h": ONES}, "initial_h"),
    "a cell to begin with": ("LSTM", {}, {"h": ZEROS, "c": ONES}, "initial_c"),
    "sequences of all steps": ("LSTM", {}, {"n": ALL}, ""),
    "shorter sequences": ("LSTM", {}, {"n": FEWER}, "sequence_lens"),
    "several of them": (
        "LSTM", {"clip": 2.0}, {"n": FEWER, "h": ONES},
        "clip 2 and sequence_lens and initial_h"),
}  # fmt: skip


def net(
    folder: Path, op: str, options: dict[str, Any], given: dict[str, Held], outputs: str = "y"
) -> Graph:
    """Return a layer of 100 features that takes 7 steps of 4."""
    ways = 1 + (options.get("direction") == "bidirectional")
    rows = GATES[op] * 100
    dims = {"n": (1,), "h": (ways, 1, 100), "c": (ways, 1, 100)}
    held: dict[str, Any] = {"w": (ways, rows, 4), "r": (ways, rows, 100), "b": (ways, 2 * rows)}
    tensors = held | {name: typed(name, dims[name], *given[name]) for name in given}
    inputs = ["x", "w", "r", "b", *[name if name in given else "" for name in "nhc"]]
    inputs = inputs[:6] if op == "GRU" else inputs
    nodes = [node(op, inputs, outputs, hidden_size=100, **options)]
    return bncalc.network(file(folder, nodes, tensors, {"x": [7, 1, 4]}))


@each_of(UNLIKE)
def test_what_pytorch_has_no_such_layer_for_is_refused_by_name(tmp_path: Path, name: str) -> None:
    op, options, given, expected = UNLIKE[name]
    graph = net(tmp_path, op, options, given)
    if not expected:
        module_file(graph)
        made(graph)
        return
    for write in (module_file, made):
        with pytest.raises(UsageError) as refused:
            write(graph)
        assert str(refused.value).endswith(f": bncalc cannot write {expected} of {op}")
    told = f'"{op.lower()} at {op.lower()}: bncalc cannot write {expected} of {op}"'
    assert model_file(graph).splitlines()[1:3] == ["counts_only:", f"  - {told}"]


State = tuple[str, str | list[str], dict[str, Any], list[int], list[str], tuple[int, ...]]
STATES: dict[str, State] = {
    "of one sequence": ("x w r b", "y h", {}, [7, 1, 4], ["lstm", "split"], (3,)),
    "of two, apart in what the layer takes": (
        "x w r b", "y h", {}, [7, 2, 4], ["reshape", "lstm", "reshape", "split"], (3, 2)),
    "of both directions: the first of what runs from the end": (
        "x v s a", "y h", {"direction": "bidirectional"}, [7, 1, 4],
        ["lstm", "split", "split", "split", "split", "concat"], (6,)),
    "of two images, each a sequence": (
        "x w r b", "y h", {"layout": 1}, [2, 7, 4], ["lstm", "split"], (3,)),
    "the cell, which no layer of ours puts out": (
        "x w r b", ["y", "", "h"], {}, [7, 1, 4], ["lstm", "cell"], (3,)),
}  # fmt: skip


@each_of(STATES)
def test_what_is_left_after_all_steps_is_a_part_of_what_is_put_out(
    tmp_path: Path, name: str
) -> None:
    """Each of 7 steps multiplies 4 numbers that arrive and 3 of the state, for 12 gates' rows."""
    inputs, outputs, options, dims, words, last = STATES[name]
    held = {"w": (1, 12, 4), "r": (1, 12, 3), "b": (1, 24)}
    held |= {"v": (2, 12, 4), "s": (2, 12, 3), "a": (2, 24)}
    nodes = [node("LSTM", inputs, outputs, hidden_size=3, **options), node("Relu", "h", "z")]
    graph = bncalc.network(file(tmp_path, nodes, held, {"x": dims}, "y z"))
    ways, sequences = 2 if "v" in inputs else 1, dims[1] if "layout" not in options else 1
    assert bncalc.measure(graph).totals.macs == ways * sequences * 7 * 12 * (4 + 3)
    assert [each.op.word for each in graph.nodes if each.op.word in {*words}] == words
    assert tuple(n for n in graph.nodes[-1].output if n > 1) == last


@pytest.mark.frameworks
@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("ways", [1, 2])
@pytest.mark.parametrize("output", [0, 1])
def test_what_is_exported_puts_out_what_onnxruntime_does(
    tmp_path: Path, kind: str, ways: int, output: int
) -> None:
    import numpy as np
    import onnxruntime

    torch = pytest.importorskip("torch")
    random = np.random.default_rng(0)
    rows = GATES[kind] * 3
    sizes = {"w": (ways, rows, 4), "r": (ways, rows, 3), "b": (ways, 2 * rows)}
    held = {name: random.standard_normal(dims, np.float32) for name, dims in sizes.items()}
    tensors: dict[str, Any] = {
        name: typed(name, sizes[name], FLOAT, array.tobytes()) for name, array in held.items()
    }
    options: dict[str, Any] = {"direction": "bidirectional"} if ways == 2 else {}
    options |= RESET if kind == "GRU" else {}
    perm, steps = ([1, 0, 2], 1) if output else ([2, 1, 3, 0], 5)
    nodes = [
        node("Transpose", "x", "t", perm=[2, 0, 1]),
        node(kind, "t w r b", ["", "h"] if output else "h", hidden_size=3, **options),
        node("Transpose", "h", "m", perm=perm),
        node("Reshape", "m sizes", "n"),
        node("MaxPool", "n", "y", kernel_shape=[1]),
    ]
    tensors["sizes"] = [1, 3 * ways, steps]
    path = file(tmp_path, nodes, tensors, {"x": [1, 4, 5]})
    x = random.standard_normal((1, 4, 5), np.float32)
    (wanted,) = onnxruntime.InferenceSession(path).run(None, {"x": x})
    names: dict[str, Any] = {}
    exec(compile(module_file(bncalc.network(path)), kind, "exec"), names)
    module = names["Net"]().eval()
    module.load_state_dict(
        {
            name: torch.from_numpy(_of_pytorch(kind, name.rpartition(".")[2], held))
            for name in module.state_dict()
        }
    )
    with torch.no_grad():
        torch.testing.assert_close(module(torch.from_numpy(x)), torch.from_numpy(wanted))


ORDER = {"GRU": (1, 0, 2), "LSTM": (0, 2, 3, 1)}
"""Where PyTorch's gates are among those of ONNX."""


def _of_pytorch(kind: str, name: str, held: dict[str, Any]) -> Any:
    """Return weights or a bias with its gates in PyTorch's order."""
    import numpy as np

    way = int(name.endswith("_reverse"))
    if "bias" in name:
        array = np.split(held["b"][way], 2)["_hh_" in name]
    else:
        array = held["r" if "_hh_" in name else "w"][way]
    gates = np.split(array, GATES[kind])
    return np.concatenate([gates[gate] for gate in ORDER[kind]])
