"""Files held against TensorFlow Lite Micro: the head of the arena, to the byte.

What was measured of published files is in `measured.csv`: heads with TFLM's own kernels on x86-64,
with CMSIS-NN on 32-bit Arm (tflite-micro 90b983c, CMSIS-NN 99f736a). The files are looked for in
the folder that `BNCALC_TFLITE` names, by their hashes; every other file there is run by the
`tflite-micro` package.
"""

import csv
import os
import random
import re
from hashlib import sha256
from pathlib import Path

import pytest
from tests.readers.tflite.builder import FLOAT, SAME, Fields, Operation, Tensor, model

import bncalc
from bncalc.analysis.arena.arena import arena
from bncalc.analysis.arena.runtime import TFLM

pytestmark = pytest.mark.frameworks

FOLDER = os.environ.get("BNCALC_TFLITE", "")
FILES = sorted(Path(FOLDER).rglob("*.tflite")) if FOLDER else []
MEASURED = list(csv.DictReader(Path(__file__).with_name("measured.csv").read_text().splitlines()))
ARENA = 8 * 2**20


def head_of(data: bytes, capfd: pytest.CaptureFixture[str]) -> int | None:
    """Return the head that the runtime reports; None where it cannot run the file."""
    runtime = pytest.importorskip("tflite_micro").runtime
    try:
        interpreter = runtime.Interpreter.from_bytes(data, arena_size=ARENA)
    except RuntimeError:
        return None
    interpreter.print_allocations()
    said = "".join(capfd.readouterr())
    head = re.search(r"allocation head (\d+)", said)
    assert head is not None, said
    return int(head[1])


@pytest.mark.parametrize("row", MEASURED, ids=[row["model"] for row in MEASURED])
def test_published_files_have_the_heads_that_were_measured(row: dict[str, str]) -> None:
    by_hash = {sha256(path.read_bytes()).hexdigest(): path for path in FILES}
    path = by_hash.get(row["sha256"])
    if path is None:
        pytest.skip(f"{row['path']} of {row['repository']} is not in {FOLDER or 'BNCALC_TFLITE'}")
    graph = bncalc.network(str(path))
    for instructions in ("reference", "scalar", "dsp", "mve"):
        plan = arena(graph, TFLM, instructions=instructions)
        assert plan.head == int(row[instructions]), instructions
    taken, measured = arena(graph, TFLM, instructions="dsp").size, int(row["arena"])
    assert abs(taken - measured) <= (measured // 100 if measured > 16_000 else 32)
    assert graph.conversion is not None
    assert graph.conversion.size == int(row["file_bytes"])


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_the_runtime_agrees_on_every_file_of_a_folder(
    path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where an operation's scratch is not known, what is known is less than the runtime takes."""
    measured = head_of(path.read_bytes(), capfd)
    if measured is None:
        pytest.skip("the runtime does not run it")
    graph = bncalc.network(str(path))
    assert graph.conversion is not None
    head = arena(graph, TFLM, instructions="reference").head
    floats = set(graph.conversion.unknown) & {"conv_2d", "fully_connected", "depthwise_conv_2d"}
    if set(graph.conversion.unknown) == floats:
        assert head == measured
    else:
        assert head <= measured


@pytest.mark.parametrize("seed", range(40))
def test_the_runtime_agrees_on_random_networks(
    seed: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = random_network(seed)
    path = tmp_path / "net.tflite"
    path.write_bytes(data)
    head = arena(bncalc.network(str(path)), TFLM, instructions="reference").head
    assert head == head_of(data, capfd)


def random_network(seed: int) -> bytes:
    """Return a network of convolutions, additions and activations, in floats, with skips."""
    rng = random.Random(seed)
    side = rng.randint(3, 9)
    tensors = [Tensor([1, side, side, rng.randint(1, 6)], FLOAT)]
    maps, operations = [0], list[Operation]()
    conv: Fields = {0: ("b", SAME), 1: ("i", 1), 2: ("i", 1)}
    for _ in range(rng.randint(3, 16)):
        x = rng.choice(maps[-4:])
        shape = tensors[x].sizes
        alike = [index for index in maps if tensors[index].sizes == shape]
        kind = rng.choice(["conv", "add", "relu"])
        if kind == "conv":
            out, kernel = rng.randint(1, 8), rng.choice([1, 3])
            sizes = [out, kernel, kernel, shape[3]]
            tensors.append(Tensor(sizes, FLOAT, bytes(4 * out * kernel**2 * shape[3])))
            tensors.append(Tensor([*shape[:3], out], FLOAT))
            operations.append(Operation(3, [x, len(tensors) - 2], [len(tensors) - 1], conv))
        else:
            tensors.append(Tensor(shape, FLOAT))
            inputs = [x, rng.choice(alike)] if kind == "add" else [x]
            number = 0 if kind == "add" else 19
            options: Fields = {0: ("b", 0)} if kind == "add" else {}
            operations.append(Operation(number, inputs, [len(tensors) - 1], options))
        maps.append(len(tensors) - 1)
    return model(tensors, operations)
