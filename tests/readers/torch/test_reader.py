"""Names of PyTorch models: what is refused before any of their code runs. None needs PyTorch."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.program import run
from tests.repository import Repository

from bncalc.errors import UsageError
from bncalc.readers.torch.running import running

SHAPE = "@3,8,8"


@pytest.fixture(autouse=True)
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a module that leaves a file where it is imported."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trap.py").write_text("import pathlib\npathlib.Path('sprung').touch()\n")
    return tmp_path / "sprung"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("torch:trap:net", "give the input, as in torch:trap:net@3,224,224"),
        ("torch:trap", "'torch:trap' names no callable; write torch:package.module"),
        (f"torch:trap{SHAPE}", "'torch:trap' names no callable; write torch:package.module"),
        (f"torch::net{SHAPE}", "'torch::net' names no callable"),
    ],
)
def test_a_name_that_says_too_little_runs_nothing(name: str, says: str, trap: Path) -> None:
    done = run("show", name)
    assert done.returncode == 2
    assert says in done.stderr
    assert not trap.exists()


def test_a_space_file_may_not_name_code(trap: Path) -> None:
    Path("space.yaml").write_text(f"model: torch:trap:net{SHAPE}\nvary: {{width: [1, 2]}}\n")
    done = run("sweep", "space.yaml")
    assert done.returncode == 2
    assert "space.yaml:1:8: error: torch:trap:net@3,8,8 runs Python code" in done.stderr
    assert not trap.exists()


@pytest.mark.parametrize("called", ["torch:trap:net@3,8,8", "torch:trap:net@width=1@x=.yaml"])
def test_a_file_that_is_called_as_code_is_names_none(called: str, trap: Path) -> None:
    """A pattern of the shell names what is in a folder, whoever put it there."""
    Path(called).write_text("input: [3, 8, 8]\nlayers: [relu]\n")
    done = run("show", called)
    assert done.returncode == 2
    assert f"'{called}' is a file, and also names code; write ./{called} for it" in done.stderr
    assert not trap.exists()
    if called.endswith(".yaml"):
        assert run("show", f"./{called}").returncode == 0


def test_a_module_of_the_working_folder_is_not_imported_by_chance(trap: Path) -> None:
    Path("net.yaml").write_text("input: [3, 8, 8]\nlayers: [relu]\n")
    trap.with_name("trap.py").rename("yaml.py")
    command = [sys.executable, "-m", "bncalc", "show", "net.yaml"]
    assert subprocess.run(command, capture_output=True, check=True).stdout
    assert not trap.exists()


def test_a_base_is_no_code(repository: Repository, trap: Path) -> None:
    Path("net.yaml").write_text("input: [3, 8, 8]\nlayers: [relu]\n")
    call = ("check", "net.yaml", "--max-growth", "params=1%", "--allow-code")
    done = run(*call, "--base", "torch:trap:net")
    assert done.returncode == 2
    assert "'torch:trap:net' is not a revision" in done.stderr
    assert not trap.exists()


def test_an_error_of_other_code_names_its_line_and_says_no_more_than_a_sentence(trap: Path) -> None:
    code = "def net(x):\n    raise ValueError('too\\nwide. ' + 'Further. ' * 20)\n"
    Path("wrong.py").write_text(code)
    spaces: dict[str, Any] = {}
    exec(compile(code, str(trap.parent / "wrong.py"), "exec"), spaces)
    with pytest.raises(UsageError) as raised, running("torch:wrong:net"):
        json.loads("0", parse_int=spaces["net"])
    assert str(raised.value) == "torch:wrong:net does not run: wrong.py:2: ValueError: too wide"


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="PyTorch is installed")
def test_without_pytorch_it_is_said_what_to_install(trap: Path) -> None:
    done = run("show", f"torch:trap:net{SHAPE}")
    assert done.returncode == 2
    assert done.stderr == "error: torch:trap:net needs PyTorch: pip install 'bncalc[torch]'\n"
    assert not trap.exists()
