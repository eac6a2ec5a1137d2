"""Code: calls that are no ops of the language are written as the model has them."""

from typing import Any

import pytest
from tests.rows import each_of
from tests.writers.test_agreement import apart_in_both

import bncalc
from bncalc import UsageError
from bncalc.analysis.measurement import measure
from bncalc.model.graph import Code, Constant, View
from bncalc.model.shape import Shape
from bncalc.readers.torch.call_text import Text
from bncalc.writers.onnx.file import model_bytes
from bncalc.writers.pytorch.arguments import role
from bncalc.writers.pytorch.lines.code import code_line
from bncalc.writers.pytorch.lines.line import filled
from bncalc.writers.pytorch.module import module_file

_BOTH = ("weight", "bias")
NETWORKS: tuple[tuple[str, tuple[int, ...], dict[str, str]], ...] = (
    ("Masked", (4, 8), {"fused_attention1.table": "table", "fused_attention1.index": "index"}),
    ("Equations", (3, 8, 8), {"einsum": "learned"}),
    ("Unfolded", (3, 4, 4), {"linear.weight": "part.weight", "linear.biases": "biases",
     "linear.fixed": "fixed", "linear.index": "order"}),
    ("Positions", (4, 8), {"getitem": "index", "parameter": "offsets"}),
    ("Standardising", (3, 8, 8), {}),
    ("Statistics", (4, 8, 8), {}),
    ("Silenced", (4, 8, 8), {}),
    ("Normed", (3, 8, 8),
     {**{f"first.original{i}": f"first.parametrizations.weight.original{i}" for i in (0, 1)},
     **{f"second.{n}": f"second.parametrizations.weight.0.{n}" for n in ("_u", "_v")},
     "second.original": "second.parametrizations.weight.original",
     "conv_transpose.direction": "direction", "conv_transpose.norms": "norms"}),
    ("Computed", (3, 8, 8), {"layer_scale1": "gamma", "layer_scale2": "gate", "add1": "positions",
     **{f"batch_norm.{name}": f"norm.{name}" for name in ("weight", "bias", "running_mean",
     "running_var")}}),
    ("Looked", (4, 8), {"add1.weight": "types.weight", "add1.kinds": "kinds",
     "add2.weight": "positions.weight"}),
    ("Sequences", (3, 4, 5), {}),
    ("Chosen", (3, 4), {"matmul.table": "table", "matmul.counts": "counts"}),
    ("Spread", (1, 4, 4), {"multiply": "frequencies"}),
    ("Encoded", (4, 6), {"matmul1.frequencies": "frequencies", "matmul2.table": "table",
     "multiply1": "counts", "multiply2.frequencies": "frequencies"}),
    ("Whitened", (4, 3, 3), {"subtract": "mean", "divide": "var", "multiply": "var",
     "add.mean": "mean", "add.var": "var"}),
    ("Blocked", (3, 4, 4), {"position_embedding1": "positions", "class_token": "token"}),
    ("Steps", (4, 3, 4, 4), {f"cell.conv.conv.{n}": f"cell.conv.{n}" for n in _BOTH}),
    ("Pairs", (4,),
     {f"pair.{at}.linear.{n}": f"pair.{at}.{n}" for at in ("first", "second") for n in _BOTH}),
    ("Arranged", (6, 4), {"add.table": "table", "subtract.mean": "mean"}),
    ("Biased", (5, 8), {"parameter": "offsets", "einsum": "rows"}),
    ("Folded", (6, 3, 4, 4), {}),
    ("Located", (3, 4, 4), {}),
    ("WeighedAgain", (3, 4, 4), {f"conv.{n}": f"convolution.{n}" for n in _BOTH}),
)  # fmt: skip


