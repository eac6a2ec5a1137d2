"""What PyTorch's exporter notes down of constants: which are parameters, and what they are of."""

from pathlib import Path

from tests.readers.onnx.encoder import graph, model, node, tensor
from tests.rows import each_of

from bncalc.analysis.measurement import measure
from bncalc.opening.model import open_model

SIGNATURE = """
# inputs
p_norm_a: PARAMETER target='norm.A'
p_table: PARAMETER target='attn.table'
b_coords: BUFFER target='coords.weight' persistent=False
c_lifted: CONSTANT_TENSOR target='lifted'
x: USER_INPUT

# outputs
add: USER_OUTPUT
"""

ROWS = [
    ("attn.table", (3, 8, 8), "", 192),
    ("coords.weight", (3, 8, 8), "", 0),
    ("lifted", (3, 8, 8), "", 0),
    ("norm.A", (1,), "", 1),
    ("index_1", (3, 8, 8), "['attn.table', 'val_3']", 192),
    ("_to_copy", (8, 8), "['arange', 'val_160']", 0),
    ("attn.added", (8, 8), "", 64),  # of which nothing is noted down
]
"""A constant that is added, its sizes, what it was worked out from, and how many are learned."""


@each_of(ROWS, ids=[row[0] for row in ROWS])
def test_parameters_are_those_of_the_exporter_and_what_is_worked_out_from_them(
    tmp_path: Path, name: str, sizes: tuple[int, ...], sources: str, params: int
) -> None:
    noted = {name: {"pkg.onnxscript.optimizer.folded_from": sources}} if sources else {}
    signature = {"pkg.torch.export.ExportedProgram.graph_signature": SIGNATURE}
    nodes, held = [node("Add", ["x", name], "y")], [tensor(name, sizes)]
    inputs = {"x": [1, 3, 8, 8]}
    path = tmp_path / "net.onnx"
    path.write_bytes(model(graph(nodes, held, inputs, "y", properties=signature, noted=noted)))
    assert measure(open_model(str(path)).graphs[0]).totals.params == params
