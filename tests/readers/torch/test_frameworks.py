"""The reader held against PyTorch: params of named_parameters, MACs of FlopCounterMode."""

import csv
import importlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.program import run
from tests.repository import Repository

import bncalc
from bncalc import Assumptions, measure
from bncalc.analysis.conventions import CONVENTIONS, Tallies, account
from bncalc.analysis.training import Training
from bncalc.model.graph import Graph
from bncalc.model.shape import Shape
from bncalc.opening.model import NO_OVERRIDES, request_of
from bncalc.opening.name import parse
from bncalc.writers.pytorch.module_comparison import against_counter
from bncalc.writers.yaml.file import model_file

pytestmark = pytest.mark.frameworks

MODULE = "tests.readers.torch.networks"
LAST = 1 + (
    (Path(__file__).parent / "networks.py")
    .read_text(encoding="utf-8")
    .splitlines()
    .index("        return self.second(x)")
)
NETWORKS = [
    ("Residual", (3, 32, 32)),
    ("Shared", (8, 16, 16)),
    ("Handed", (8, 12, 12)),
    ("Auxiliary", (3, 16, 16)),
    ("Standardised", (3, 16, 16)),
    ("Tokens", (3, 16, 16)),
    ("Volume", (1, 8, 16, 16)),
    ("Split", (8, 12, 12)),
    ("Heads", (8, 12, 12)),
    ("Latents", (8, 6, 6)),
    ("Inferring", (3, 16, 16)),
    ("Frames", (24, 12, 12)),
    ("Calls", (3, 16, 16)),
    ("Attention", (3, 16, 16)),
    ("Windows", (3, 16, 16)),
    ("Masked", (3, 16, 16)),
    ("InTwoPlaces", (3, 16, 16)),
    ("Lazy", (3, 16, 16)),
    ("Dense", (8, 12, 12)),
    ("Dropping", (8, 12, 12)),
    ("Queries", (3, 16, 16)),
    ("Sequence", (3, 16, 16)),
    ("Stored", (3, 16, 16)),
    ("Tied", (16,)),
    ("Scripted", (8, 12, 12)),
]
ON_CPU = ("Attention", "Latents", "Stored", "Tokens")
"""Networks with attention, which PyTorch takes apart on the meta device alone."""
CALLS = [
    ("Pair@x=3,16,16@y=3,32,32", {"x": (3, 16, 16), "y": (3, 32, 32)}, 448, 110_592),
    ("handed@width=16@3,16,16@y=3,32,32@scale=2@bias=16,1,1",
     {"x": (3, 16, 16), "y": (3, 32, 32), "bias": (16, 1, 1)}, 896, 221_184),
    ("Words@ids=int64,10@time=float32", {"ids": (10,), "time_input": (1,)}, 11_808, 120_352),
    ("Words@ids=int64,10@time=float32@mask=bool,10",
     {"ids": (10,), "time_input": (1,), "mask": (10,)}, 11_808, 120_352),
]  # fmt: skip


READ = [
    ("Elsewhere@3,16,16", 224, 8 * 27 * 14 * 14, ""),
    ("halved@3,16,16", 224, 8 * 27 * 14 * 14, ""),
    ("Chosen@how=known@4,16", 172, 4 * 128 + 3 * 32, ""),
    ("Chosen@how=mask@10,16", 172, 10 * (128 + 32), "a choice by a mask on"),
    ("Chosen@how=where@10,16", 172, 10 * (128 + 32), "nonzero on"),
    ("Chosen@how=unique@10,16", 172, 10 * (128 + 32), "_unique2 on"),
    ("Chosen@how=select@10,16", 172, 10 * (128 + 32), "masked_select on"),
    # Two layers of two directions, four gates of 16 that take what arrives and 4, a projection;
    # three gates of 16; two layers of two directions.
    ("Projected@6,8", 3840 + 1248 + 400,
     6 * (2 * (64 * (8 + 4) + 64) * 2 + 48 * (8 + 16) + 2 * 5 * (16 + 5 + 10 + 5)),
     "_pack_padded_sequence on"),
    ("Stepped@5,8", 1664 + 1536 + 88 + 10, 5 * (64 * 24 + 48 * 32 + 4 * 20 + 8), ""),
    ("Mapped@5,16", 136 + 96, 5 * (128 + 96), ""),
    # weights of 4 × 16 that a square of 16 turns, then what 1 is divided by
    ("Turned@12,16", 4 * 16 + 4, 16 * 16 * 4 + 12 * 64, ""),
    ("Padded@x=10,32@mask=bool,10", 17_088, 176_640, ""),
]  # fmt: skip


Writing = Callable[[str, str], None]
"""Writes a module of this name and text."""


@pytest.fixture
def writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Writing:
    """Return what writes a Python module into the working folder."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str) -> None:
        (tmp_path / f"{name}.py").write_text(text)

    return write


def name_of(network: str, shape: tuple[int, ...]) -> str:
    return f"torch:{MODULE}:{network}@{','.join(map(str, shape))}"


def built(network: str) -> Any:
    import torch
    from tests.readers.torch import networks

    with torch.device("meta"):
        return getattr(networks, network)().eval()


@pytest.mark.parametrize(("network", "shape"), NETWORKS)
def test_params_and_macs_are_those_of_pytorch(network: str, shape: tuple[int, ...]) -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    model = built(network)
    with torch.no_grad():
        model(torch.empty(1, *shape, device="meta"))
    model.requires_grad_(False)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        made = model(torch.empty(1, *shape, device="meta"))
    graph = bncalc.network(name_of(network, shape))
    totals = measure(graph).totals
    assert totals.params == sum(parameter.numel() for parameter in model.parameters())
    assert totals.macs == counter.get_total_flops() // 2
    assert graph.output.elements == made[0].numel()
    assert all(node.op.counted for node in graph.nodes)


@pytest.mark.parametrize(
    ("network", "shape", "activations"),
    [
        ("Heads", (8, 12, 12), 8 * 12 * 12),  # a convolution of a batch of halves
        ("Latents", (8, 6, 6), 2 * 5 * 4),  # five queries of two heads of four
        # rows of a batch against learned ones, a sum with a product of matrices, one of a batch,
        # of one matrix and many, of a vector, and all pairs of two batches
        ("Products", (4, 6), 4 * 5 + 4 * 4 + 4 * 4 + 3 * 4 * 4 + 4 + 4 * 4),
    ],
)
def test_a_product_that_is_none_of_ours_has_activations(
    network: str, shape: tuple[int, ...], activations: int
) -> None:
    totals = measure(bncalc.network(name_of(network, shape))).totals
    assert totals.activations == activations


NET_WITH_PARAMETER = """\
import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.own = torch.nn.Parameter(torch.ones({size}))

    def forward(self, x):
{body}"""


def test_a_product_that_no_counter_of_pytorch_sees_has_its_macs(
    reads: Callable[..., Graph],
) -> None:
    body = (
        "        a, s = x[0, :, :3], x[0, 0, :1]\n"
        "        added = torch.addbmm(batch2=a, batch1=a.transpose(1, 2), beta=2, input=s)\n"
        "        return torch.nn.functional.linear(x, self.own), added\n"
    )
    report = measure(reads("vector", body, "8,4,6", size=6))
    macs = {layer.op: layer.cost.macs for layer in report.layers if layer.cost.macs}
    assert macs == {"linear": 8 * 4 * 6, "addbmm": 8 * 6 * 3 * 6}
    assert report.totals.params == 6


def test_a_residual_network_is_that_of_the_language(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("""\
input: [3, 32, 32]
layers:
  - {conv: {out: 16, stride: 2, norm: batch, act: relu}, id: x}
  - {conv: {out: 16, bias: true, act: relu}, id: y}
  - {add: , from: [y, x]}
  - global_avg_pool
  - {linear: {out: 10, bias: true}}
