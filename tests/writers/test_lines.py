"""Lines: each op as PyTorch has it, written out by hand."""

from typing import Any

import pytest
from tests.rows import each_of

import bncalc
from bncalc.model.net import Net
from bncalc.model.shape import Shape
from bncalc.writers.pytorch.lines import lines_of
from bncalc.writers.pytorch.lines.line import Line, number
from bncalc.writers.pytorch.module import module_file

IMAGE, TOKENS = (6, 8, 8), (6, 10)
ROWS: tuple[tuple[str, dict[str, Any], tuple[int, ...], str, str], ...] = (
    ("conv", {"out": 4, "bias": True}, IMAGE, "{m}({0})", "nn.Conv2d(6, 4, 3, padding=1)"),
    ("conv", {"out": 4, "kernel": 5, "stride": 2, "groups": 2}, TOKENS, "{m}({0})",
     "nn.Conv1d(6, 4, 5, stride=2, padding=2, groups=2, bias=False)"),
    ("conv", {"out": 4, "stride": 2, "padding": "same"}, IMAGE, "{m}(F.pad({0}, (0, 1, 0, 1)))",
     "nn.Conv2d(6, 4, 3, stride=2, bias=False)"),
    ("conv", {"out": 4, "padding": [0, 1, 2, 3]}, IMAGE, "{m}(F.pad({0}, (2, 3, 0, 1)))",
     "nn.Conv2d(6, 4, 3, bias=False)"),
    ("conv_transpose", {"out": 4}, IMAGE, "{m}({0})",
     "nn.ConvTranspose2d(6, 4, 2, stride=2, bias=False)"),
    ("local_response_norm", {}, IMAGE, "{m}({0})", "nn.LocalResponseNorm(5)"),
    ("local_response_norm", {"k": 2}, IMAGE, "{m}({0})", "nn.LocalResponseNorm(5, k=2)"),
    ("batch_norm", {"eps": 0.001}, IMAGE, "{m}({0})", "nn.BatchNorm2d(6, eps=0.001)"),
    ("group_norm", {"groups": 2, "eps": 0}, IMAGE, "{m}({0})", "nn.GroupNorm(2, 6, eps=0)"),
    ("rms_norm", {"eps": 2**-23}, (6,), "{m}({0}.movedim(1, -1)).movedim(-1, 1)", "nn.RMSNorm(6)"),
    ("leaky_relu", {"slope": 0.1}, IMAGE, "{m}({0})", "nn.LeakyReLU(negative_slope=0.1)"),
    ("elu", {"alpha": 2}, IMAGE, "{m}({0})", "nn.ELU(alpha=2)"),
    ("softplus", {"beta": 3}, IMAGE, "{m}({0})", "nn.Softplus(beta=3)"),
    ("leaky_relu", {"slope": float("inf")}, IMAGE, "{m}({0})",
     "nn.LeakyReLU(negative_slope=torch.inf)"),
    ("gelu", {"approximate": True}, IMAGE, "{m}({0})", 'nn.GELU(approximate="tanh")'),
    ("pad", {"value": 0.5}, IMAGE, "F.pad({0}, (1, 1, 1, 1), value=0.5)", ""),
    ("pad", {"value": float("-inf")}, (6, 8), "F.pad({0}, (1, 1), value=-torch.inf)", ""),
    ("avg_pool", {"padding": 1, "count_padding": False}, IMAGE, "{m}({0})",
     "nn.AvgPool2d(2, 2, padding=1, count_include_pad=False)"),
    ("upsample", {"mode": "bilinear", "align_corners": True}, IMAGE, "{m}({0})",
     'nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)'),
    ("local_response_norm", {}, (6,), "{m}({0}[..., None])[..., 0]", "nn.LocalResponseNorm(5)"),
    ("class_token", {}, (6,),
     "torch.cat(({m}.expand({0}.shape[0], -1, -1), {0}[..., None]), 2).reshape(-1, 6, 2)",
     "nn.Parameter(torch.zeros(1, 6, 1))"),
    ("linear", {"out": 5, "bias": True}, IMAGE, "{m}({0}.flatten(1)).reshape(-1, 5, 1, 1)",
     "nn.Linear(384, 5)"),
    ("linear", {"out": 5, "each": True}, TOKENS, "{m}({0}.movedim(1, -1)).movedim(-1, 1)",
     "nn.Linear(6, 5, bias=False)"),
    ("max_pool", {"kernel": 3, "ceil": True}, IMAGE, "{m}({0})",
     "nn.MaxPool2d(3, 3, padding=1, ceil_mode=True)"),
    ("avg_pool", {}, TOKENS, "{m}({0})", "nn.AvgPool1d(2, 2)"),
    ("global_avg_pool", {}, IMAGE, "{m}({0})", "nn.AdaptiveAvgPool2d(1)"),
    ("adaptive_max_pool", {"size": [2, 3]}, IMAGE, "{m}({0})", "nn.AdaptiveMaxPool2d((2, 3))"),
    ("batch_norm", {}, TOKENS, "{m}({0})", "nn.BatchNorm1d(6)"),
    ("batch_norm", {"affine": False}, IMAGE, "{m}({0})", "nn.BatchNorm2d(6, affine=False)"),
    ("instance_norm", {"affine": True}, IMAGE, "{m}({0})", "nn.InstanceNorm2d(6, affine=True)"),
    ("group_norm", {"groups": 3}, IMAGE, "{m}({0})", "nn.GroupNorm(3, 6)"),
    ("layer_norm", {}, IMAGE, "{m}({0}.movedim(1, -1)).movedim(-1, 1)", "nn.LayerNorm(6)"),
    ("rms_norm", {"affine": False}, TOKENS, "{m}({0}.movedim(1, -1)).movedim(-1, 1)",
     "nn.RMSNorm(6, 1e-06, elementwise_affine=False)"),
    ("frozen_norm", {}, IMAGE, "{m}({0})", "FrozenNorm(6)"),
    ("prelu", {}, IMAGE, "{m}({0})", "nn.PReLU()"),
    ("prelu", {"slopes": "channel"}, IMAGE, "{m}({0})", "nn.PReLU(6)"),
    ("softmax", {}, IMAGE, "{0}.softmax(1)", ""),
    ("softmax", {"over": "positions"}, IMAGE, "{0}.flatten(2, 3).softmax(2).unflatten(2, (8, 8))",
     ""),
    ("mean", {"over": "positions"}, IMAGE, "{0}.mean((2, 3), keepdim=True)", ""),
    ("max", {"over": "channels"}, IMAGE, "{0}.amax((1,), keepdim=True)", ""),
    ("slice", {"start": 1, "stop": 4}, IMAGE, "{0}[:, 1:4]", ""),
    ("split", {"parts": 3, "part": 2}, IMAGE, "{0}.chunk(3, 1)[2]", ""),
    ("reshape", {"to": [3, 128]}, IMAGE, "{0}.reshape(-1, 3, 128)", ""),
    ("flatten", {}, IMAGE, "{0}.reshape(-1, 384, 1, 1)", ""),
    ("channel_shuffle", {"groups": 3}, IMAGE, "{m}({0})", "nn.ChannelShuffle(3)"),
    ("space_to_depth", {"factor": 2}, IMAGE, "{m}({0})", "nn.PixelUnshuffle(2)"),
    ("space_to_depth", {"factor": 2, "order": "dcr"}, IMAGE,
     "{0}.reshape(-1, 6, 4, 2, 4, 2).permute(0, 3, 5, 1, 2, 4).reshape(-1, 24, 4, 4)", ""),
    ("pixel_shuffle", {"factor": 2, "order": "drc"}, (8, 3, 5),
     "{0}.reshape(-1, 2, 2, 2, 3, 5).permute(0, 3, 4, 2, 5, 1).reshape(-1, 2, 6, 10)", ""),
    ("pad", {"size": 2}, IMAGE, "F.pad({0}, (2, 2, 2, 2))", ""),
    ("pad", {"size": 1, "mode": "reflect"}, IMAGE, 'F.pad({0}, (1, 1, 1, 1), mode="reflect")', ""),
    ("pad", {"size": [1, 2, 0, 3]}, IMAGE, "F.pad({0}, (0, 3, 1, 2))", ""),
    ("pad", {"size": [1, 2]}, IMAGE, "F.pad({0}, (2, 2, 1, 1))", ""),
    ("pad", {"size": [1, 2]}, TOKENS, "F.pad({0}, (1, 2))", ""),
    ("crop", {"size": [1, 2]}, IMAGE, "{0}[:, :, 1:7, 2:6]", ""),
    ("crop", {"size": [1, 0, 0, 2]}, IMAGE, "{0}[:, :, 1:8, 0:6]", ""),
    ("crop", {"size": [2, 1]}, TOKENS, "{0}[:, :, 2:9]", ""),
    ("conv", {"out": 4, "padding": [2, 0]}, TOKENS, "{m}(F.pad({0}, (2, 0)))",
     "nn.Conv1d(6, 4, 3, bias=False)"),
    ("conv", {"out": 4, "padding": [1, 1, 0, 0]}, IMAGE, "{m}({0})",
     "nn.Conv2d(6, 4, 3, padding=(1, 0), bias=False)"),
    ("max_pool", {"kernel": [2, 3], "padding": "same"}, (6, 7, 8),
     "{m}(F.pad({0}, (0, 1, 0, 1), value=-torch.inf))", "nn.MaxPool2d((2, 3), (2, 3))"),
    ("avg_pool", {"kernel": 3, "padding": 2}, TOKENS, "{m}(F.pad({0}, (2, 2)))",
     "nn.AvgPool1d(3, 3)"),
    ("mean", {"over": "positions"}, (6,), "{0}", ""),
    ("pixel_shuffle", {"factor": 2}, TOKENS,
     "{0}.reshape(-1, 3, 2, 10).permute(0, 1, 3, 2).reshape(-1, 3, 20)", ""),
    ("space_to_depth", {"factor": 2}, TOKENS,
     "{0}.reshape(-1, 6, 5, 2).permute(0, 1, 3, 2).reshape(-1, 12, 5)", ""),
    ("channel_shuffle", {}, (6,), "{0}.unflatten(1, (2, -1)).transpose(1, 2).flatten(1)", ""),
    ("unfold", {"kernel": 3, "padding": 1}, TOKENS, "{m}({0}[:, :, None])",
     "nn.Unfold((1, 3), padding=(0, 1))"),
    ("conv", {"out": 4, "kernel": [3, 5], "stride": 2, "dilation": [1, 2]}, IMAGE, "{m}({0})",
     "nn.Conv2d(6, 4, (3, 5), stride=2, padding=(1, 4), dilation=(1, 2), bias=False)"),
    ("gru", {"hidden": 7, "layers": 2, "bidirectional": True, "bias": False}, TOKENS,
     "{m}({0}.movedim(1, -1))[0].movedim(-1, 1)",
     "nn.GRU(6, 7, num_layers=2, bias=False, batch_first=True, bidirectional=True)"),
    ("upsample", {"scale": 2}, IMAGE, "{m}({0})", "nn.Upsample(scale_factor=2)"),
    ("upsample", {"size": [5, 7], "mode": "bicubic", "called": "function"}, IMAGE,
     'F.interpolate({0}, size=(5, 7), mode="bicubic")', ""),
    ("permute", {"order": [1, 2, 0]}, IMAGE, "{0}.permute(0, 2, 3, 1)", ""),
    ("transpose", {}, IMAGE, "{0}.transpose(-2, -1)", ""),
    ("transpose", {"axes": [0, 1]}, IMAGE, "{0}.transpose(1, 2)", ""),
    ("roll", {"by": 3}, IMAGE, "{0}.roll((3, 3), (2, 3))", ""),
    ("unfold", {"stride": 2}, IMAGE, "{m}({0})", "nn.Unfold(3, padding=1, stride=2)"),
    ("unfold", {"padding": "same"}, IMAGE, "{m}({0})", "nn.Unfold(3, padding=1)"),
    ("sqrt", {}, IMAGE, "{0}.sqrt()", ""),
    ("custom", {"op": "add", "out": [6, 8, 8], "params": 6}, IMAGE, "{0} + {m}",
     "nn.Parameter(torch.zeros(1, 6, 1, 1))"),
    ("upsample", {"scale": 2, "mode": "bilinear"}, TOKENS, "{m}({0})",
     'nn.Upsample(scale_factor=2, mode="linear")'),
    ("dropout", {}, IMAGE, "{m}({0})", "nn.Dropout(0.5)"),
    ("identity", {}, IMAGE, "{0}", ""),
    ("lstm", {"hidden": 7}, TOKENS, "{m}({0}.movedim(1, -1))[0].movedim(-1, 1)",
     "nn.LSTM(6, 7, batch_first=True)"),
    ("position_embedding", {}, IMAGE, "{0} + {m}", "nn.Parameter(torch.zeros(1, 6, 8, 8))"),
    ("layer_scale", {}, IMAGE, "{0} * {m}", "nn.Parameter(torch.zeros(1, 6, 1, 1))"),
    ("class_token", {}, IMAGE,
     "torch.cat(({m}.expand({0}.shape[0], -1, -1), {0}.flatten(2)), 2).reshape(-1, 6, 65, 1)",
     "nn.Parameter(torch.zeros(1, 6, 1))"),
    ("class_token", {}, TOKENS,
     "torch.cat(({m}.expand({0}.shape[0], -1, -1), {0}), 2).reshape(-1, 6, 11)",
     "nn.Parameter(torch.zeros(1, 6, 1))"),
)  # fmt: skip


