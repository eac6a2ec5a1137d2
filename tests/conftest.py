"""What all tests share: a bare environment, repositories, the flag that rewrites transcripts."""

import os
from pathlib import Path

import pytest
from hypothesis import settings
from tests.repository import Repository, net

settings.register_profile("untimed", deadline=None)  # how busy a machine is says nothing of us
settings.load_profile("untimed")
_OF_A_BASE = ("BNCALC_BASE", "GITHUB_BASE_REF", "CI_MERGE_REQUEST_DIFF_BASE_SHA")


@pytest.fixture(autouse=True)
def _no_base_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name in _OF_A_BASE or name.startswith("GIT_"):
            monkeypatch.delenv(name)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository on a branch `change`, with one model, as a pull request begins."""
    made = Repository(tmp_path / "project")
    made.write("models/net.yaml", net())
    made.commit("the base")
    made.commit_nothing("nothing of networks")
    made.git("switch", "--quiet", "--create", "change")
    monkeypatch.chdir(made.folder)
    return made


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--golden",
        action="store_true",
        help="rewrite the transcripts in tests/golden from what the commands say now",
    )
