"""The selection: which of the files that a glob finds are models."""

import re

from bncalc.disk import DISK
from bncalc.errors import SpecError

SUFFIXES = (".yaml", ".yml")
_KEYS = rb"(?m)^(define|layers|blocks|budgets)[ \t]*:"


def is_model(path: str) -> bool:
    """Return whether a file is to be opened as a model, by its name and the keys that it has.

    One that cannot be read is, so that whoever opens it says what is wrong.
    """
    if not path.lower().endswith(SUFFIXES):
        return False
    try:
        return holds_model(DISK.read(path))
    except SpecError:
        return True


def holds_model(data: bytes) -> bool:
    """Return whether a YAML file is more than a library of blocks (`define:`) or a budget file."""
    keys = set(re.findall(_KEYS, data))
    return not keys or bool(keys & {b"layers", b"blocks"})
