"""What all tests share: a bare environment, repositories, the flag that rewrites transcripts."""

import gc
import os
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import settings
from tests.repository import Repository, net

pytest_plugins = ["pytester"]  # pytest within a test

settings.register_profile("untimed", deadline=None)  # how busy a machine is says nothing of us
settings.load_profile("untimed")
_OF_A_BASE = ("BNCALC_BASE", "GITHUB_BASE_REF", "CI_MERGE_REQUEST_DIFF_BASE_SHA")

gc.disable()  # what collecting tests makes lives as long as the process
gc.set_threshold(1_000_000, 50, 50)  # what tests make is large and lives as long as they do
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each process compiles all that it imports
for _name in [name for name in os.environ if name in _OF_A_BASE or name.startswith("GIT_")]:
    del os.environ[_name]


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Tell the process that started this one how a test went, and no more.

    That it begins, is set up, torn down and ends is four messages of six, a quarter of what a quick
    test takes.
    """
    if not hasattr(item.config, "workerinput"):
        return None
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.when == "call" or not report.passed:
            item.ihook.pytest_runtest_logreport(report=report)
    return True


@pytest.fixture(scope="session")
def pull_request(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository on a branch `change`, with one model, as a pull request begins."""
    made = Repository(tmp_path_factory.mktemp("repository") / "project")
    made.write("models/net.yaml", net())
    made.commit("the base")
    made.commit_nothing("nothing of networks")
    made.git("switch", "--quiet", "--create", "change")
    return made


@pytest.fixture
def repository(
    pull_request: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Repository:
    """A copy of that repository, in which the test runs."""
    copy = pull_request.copied(tmp_path / "project")
    monkeypatch.chdir(copy.folder)
    return copy


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--golden",
        action="store_true",
        help="rewrite the transcripts in tests/golden from what the commands say now",
    )
    parser.addoption(
        "--coverage",
        action="store_true",
        help="say which lines and branches no test reaches, and fail if they are too many",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--coverage"):
        from tests.coverage import Coverage

        config.pluginmanager.register(Coverage(config))
