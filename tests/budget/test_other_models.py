"""Budgets for models in other formats: what is refused, what is not known, what is said."""

import pytest
from tests.program import run
from tests.readers.onnx.encoder import graph, model, node, tensor
from tests.repository import Repository

BUDGETS = """\
version: 1
base: {{ref: main}}
budgets:
  - {{name: all, models: ["models/*.onnx"], limits: {{{limits}}}}}
"""


def onnx(width: int, word: str = "Relu") -> bytes:
    nodes = [node("Conv", ["x", "w"], ["c"], name="/stem/Conv"), node(word, ["c"], ["y"])]
    return model(graph(nodes, [tensor("w", (width, 3, 1, 1))], {"x": [1, 3, 8, 8]}, "y"))


@pytest.fixture
def project(repository: Repository) -> Repository:
    repository.write("bncalc.budget.yaml", BUDGETS.format(limits="params: 30"))
    (repository.folder / "models/net.onnx").write_bytes(onnx(8))
    repository.commit()
    repository.git("branch", "--force", "main", "HEAD")
    return repository


def test_a_finding_stands_at_the_file_and_names_the_layer(project: Repository) -> None:
    assert run("check").returncode == 0
    (project.folder / "models/net.onnx").write_bytes(onnx(16))
    done = run("check")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "models/net.onnx: BN101 params 48 exceeds limit 30 by 18 [all]" in done.stdout
    assert "stem" in done.stdout
    assert (
        "fix  none is looked for: only files in bncalc's own language can be edited" in done.stdout
    )
    grown = run("check", "models/net.onnx", "--max-growth", "params=10%", "--base", "main")
    assert "params grew by 24 (+100.0 %), from 24 to 48" in grown.stdout


def test_an_operation_of_unknown_cost_is_found(project: Repository) -> None:
    (project.folder / "models/net.onnx").write_bytes(onnx(8, "Unheard"))
    assert run("check").returncode == 0  # of params all is known
    project.write("bncalc.budget.yaml", BUDGETS.format(limits="macs: 1G"))
    done = run("check")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BN301" in done.stdout
    assert "the cost of Unheard is not known" in done.stdout
    assert run("check", "--allow-uncounted").returncode == 0


def test_a_new_budget_file_says_which_options_its_check_needs(project: Repository) -> None:
    (project.folder / "models/net.onnx").write_bytes(onnx(8, "Unheard"))
    done = run("budget", "init", "models/net.onnx", "-o", "new.yaml")
    need = "the cost of Unheard is not known: check it with --allow-uncounted, which counts it as 0"
    assert done.returncode == 0
    assert f"note: models/net.onnx: {need}\n" in done.stderr
    assert f"  # {need}\n  - name: models/net.onnx\n" in (project.folder / "new.yaml").read_text()
    assert run("check", "new.yaml").returncode == 1
    assert run("check", "new.yaml", "--allow-uncounted").returncode == 0


def test_a_layer_of_unknown_cost_is_found_at_its_line(project: Repository) -> None:
    layers = "layers:\n- relu\n- custom: {op: mystery, counted: false}\n"
    project.write("models/own.yaml", f"input: [3, 8, 8]\n{layers}")
    done = run("check", "models/own.yaml", "--max", "macs=1G", "-f", "github")
    assert done.returncode == 1
    assert "::error file=models/own.yaml,line=4,col=3," in done.stdout
    assert "the cost of mystery is not known" in done.stdout


def test_python_is_not_run_unless_the_call_says_so(project: Repository) -> None:
    project.write("evil.py", "import pathlib\npathlib.Path('sprung').touch()\n")
    budgets = BUDGETS.format(limits="params: 30").replace("models/*.onnx", "torch:evil:net")
    project.write("bncalc.budget.yaml", budgets)
    done = run("check")
    assert done.returncode == 2
    assert "bncalc.budget.yaml:4:" in done.stderr
    assert "torch:evil:net runs Python code, which needs --allow-code" in done.stderr
    assert run("check", "torch:evil:net", "--max", "params=1").returncode == 2
    assert not (project.folder / "sprung").exists()
