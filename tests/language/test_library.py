"""Libraries, told from models by the lines that they have."""

from pathlib import Path

import pytest

from bncalc.language.library import is_library
from bncalc.language.model import expand

DEFINE = "define: {mine: {layers: [{conv: {out: 8}}]}}\n"


@pytest.mark.parametrize(
    ("name", "text", "answer"),
    [
        ("blocks.yaml", DEFINE, True),
        ("blocks.yml", f"# layers: none\nvars: {{a: 1}}\n{DEFINE}", True),
        ("net.yaml", f"{DEFINE}layers: [mine]\n", False),
        ("net.yaml", f"{DEFINE}blocks : {{a: mine}}\n", False),
        ("other.yaml", "input: [3, 8, 8]\n", False),
        ("blocks.onnx", DEFINE, False),
    ],
)
def test_a_library_defines_and_has_nothing_to_measure(
    tmp_path: Path, name: str, text: str, answer: bool
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert is_library(str(path)) is answer


def test_what_cannot_be_read_is_no_library(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    assert not is_library(str(tmp_path / "folder.yaml"))
    assert not is_library(str(tmp_path / "none.yaml"))


def test_a_glob_leaves_out_libraries_and_a_name_does_not(tmp_path: Path) -> None:
    library, net = tmp_path / "blocks.yaml", tmp_path / "net.yaml"
    library.write_text(DEFINE)
    net.write_text("layers: []\n")
    assert expand([f"{tmp_path}/*.yaml", str(library)]) == [str(net), str(library)]