@pytest.mark.frameworks
@pytest.mark.parametrize(("name", "sizes", "renamed"), NETWORKS)
def test_an_exported_call_puts_out_what_the_call_of_the_model_does(
    name: str, sizes: tuple[int, ...], renamed: dict[str, str]
) -> None:
    import torch
    from tests.readers.torch import calls

    model = getattr(calls, name)().eval().double()
    given = ",".join(map(str, sizes))
    graph = bncalc.network(f"torch:tests.readers.torch.calls:{name}@{given}")
    names: dict[str, Any] = {}
    exec(compile(module_file(graph), name, "exec"), names)
    module = names[name]().eval().double()
    params = sum([each.numel() for each in module.parameters()])
    assert params == measure(graph).totals.params == sum([p.numel() for p in model.parameters()])
    model.load_state_dict(
        {
            key: torch.rand_like(each) if each.is_floating_point() else each
            for key, each in model.state_dict().items()
        }
    )
    known = model.state_dict()
    states = {
        key: _as(known[renamed.get(key, key)], each) for key, each in module.state_dict().items()
    }
    module.load_state_dict(states)
    x = torch.rand(2, *sizes, dtype=torch.float64)
    with torch.no_grad():
        torch.testing.assert_close(module(x).reshape(model(x).shape), model(x))


@pytest.mark.frameworks
def test_weights_that_are_made_in_ways_without_words_are_refused_and_counted() -> None:
    for name, rows in (("Orthogonal", 4), ("Silenced@doubled=true", 6)):
        graph = bncalc.network(f"torch:tests.readers.torch.calls:{name}@4,3,3")
        assert measure(graph).totals.params == (4 + 1) * rows
        with pytest.raises(UsageError, match="linear: bncalc cannot write how the model works "):
            module_file(graph)


@pytest.mark.frameworks
def test_numbers_that_a_model_works_out_in_ways_without_words_are_refused() -> None:
    graph = bncalc.network("torch:tests.readers.torch.calls:Encoded@inverse=true@4,6")
    with pytest.raises(UsageError, match="add3: bncalc cannot write how the model works "):
        module_file(graph)


def _as(state: Any, other: Any) -> Any:
    """Return a state of a model as one of its export, which may have its axes turned."""
    turned = state.movedim(-1, 1) if state.dim() > 2 and state.shape != other.shape else state
    if other.shape == (1, *state.movedim(-1, 0).shape):
        turned = state.movedim(-1, 0)  # channels first, as maps are
    return turned.reshape(other.shape)


WRITTEN = (
    *("parts changed", "views changed", "written into zeros", "windows shifted", "compared"),
    *("bounded", "put out in another order"),
)
"""What is written over in place, and what is no op of ours and not as it is put out."""
TOLD = (
    *("alpha", "alpha of a number", "alpha by name", "other order", "negative base", "rounding"),
    *("threshold", "divisor", "biased", "correction", "epsilon", "epsilon over axes", "causal"),
    *("factor", "usual", "factor of sizes", "parts replaced", "nothing and the rest"),
    *("repeated as", "folded back", "less epsilon over axes", "decimals", "root over axes"),
    *("largest", "places in order", "which is largest", "sampled", "axes moved"),
    *("norm by place", "norm of vectors"),
)