""")
    ours, theirs = bncalc.network(str(path)), bncalc.network(name_of("Residual", (3, 32, 32)))
    assert [node.op.word for node in ours.nodes] == [node.op.word for node in theirs.nodes]
    for policy in ("deploy", "eager"):
        reports = [
            measure(graph, Assumptions(policy=policy), also=["training"])
            for graph in (ours, theirs)
        ]
        assert reports[0].numbers() == reports[1].numbers()


def test_paths_are_those_of_modules() -> None:
    graph = bncalc.network(name_of("Residual", (3, 32, 32)))
    paths = {node.path for node in graph.nodes}
    assert {"stem", "norm", "body/0", "body/1", "head"} <= paths


def test_a_part_of_a_map_lies_in_the_module_that_takes_it(writes: Writing) -> None:
    """The module before it has made the map, and is not where it is cut."""
    text = (
        "import torch\n\n\nclass Half(torch.nn.Module):\n"
        "    def forward(self, x):\n        a, b = x.chunk(2, dim=1)\n"
        "        return torch.cat([a.relu(), b, x[:, :2]], 1)\n\n\n"
        "def net():\n    return torch.nn.Sequential(Half(), Half())\n"
    )
    writes("halves", text)
    graph = bncalc.network("torch:halves:net@4,8,8")
    assert [node.path for node in graph.nodes[1:]] == [
        f"{module}/{name}"
        for module in "01"
        for name in ("split1", "split2", "relu", "split3", "concat")
    ]


def test_what_no_call_reads_is_for_training_alone() -> None:
    report = measure(bncalc.network(name_of("Auxiliary", (3, 16, 16))))
    assert report.totals.params == (3 * 9 + 1) * 8 + (8 + 1) * 5


def test_weights_of_weights_are_no_layers() -> None:
    graph = bncalc.network(name_of("Standardised", (3, 16, 16)))
    assert [node.op.word for node in graph.nodes] == ["input", "conv"]
    plain = bncalc.block("conv", (3, 16, 16), out=8, padding=0, bias=True)
    assert measure(graph).totals == measure(plain).totals


def test_arguments_are_settings_of_the_name() -> None:
    graph = bncalc.network(f"torch:{MODULE}:Residual@width=8@3,32,32")
    assert graph.nodes[1].output.channels == 8


@pytest.mark.parametrize(("network", "inputs", "params", "macs"), CALLS)
def test_inputs_have_the_names_that_forward_gives_them(
    network: str, inputs: dict[str, tuple[int, ...]], params: int, macs: int
) -> None:
    name = f"torch:{MODULE}:{network}"
    graph = bncalc.network(name)
    totals = measure(graph).totals
    assert {graph.nodes[i].path: tuple(graph.nodes[i].output) for i in graph.inputs} == inputs
    assert (totals.params, totals.macs) == (params, macs)
    assert run("verify", name).returncode == 0


@pytest.mark.parametrize(("model", "params", "macs", "note"), READ)
def test_code_for_other_devices_and_sizes_of_content_are_read(
    model: str, params: int, macs: int, note: str
) -> None:
    name = f"torch:{MODULE}:{model}"
    totals = measure(bncalc.network(name)).totals
    assert (totals.params, totals.macs) == (params, macs)
    done = run("verify", name)
    assert done.returncode == 0, done.stdout + done.stderr
    if note:
        assert f"sizes depend on the data from {note.partition(' on')[0]}" in done.stderr
    assert bool(note) == ("on the data" in done.stderr)


@pytest.mark.skipif(importlib.util.find_spec("torchvision") is None, reason="no torchvision")
@pytest.mark.parametrize(
    ("detector", "size", "masks"),
    [
        ("ssdlite320_mobilenet_v3_large", 320, 0),
        ("fasterrcnn_resnet50_fpn", 224, 0),
        # published for no box at all; four 3 × 3, a 2 × 2 that enlarges, and a 1 × 1 for each class
        ("maskrcnn_resnet50_fpn", 224, 100 * 196 * 256 * (4 * 9 * 256 + 4 * 256 + 4 * 91)),
    ],
)
def test_detectors_have_what_torchvision_publishes(detector: str, size: int, masks: int) -> None:
    models: Any = importlib.import_module("torchvision.models")
    name = f"torch:torchvision.models.detection:{detector}@weights_backbone=null@3,{size},{size}"
    published = next(iter(models.get_model_weights(detector))).meta
    totals = measure(bncalc.network(name)).totals
    assert round((totals.macs - masks) / 1e9, 2) == round(published["_ops"], 2)


@pytest.mark.parametrize("program", ["scripted", "traced", "exported", "compiled"])
def test_a_program_is_what_its_module_is(program: str) -> None:
    ours, theirs = (
        measure(bncalc.network(name_of(name, (3, 32, 32)))).totals for name in ("Mixed", program)
    )
    assert theirs._replace(activations=0) == ours._replace(activations=0)
    if program == "exported":  # elsewhere products of maps go by another name
        assert theirs.activations == ours.activations


@pytest.mark.parametrize(("network", "shape"), [row for row in NETWORKS if row[0] != "Lazy"])
def test_the_eager_peak_is_what_pytorch_holds(network: str, shape: tuple[int, ...]) -> None:
    from tests.readers.torch.live import peak_bytes

    graph = bncalc.network(name_of(network, shape))
    totals = measure(graph, Assumptions(policy="eager")).totals
    model = built(network)
    if network in ON_CPU:
        model = model.to_empty(device="cpu")
    assert totals.peak_activation_bytes == peak_bytes(model, shape)


KEPT = [
    *[(name, shape) for name, shape in NETWORKS if name in ("Attention", "Windows", "Masked")],
    *[(name, shape) for name, shape in NETWORKS if name in ("Residual", "Shared", "Heads")],
]


@pytest.mark.parametrize(("network", "shape"), KEPT)
def test_what_training_keeps_is_what_autograd_saves(network: str, shape: tuple[int, ...]) -> None:
    from tests.readers.torch.live import kept_bytes

    graph = bncalc.network(name_of(network, shape))
    for images in (1, 2, 5):
        report = measure(graph, Assumptions(batch=images), also=["training"])
        kept = kept_bytes(built(network), shape, images)
        assert report.numbers()["saved_for_backward_bytes"] == kept


@pytest.mark.skipif(importlib.util.find_spec("timm") is None, reason="timm is not installed")
@pytest.mark.parametrize("name", ["cait_xxs24_224", "pit_ti_224", "resnet10t"])
def test_macs_of_what_the_counter_of_pytorch_fails_at_are_those_of_its_rows(name: str) -> None:
    import torch
    from tests.readers.torch.live import multiplied

    timm: Any = importlib.import_module("timm")
    with torch.device("meta"):
        model = timm.create_model(name)
    graph = bncalc.network(f"torch:timm:create_model@model_name={name}@3,224,224")
    assert measure(graph).totals.macs == multiplied(model, (3, 224, 224))


@pytest.mark.skipif(importlib.util.find_spec("timm") is None, reason="timm is not installed")
@pytest.mark.parametrize(
    "name",
    [
        *("vit_tiny_patch16_224", "swinv2_cr_tiny_224", "cait_xxs24_224", "xcit_nano_12_p16_224"),
        *("beit_base_patch16_224", "coat_tiny", "edgenext_xx_small", "nest_tiny"),
        *("mvitv2_tiny", "convit_tiny"),
    ],
)
def test_what_attention_keeps_is_what_autograd_saves(name: str) -> None:
    import torch
    from tests.readers.torch.live import kept_bytes

    timm: Any = importlib.import_module("timm")
    graph = bncalc.network(f"torch:timm:create_model@model_name={name}@3,224,224")
    for images in (1, 3):
        with torch.device("meta"):
            model = timm.create_model(name)
        report = measure(graph, Assumptions(batch=images), also=["training"])
        kept = kept_bytes(model, (3, 224, 224), images)
        assert report.numbers()["saved_for_backward_bytes"] == kept


@pytest.mark.parametrize(
    ("needs_weights", "by_hand"),
    [  # 5 tokens of 8 numbers, 2 heads: the map that arrives; queries, keys and values; what
        # softmax puts out, what dropout draws and puts out; what the last layer reads
        (True, 40 + 120 + 40 + 3 * 50 + 40),  # queries divided by the root of 4, in a map of theirs
        (False, 40 + 120 + 2 * 40 + 3 * 50 + 40),  # and keys too, by half of it each
    ],
)
def test_attention_with_dropout_keeps_what_is_drawn(
    needs_weights: bool, by_hand: int, writes: Writing
) -> None:
    text = (
        "import torch\n\n\nclass Net(torch.nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.attend = torch.nn.MultiheadAttention(8, 2, 0.5, batch_first=True)\n\n"
        "    def forward(self, x):\n"
        f"        return self.attend(x, x, x, need_weights={needs_weights})[0]\n"
    )
    module = f"dropping_{needs_weights}"  # a name of its own, for modules are imported once
    writes(module, text)
    graph = bncalc.network(f"torch:{module}:Net@5,8")
    for images in (1, 2, 3):
        report = measure(graph, Assumptions(batch=images), also=["training"])
        assert report.numbers()["saved_for_backward_bytes"] == 4 * by_hand * images


def test_what_products_of_views_keep_by_hand(writes: Writing) -> None:
    text = (
        "import torch\n\n\nclass Net(torch.nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.both = torch.nn.Linear(8, 12)\n"
        "        self.drop = torch.nn.Dropout(0.5)\n\n    def forward(self, x):\n"
        "        q, k = self.both(x).chunk(2, -1)\n"
        "        return self.drop((q @ k.transpose(1, 2)).softmax(-1)) @ q\n"
    )
    writes("views", text)
    report = measure(bncalc.network("torch:views:Net@5,8"), also=["training"])
    # The map that arrives; that of queries and keys, once; what softmax puts out; what dropout
    # draws; and what it puts out. Products of three axes need no copies of views.
    floats = 5 * 8 + 5 * 12 + 3 * 5 * 5
    assert report.numbers()["saved_for_backward_bytes"] == 4 * floats


def test_layers_are_in_training_where_the_code_around_them_cannot_be(writes: Writing) -> None:
    text = (
        "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n"
        "        parts = nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Dropout(0.5)\n"
        "        self.body = nn.Sequential(*parts, nn.AvgPool2d(5), nn.BatchNorm2d(4))\n"
        "        self.aux = nn.Linear(2, 2)\n\n"
        "    def forward(self, x):\n        if self.training:\n"
        "            raise ValueError('targets should be given')\n"
        "        return self.body(x)\n"
    )
    writes("detecting", text)
    graph = bncalc.network("torch:detecting:Net@3,5,5")
    for images in (1, 3):
        training = measure(graph, Assumptions(batch=images), also=["training"]).result(Training)
        # what the convolution, the norm and the pool read, and what dropout draws; and what the
        # norm of one position reads; two statistics for each channel
        assert training.saved == 4 * (images * (25 * (3 + 4 + 4 + 4) + 4) + 2 * 2 * 4)
        assert training.unknown == ("unused", "code of Net")


TUNED = """
import torch
from torch import nn
from torch.nn import functional as F


