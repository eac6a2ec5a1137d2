"""Libraries: files of own blocks to include, which are no models."""

import re

from bncalc.files import read_bounded
from bncalc.language.source import MAX_BYTES

_SUFFIXES = (".yaml", ".yml")
_KEYS = re.compile(rb"^(define|layers|blocks)[ \t]*:", re.MULTILINE)


def is_library(path: str) -> bool:
    """Tell whether a YAML file has `define:` and nothing to measure, by the lines it has.

    A file that cannot be read is none, so that whoever opens it next says what is wrong.
    """
    if not path.endswith(_SUFFIXES):
        return False
    try:
        return set(_KEYS.findall(read_bounded(path, MAX_BYTES))) == {b"define"}
    except OSError:
        return False
