"""What PyTorch's exporter notes down of constants: which are parameters, and what they are of."""

from pathlib import Path

from tests.readers.onnx.encoder import INT64, graph, model, node, tensor
from tests.rows import each_of

from bncalc.analysis.measurement import measure
from bncalc.opening.model import open_model

SIGNATURE = """
# inputs
p_norm_a: PARAMETER target='norm.A'
p_table: PARAMETER target='attn.table'
p_scaled: PARAMETER target='scaled.weight'
b_coords: BUFFER target='coords.weight' persistent=False
c_lifted: CONSTANT_TENSOR target='lifted'
x: USER_INPUT

# outputs
add: USER_OUTPUT
div: PARAMETER_MUTATION target='scaled.weight'
"""
NO_PARAMETERS = "# inputs\nx: USER_INPUT\n"
FOLDED = "pkg.onnxscript.optimizer.folded_from"
SIGNED = "pkg.torch.export.ExportedProgram.graph_signature"

ROWS = [
    ("attn.table", (3, 8, 8), "", 192),
    ("coords.weight", (3, 8, 8), "", 0),
    ("lifted", (3, 8, 8), "", 0),
    ("norm.A", (1,), "", 1),
    ("index_1", (3, 8, 8), "['attn.table', 'val_3']", 192),
    ("_to_copy", (8, 8), "['arange', 'val_160']", 0),
    ("val_67", (8, 8), "['div', 'scaled.weight']", 64),
    ("attn.added", (8, 8), "", 64),  # of which nothing is noted down
]
"""A constant that is added, its sizes, what it was worked out from, and how many are learned."""


@each_of(ROWS, ids=[row[0] for row in ROWS])
def test_parameters_are_those_of_the_exporter_and_what_is_worked_out_from_them(
    tmp_path: Path, name: str, sizes: tuple[int, ...], sources: str, params: int
) -> None:
    nodes, inputs = [node("Add", ["x", name], "y")], {"x": [1, 3, 8, 8]}
    noted = {name: sources} if sources else {}
    assert params_of(tmp_path, nodes, [tensor(name, sizes)], inputs, noted) == params


def test_a_table_and_its_turned_copy_are_one_parameter(tmp_path: Path) -> None:
    """Tied weights: rows are looked up in a table of 50 × 8, and tokens multiplied with it."""
    nodes = [node("Gather", "attn.table x", "h"), node("MatMul", "h val_248", "y")]
    held = [tensor("attn.table", (50, 8)), tensor("val_248", (8, 50))]
    noted = {"val_248": "['attn.table']"}
    assert params_of(tmp_path, nodes, held, {"x": [1, 12]}, noted) == 400


def test_turned_copies_of_a_parameter_that_the_file_does_not_have_are_one(tmp_path: Path) -> None:
    """A layer of 8 × 8 that is called twice; parts have further notes, or fewer numbers."""
    nodes = [node("MatMul", "x val_1", "h"), node("MatMul", "h val_2", "y")]
    own, part = "['scaled.weight']", "['scaled.weight', 'val_3']"
    for second, out, params in ((own, 8, 64), (part, 8, 128), (own, 4, 96)):
        held = [tensor("val_1", (8, 8)), tensor("val_2", (8, out))]
        noted = {"val_1": own, "val_2": second}
        assert params_of(tmp_path, nodes, held, {"x": [1, 3, 8]}, noted) == params


def test_a_model_that_has_no_parameters_has_none(tmp_path: Path) -> None:
    nodes, held = [node("Div", "x count", "y")], [tensor("count", (8, 8))]
    noted = {"count": "['arange', 'val_3']"}
    inputs = {"x": [1, 3, 8, 8]}
    assert params_of(tmp_path, nodes, held, inputs, noted, NO_PARAMETERS) == 0


def params_of(
    tmp_path: Path,
    nodes: list[bytes],
    held: list[bytes],
    inputs: dict[str, list[int]],
    noted: dict[str, str],
    signature: str = SIGNATURE,
) -> int:
    """Return the params of a file with notes of what its constants were worked out from."""
    kinds = {"x": INT64} if len(inputs["x"]) == 2 else {}
    notes = {name: {FOLDED: sources} for name, sources in noted.items()}
    path = tmp_path / "net.onnx"
    path.write_bytes(model(graph(nodes, held, inputs, "y", kinds, {SIGNED: signature}, notes)))
    return measure(open_model(str(path)).graphs[0]).totals.params