@pytest.mark.frameworks
@pytest.mark.parametrize("how", [*WRITTEN, *TOLD])
def test_an_exported_call_has_the_arguments_that_change_its_result(how: str) -> None:
    import torch
    from tests.readers.torch.calls import FUNCTIONS

    graph = bncalc.network(f"torch:tests.readers.torch.calls:Told@how={how}@4,8,8")
    names: dict[str, Any] = {}
    exec(compile(module_file(graph._replace(name="net")), how, "exec"), names)
    x = torch.randn(3, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    want = FUNCTIONS[how](x)
    torch.testing.assert_close(names["Net"]()(x).reshape(want.shape), want, equal_nan=True)


IN_PYTORCH = ("views changed", "bounded", "divisor", "factor", "largest", "places in order")
"""What ONNX, or bncalc for it, has no operation for."""
NOT_NUMBERS = ("other order", "negative base")
"""What is 0 or no number wherever maps are above 0."""


@pytest.mark.frameworks
def test_an_exported_call_is_the_same_function_in_onnx() -> None:
    given = [f"{name}@{','.join(map(str, sizes))}" for name, sizes, _ in NETWORKS]
    given.remove("Unfolded@3,4,4")  # of whose biases no ONNX file of ours knows the order
    told = [how for how in (*WRITTEN, *TOLD) if how not in (*IN_PYTORCH, *NOT_NUMBERS)]
    for name in (*given, *[f"Told@how={how}@4,8,8" for how in told]):
        graph = bncalc.network(f"torch:tests.readers.torch.calls:{name}")
        assert apart_in_both(graph._replace(name="net")) < 1e-5, name


@pytest.mark.frameworks
def test_a_map_that_is_worked_out_of_stored_numbers_is_not_written_as_these() -> None:
    name = "torch:tests.readers.torch.calls:ScaledTable"
    module_file(bncalc.network(f"{name}@4,3,3"))
    with pytest.raises(UsageError, match="parameter: bncalc cannot write how the model works "):
        module_file(bncalc.network(f"{name}@factor=2@4,3,3"))


@pytest.mark.frameworks
def test_arguments_that_cannot_be_written_are_refused_by_name() -> None:
    graph = bncalc.network("torch:tests.readers.torch.calls:Tracked@4,8,8")
    with pytest.raises(bncalc.UsageError) as refusal:
        module_file(graph)
    assert str(refusal.value).splitlines()[1:] == [
        "  gru at gru/gru: what hx of gru does cannot be written",
    ]
    both = bncalc.network("torch:tests.readers.torch.calls:Told@how=largest and which@4,8,8")
    with pytest.raises(bncalc.UsageError, match="max at max: "):
        module_file(both)
    with pytest.raises(bncalc.UsageError, match="topk at topk: bncalc cannot write topk as ONNX"):
        model_bytes(bncalc.network("torch:tests.readers.torch.calls:Told@how=largest@4,8,8"))


PLAIN, TURNED = View((4, 6), (0, 1), (4, 6)), View((4, 6), (1, 0), (6, 4))
SPLIT = View((2, 3, 4), (2, 0, 1), (4, 6))
"""A map of 2×3×4 as a tensor of its last axis and the others as one."""
VECTOR = View((24,), (0,), (4, 6))
MAPS = ("{0}", "{1}")
MAP, CUBE, FLAT = Shape(4, 6), Shape(2, 3, 4), Shape(24)


@each_of([
    (Code("torch.matmul({0}, {1})", (PLAIN, PLAIN), PLAIN), MAP, "{0} @ {1}"),
    (Code("torch.matmul({0}, {1})", (TURNED, PLAIN), PLAIN), MAP,
     "torch.matmul({0}.transpose(1, 2), {1})"),
    (Code("torch.matmul({0}, {1})", (PLAIN, PLAIN), TURNED), MAP, "({0} @ {1}).transpose(1, 2)"),
    (Code("{0} * 2", (PLAIN,), PLAIN), MAP, "{0} * 2"),
    (Code("{0} * 2", (TURNED,), TURNED), MAP, "({0}.transpose(1, 2) * 2).transpose(1, 2)"),
    (Code("F.pad({0}, (1, 1))", (TURNED,), TURNED), MAP,
     "F.pad({0}.transpose(1, 2), (1, 1)).transpose(1, 2)"),
    (Code("{0}[:, 1: 3]", (PLAIN,), TURNED), MAP, "{0}[:, 1: 3].transpose(1, 2)"),
    (Code("{0}.sum(1)", (SPLIT,), SPLIT), CUBE,
     "{0}.permute(0, 3, 1, 2).flatten(2, 3).sum(1).unflatten(2, (2, 3)).permute(0, 2, 3, 1)"),
    (Code("{0} + 1", (VECTOR,), VECTOR), FLAT, "({0}.unflatten(1, (4, 6)) + 1).flatten(1, 2)"),
])  # fmt: skip
def test_a_call_is_written_on_views_of_maps(code: Code, shape: Shape, line: str) -> None:
    written = code_line(code, (shape,) * len(code.inputs), shape)
    assert (written.called(MAPS, "{m}"), written.module) == (line, "")


def test_calls_that_differ_in_sizes_alone_are_of_one_form() -> None:
    calls = [f"{{0}}.view({n}, {n}, -1).pow2(1, 0.5)" for n in (49, 196)]
    small, large = (code_line(Code(call, (PLAIN,), PLAIN), (MAP,), MAP) for call in calls)
    assert small.form == large.form
    assert large.numbers == [("size", 196), ("size", 196), ("value", 0.5)]
    assert large.called(MAPS) == "{0}.view(196, 196, -1).pow2(1, 0.5)"


@each_of([
    ("a + b", "+", "*", "(a + b) * (a + b)"),
    ("a + b", "+", "-", "a + b - (a + b)"),
    ("a * b", "*", "+", "a * b + a * b"),
    ("a / b", "/", "*", "a / b * (a / b)"),
    ("a @ b", "@", "*", "(a @ b) * (a @ b)"),
    ("a ** b", "**", "-", "(a ** b) - (a ** b)"),
    ("a < b", "<", "&", "(a < b) & (a < b)"),
    ("a.b()", "", "**", "a.b() ** a.b()"),
])  # fmt: skip
def test_operands_are_in_brackets_where_the_sign_around_them_binds_no_less(
    source: str, own: str, sign: str, joined: str
) -> None:
    text = Text(source, own)
    assert f"{text.beside(sign, first=True)} {sign} {text.beside(sign)}" == joined


@each_of([
    (Constant((6,), 6), "{0} * {m}", "parameter", (6,)),
    (Constant((1, 6)), "{0} * {m}", "buffer", (1, 6)),
    (Constant((6,), dtype="long"), "{0} * {m}", "index", (6,)),
    (Constant((6,), dtype="bool"), "{0} * {m}", "mask", (6,)),
    (Constant((6,), formula="torch.arange(6)"), "{0} * {m}", "constant", ("torch.arange(6)",)),
])  # fmt: skip
def test_the_constant_of_a_call_is_a_state_of_its_own(
    constant: Constant, call: str, module: str, values: tuple[object, ...]
) -> None:
    line = code_line(Code("{0} * {m}", (PLAIN,), PLAIN, (constant,)), (MAP,), MAP)
    assert (line.called(MAPS, "{m}"), line.module) == (call, module)
    assert tuple([value for _, value in line.arguments]) == values


def test_states_that_are_no_formula_and_not_learned_are_zeros_in_the_file() -> None:
    rows = Constant((6,), 6, name="rows")
    made = Constant((6,), name="made", formula="torch.arange(6)")
    places = Constant((6,), dtype="long", name="places")
    for constants, zeros in (((rows, made), False), ((rows, places), True)):
        line = code_line(Code("{m}.rows", (PLAIN,), PLAIN, constants), (MAP,), MAP)
        assert line.holds_zeros is zeros


def test_numbers_of_a_formula_are_values_of_its_class_and_its_statements_come_before() -> None:
    formula = "part1 = torch.arange(6) - 2.5\npart1 * part1"
    constant = Constant((6,), formula=formula)
    line = code_line(Code("{0} * {m}", (PLAIN,), PLAIN, (constant,)), (MAP,), MAP)
    assert (line.steps, line.construction) == (("part1 = torch.arange(6) - 2.5",), "part1 * part1")
    assert line.values == [("size", 6), ("value", 2.5)]
    assert line.form == ("{0} * {m}", "part1 = torch.arange({size}) - {value}", "part1 * part1")


@each_of([
    ("f({size[4]}, x)", "2 * size", "f(2 * size, x)"),
    ("x[:, {size[4]}:]", "2 * size", "x[:, 2 * size:]"),
    ("x * {size[4]}", "size // 2", "x * (size // 2)"),
    ("-{size[4]}", "size**2", "-(size**2)"),
    ("x + {value[1e-06]}", "1e-06", "x + 1e-06"),
])  # fmt: skip
def test_what_stands_for_a_number_is_in_brackets_where_it_is_an_operand(
    call: str, given: str, text: str
) -> None:
    assert filled(call, iter([given])) == text


def test_a_value_that_stands_further_than_names_are_known_has_a_number() -> None:
    assert [role("other", at) for at in range(3)] == ["shape", "value1", "value2"]
