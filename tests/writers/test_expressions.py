"""Calls of PyTorch as ONNX: each function is the same in both, on the sizes that it puts out."""

import re
from math import prod
from pathlib import Path
from typing import Any

import pytest
from tests.rows import each_of
from tests.writers.test_agreement import apart_in_both
from tests.writers.test_onnx import encoded

import bncalc
from bncalc.model.graph import Code, Constant, Graph, View
from bncalc.model.net import Net
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.reading import Request
from bncalc.model.shape import Shape
from bncalc.readers.onnx.account import account_of
from bncalc.writers.onnx.file import made as made_of

Sizes = tuple[int, ...]
X: Sizes = (6, 4, 5)
STATES = {"w": (6, 1, 1), "b": (4, 5)}


def calling(call: str, output: Sizes, *maps: Sizes, **states: Sizes | str | Constant) -> Graph:
    """Return a graph of one call: `{0}` is its input, `{1}` a learned map, `{m}` what it holds."""
    net = Net(X)
    inputs = [net.input, *[net.op("parameter", shape=list(sizes)) for sizes in maps]]
    net.build(Foreign(Facts("call", Shape(*output))), *inputs)
    graph = net.graph("call")
    *others, node = graph.nodes
    views = tuple([View((), (), sizes) for sizes in (X, *maps)])
    held = tuple([_held(name, given) for name, given in states.items()])
    code = Code(call, views, View((), (), output), held, more=True)
    return graph._replace(nodes=(*others, node._replace(code=code)))


def _held(name: str, given: Sizes | str | Constant) -> Constant:
    if isinstance(given, Constant):
        return given
    name = "" if name == "m" else name
    if isinstance(given, str):
        return Constant((), formula=given, name=name)
    return Constant(given, 1, name=name)


