"""`bncalc budget init` writes a file of its own, for an input and a type of its own."""

from pathlib import Path

import pytest
from tests.program import run

from bncalc.analysis.assumptions import Assumptions
from bncalc.budget.budgets import Budgets
from bncalc.cli.analyses import Deployed
from bncalc.cli.budgets import Replaced


def test_a_budget_file_is_written_with_what_it_assumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ("--input", "3,320,320", "--dtype", "int8", "-o", "bncalc.budget.yaml")
    done = run("budget", "init", "resnet18", *asked)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = Path("bncalc.budget.yaml").read_text()
    assert "assume: {input: [3, 320, 320], dtype: int8}" in text
    shown = run("check", "bncalc.budget.yaml").stdout
    assert "input 3×320×320, batch 1, int8" in shown
    assert "ok: 4 checks passed" in shown


def test_an_error_leaves_no_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "bncalc.budget.yaml"
    assert run("budget", "init", "nothing", "-o", str(path)).returncode == 2
    assert not path.exists()


def test_a_budget_file_that_is_there_keeps_its_input() -> None:
    done = run("budget", "suggest", "--input", "3,64,64")
    assert done.returncode == 2
    assert "--input and --dtype are for budget init" in done.stderr


@pytest.mark.parametrize("headroom", ["10", "ten"])
def test_headroom_is_a_percentage(headroom: str) -> None:
    done = run("budget", "init", "resnet18", "--headroom", headroom)
    assert done.returncode == 2
    assert (
        done.stderr == f"error: --headroom is {headroom!r}; it must be a percentage, such as 10%\n"
    )


def test_one_budget_file_is_checked_at_a_time() -> None:
    file = "configs/budgets.yaml"
    for arguments in ((file, file), (file, "--budget", file)):
        done = run("check", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"error: give one budget file, not 2: {file}, {file}\n"


def test_blocks_are_recomputed_if_the_file_or_the_call_says_so() -> None:
    budgets = [Budgets("", ()), Budgets("", ())._replace(assumptions=Assumptions(checkpoint=True))]
    replaced = [Replaced(checkpoint=checkpoint) for checkpoint in (False, True)]
    assert [
        each.within(file, Deployed()).assumptions.checkpoint
        for each in replaced
        for file in budgets
    ] == [False, True, True, True]
