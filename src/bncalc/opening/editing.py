"""Editing: values of a model's variables are written into its file, and nothing else is touched."""

from __future__ import annotations

import os
from collections.abc import Mapping

from bncalc.disk import DISK
from bncalc.errors import UsageError
from bncalc.language.source import read
from bncalc.language.written import Written, rewritten, written
from bncalc.model.fields import describe
from bncalc.opening.kinds import LANGUAGE, kind_of
from bncalc.opening.model import located
from bncalc.opening.name import ModelName
from bncalc.zoo import MODELS


def write_values(name: ModelName, values: Mapping[str, object]) -> tuple[str, ...]:
    """Write the values of variables into the file of a model; return a line for each change.

    Where a variant is named that sets a variable itself, its value is the one that changes. Raises
    UsageError for a model that is not a YAML file of the user's, and for a variable whose value is
    not a number there.
    """
    path, part = located(name, DISK)
    if path == "-" or name.path in MODELS or kind_of(path) != LANGUAGE:
        raise UsageError(f"--write: {name} is not a YAML file of yours")
    text = DISK.read(path).decode("utf-8")
    lines = []
    for variable, value in values.items():
        old = _written(text, path, part, variable)
        if old.value != value:
            text = rewritten(text, old, value)
            lines.append(f"{old.location}: {variable} is {describe(value)}, it was {old.text}")
    _replace(path, text)
    return tuple(lines)


def _written(text: str, path: str, part: str, variable: str) -> Written:
    """Return the value of a variable where it is written."""
    values = {each.name: each for each in written(read(text, path))}
    for place in (f"variants.{part}.{variable}", f"vars.{variable}"):
        if place in values and values[place].literal:
            return values[place]
    raise UsageError(f"--write: {path} has no number {variable!r} under `vars:` to replace")


def _replace(path: str, text: str) -> None:
    """Write a file aside and rename it, so that it is the old one or the new one at any time."""
    aside = f"{path}.new"
    try:
        with open(aside, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - as elsewhere
            file.write(text)
        os.replace(aside, path)  # noqa: PTH105
    except OSError as error:
        raise UsageError(f"--write: cannot write {path}: {error.strerror}") from None
