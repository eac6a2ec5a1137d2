"""Which files of a glob are models, told by their names and the keys that they have."""

from pathlib import Path

from tests.rows import each_of

from bncalc.language.selection import is_model

DEFINE = "define: {mine: {layers: [{conv: {out: 8}}]}}\n"
BUDGETS = "version: 1\nbudgets: []\n"


@each_of(
    [
        ("blocks.yaml", DEFINE, False),
        ("blocks.yml", f"# layers: none\nvars: {{a: 1}}\n{DEFINE}", False),
        ("net.yaml", f"{DEFINE}layers: [mine]\n", True),
        ("net.YAML", f"{DEFINE}layers: [mine]\n", True),
        ("net.yaml", f"{DEFINE}blocks : {{a: mine}}\n", True),
        ("other.yaml", "input: [3, 8, 8]\n", True),
        ("bncalc.budget.yaml", BUDGETS, False),
        ("net.onnx", "layers: [mine]\n", False),
        ("net.txt", "layers: [mine]\n", False),
    ]
)
def test_a_model_is_more_than_a_library_or_a_budget_file(
    tmp_path: Path, name: str, text: str, answer: bool
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert is_model(str(path)) is answer


def test_what_cannot_be_read_is_left_to_who_opens_it(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    assert is_model(str(tmp_path / "folder.yaml"))
    assert is_model(str(tmp_path / "none.yaml"))
