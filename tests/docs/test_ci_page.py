"""docs/ci.md is walked through as by a stranger: its files written, its commands run in order."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/ci.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.S | re.M)
STEADY = {"NAME": "A Test", "EMAIL": "test@example.org", "DATE": "2026-01-01T00:00:00Z"}


def said(command: str, folder: Path) -> str:
    """Return what a command writes, and its exit code where that is not 0."""
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
    text = re.sub(r" in \d+\.\d+s", "", done.stdout)  # what pytest took
    return text + (f"[exit {done.returncode}]\n" if done.returncode else "")


def test_the_page_is_what_happens(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    said("git init --quiet --initial-branch=main", tmp_path)

    def happened(found: re.Match[str]) -> str:
        kind, body = found[1], found[2]
        first, _, rest = body.partition("\n")
        if named := re.fullmatch(r"# ([\w./-]+\.(?:yaml|yml|py))", first):
            path = tmp_path / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(rest, encoding="utf-8")
        if kind != "console":
            return found[0]
        commands = [line for line in body.splitlines() if line.startswith("$ ")]
        return (
            "```console\n"
            + "".join(f"{one}\n{said(one[2:], tmp_path)}" for one in commands)
            + "```"
        )

    page = PAGE.read_text(encoding="utf-8")
    walked = FENCE.sub(happened, page)
    if request.config.getoption("--golden"):
        PAGE.write_text(walked, encoding="utf-8")
        page = walked
    assert walked == page, "if this is meant: pytest --golden"


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        (".github/workflows/budgets.yml", "vendor.github-workflows"),
        (".gitlab-ci.yml", "vendor.gitlab-ci"),
    ],
)
def test_the_jobs_fit_the_schema_of_their_platform(name: str, schema: str, tmp_path: Path) -> None:
    (job,) = [
        body for _, body in FENCE.findall(PAGE.read_text("utf-8")) if body.startswith(f"# {name}\n")
    ]
    file = tmp_path / "job.yml"
    file.write_text(job, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
