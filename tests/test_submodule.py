"""A submodule that a clone has left empty is said to be one, where a model in it is not found."""

from pathlib import Path

import pytest
from tests.program import run

INIT = "; models is a submodule without files: git submodule update --init models"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a repository with two folders without files, one of which is a submodule."""
    for folder in (".git/objects", "models", "other"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / ".gitmodules").write_text('[submodule "m"]\n\tpath = models\n\turl = ../lib\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(*arguments: str) -> str:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr.strip()


def test_a_model_that_a_submodule_would_have_is_missed_with_the_way_to_get_it(clone: Path) -> None:
    assert said("show", "models/net.yaml").endswith(f"there is no such file{INIT}")
    assert said("show", "models/deep/net.yaml").endswith(f"there is no such file{INIT}")
    assert said("compare", "models/*.onnx") == f"error: no model matches 'models/*.onnx'{INIT}"
    budget = "version: 1\nbudgets: [{name: all, models: [%s], limits: {params: 1M}}]\n"
    (clone / "bncalc.budget.yaml").write_text(budget % '"models/*.yaml", models/net.yaml')
    assert [line.endswith(INIT) for line in said("check").splitlines()] == [True, True]


def test_any_other_folder_has_no_hint(clone: Path) -> None:
    (clone / "models" / "other.yaml").write_text("")
    for path in ("models/net.yaml", "other/net.yaml", "net.yaml"):
        assert said("show", path).endswith("there is no such file")
    (clone / "models" / "other.yaml").unlink()
    (clone / ".gitmodules").unlink()
    assert said("show", "models/net.yaml").endswith("there is no such file")