class Drops(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5, self.training)


class Net(nn.Module):
    def __init__(self, wants="", learns=True):
        super().__init__()
        self.wants, self.again, self.drops = wants, False, Drops()
        self.conv, self.norm = nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)
        self.conv.requires_grad_(learns)

    def train(self, mode=True):
        super().train(mode)
        self.norm.eval()
        return self

    def forward(self, x):
        self.training |= self.again
        self.again = self.wants == "again"
        if self.training and self.wants:
            raise ValueError("targets should be given")
        if self.training and torch.rand([]) < 0.9:
            return x
        x = self.norm(self.conv(x))
        return F.dropout(x, 0.5, self.training) if self.wants == "more" else self.drops(x)
"""


def test_training_is_as_the_model_sets_it_and_only_what_fails_in_it_is_in_evaluation(
    writes: Writing,
) -> None:
    writes("tuned", TUNED)
    read, normed = 25 * 3, 25 * 4  # what the convolution, and the norm or dropout keeps
    for given, floats, unknown, learned in (
        ("", read + 2 * normed, (), 3 * 4 + 4 + 2 * 4),
        ("@learns=false", 2 * normed, (), 2 * 4),
        ("@wants=targets", read + 2 * normed, ("code of Net",), 3 * 4 + 4 + 2 * 4),
        ("@wants=more", read + normed, ("dropout", "code of Net"), 3 * 4 + 4 + 2 * 4),
        ("@wants=again", 0, ("conv", "norm", "drops"), 3 * 4 + 4 + 2 * 4),
    ):
        graph = bncalc.network(f"torch:tuned:Net{given}@3,5,5")
        for images in (1, 3):
            report = measure(graph, Assumptions(batch=images), also=["training"])
            training = report.result(Training)
            assert (training.saved, training.unknown) == (4 * floats * images, unknown), given
            assert training.gradients == training.optimizer == 4 * learned


def test_attention_holds_its_scores_only_where_a_cpu_has_no_kernel_for_it() -> None:
    graph = bncalc.network(name_of("Scores", (64, 16)))
    maps = measure(graph, Assumptions(policy="eager")).memory.live
    fused, masked = (i for i, node in enumerate(graph.nodes) if node.op.family == "product")
    assert (
        maps[fused] == 2 * 64 * 16 * 4 + 4 * 64 * 4
    )  # what arrives and leaves, a sum for each row
    assert maps[masked] > 4 * 64 * 64 * 4


FUSED = """
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rgb = nn.Conv2d(3, 8, 1)
        self.depth = nn.Conv2d(1, 8, 1)

    def forward(self, rgb, depth):
        return self.rgb(rgb) + self.depth(depth)
