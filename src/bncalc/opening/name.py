"""Names of models: `[REV:]path[#part][@NAME=VALUE]…[@C,H,W]`, one grammar everywhere.

A path is a file, a shipped name, a kind of block, `torch:package.module:callable`, or `-` for
standard input. A file that is really called so comes first, whatever is in its name. What stands
before the first colon is a git revision otherwise, and is split off before `#` and `@` are read.
"""

import os
import re
from collections.abc import Callable, Mapping

from bncalc.errors import UsageError
from bncalc.model.fields import describe, input_shape
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.zoo import MODELS

TORCH = "torch:"
BLOCK = "block:"
"""What a path begins with that is no file but a kind of block; nobody writes it."""
_SETTING = r"(?s)\s*([^\W\d]\w*)\s*=(.*)"
_SIZES = r"[0-9]{1,10}([,x][0-9]{1,10})*"
_HAS_SETTING = r"^[^#]*@[^\W\d]\w*="


class ModelName(NamedTuple):
    """A MODEL as it was named; `settings` are YAML text, a list `3,4,6,3`.

    `input` is the channels and the size of each axis, or one number for every axis.
    """

    path: str
    part: str = ""
    settings: Mapping[str, str] = {}
    input: Shape | None = None
    revision: str = ""

    def __str__(self) -> str:
        revision = f"{self.revision}:" if self.revision else ""
        return f"{revision}{self.path}{'#' if self.part else ''}{self.part}{self.echo}"

    @property
    def echo(self) -> str:
        """What was set, as it is written after a name: `@width=0.9@3,320,320`."""
        settings = "".join(f"@{name}={text}" for name, text in self.settings.items())
        return settings + ("" if self.input is None else f"@{','.join(map(str, self.input))}")

    @property
    def file(self) -> str:
        """The name of all that the file holds, nothing set."""
        return str(ModelName(self.path, revision=self.revision))

    @property
    def is_torch(self) -> bool:
        return self.path.startswith(TORCH)

    def having(self, settings: Mapping[str, str], input: Shape | None = None) -> "ModelName":
        """Return the name with more set; raise UsageError for what it sets itself."""
        for name in settings:
            if name in self.settings:
                raise UsageError(f"{self} sets {name!r} twice")
        if input is not None and self.input is not None:
            raise UsageError(f"{self} has its own input; leave --input out")
        return self._replace(
            settings={**self.settings, **settings}, input=self.input if input is None else input
        )


def parse(text: str, exists: Callable[[str], bool] = os.path.exists) -> ModelName:
    """Read a MODEL; raise UsageError for settings that cannot be read, or without a name.

    `exists` tells whether there is a file of that name.
    """
    revision, rest = split_revision(text, exists)
    name = parse_within(rest, exists)._replace(revision=revision)
    if not name.path:
        raise UsageError(
            f"{text!r} names no model; write it as in {name._replace(path='net.yaml')}"
        )
    return name


def split_revision(text: str, exists: Callable[[str], bool]) -> tuple[str, str]:
    """Return the git revision that a name begins with, empty where there is none, and the rest."""
    revision, colon, rest = text.partition(":")
    if not colon or text.startswith(TORCH) or re.match(_HAS_SETTING, revision):
        return "", text
    path = _file(text, exists)
    if path is not None and (path == text or _are_settings(text[len(path) :])):
        return "", text
    return revision, rest


def parse_within(text: str, exists: Callable[[str], bool]) -> ModelName:
    """Read a MODEL without a revision before it.

    Raises UsageError for a file that is called as code is: a pattern of a shell names it too.
    """
    if text.startswith(TORCH):
        if exists(text):
            raise UsageError(f"{text!r} is a file, and also names code; write ./{text} for it")
        path: str | None = text.partition("@")[0]
    else:
        path = _file(text, exists)
    if path is None:
        path = re.split("[#@]", text)[0]
    part, *further = text[len(path) :].split("@")
    return _with_settings(text, ModelName(path, part.removeprefix("#")), further)


def _file(text: str, exists: Callable[[str], bool]) -> str | None:
    """Return the longest beginning of a name that is a file, a shipped name or standard input."""
    marks = [match.start() for match in re.finditer("[#@]", text)]
    for end in (len(text), *reversed(marks)):
        path = text[:end]
        if path == "-" or path in MODELS or (path and exists(path)):
            return path
    return None


def _are_settings(rest: str) -> bool:
    _, *further = rest.split("@")
    return all(
        re.fullmatch(_SETTING, text) or re.fullmatch(_SIZES, text.strip()) for text in further
    )


def _with_settings(text: str, name: ModelName, further: list[str]) -> ModelName:
    for written in further:
        if match := re.fullmatch(_SETTING, written):
            name = name.having({match[1]: match[2].strip()})
        elif name.input is None and re.fullmatch(_SIZES, written.strip()):
            name = name._replace(input=input_shape(written.strip()))
        else:
            right = "@NAME=VALUE sets a variable and @C,H,W the input"
            raise UsageError(f"{text}: '@{written}' sets nothing; {right}")
    return name


def setting_text(value: object) -> str:
    """Return a value as the text of a setting: a list is `3,4,6,3`."""
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        return ",".join(map(setting_text, value)) + ("," if len(value) == 1 else "")
    return describe(value)
