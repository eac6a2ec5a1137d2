"""What the editor completes and explains, from the classes that the reader uses, as JSON."""

import json
from inspect import cleandoc

from bncalc.language.grammar import FILE_KEYS
from bncalc.model.fields import Field, describe
from bncalc.model.registry import BLOCKS, OPS, find


def vocabulary() -> dict[str, object]:
    """Return the keys of a file, and each word with what it is and its fields."""
    return {
        "keys": FILE_KEYS,
        "words": {word: _kind(word) for word in (*BLOCKS, *OPS)},
    }


def _kind(word: str) -> dict[str, object]:
    kind = find(word)
    return {
        "about": cleandoc(kind.__doc__ or "").partition("\n\n")[0].replace("\n", " "),
        "paper": kind.paper,
        "fields": {field.name: _field(field) for field in kind.fields},
    }


def _field(field: Field) -> str:
    default = "required" if field.required else f"{describe(field.default)} unless given"
    return f"{field.doc or field.name}: {field.type}, {default}"


print(json.dumps(vocabulary(), ensure_ascii=False))
