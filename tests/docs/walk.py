"""A page walked through as by a reader: its files written, its commands run in this process."""

import re
import shlex
import shutil
from functools import cache
from pathlib import Path

from tests.program import run

ROOT = Path(__file__).parents[2]
PAGES = [
    "docs/commands.md",
    "docs/cookbook/designer.md",
    "docs/cookbook/embedded.md",
    "docs/cookbook/paper.md",
    "docs/cookbook/platform.md",
    "docs/guide.md",
    "docs/index.md",
    "docs/roofline.md",
    "docs/searching.md",
    "docs/why.md",
]
"""Pages whose answers are those of today."""
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.S | re.M)


def fenced(page: str, language: str) -> list[str]:
    """Return what the fences of a language hold, in order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [body for kind, body in FENCE.findall(text) if kind == language]


@cache
def held() -> set[str]:
    """Return the calls, `$ bncalc …`, whose whole answers pages or transcripts hold."""
    transcripts = [path.read_text(encoding="utf-8") for path in ROOT.glob("tests/golden/*.txt")]
    texts = [*transcripts, *[body for page in PAGES for body in fenced(page, "console")]]
    return {line for text in texts for line in text.splitlines() if line.startswith("$ ")}


def answer(line: str) -> str:
    """Return what a line `$ bncalc …` writes, and its exit code where that is not 0."""
    words = shlex.split(line.removeprefix("$ "))
    assert words[0] == "bncalc", line
    done = run(*words[1:], merged=True)
    return done.stdout + (f"[exit {done.returncode}]\n" if done.returncode else "")


def walk(page: Path, folder: Path) -> str:
    """Return the page with the answers of today; the process is in `folder`, beside `configs/`.

    A fence of YAML that begins with `# name.yaml` is that file from there on.
    """
    shutil.copytree(ROOT / "configs", folder / "configs")

    def replayed(fence: re.Match[str]) -> str:
        kind, body = fence[1], fence[2]
        if named := re.match(r"# ([\w.]+\.yaml)\n", body):
            (folder / named[1]).write_text(body, encoding="utf-8")
        if kind != "console":
            return fence[0]
        calls = [line for line in body.splitlines() if line.startswith("$ ")]
        return "```console\n" + "".join(f"{call}\n{answer(call)}" for call in calls) + "```"

    return FENCE.sub(replayed, page.read_text(encoding="utf-8"))
