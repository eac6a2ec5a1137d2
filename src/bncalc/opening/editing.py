"""Editing: values of a model's variables are written into its file, and nothing else is touched."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping

from bncalc.disk import DISK
from bncalc.errors import UsageError
from bncalc.language.source import read
from bncalc.language.written_values import WrittenValue, rewritten, written
from bncalc.model.fields import describe
from bncalc.opening.kinds import LANGUAGE, kind_of
from bncalc.opening.lookup import located
from bncalc.opening.name import ModelName
from bncalc.zoo import MODELS


def editable(name: ModelName) -> tuple[str, str]:
    """Return the file of a model and the part of it that is named.

    Raises UsageError for what is not a YAML file of the user's own. A link is not followed.
    """
    path, part = located(name, DISK)
    if path == "-" or name.path in MODELS or kind_of(path) != LANGUAGE:
        raise UsageError(f"--write: {name} is not a YAML file of yours")
    if os.path.islink(path):  # noqa: PTH114 - as elsewhere
        raise UsageError(f"--write: {path} is a link; name the file that it leads to")
    if not os.access(path, os.W_OK):
        raise UsageError(f"--write: {path} cannot be written")
    return path, part


def write_values(name: ModelName, values: Mapping[str, object]) -> tuple[str, ...]:
    """Write values into the file of a model; return a line for each change.

    They are variables, items of them, and the input. Where a variant is named that sets a variable
    itself, its value is the one that changes. Raises UsageError for a value that is not a number
    there; then nothing is written.
    """
    path, part = editable(name)
    text = DISK.read(path).decode("utf-8")
    _refuse_other_lengths(text, path, part, values)
    lines = []
    for place, value in _items(values):
        old = _written(text, path, part, place)
        if old.value != value:
            text = rewritten(text, old, value)
            lines.append(f"{old.location}: {place} is {describe(value)}, it was {old.text}")
    _replace(path, text)
    return tuple(lines)


def _items(values: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Return each value with its name, those of a list one by one."""
    for name, value in values.items():
        if isinstance(value, tuple):
            yield from _items({f"{name}[{at}]": item for at, item in enumerate(value)})
        else:
            yield name, value


def _refuse_other_lengths(text: str, path: str, part: str, values: Mapping[str, object]) -> None:
    """Raise UsageError for a list that is longer where it is written: a part of it would stay."""
    names = {each.name for each in written(read(text, path))}
    for name, value in values.items():
        beyond = f"{name}[{len(value)}]" if isinstance(value, tuple) else ""
        if beyond and names & {f"variants.{part}.{beyond}", f"vars.{beyond}", beyond}:
            raise UsageError(f"--write: {name} has more items in {path} than {describe(value)}")


def _written(text: str, path: str, part: str, place: str) -> WrittenValue:
    """Return the value of a variable, or a size of the input, where it is written."""
    values = {each.name: each for each in written(read(text, path))}
    names = [f"variants.{part}.{place}", f"vars.{place}"]
    if place.startswith("input["):
        names.append(place)
    for name in names:
        if name in values and values[name].literal:
            return values[name]
    raise UsageError(f"--write: {path} has no number {place!r} to replace")


def _replace(path: str, text: str) -> None:
    """Write a file aside and rename it, so that it is the old one or the new one at any time."""
    aside = f"{path}.{os.getpid()}.new"
    try:
        with open(aside, "x", encoding="utf-8", newline="") as file:  # noqa: PTH123 - as elsewhere
            file.write(text)
        os.chmod(aside, stat.S_IMODE(os.stat(path).st_mode))  # noqa: PTH101, PTH116
        os.replace(aside, path)  # noqa: PTH105
    except OSError as error:
        raise UsageError(f"--write: cannot write {path}: {error.strerror}") from None