def call_of(line: Line) -> str:
    """Return the call of a line with its numbers as they are, and places for the rest."""
    return line.called([f"{{{i}}}" for i in range(4)], "{m}")


@each_of(ROWS, ids=[f"{r[0]}{i}" for i, r in enumerate(ROWS)])
def test_an_op_is_the_line_that_is_written_here(
    word: str, fields: dict[str, Any], shape: tuple[int, ...], call: str, module: str
) -> None:
    graph = bncalc.block(word, shape, **fields)
    text = lines_of(graph)[1]
    assert (call_of(text), text.construction if text.module else "") == (call, module)


def test_corners_are_aligned_only_where_pytorch_interpolates() -> None:
    graph = bncalc.block("upsample", IMAGE, scale=2, align_corners=True)
    with pytest.raises(bncalc.UsageError, match="PyTorch aligns no corners by mode nearest"):
        lines_of(graph)


def test_attention_of_vectors_has_one_position() -> None:
    net = Net(Shape(8))
    x = net.input
    scores = net.op("attention_scores", x, x, heads=2)
    net.op("attention_mix", scores, x)
    net.op("fused_attention", x, x, x, heads=2)
    lines = lines_of(net.graph("net"))
    assert [call_of(lines[index]) for index in (1, 2, 3)] == [
        "attention_scores({0}[..., None], {1}[..., None], 2)",
        "attention_mix({0}, {1}[..., None]).reshape(-1, 8)",
        "fused_attention({0}[..., None], {1}[..., None], {2}[..., None], 2).reshape(-1, 8)",
    ]


