"""The fields of a kind as options of a command, and what the texts of these mean."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from bncalc.errors import UsageError
from bncalc.model.field_types import Boolean, Either, Integer
from bncalc.model.fields import Field

_RENAMED = {"out": "cout"}
_MOST_VALUES = 1000
_FEW, _MANY = 3, 20
"""Up to so many words an option is written with, and up to so many its help names."""


def flag_of(name: str) -> str:
    """Return what the option of a field is called, without its hyphens."""
    return _RENAMED.get(name, name).replace("_", "-")


def option_of(field: Field) -> object:
    """Return the option of a field: a flag where it is true or false, a text otherwise."""
    flag = f"--{flag_of(field.name)}"
    has_default = not field.required and field.default not in (None, "default")
    default = f" [default: {written(field.default)}]" if has_default else ""
    words = [word for word in getattr(field.type, "words", ()) if word != "default"]
    few = len(words) <= _FEW
    known = f" One of {', '.join(words)}." if _FEW < len(words) < _MANY else ""
    help = f"{field.doc[:1].upper()}{field.doc[1:]}.{known}{default}"
    usual = field.type.types[0] if isinstance(field.type, Either) else field.type
    if isinstance(usual, Boolean):
        no = "--no-" + flag.removeprefix("--")
        return Annotated[bool | None, typer.Option(f"{flag}/{no}", help=help)]
    other = "N" if isinstance(usual, Integer) else "VALUE"
    metavar = "|".join(words) if words and few else other
    flags = dict.fromkeys((flag, f"--{field.name.replace('_', '-')}"))
    return Annotated[
        str | None, typer.Option(*flags, metavar=metavar, help=help, show_default=False)
    ]


def written(value: object) -> str:
    """Write a value of a field as an option takes it: 3x1."""
    if isinstance(value, tuple):
        return "x".join(map(written, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def value_of(field: Field, text: object) -> object:
    """Return what an option's text means for its field; raise UsageError where it cannot be."""
    value = _read(text) if isinstance(text, str) else text
    try:
        return field.accept(value)
    except ValueError as error:
        raise UsageError(f"--{flag_of(field.name)}: {error}") from None


def values_of(field: Field, text: object) -> list[object]:
    """Return the values of 16,32,64 or 16:128:16; a single one of all else, a pair too."""
    if not isinstance(text, str):
        return [value_of(field, text)]
    if ":" in text:
        return [value_of(field, str(number)) for number in _range(field, text)]
    parts = [part.strip() for part in text.split(",")]
    if len(parts) == 1 or _accepts(field, text):
        return [value_of(field, text)]
    return [value_of(field, part) for part in dict.fromkeys(parts)]


def _accepts(field: Field, text: str) -> bool:
    try:
        field.accept(_read(text))
    except ValueError:
        return False
    return True


def _range(field: Field, text: str) -> range:
    """Read FROM:TO or FROM:TO:STEP, TO included."""
    right = "FROM:TO:STEP in whole numbers, such as 16:128:16"
    if not re.fullmatch(r"\d{1,9}:\d{1,9}(:\d{1,9})?", text):
        raise UsageError(f"--{flag_of(field.name)} is {text!r}; write {right}")
    start, stop, *step = map(int, text.split(":"))
    if start > stop or step == [0]:
        raise UsageError(
            f"--{flag_of(field.name)} is {text!r}, which contains no value; write {right}"
        )
    numbers = range(start, stop + 1, *step)
    if len(numbers) > _MOST_VALUES:
        raise UsageError(f"--{flag_of(field.name)} {text}: more than {_MOST_VALUES:,} values")
    return numbers


def _read(text: str) -> object:
    """Read a number, a pair like 3x1 or 3,1, or a word."""
    parts = text.replace(",", "x").split("x")
    if len(parts) > 1 and all(part.strip().isdecimal() for part in parts):
        return [int(part[:19]) for part in parts]
    for number in (int, float):
        try:
            return number(text) if len(text) < 20 else text
        except ValueError:
            continue
    return text
