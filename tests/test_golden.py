"""Whole answers, kept in `tests/golden` as transcripts: `$ command`, and all that it says.

To add one, write a file with a `$ bncalc …` line and run `pytest tests/test_golden.py --golden`; to
accept a change, run the same and read the difference as code. A command runs in a shell at the root
of the repository, 100 columns wide unless it sets `COLUMNS`; an exit code other than 0 is written
below it. What is no more than one call of bncalc runs in this process.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.program import ROOT, run

FILES = sorted((ROOT / "tests/golden").glob("*.txt"))


def said(command: str) -> str:
    """Return what a command writes to both streams, and its exit code where that is not 0."""
    plain = re.fullmatch(r"(?:COLUMNS=(\d+) )?bncalc((?: [\w/.,:=@#%+' -]+)*)", command)
    if plain:
        done = run(*shlex.split(plain[2]), merged=True, COLUMNS=plain[1] or "100")
        return done.stdout + (f"[exit {done.returncode}]\n" if done.returncode else "")
    return in_a_shell(command)


def in_a_shell(command: str) -> str:
    beside_python = str(Path(sys.executable).parent)
    done = subprocess.run(
        command,
        shell=True,
        cwd=ROOT,
        env={"PATH": f"{beside_python}:{os.environ['PATH']}", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    return done.stdout + (f"[exit {done.returncode}]\n" if done.returncode else "")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_answers_are_as_written(
    path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    kept = path.read_text(encoding="utf-8")
    commands = [line[2:] for line in kept.splitlines() if line.startswith("$ ")]
    transcript = "\n".join(f"$ {command}\n{said(command)}" for command in commands)
    if request.config.getoption("--golden"):
        path.write_text(transcript, encoding="utf-8")
        kept = transcript
    assert transcript == kept, "if this is meant: pytest tests/test_golden.py --golden"
