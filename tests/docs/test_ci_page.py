"""docs/ci.md is walked through as by a stranger: its files written, its commands run in order."""

import os
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
from tests.platforms import faults
from tests.program import run

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/ci.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.S | re.M)
STEADY = {"NAME": "A Test", "EMAIL": "test@example.org", "DATE": "2026-01-01T00:00:00Z"}


def said(command: str, pytester: pytest.Pytester) -> str:
    """Return what a command writes, and its exit code where that is not 0.

    What is no more than a call of bncalc, its answer to a file or not, or of pytest runs in this
    process.
    """
    folder = pytester.path
    if call := re.fullmatch(r"bncalc((?: [\w/.,:=@#%*+-]+)*)(?: > ([\w/.]+))?", command):
        paths = [
            sorted(map(str, Path().glob(word))) if "*" in word else [word]
            for word in call[1].split()
        ]
        done = run(*chain.from_iterable(paths), merged=not call[2], COLUMNS="100")
        text, code = done.stdout, done.returncode
        if call[2]:
            (folder / call[2]).write_text(text, encoding="utf-8")
            text = done.stderr
    elif command.startswith("pytest "):
        result = pytester.runpytest_inprocess(*command.split()[1:])
        text, code = "".join(f"{line}\n" for line in result.outlines), int(result.ret)
    else:
        text, code = in_a_shell(command, folder)
    text = re.sub(r" in \d+\.\d+s( \(\d:\d\d:\d\d\))?", "", text)  # what pytest took
    return text + (f"[exit {code}]\n" if code else "")


def in_a_shell(command: str, folder: Path) -> tuple[str, int]:
    who = {f"GIT_{role}_{key}": STEADY[key] for role in ("AUTHOR", "COMMITTER") for key in STEADY}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**who, "HOME": str(folder), "COLUMNS": "100", "PY_COLORS": "0",
             "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )  # fmt: skip
    return done.stdout, done.returncode


def test_the_page_is_what_happens(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    said("git init --quiet --initial-branch=main", pytester)

    def happened(fence: re.Match[str]) -> str:
        kind, body = fence[1], fence[2]
        first, _, rest = body.partition("\n")
        if named := re.fullmatch(r"# ([\w./-]+\.(?:yaml|yml|py))", first):
            path = pytester.path / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(rest, encoding="utf-8")
        if kind != "console":
            return fence[0]
        commands = [line for line in body.splitlines() if line.startswith("$ ")]
        return (
            "```console\n"
            + "".join(f"{line}\n{said(line[2:], pytester)}" for line in commands)
            + "```"
        )

    page = PAGE.read_text(encoding="utf-8")
    walked = FENCE.sub(happened, page)
    if request.config.getoption("--golden"):
        PAGE.write_text(walked, encoding="utf-8")
        page = walked
    assert walked == page, "if this is meant: pytest --golden"


@pytest.mark.parametrize(
    ("name", "platform"),
    [(".github/workflows/budgets.yml", "github-workflows"), (".gitlab-ci.yml", "gitlab-ci")],
)
def test_the_jobs_fit_the_schema_of_their_platform(name: str, platform: str) -> None:
    bodies = [body for _, body in FENCE.findall(PAGE.read_text("utf-8"))]
    (job,) = [body for body in bodies if body.startswith(f"# {name}\n")]
    assert faults(job, platform) == []