ELEMENTS = (
    "abs acos asin asinh atan ceil cos cosh erf exp expm1 floor log log10 log1p log2 neg "
    "reciprocal relu round rsqrt sigmoid sign sin sinh sqrt square tan tanh trunc"
)
CALLS: tuple[tuple[str, Sizes, tuple[Sizes, ...], dict[str, Any]], ...] = (
    *[(f"{{0}}.{word}()", X, (), {}) for word in ELEMENTS.split()],
    ("{0} * 0.125 + 3", X, (), {}),
    ("(1.5 - {0}) / 2", X, (), {}),
    ("{0} ** 3 - 2 ** {0}", X, (), {}),
    ("-{0} % 0.7", X, (), {}),
    ("{0} // 0.3", X, (), {}),
    ("torch.div({0} - 0.5, 0.2, rounding_mode=\"trunc\")", X, (), {}),
    ("torch.add({0}, {1}, alpha=2)", X, ((4, 1),), {}),
    ("torch.sub({0}, {1}, alpha=2)", X, ((6, 1, 1),), {}),
    ("torch.addcmul({m}.b, {m}.w, {0}, value=0.5)", X, (), STATES),
    ("torch.addcdiv({0}, {1}, {0}, value=2)", X, (X,), {}),
    ("torch.where({0} > 0.5, {0}, {1})", X, (X,), {}),
    ("({0} >= 0.5).float() * ({0} <= 0.9).float() + ({0} == {0}).float()", X, (), {}),
    ("(({0} < 0.5) | ({0} != {0}) & ~({0} > 1)).float()", X, (), {}),
    ("torch.maximum({0}, {1}) - torch.minimum({0}, {1})", X, (X,), {}),
    ("{0}.clamp(0.3, 0.8) + {0}.clamp(max=0.5)", X, (), {}),
    ("{0}.masked_fill({0} > 0.5, -torch.inf).softmax(3)", X, (), {}),
    ("F.log_softmax({0}, 1) + F.softmin({0}, dim=-1)", X, (), {}),
    ("F.gelu({0}) + F.silu({0}) + F.celu({0}, 0.7) + F.logsigmoid({0})", X, (), {}),
    ("F.hardtanh({0}, 0.2, 0.7) + F.threshold({0}, 0.4, 5.0) + F.softplus({0}, 2, 1)", X, (), {}),
    ("F.hardshrink({0}, 0.4) + F.softshrink({0} - 0.6, 0.3) + F.tanhshrink({0})", X, (), {}),
    ("({0} - 0.5).log().nan_to_num(3.0) + (1 / ({0} - {0})).nan_to_num(posinf=2.0)", X, (), {}),
    ("{0}.round(decimals=1) + torch.logical_xor({0} > 0.5, {0} > 0.7).float()", X, (), {}),
    ("{0}.log().isnan().float() + torch.le({0}, 0.5).float() + ({0} - 0.9).isinf().float()", X,
     (), {}),
    ("{0}.max(1)[1] * 0.5 + {0}.min(1)[0]", (4, 5), (), {}),
    ("F.grid_sample({0}, {0}[:, :2].movedim(1, -1).tanh(), align_corners=True)", X, (), {}),
    ("F.conv_transpose2d({0}, {m}.w, {m}.b, 2, padding=1, output_padding=1, groups=2)", (4, 8, 10),
     (), {"w": (6, 2, 3, 3), "b": (4,)}),
    ("F.instance_norm({0}, None, None, {m}.w, {m}.b)", X, (), {"w": (6,), "b": (6,)}),
    ("{0} + F.one_hot({0}.argmax(3), 5)", X, (), {}),
    ("{0} + {m}", X, (), {"m": "torch.outer(torch.arange(0.5, 2.5, 0.5), torch.arange(5.0))"}),
    ("F.normalize({0}, dim=-1) + F.normalize({0}, p=1.0, dim=1)", X, (), {}),
    ("F.normalize({0}, dim=2, eps=2.0) + F.normalize({0}, dim=(2, 3))", X, (), {}),
    ("{0}.norm(dim=(2, 3), keepdim=True) * {0}", X, (), {}),
    ("torch.linalg.vector_norm({0}, ord=1, dim=2, keepdim=True) + {0}", X, (), {}),
    ("F.conv1d({0}.flatten(2), torch._weight_norm({m}.w, {m}.b, 2), None)", (4, 18), (),
     {"w": (4, 6, 3), "b": (1, 1, 3)}),
    ("{0} + F.embedding({m}.i, {m}.t).movedim(-1, 0)", X, (),
     {"t": (9, 6), "i": Constant((4, 5), dtype="long", name="i")}),
    ("{0}.mean((2,)) + {0}.sum(2) + {0}.amax((2,)) - {0}.amin(2) + {0}.prod(2)", (6, 5), (), {}),
    ("{0}.var(1) + {0}.std(dim=1, correction=0)", (4, 5), (), {}),
    ("{0}.max(dim=1)[0] + {0}.argmax(dim=1)", (4, 5), (), {}),
    ("{0}.logsumexp((2, 3))", (6,), (), {}),
    ("{0}.cumsum(2)", X, (), {}),
    ("{0}.tril() + {0}.triu(1) * 2", X, (), {}),
    ("torch.matmul({0}, {1})", (6, 4, 3), ((5, 3),), {}),
    ("{0} @ {m}", (6, 4), (), {"m": (5,)}),
    ("torch.einsum(\"bchw,bdw->bchd\", {0}, {1})", (6, 4, 7), ((7, 5),), {}),
    ("F.linear({0}, {m}.w, {m}.b)", (6, 4, 7), (), {"w": (7, 5), "b": (7,)}),
    ("{0}.reshape(-1, 24, 5).transpose(1, 2).unflatten(2, (6, -1)).flatten(1, 2)", (30, 4), (), {}),
    ("{0}.movedim(1, -1).unsqueeze(2).expand(-1, -1, 2, -1, -1).squeeze(0)[None]", (4, 2, 5, 6),
     (), {}),
    ("{0}.repeat(1, 2, 1, 1).repeat_interleave(3, dim=3).roll((1, -2), (2, 3))", (12, 4, 15), (),
     {}),
    ("{0}.tile(2, 3)", (6, 8, 15), (), {}),
    ("{0} + {m}", X, (), {"m": "torch.meshgrid((torch.arange(4), torch.arange(5)), "
     "indexing=\"ij\")[0].float()"}),
    ("{0}.flip(1)[:, 1:5:2, :, -1].permute(0, 2, 1)", (4, 2), (), {}),
    ("{0}[:, None, ..., 2]", (1, 6, 4), (), {}),
    ("{0}[:, :, [0, 3, 1], [4, 4, 2]]", (6, 3), (), {}),
    ("{0} + {m}.t[:, {m}.i]", X, (),
     {"t": (6, 9), "i": Constant((4, 5), dtype="long", name="i")}),
    ("torch.cat(({0}, {1}), 2) + torch.cat(({0}, {1}), dim=-2)", (6, 7, 5), ((6, 3, 5),), {}),
    ("torch.stack(({0}, {0}.exp()), 2)", (6, 2, 4, 5), (), {}),
    ("{0}.chunk(3, 1)[2] * torch.split({0}, (1, 2, 3), 1)[1] + {0}.unbind(1)[0]", (2, 4, 5), (),
     {}),
    ("{0}.unfold(3, 3, 2)", (6, 4, 2, 3), (), {}),
    ("F.unfold({0}, (3, 2), padding=1, stride=(2, 1))", (36, 12), (), {}),
    ("F.fold(F.unfold({0}, 3, padding=1), (4, 5), 3, padding=1)", X, (), {}),
    ("F.pad({0}, (1, -2, 0, 1), value=0.5)", (6, 5, 4), (), {}),
    ("F.pad({0}, (1, 2, 0, 1), mode=\"circular\")", (6, 5, 8), (), {}),
    ("F.conv2d({0}, {m}.w.sigmoid(), {m}.b, padding=1, groups=2)", (4, 4, 5), (),
     {"w": (4, 3, 3, 3), "b": (4,)}),
    ("F.conv1d({0}.flatten(2), {m}, None, 2, \"valid\", 3)", (4, 9), (), {"m": (4, 6, 2)}),
    ("F.interpolate({0}, size=(7, 6), mode=\"bilinear\")", (6, 7, 6), (), {}),
    ("F.interpolate({0}, size=(2, 7), mode=\"bilinear\", antialias=True)", (6, 2, 7), (), {}),
    ("F.interpolate({0}, scale_factor=2.0)", (6, 8, 10), (), {}),
    ("F.interpolate({0}, size=(2, 3), mode=\"bicubic\", antialias=True)", (6, 2, 3), (), {}),
    ("F.layer_norm({0}, (4, 5), {m}.w, {m}.b, eps=0.1)", X, (), {"w": (4, 5), "b": (4, 5)}),
    ("F.conv2d({0}, {m}, None, 1, \"same\")", (4, 4, 5), (), {"m": (4, 6, 2, 4)}),
    ("F.unfold({0}, (2, 3), (2, 1), 1, 2)", (36, 6), (), {}),
    ("F.interpolate({0}, (7, 3), None, \"bilinear\", True)", (6, 7, 3), (), {}),
    ("F.layer_norm({0}, (5,))", X, (), {}),
    ("F.group_norm({0}, 2) + F.instance_norm({0}, None, None)", X, (), {}),
    ("F.rms_norm({0}, (5,), {m}, 0.1)", X, (), {"m": (5,)}),
    ("F.group_norm({0}, 3, {m}.w, {m}.b)", X, (), {"w": (6,), "b": (6,)}),
    ("F.batch_norm({0}, None, None, {m}.w, {m}.b, training=True)", X, (), {"w": (6,), "b": (6,)}),
    ("F.scaled_dot_product_attention({0}, {1}, {1}, attn_mask={m}, scale=0.3)", X, ((6, 3, 5),),
     {"m": (4, 3)}),
    ("F.scaled_dot_product_attention({0}, {1}, {1}, is_causal=True)", X, (X,), {}),
    ("F.scaled_dot_product_attention({0}, {1}, {1}, enable_gqa=True)", X, ((2, 3, 5),), {}),
    ("F.scaled_dot_product_attention({0}, {1}, {1}, attn_mask={m})", X, (X,),
     {"m": "torch.eye(4).bool()"}),
    ("replaced({0}, ((slice(None, None), 2, slice(1, 3)), {1}), ((..., 0), 7.0))", X, ((2, 5),),
     {}),
    ("replaced({0}, ((..., slice(0, None, 2)), {1}))", X, ((4, 3),), {}),
    ("{0} * {m}", X, (), {"m": "torch.arange(20).view(4, 5).float() / 7"}),
    ("{0} + {m}", X, (), {"m": "part1 = torch.arange(4)\n(part1[:, None] - part1[:5, None] "
     "% 3).float()"}),
    ("{0}.clamp({1}, {m}) + {0}.clamp(max={1})", X, ((4, 1),), {"m": (5,)}),
    ("(({0} > 0.5) + ({0} > 0.3)) * 2 + (({0} > 0.5) * ({0} < 0.7)).sum(1)", X, (), {}),
    ("torch.maximum({0} > 0.5, {0} < 0.3) * 2 + torch.minimum({0} > 0.5, {0} < 0.7)", X, (), {}),
    ("torch.lerp({0}, {1}, weight=0.3) + F.glu({0}, 1)[:, :1]", X, (X,), {}),
    ("torch.fmod({0} - 0.5, other=0.3) + ({0} * 3 - 1).frac()", X, (), {}),
    ("torch.where({0} > 0.5, input={0}, other={1})", X, (X,), {}),
    ("torch.addcmul({0}, tensor1={0}, tensor2={1})", X, (X,), {}),
    ("{0}.argmax(1).round() + ({0} > 0.5).clamp(max=0.5).sum(1)", (4, 5), (), {}),
    ("(({0} > 0.5) > ({0} > 0.9)) * {0}", X, (), {}),
    ("torch.where({0} > 0.5, {0} > 0.3, {0} > 0.7) * {0}", X, (), {}),
    ("{0}.argmax(1).clamp(1, 2.5)", (4, 5), (), {}),
    ("{0}.flip(dims=(1, -1))", X, (), {}),
    ("{0} + {m}", X, (), {"m": "torch.arange(5).roll(2) // 2 + torch.arange(5) // 0.7"}),
    ("{0} + {m}", X, (), {"m": "torch.arange(4).repeat_interleave(5).view(4, 5)"}),
    ("{0} + {m}", X, (), {"m": "F.pad(torch.arange(3), (1, 1), value=7)"}),
    ("{0} + {m}", X, (), {"m": "torch.zeros((4, 1)) + torch.linspace(-1, 1, 5)"}),
    ("{0} + {m}", X, (), {"m": "torch.tensor((0.5, 2.0, -1.0, 0.1, 3.0)) * torch.ones((4, 5))"}),
    ("{0} + {m}", X, (), {"m": "torch.stack(torch.meshgrid(torch.arange(4), torch.arange(5), "
     "indexing=\"ij\"))[1] // 2"}),
)  # fmt: skip
GRAPHS = [calling(call, output, *maps, **states) for call, output, maps, states in CALLS]


