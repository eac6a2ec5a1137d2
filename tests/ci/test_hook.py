"""The hook as shipped, run by pre-commit. `.ci/run` also lets pre-commit install it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.repository import Repository, net

ROOT = Path(__file__).parents[2]
BUDGET = """\
version: 1
budgets:
  - {name: small, models: ["models/*.yaml"], limits: {params: 7k}}
"""


@pytest.fixture(scope="module")
def hook(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository that holds the hook and nothing else of ours."""
    made = Repository(tmp_path_factory.mktemp("hook") / "hook")
    made.write(".pre-commit-hooks.yaml", (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    made.commit()
    return made


@pytest.fixture(scope="module")
def template(hook: Repository) -> Repository:
    made = Repository(hook.folder.parent / "template")
    # The environment is the one that runs the tests, so that nothing has to be installed.
    use = {"id": "bncalc-check", "language": "unsupported"}
    rev = hook.git("rev-parse", "HEAD")
    config = {"repos": [{"repo": str(hook.folder), "rev": rev, "hooks": [use]}]}
    made.write(".pre-commit-config.yaml", yaml.safe_dump(config))
    made.write("bncalc.budget.yaml", BUDGET)
    made.write("models/net.yaml", net())
    made.commit("the base")
    return made


@pytest.fixture
def project(template: Repository, tmp_path: Path) -> Repository:
    return template.copied(tmp_path / "project")


def pre_commit(project: Repository, hook: Repository) -> subprocess.CompletedProcess[str]:
    """Run the hook on what is staged; pre-commit clones it once for all tests."""
    beside_python = Path(sys.executable).parent
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run"],
        cwd=project.folder,
        env={
            **os.environ,
            "PATH": f"{beside_python}:{os.environ['PATH']}",
            "PRE_COMMIT_HOME": str(hook.folder.parent / "pre-commit"),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_commit_that_breaks_a_budget_is_refused(project: Repository, hook: Repository) -> None:
    project.write("models/net.yaml", net(96))
    project.git("add", "--all")
    done = pre_commit(project, hook)
    assert done.returncode == 1
    assert "models/net.yaml" in done.stdout
    assert "BN101 params 7,514 exceeds limit 7,000 by 514 [small]" in done.stdout


def test_a_commit_within_its_budgets_passes(project: Repository, hook: Repository) -> None:
    project.write("models/net.yaml", net(64) + "# the same\n")
    project.git("add", "--all")
    done = pre_commit(project, hook)
    assert done.returncode == 0, done.stdout
    assert "Passed" in done.stdout


def test_a_commit_of_a_model_file_is_held_to_its_budget(
    project: Repository, hook: Repository
) -> None:
    """A budget may be for files that are not YAML."""
    project.write("models/net.onnx", "not a model")
    budget = BUDGET.replace("models/*.yaml", "models/*.onnx")
    project.write("bncalc.budget.yaml", budget)
    project.git("add", "bncalc.budget.yaml")
    project.git("commit", "--quiet", "--no-verify", "--message", "the budget")
    project.git("add", "models/net.onnx")
    done = pre_commit(project, hook)
    assert done.returncode == 1
    assert "models/net.onnx: error: byte 0: this is not an ONNX file" in done.stdout


def test_a_commit_of_other_files_does_not_wait_for_it(
    project: Repository, hook: Repository
) -> None:
    project.write("README.md", "nothing of networks\n")
    project.git("add", "--all")
    done = pre_commit(project, hook)
    assert done.returncode == 0
    assert "no files to check" in done.stdout
