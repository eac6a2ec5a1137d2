"""The verdict, in the form that a person, a script or a platform reads: one file a format."""

from __future__ import annotations

from typing import TextIO

from bncalc.budget.verdict import Verdict
from bncalc.errors import Problem
from bncalc.loading import loaded
from bncalc.named import NamedTuple

FORMATS = ("text", "concise", "json", "github", "gitlab", "junit", "sarif", "markdown")
"""The words that `--format` and `--report WORD=FILE` take, each the module that writes it."""
SHOW_FIXES = frozenset(FORMATS) - {"concise", "gitlab"}
"""The formats that say what would fix a model."""

TELL_PROBLEMS = frozenset(("github", "gitlab", "junit", "sarif"))
"""The formats that say also what is wrong with files that cannot be checked."""


class FormContext(NamedTuple):
    """What a form depends on beside the verdict.

    `stream` is where it goes: a table is as wide as that is, and coloured where it has colours.
    `folder` is the working folder as seen from the top of the repository, with slashes: platforms
    want paths from there. `every` shows what passed one by one, which is counted in any case.
    """

    stream: TextIO
    folder: str = ""
    every: bool = False


def render(format: str, verdict: Verdict, context: FormContext) -> str:
    """Return the verdict in one of FORMATS, ending in a new line where there is anything to say."""
    text: str = loaded(f"render.verdict.{format}:render")(verdict, context)
    return text


def refused(format: str, problems: list[Problem], folder: str) -> str:
    """Return what is wrong with files in one of TELL_PROBLEMS; `folder` is as in a context."""
    text: str = loaded(f"render.verdict.{format}:refused")(problems, folder)
    return text