"""


def test_an_input_with_the_name_of_a_module_is_told_from_it(
    tmp_path: Path, writes: Writing
) -> None:
    writes("fused", FUSED)
    name, file = "torch:fused:Net@rgb=3,8,8@depth=1,8,8", str(tmp_path / "fused.yaml")
    assert run("export", name, "-o", file).returncode == 0
    assert "inputs: {rgb_input: [3, 8, 8], depth_input: [1, 8, 8]}" in Path(file).read_text()
    for models in ((file, name), (file, "torch:fused:Net"), (file,)):
        done = run("verify", *models)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_model_beside_another_takes_its_inputs() -> None:
    several = f"torch:{MODULE}:Pair@x=3,16,16@y=3,32,32"
    for other in ("Pair", "Pair@y=3,32,32", "Pair@3,16,16@y=3,32,32"):
        done = run("verify", several, f"torch:{MODULE}:{other}")
        assert done.returncode == 0, done.stderr


def test_a_layer_on_a_buffer_is_one_on_a_stored_map_in_yaml_too(
    tmp_path: Path, writes: Writing
) -> None:
    text = (
        "import torch\n\n\nclass Net(torch.nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.layer = torch.nn.Linear(2, 6)\n"
        "        self.register_buffer('table', torch.ones(1, 4, 2))\n\n"
        "    def forward(self, x):\n        return x + self.layer(self.table)\n"
    )
    writes("positions", text)
    graph = bncalc.network("torch:positions:Net@4,6")
    table = graph.nodes[1]
    assert (table.op.word, table.inputs, measure(graph).cost.buffers) == ("parameter", (), 8)
    (tmp_path / "positions.yaml").write_text(model_file(graph))
    again = bncalc.network("positions.yaml")
    assert measure(again).totals == measure(graph).totals


@pytest.mark.parametrize(
    ("forward", "said"),
    [
        ("yield self.conv(x)", "nothing that it returns was found to depend on its input"),
        ("return self.others[0](x)", "weights that it reads are not its parameters"),
        ("self.conv(x)\n        raise GeneratorExit", "telling.py:15: GeneratorExit"),
        ("return Made(self.conv(x))", ""),
    ],
)
def test_what_of_a_model_may_be_missing_is_said(
    forward: str, said: str, monkeypatch: pytest.MonkeyPatch, writes: Writing
) -> None:
    text = (
        "import torch\n\n\nclass Made:\n    def __init__(self, x):\n        self.x = x\n\n\n"
        "class Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.conv, self.others = torch.nn.Conv2d(3, 3, 1), [torch.nn.Conv2d(3, 3, 1)]\n"
        f"    def forward(self, x):\n        {forward}\n"
    )
    writes("telling", text)
    monkeypatch.delitem(sys.modules, "telling", raising=False)
    done = run("show", "torch:telling:Net@3,6,6")
    assert (said in done.stderr) if said else (done.stderr == "")
    assert "Traceback" not in done.stderr


def test_layers_that_a_model_makes_when_it_first_runs_are_counted(writes: Writing) -> None:
    text = (
        "import torch\n\n\nclass Net(torch.nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.conv = None\n\n"
        "    def forward(self, x):\n        if self.conv is None:\n"
        "            self.conv = torch.nn.Conv2d(x.shape[1], 4, 1)\n"
        "            self.register_buffer('grid', torch.zeros(6, device=x.device))\n"
        "        return self.conv(x) + self.grid\n"
    )
    writes("making", text)
    totals = measure(bncalc.network("torch:making:Net@3,6,6")).totals
    assert (totals.params, totals.buffers, totals.macs) == (3 * 4 + 4, 6, 36 * 3 * 4)
    done = run("verify", "torch:making:Net@3,6,6")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("command", ["diff", "verify"])
def test_each_model_of_two_runs_once(command: str, writes: Writing) -> None:
    text = (
        "import torch\n\n\nclass Net(torch.nn.Module):\n"
        "    def forward(self, x):\n        print('ran')\n        return x.relu()\n"
    )
    writes("told", text)
    for pair in (("Net@x=3,8,8", "Net"), ("Net", "Net@x=3,8,8"), ("Net@x=3,8,8", "Net@3,8,8")):
        done = run(command, *[f"torch:told:{name}" for name in pair])
        assert (done.returncode, done.stderr) == (0, "ran\n" * 2)
    done = run("memory", "torch:told:Net@x=3,8,8")
    assert (done.returncode, done.stderr) == (0, "ran\n" * 2)  # of one image, and of two to train


def test_what_training_keeps_of_a_model_that_changes_as_it_runs_is_not_known(
    writes: Writing,
) -> None:
    text = (
        "import torch\n\n\nclass Net(torch.nn.Module):\n    runs = 0\n\n"
        "    def __init__(self):\n        super().__init__()\n"
        "        self.conv = torch.nn.Conv2d(3, 3, 1)\n\n"
        "    def forward(self, x):\n        self.runs += 1\n"
        "        for _ in range(self.runs):\n            x = self.conv(x)\n        return x\n"
    )
    writes("changing", text)
    assert run("show", "torch:changing:Net@x=3,8,8").returncode == 0
    done = run("memory", "torch:changing:Net@x=3,8,8")
    assert done.returncode == 0
    assert "kept for backward: not known, and left out: conv" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (f"torch:{MODULE}:Pair@3,8,8", "give the input y too, each by its sizes without the batch"),
        (f"torch:{MODULE}:Pair@width=8", "give the inputs x, y too"),
        (f"torch:{MODULE}:Pair@3,8,8@x=3,8,8@y=3,8,8", "gives its input 'x' twice"),
        (
            f"torch:{MODULE}:Pair@3,8,8@z=3,8,8",
            "no setting 'z'; there are width, x, y, scale, bias",
        ),
        (f"torch:{MODULE}:Pair@3,8,8@y=int46,8", "y: 'int46' is not a PyTorch type"),
        (f"torch:{MODULE}:Pair@3,8,8@y=3,0,8", "y has the size 0"),
        (f"torch:{MODULE}:Words@10@time=float32", "with its type, as in @NAME=int64,128"),
        (f"torch:{MODULE}:Residul@3,8,8", "has no 'Residul' (did you mean 'Residual'?)"),
        ("torch:tests.nothing_there:net@3,8,8", "tests.nothing_there cannot be imported"),
        ("torch:leaves:net@3,8,8", "does not run: leaves.py:2: SystemExit: 0"),
        ("torch:wanders:net@3,8,8", "wanders has no 'net'"),
        (f"torch:{MODULE}:Residual@4,8,8", "does not run"),
        (f"torch:{MODULE}:Residual@1,3,8,8", "; sizes are those of one image, without the batch"),
        (f"torch:{MODULE}:Residual@wdth=8@3,8,8", "has no setting 'wdth' (did you mean 'width'?)"),
        (f"torch:{MODULE}:F.relu@3,8,8", "does not run"),
        (
            f"torch:{MODULE}:Wrong@how=sizes@3,8,8",
            f"networks.py:{LAST}: RuntimeError: Invalid channel dimensions "
            "(conv2d of 1×8×6×6 and 8×4×3×3 and 8, in second)",
        ),
        (
            f"torch:{MODULE}:Wrong@how=condition@3,8,8",
            "(__bool__ of a number); its code asks for the numbers in a tensor",
        ),
        (f"torch:{MODULE}:Wrong@how=branches@3,8,8", "cond chooses by numbers what it calls"),
        (f"torch:{MODULE}:Wrong@how=numpy@3,8,8", "its code asks for the numbers in a tensor"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(name: str, says: str, writes: Writing) -> None:
    writes("leaves", "import sys\nsys.exit(0)\n")
    writes("wanders", "import os, sys\nsys.path.remove(os.getcwd())\n")
    done = run("show", name)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


LOUD = """
import atexit, ctypes, os, subprocess, sys
import torch

