import subprocess
from pathlib import Path

import pytest
from tests.budget.repository import Repository, net

_VARIABLES = ("BNCALC_BASE", "GITHUB_BASE_REF", "CI_MERGE_REQUEST_DIFF_BASE_SHA")


@pytest.fixture(autouse=True)
def _no_base_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    local = subprocess.run(
        ["git", "rev-parse", "--local-env-vars"], check=True, capture_output=True, text=True
    )
    for name in (*_VARIABLES, *local.stdout.split()):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository on a branch `change`, with one model, as a pull request begins."""
    made = Repository(tmp_path / "project")
    made.write("models/net.yaml", net())
    made.commit("the base")
    made.git("switch", "--quiet", "--create", "change")
    monkeypatch.chdir(made.folder)
    return made
