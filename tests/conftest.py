"""What all tests share: a bare environment, repositories, the flag that rewrites transcripts."""

import gc
import os
import pkgutil
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import is_hypothesis_test, settings
from tests.repository import Repository, net

import bncalc

settings.register_profile("untimed", deadline=None)  # how busy a machine is says nothing of us
settings.load_profile("untimed")
_OF_A_BASE = ("BNCALC_BASE", "GITHUB_BASE_REF", "CI_MERGE_REQUEST_DIFF_BASE_SHA")

gc.disable()  # what collecting tests makes lives as long as the process
gc.set_threshold(1_000_000, 50, 50)  # what tests make is large and lives as long as they do
for _name in [name for name in os.environ if name in _OF_A_BASE or name.startswith("GIT_")]:
    del os.environ[_name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count no line as covered that an example has reached by chance."""
    for item in items:
        if isinstance(item, pytest.Function) and is_hypothesis_test(item.obj):
            item.add_marker("no_cover")


# A traced line takes three times as long, so what is traced is what tests call, and not pytest's
# own work before, between and after them. pytest-cov starts two measurements in a process of xdist,
# and stops the inner one where a test is not to be covered: the outer one went on tracing.


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Count what modules do when they are imported, and nothing until a test is called."""
    if coverage := _coverage(session.config):
        if _is_first(session.config):
            for module in pkgutil.walk_packages(bncalc.__path__, "bncalc."):
                if not module.name.endswith("__main__"):
                    with suppress(ModuleNotFoundError):  # an extra that is not installed
                        import_module(module.name)
        while running := type(coverage.cov).current():
            running.stop()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    coverage = _coverage(item.config)
    if coverage is None:
        return (yield)
    if item.get_closest_marker("no_cover") is None:
        coverage.resume()
    try:
        return (yield)
    finally:
        coverage.pause()


def _is_first(config: pytest.Config) -> bool:
    """Return whether this process runs tests, as the first that does."""
    worker = getattr(config, "workerinput", None)
    if worker is None:
        return not config.getoption("numprocesses", None)
    return bool(worker["workerid"] == "gw0")


def _coverage(config: pytest.Config) -> Any:
    """Return what pytest-cov measures with, if it does."""
    plugin = config.pluginmanager.getplugin("_cov")
    return plugin and plugin.cov_controller


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


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
