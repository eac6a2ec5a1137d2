"""The verdict, in the form that a person, a script or a platform reads: one file a format."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple, Protocol, TextIO, cast

from bncalc.budget.verdict import Verdict

FORMATS = {
    "text": "text",
    "concise": "concise",
    "json": "json",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
    "sarif": "sarif",
    "markdown": "markdown",
}
"""The module of every format, by the word that `--format` and `--report WORD=FILE` take."""


class Context(NamedTuple):
    """What a form depends on beside the verdict.

    `stream` is where it goes: a table is as wide as that is, and coloured where it has colours.
    `folder` is the working folder as seen from the top of the repository, with slashes: platforms
    want paths from there. `every` shows what passed one by one, which is counted in any case.
    """

    stream: TextIO
    folder: str = ""
    every: bool = False


class Format(Protocol):
    """What a module of this folder offers."""

    def render(self, verdict: Verdict, context: Context) -> str: ...


def render(format: str, verdict: Verdict, context: Context) -> str:
    """Return the verdict in one of FORMATS, ending in a new line where there is anything to say."""
    module = cast(Format, import_module(f"bncalc.render.verdict.{FORMATS[format]}"))
    return module.render(verdict, context)