def test_maps_that_are_joined_are_an_expression() -> None:
    net = Net(Shape(4, 6, 6))
    x = net.input
    y = net.conv(x, 4, 3)
    maps = [net.add(x, y), net.concat(x, y), net.op("multiply", x, y)]
    scores = net.op("attention_scores", x, y, heads=2)
    maps += [
        scores,
        net.op("attention_mix", scores, y),
        net.op("fused_attention", x, y, y, heads=2),
    ]
    areas = net.op("attention_scores", x, y, heads=2, areas=3)
    maps += [areas, net.op("attention_mix", areas, y, areas=3)]
    graph = net.graph("joined")
    lines = [call_of(lines_of(graph)[m.node]) for m in maps]
    assert lines == [
        "{0} + {1}",
        "torch.cat(({0}, {1}), 1)",
        "{0} * {1}",
        "attention_scores({0}, {1}, 2)",
        "attention_mix({0}, {1}).reshape(-1, 4, 6, 6)",
        "fused_attention({0}, {1}, {2}, 2).reshape(-1, 4, 6, 6)",
        "attention_scores({0}, {1}, 2, areas=3)",
        "attention_mix({0}, {1}, areas=3).reshape(-1, 4, 6, 6)",
    ]


def test_a_part_that_only_training_runs_and_that_passes_a_map_on_gives_the_rest_nothing() -> None:
    net = Net((8, 20))
    x = net.op("hard_sigmoid", net.input)
    with net.training_only(), net.part("auxiliary", "auxiliary"):
        net.op("drop_path", x)
    assert module_file(net.graph("net")).endswith("        return self.hard_sigmoid(x)\n")


def test_a_number_of_a_call_is_itself_or_what_is_written_for_it() -> None:
    heads, start = number("heads", 3), number("start", 8)
    line = Line(f"mixed({{0}}, {heads})[:, {start}:, :{number('stop', 16)}, ::2, {{m}}]")
    assert line.form == ("mixed({0}, {heads})[:, {start}:, :{stop}, ::2, {m}]",)
    assert line.numbers == [("heads", 3), ("start", 8), ("stop", 16)]
    assert line.called(["x"], "self.at") == "mixed(x, 3)[:, 8:, :16, ::2, self.at]"
    texts = ["self.heads", "self.width", "2 * self.width"]
    assert line.called(["x"], "at", texts) == (
        "mixed(x, self.heads)[:, self.width :, : 2 * self.width, ::2, at]"
    )
    assert number("scale", float("-inf")) == "-torch.inf"