print("Python")
sys.__stdout__.write("beneath\\n")
os.write(1, b"system\\n")
ctypes.CDLL(None).printf(b"C\\n")
subprocess.run([sys.executable, "-c", "print('child')"])
atexit.register(os.write, 1, b"end\\n")
os.chdir("..")


class Net(torch.nn.Conv2d):
    def forward(self, x):
        os.write(1, b"forward\\n")
        return super().forward(x)
"""


def test_what_a_model_writes_is_no_answer_and_its_folder_is_its_own(writes: Writing) -> None:
    writes("loud", LOUD)
    Path("net.yaml").write_text("input: [3, 8, 8]\nlayers: [relu]\n")
    model = "torch:loud:Net@in_channels=3@out_channels=8@kernel_size=3@3,8,8"
    command = [sys.executable, "-m", "bncalc", "compare", model, "net.yaml", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["designs"][0]["totals"]["params"] == 224
    said = ["Python", "beneath", "system", "C", "child", "forward", "end"]
    assert sorted(done.stderr.splitlines()) == sorted(said)


@pytest.mark.parametrize(("network", "shape"), NETWORKS)
def test_the_module_itself_is_what_a_count_is_held_to(network: str, shape: tuple[int, ...]) -> None:
    done = run("verify", name_of(network, shape))
    assert done.returncode == 0, done.stdout + done.stderr


def test_modules_that_differ_are_named_with_what_they_do_themselves() -> None:
    """The weights of 3×3 convolutions: 3·3·3·8 = 216 and 9·8·8 + 8 = 584, of 4 channels 148."""
    request = request_of(parse(NAMED), NO_OVERRIDES)
    half = measure(bncalc.network(f"torch:{MODULE}:Residual@width=4@3,32,32"))
    verification = against_counter(request, half)
    rows = [each[:4] for each in verification.mismatches]
    assert rows[:5] == [
        ("total", "params", 314, 906),
        ("total", "macs", 64_552, 202_832),
        ("stem", "params", 108, 216),
        ("stem", "macs", 27_648, 55_296),
        ("stem", "output", (4, 16, 16), (1, 8, 16, 16)),
    ]
    assert ("body/0", "params", 148, 584) in rows
    assert ("body/1", "output", (4, 16, 16), (1, 8, 16, 16)) in rows
    assert {path for path, *_ in rows} == {"total", "stem", "norm", "body/0", "body/1", "head"}
    assert (verification.of, verification.compared) == ("module", 7)


NAMED = f"torch:{MODULE}:Residual@width=8@3,32,32"
BUDGETS = f"""\
version: 1
base: {{ref: base.json}}
budgets:
  - {{name: all, models: ["{NAMED}"], limits: {{params: 1k}}, growth: {{params: 1%}}}}