@each_of(GRAPHS, ids=[row[0] for row in CALLS])
def test_a_call_puts_out_the_sizes_that_it_does_in_pytorch(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(encoded(graph))
    account = account_of(Request(str(tmp_path / "net.onnx")))
    assert account.tensors["call"] == (1, *graph.output)
    (made, _), layers = made_of(graph), account.layers
    assert sum(layer.params for layer in layers) == sum(
        prod(weight.shape) for weight in made.weights.values()
    )


@each_of(
    [
        ("{0}.topk(2, 1)[0]", "bncalc cannot write topk as ONNX"),
        ("{0}.mean(1, dtype=3)", "bncalc cannot write mean with dtype as ONNX"),
        ("{0}[{0} > 0.5]", "how many elements it takes depends on numbers"),
        ("{0}[:, :2]", "its sizes as ONNX would be (1, 2, 4, 5) and not (1, 6, 4, 5)"),
        ('F.pad({0}, (1, 1), mode="odd")', "bncalc cannot write pad in mode odd as ONNX"),
        ("{0} + ({0} ^ {0})", "bncalc cannot write BitXor as ONNX"),
        ("{0}.roll(1, (2, 3))", "bncalc cannot write map0.roll(1, (2, 3)) as ONNX"),
        ("{0} + torch.pi", "bncalc cannot write torch.pi as ONNX"),
        ("{0} + other", "bncalc cannot write other as ONNX"),
        ("{0}.sum([i for i in (1, 2)])", "bncalc cannot write [i for i in (1, 2)] as ONNX"),
        ("{0}.exp() if {0} else {0}", "bncalc cannot write map0.exp() if map0 else map0 as ONNX"),
    ]
)
def test_what_cannot_be_written_is_said_of_the_layer(call: str, reason: str) -> None:
    with pytest.raises(bncalc.UsageError, match=re.escape(f"as ONNX:\n  call at call: {reason}")):
        made_of(calling(call, X))


def test_a_refusal_that_nobody_foresaw_says_what_it_comes_from() -> None:
    with pytest.raises(bncalc.UsageError) as refused:
        made_of(calling("{0} + torch.pi", X))
    reason = refused.value.__cause__
    assert reason is not None
    assert type(reason.__cause__) is KeyError


@pytest.mark.frameworks
@pytest.mark.filterwarnings("ignore:Using padding='same' with even:UserWarning")
def test_a_call_is_the_same_function_in_both() -> None:
    for (call, *_), graph in zip(CALLS, GRAPHS, strict=True):
        assert apart_in_both(graph) < 1e-5, call