"""


@pytest.fixture
def reads(writes: Writing) -> Callable[..., Graph]:
    """Return what reads a model of one parameter whose `forward` has this body."""

    def read(name: str, body: str, sizes: str, *, size: int = 1) -> Graph:
        writes(name, NET_WITH_PARAMETER.format(size=size, body=body))
        return bncalc.network(f"torch:{name}:Net@{sizes}")

    return read


def test_code_that_a_budget_names_runs_where_the_call_says_so(repository: Repository) -> None:
    repository.write("bncalc.budget.yaml", BUDGETS)
    repository.commit()
    assert run("show", NAMED, "--output", "base.json").returncode == 0
    refused, done = run("check"), run("check", "--allow-code")
    assert (refused.returncode, done.returncode) == (2, 0), done.stderr
    assert f"{NAMED} runs Python code, which needs --allow-code" in refused.stderr
    assert "ok: 2 checks passed" in done.stdout


def test_code_of_a_commit_is_not_run_and_no_model_of_it_is_new(repository: Repository) -> None:
    repository.write("bncalc.budget.yaml", BUDGETS.replace("base.json", "main"))
    repository.commit()
    repository.write("other.yaml", "edited: true")
    repository.commit()
    done = run("check", "--allow-code", "--base", "HEAD~1")
    assert done.returncode == 1, done.stderr
    assert "BN202 @width=8@3,32,32: params: the Python code of HEAD~1@" in done.stdout
    assert f"compare with a report that `bncalc show {NAMED} -o base.json` wrote" in done.stdout
    difference = run("diff", f"HEAD:{NAMED}", NAMED)
    assert difference.returncode == 2
    assert "is not run; compare with a report" in difference.stderr


@pytest.mark.parametrize(
    ("module", "word", "fields"),
    [
        ("torch.nn:ChannelShuffle@groups=4", "channel_shuffle", {"groups": 4}),
        ("torch.nn:PixelShuffle@upscale_factor=2", "pixel_shuffle", {"factor": 2}),
        ("torch.nn:PixelUnshuffle@downscale_factor=2", "space_to_depth", {"factor": 2}),
        (f"{MODULE}:Shuffles@kind=channels", "channel_shuffle", {"groups": 4}),
        (f"{MODULE}:Shuffles@kind=pixels", "pixel_shuffle", {"factor": 2}),
        (f"{MODULE}:Shuffles@kind=back", "space_to_depth", {"factor": 2}),
    ],
)
def test_what_moves_channels_is_the_op_of_the_language(
    module: str, word: str, fields: dict[str, int]
) -> None:
    (layer,) = measure(bncalc.network(f"torch:{module}@8,6,6")).layers
    assert (layer.op, layer.fields, layer.counted) == (word, fields, True)


def test_views_say_in_which_order_channels_lie() -> None:
    orders = {"pixels": "crd", "back": "dcr"}
    for kind, order in orders.items():
        graph = bncalc.network(f"torch:{MODULE}:Shuffles@kind={kind}@8,6,6")
        assert [getattr(node.op, "order", None) for node in graph.nodes[1:]] == [order]


def test_frames_that_are_one_batch_cost_as_many_times_what_a_frame_does() -> None:
    model = f"torch:{MODULE}:Frames"
    frame = bncalc.network(f"{model}@frames=1@4,12,12")
    six = bncalc.network(f"{model}@24,12,12")
    assert all(node.op.counted for node in six.nodes)
    for cost in ("macs", "elementwise", "activations"):
        assert getattr(measure(six).totals, cost) == 6 * getattr(measure(frame).totals, cost)
    for tool in ("fvcore", "thop", "torchprofile", "calflops", "torch"):
        counted = account(frame, CONVENTIONS[tool]).total
        assert account(six, CONVENTIONS[tool]).total == 6 * counted, tool


def test_a_branch_that_training_drops_is_known_in_evaluation() -> None:
    layers = measure(bncalc.network(name_of("Dropping", (8, 12, 12)))).layers
    assert [layer.op for layer in layers] == ["conv", "add", "conv", "drop_path", "add"]
    assert (layers[3].path, layers[3].fields) == ("second", {"rate": 0.2})


def test_attention_is_one_op() -> None:
    graph = bncalc.network(name_of("Attention", (3, 16, 16)))
    views = ("reshape", "slice", "split")
    words = [node.op.word for node in graph.nodes if node.op.word not in views]
    assert words == ["input", "conv", "linear", "fused_attention", "linear"]


PRINTED = [
    ("Calls", "fvcore", 42_411),
    ("Calls", "ptflops", 48_653),
    ("Calls", "thop", 42_376),
    ("Calls", "torchinfo", 43_949),
    ("Calls", "torchprofile", 43_987),
    ("Calls", "calflops", 91_094),
    ("Attention", "fvcore", 90_112),
    ("Attention", "ptflops", 110_592),
    ("Attention", "thop", 24_576),
    ("Attention", "torchinfo", 25_088),
    ("Attention", "calflops", 180_736),
    ("Across", "ptflops", 84_992),
    ("Unkept", "fvcore", 50_176),
    ("Unkept", "calflops", 92_512),
    ("Stored", "fvcore", 195_840),
    ("Stored", "ptflops", 825_280),
    ("Stored", "ptflops-aten", 260_416),
    ("Stored", "thop", 71_680),
    ("Stored", "torchinfo", 60_568),
    ("Stored", "torchprofile", 812_644),
    ("Stored", "calflops", 509_984),
    ("Sequence", "fvcore", 13_824),
    ("Sequence", "ptflops", 116_496),
    ("Sequence", "ptflops-aten", 22_496),
    ("Sequence", "thop", 114_704),
    ("Sequence", "torchinfo", 111_584),
    ("Sequence", "torchprofile", 99_840),
    ("Sequence", "calflops", 220_944),
]


@pytest.mark.parametrize(("network", "tool", "total"), PRINTED)
def test_how_a_function_is_called_is_known(network: str, tool: str, total: int) -> None:
    counted = account(bncalc.network(name_of(network, (3, 16, 16))), CONVENTIONS[tool])
    assert (counted.total, counted.unobserved) == (total, ())


ON_SEQUENCES = {
    "Cells": {
        "fvcore": 8_592,
        "ptflops": 10_414,
        "ptflops-aten": 9_434,
        "thop": 10_292,
        "torchinfo": 102_614,
        "torchprofile": 8_872,
        "calflops": 18_164,
        "calflops-macs": 12,
        "torch": 17_184,
    },
    "Strides": {
        "fvcore": 43_464,
        "ptflops": 100_812,
        "ptflops-aten": 55_500,
        "thop": 318_600,
        "torchinfo": 330_636,
        "torchprofile": 339_840,
        "torch": 86_928,
    },
}
"""What tools printed of cells and of transposed convolutions; calflops fails at the latter."""


@pytest.mark.parametrize(("network", "shape"), [("Cells", (5, 8)), ("Strides", (8, 20))])
def test_cells_and_transposed_convolutions_are_counted_as_tools_do(
    network: str, shape: tuple[int, ...]
) -> None:
    graph = bncalc.network(name_of(network, shape))
    for tool, total in ON_SEQUENCES[network].items():
        counted = account(graph, CONVENTIONS[tool])
        assert (counted.total, counted.unobserved) == (total, ()), tool


IN_TWO_PLACES = {
    "ptflops": 136_160,
    "thop": 125_280,
    "ultralytics-thop": 125_280,
    "torchinfo": 128_000,
    "calflops": 258_720,
    "calflops-macs": 125_280,
}


def test_a_module_in_two_places_is_counted_as_often_as_tools_do() -> None:
    graph = bncalc.network(name_of("InTwoPlaces", (3, 16, 16)))
    for tool, total in IN_TWO_PLACES.items():
        counted = account(graph, CONVENTIONS[tool])
        assert (counted.total, counted.unobserved) == (total, ()), tool


def test_what_torchinfo_counts_of_a_module_is_given_to_the_layer_that_reads_its_weights() -> None:
    graph = bncalc.network(name_of("Stored", (3, 16, 16)))
    report = measure(graph, Assumptions(convention="torchinfo"), also=("convention",))
    (tally,) = report.result(Tallies).tools
    counted = {
        layer.path: count for layer, count in zip(report.layers, tally.layers, strict=True) if count
    }
    assert counted == {
        "same": (216 + 8) * 256,
        "pieces": 8 * 256 + (8 + 64) * 1 * 8,  # of an image each of its two factors of the weights
        "doubled": 576 + 8,
        "scaled/layer_scale": 8,
        "scaled/add": 8,
    }
    assert tally.beside == 0


def test_what_nobody_has_seen_a_tool_count_is_not_guessed() -> None:
    graph = bncalc.network(name_of("Mapped", (5, 16)))
    assert account(graph, CONVENTIONS["ptflops-aten"]).total == 1_120
    assert account(graph, CONVENTIONS["thop"]).unobserved[0] == "linear:unseen"


def test_ptflops_works_out_attention_to_other_widths_by_those_of_its_maps() -> None:
    graph = bncalc.network(name_of("Apart", (3, 16, 16)))
    counted = account(graph, CONVENTIONS["ptflops"])
    assert (counted.total, counted.unobserved) == (99_584, ())


def test_arithmetic_of_sizes_and_weights_is_counted_as_tools_do() -> None:
    graph = bncalc.network(name_of("Sizes", (3, 8, 8)))
    counts = {tool: account(graph, CONVENTIONS[tool]) for tool in CONVENTIONS}
    # Two products of sizes that something is made of, 1 + 8 numbers of weights, a convolution.
    assert counts["torchprofile"].total == 2 + 8 + 3 * 8 * 64
    assert counts["fvcore"].total == 3 * 8 * 64
    assert counts["ptflops"].total == 8 + 3 * 8 * 64
    report = measure(graph, Assumptions(convention="torchprofile"), also=("convention",))
    assert report.numbers()["convention_total"] == counts["torchprofile"].total


def measured(table: str) -> list[dict[str, str]]:
    """Return what tools printed for networks of torchvision 0.29.1 and timm 1.0.31, torch 2.14.1.

    Of `modules.csv` the models are those of `modules.py`. The tools were called as their pages say,
    on a CPU, PyTorch's own on the meta device, unless the model looks at numbers. A `?` is a
    total that nobody can know from the calls alone, or what the tool fails at; empty is what it
    could not run here.
    """
    with (Path(__file__).parent / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.skipif(importlib.util.find_spec("timm") is None, reason="timm is not installed")
@pytest.mark.parametrize("row", measured("measured.csv"), ids=lambda row: row["model"])
def test_each_tools_total_is_its_own(row: dict[str, str]) -> None:
    graph = bncalc.network(row.pop("model"))
    for tool, cell in row.items():
        counted = account(graph, CONVENTIONS[tool])
        if cell:
            assert ("?" if counted.unobserved else str(counted.total)) == cell, tool


GPT = """
import torch
from transformers import GPT2Config, GPT2LMHeadModel


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        words = {"vocab_size": 50, "bos_token_id": 0, "eos_token_id": 0, "use_cache": False}
        self.gpt = GPT2LMHeadModel(GPT2Config(n_embd=32, n_layer=2, n_head=4, **words))

    def forward(self, tokens):
        return self.gpt(input_ids=tokens)[0]
"""


@pytest.mark.skipif(importlib.util.find_spec("transformers") is None, reason="not installed")
def test_a_transformer_is_read_though_its_mask_depends_on_numbers(writes: Writing) -> None:
    writes("gpt", GPT)
    layer = 16 * 32 * (3 * 32 + 32 + 2 * 4 * 32) + 2 * 16 * 16 * 32
    graph = bncalc.network("torch:gpt:Net@tokens=int64,16")
    assert measure(graph).totals.macs == 2 * layer + 16 * 32 * 50


WEIGHTED = {
    "fvcore": 3072 + 12 * 16 * 16,
    "ptflops": 3072,
    "ptflops-aten": 3072,
    "torchinfo": 256,
    "torchprofile": 3072 + 12 * 16,
    "calflops": 2 * (3072 + 12 * 16 * 16),
    "torch": 2 * 3072,
}


def test_a_weighted_sum_is_a_product_that_some_tools_count_for_each_weight() -> None:
    graph = bncalc.network("torch:tests.readers.torch.modules:Followed@name=pr_lin1t@12,16")
    assert measure(graph).totals.macs == 3072 + 12 * 16
    for tool, total in WEIGHTED.items():
        assert account(graph, CONVENTIONS[tool]).total == total, tool


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.filterwarnings("ignore:`nn.functional.upsample` is deprecated")
@pytest.mark.filterwarnings("ignore:Implicit dimension choice for softmax")
@pytest.mark.parametrize("row", measured("modules.csv"), ids=lambda row: row["model"])
def test_each_tools_total_of_a_small_module_is_its_own(row: dict[str, str]) -> None:
    from tests.readers.torch.modules import MODULES

    name = row.pop("model")
    sizes = "8,6,10" if MODULES[name].is_map else "12,16"
    model = f"torch:tests.readers.torch.modules:Followed@name={name}@{sizes}"
    graph = bncalc.network(model)
    for tool, cell in row.items():
        counted = account(graph, CONVENTIONS[tool])
        assert ("?" if counted.unobserved else str(counted.total)) == cell, tool
    assert run("verify", model).returncode == 0


def test_a_norm_by_statistics_of_many_images_costs_two_operations_for_each_element() -> None:
    graph = bncalc.network("torch:tests.readers.torch.modules:Followed@name=nm_tracked@8,6,10")
    assert measure(graph).rows()[-1]["elementwise"] == 2 * 8 * 60


def test_a_limit_is_a_comparison_and_what_is_gathered_needs_one_operation_less(
    writes: Writing,
) -> None:
    text = (
        "import torch\n\n\nclass Net(torch.nn.Module):\n    def forward(self, x):\n"
        "        x = torch.nn.functional.hardtanh(x.clamp(min=0.1).clamp(-1, 1), -2, 2)\n"
        "        last = torch.linalg.vector_norm(x, ord=2, dim=(2, 3))\n"
        "        return x.sum(2), x.amax(1), x.norm(dim=2), x.norm(2, 1), last\n"
    )
    writes("gathered", text)
    rows = measure(bncalc.network("torch:gathered:Net@8,4,4")).rows()
    # 128 elements and 32 columns, or 16 positions, of which each needs one less
    elementwise = [row["elementwise"] for row in rows]
    assert elementwise == [128, 256, 256, 256, 96, 112, 256, 256]
    assert [row["op"] for row in rows[3:]] == ["norm", "sum", "amax", "norm", "norm"]


def test_a_window_that_is_larger_than_the_map_ends_where_the_map_does(
    reads: Callable[..., Graph],
) -> None:
    body = (
        "        pools = (torch.nn.AvgPool2d, torch.nn.MaxPool2d)\n"
        "        return [pool(64, ceil_mode=True)(x * self.own) for pool in pools]\n"
    )
    report = measure(reads("whole", body, "8,6,10"))
    costs = {layer.op: (layer.output, layer.cost.elementwise) for layer in report.layers}
    assert costs["avg_pool"] == (Shape(8, 1, 1), 8 * 60)
    assert costs["max_pool"] == (Shape(8, 1, 1), 8 * 59)


def test_functions_of_two_maps_and_those_with_two_names_are_counted(
    reads: Callable[..., Graph],
) -> None:
    body = (
        "        y = torch.max(torch.min(x, x.clip(max=1)), self.own)\n"
        "        return torch.multiply(y, x.arctan()), y.prod(1), y.logsumexp(1), y[:, :0].sum()\n"
    )
    report = measure(reads("named", body, "8,4,4"))
    assert [(layer.op, layer.cost.elementwise) for layer in report.layers] == [
        ("clamp", 128), ("minimum", 128), ("maximum", 128), ("atan", 128), ("multiply", 128),
        ("prod", 128 - 16), ("logsumexp", 256), ("slice", 0), ("sum", 0),
    ]  # fmt: skip
    assert report.totals.params == 1


@pytest.mark.parametrize(
    ("forward", "saved", "unknown"),
    [  # a convolution keeps what it reads
        ("x = self.first(x)\n        return self.last(x)", 4 * (3 + 2) * 16, ()),
        ("x = self.first(x)\n        return x if self.training else self.last(x)", 192, ("last",)),
        ("with torch.no_grad():\n            return self.first(x)", 0, ("first", "unused")),
        (
            "for each in (self.first, self.last):\n            x = each(x) if self.training else "
            "torch.nn.functional.conv2d(x, each.weight)\n        return x",
            4 * (3 + 2) * 16,
            (),
        ),
    ],
)
def test_a_layer_that_training_does_not_run_is_named_as_left_out(
    forward: str, saved: int, unknown: tuple[str, ...], writes: Writing
) -> None:
    text = (
        "import torch\n\n\nclass Net(torch.nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.first = torch.nn.Conv2d(3, 2, 1)\n"
        "        self.last = torch.nn.Conv2d(2, 5, 1)\n\n"
        f"    def forward(self, x):\n        {forward}\n"
    )
    name = f"leaving_{len(forward)}"
    writes(name, text)
    report = measure(bncalc.network(f"torch:{name}:Net@3,4,4"), also=["training"])
    training = report.result(Training)
    assert (training.saved, training.unknown) == (saved, unknown)


def test_what_training_keeps_of_a_model_that_cannot_be_trained_is_not_known(
    reads: Callable[..., Graph],
) -> None:
    body = "        return (self.own * x).resize_(1, 8, 2, 2)\n"  # which no gradient goes through
    report = measure(reads("resized", body, "8,4,4"), also=["training"])
    assert report.result(Training).unknown == ("multiply", "resize")
