"""The JSON Schema of the file format, made from the classes that the reader uses."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

from bncalc.language.grammar import (
    AGAIN,
    CONDITION,
    DEFAULTS,
    FILE_KEYS,
    GROUPS,
    JOINS,
    REPEAT,
    SHARED,
)
from bncalc.model import fields
from bncalc.model.field_types import Boolean, FieldType
from bncalc.model.fields import INPUT, Field, type_in
from bncalc.model.op import Block
from bncalc.model.registry import WORDS, find

Schema = dict[str, Any]

_EXPRESSION = {"$ref": "#/$defs/expression"}
_ENTRIES = {"$ref": "#/$defs/entries"}
_TEXT: Schema = {"type": ["string", "number", "boolean"]}
_NAME = {"propertyNames": {"pattern": "^(?!(cin|h|w|i)$)[A-Za-z_][A-Za-z0-9_]*$"}}
_ANY = {"description": "a number, a text, true or false, a list, or an expression"}
_VALUES = {"type": ["object", "null"], "additionalProperties": _ANY, **_NAME}
_EXAMPLES: dict[str, list[object]] = {
    "name": ["resnet50"],
    "description": ["a narrow ResNet for 64×64 images"],
    "source": ["He et al. 2015, arXiv:1512.03385"],
    "input": [[3, 224, 224], "3x224x224"],
    "inputs": [{"left": [3, 224, 224], "right": [1, 224, 224]}],
    "counts_only": [["scores: a mask is added to them"]],
    "outputs": [["coarse", "fine"]],
    "defaults": [{"norm": "batch", "act": "relu"}],
    "vars": [{"width": 64, "depths": [3, 4, 6, 3]}],
    "variants": [{"small": {"width": 32}, "large": {"width": 64}}],
    "define": [{"twice": {"args": {"out": None}, "layers": [{"conv": {"out": "=out"}}]}}],
    "include": ["blocks.yaml"],
    "blocks": [{"plain": {"plain": {"out": 256}}, "narrow": {"bottleneck": {"mid": 64}}}],
    "baseline": ["plain"],
    "layers": [[{"conv": {"out": 64, "kernel": 7, "stride": 2}}, "global_avg_pool"]],
    "id": ["stem"],
    "from": ["stem", ["left", "right"], ["in", "layer.*"]],
    "repeat": [3, "=depths[0]"],
    "first": [{"stride": 2}],
    "index": ["j"],
    "if": ["=i > 0"],
    "else": ["max_pool"],
    "same_as": ["head"],
}
"""What editors offer at a key of the file, or of an entry's wiring."""


def schema() -> Schema:
    """Return the schema of a file (draft 2020-12).

    It knows every word, key and limit. It cannot know what is only seen when shapes meet, nor the
    names of blocks that a file defines or includes: where one does, other words pass.
    """
    own = {"anyOf": [{"required": ["define"]}, {"required": ["include"]}]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "bncalc: a network, or alternatives to compare",
        "type": "object",
        "properties": _file_keys(),
        "additionalProperties": False,
        "allOf": [
            {"not": {"required": pair}}
            for pair in (["blocks", "layers"], ["input", "inputs"], ["outputs", "blocks"])
        ],
        "if": own,
        "else": {
            "properties": {
                "layers": {"items": {"$ref": "#/$defs/known_entry"}},
                "blocks": {"additionalProperties": {"$ref": "#/$defs/known_alternative"}},
            }
        },
        "$defs": _definitions(),
    }


def _file_keys() -> Schema:
    input = {"anyOf": [_input(), _EXPRESSION]}
    forms: dict[str, Schema] = {
        "name": _TEXT,
        "description": _TEXT,
        "source": _TEXT,
        "input": input,
        "inputs": {"type": "object", "minProperties": 1, "additionalProperties": input},
        "counts_only": _sources(),
        "outputs": _sources(),
        "defaults": _mapping({name: _value(field) for name, field in DEFAULTS.items()}),
        "vars": _VALUES,
        "variants": {"type": ["object", "null"], "additionalProperties": _VALUES},
        "define": {"type": ["object", "null"], "additionalProperties": _definition()},
        "include": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
        "blocks": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {"$ref": "#/$defs/alternative"},
        },
        "baseline": _TEXT,
        "layers": {**_ENTRIES, "minItems": 1},
    }
    return {
        key: {**forms[key], "description": doc, "examples": _EXAMPLES[key]}
        for key, doc in FILE_KEYS.items()
    }


def _definition() -> Schema:
    """Return a block that a file defines."""
    return {
        "type": "object",
        "properties": {
            "args": {**_VALUES, "description": "its arguments and their defaults, if any"},
            "inputs": {**_sources(), "description": "the names of its input maps"},
            "outputs": {**_sources(), "description": "the ids of its outputs"},
            "layers": {**_ENTRIES, "description": "the entries that it stands for"},
        },
        "required": ["layers"],
        "additionalProperties": False,
    }


def _definitions() -> Schema:
    return {
        "expression": {
            "type": "string",
            "pattern": "^=",
            "description": "a spreadsheet-like expression: =cin*2, =divisible(32*width, 8)",
        },
        "entries": {"type": "array", "items": {"$ref": "#/$defs/entry"}},
        "alternative": {"anyOf": [{"$ref": "#/$defs/entry"}, {**_ENTRIES, "minItems": 1}]},
        "known_alternative": {
            "anyOf": [
                {"$ref": "#/$defs/known_entry"},
                {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/known_entry"}},
            ]
        },
        "entry": _entry(),
        "known_entry": _known_entry(),
        **{word: _kind(word, find(word)) for word in WORDS},
        **{word: {**_ENTRIES, "minItems": 1} for word in GROUPS},
        **{name: _form(type.schema()) for name, type in _TYPES.items()},
    }


def _entry() -> Schema:
    """Return an entry: a bare name, or one word with its arguments and the wiring beside it."""
    wiring = {key: {**form, **_examples(key)} for key, form in _wiring().items()}
    words: Schema = {word: {"$ref": f"#/$defs/{word}"} for word in (*WORDS, *GROUPS)}
    doc = "the entry with that id again, sharing its weights"
    words[AGAIN] = {**_TEXT, "description": doc, **_examples(AGAIN)}
    return {
        "anyOf": [
            {"type": "string"},
            {
                "type": "object",
                "properties": {**wiring, **words},
                "additionalProperties": {"type": ["object", "null"]},
                "dependentRequired": {
                    "first": ["repeat"],
                    "shared": ["repeat"],
                    "index": ["repeat"],
                    "else": ["if"],
                },
                "not": {"propertyNames": {"enum": list(wiring)}},
            },
        ]
    }


def _known_entry() -> Schema:
    """Return what an entry is besides, where no block of a file's own can be meant."""
    bare = [word for word in WORDS if not any(field.required for field in find(word).fields)]
    computed: Schema = {"type": "string", "pattern": "^="}
    keys = {"enum": [*_wiring(), *WORDS, *GROUPS, AGAIN]}
    return {
        "anyOf": [
            {"enum": bare},
            computed,
            {"type": "object", "propertyNames": {"anyOf": [keys, computed]}},
        ]
    }


def _wiring() -> Schema:
    """Return the keys beside the word of an entry."""
    return {
        "id": {**_TEXT, "description": "a name to refer to it by"},
        "from": _from(),
        "repeat": _value(REPEAT),
        "first": {"type": "object", "description": "arguments of the first copy only"},
        "shared": _value(SHARED),
        "index": {"type": "string", "description": "the name of a copy's number in expressions: i"},
        "if": {"anyOf": [{"type": "boolean"}, _EXPRESSION], "description": CONDITION.doc},
        "else": {
            "anyOf": [{"$ref": "#/$defs/entry"}, _ENTRIES],
            "description": "an entry, or a list of them, to place instead if `if` is false",
        },
    }


def _kind(word: str, kind: type[Block]) -> Schema:
    required = [field.name for field in kind.fields if field.required]
    arguments = _mapping({field.name: _value(field) for field in kind.fields})
    if required:
        arguments = {**arguments, "type": "object", "required": required}
    if word in JOINS:
        branches = {"type": "array", "minItems": 2, "items": _ENTRIES}
        named = _mapping({"from": _from(), **arguments["properties"]})
        arguments = {"anyOf": [branches, named]}
    needed = {field.name: _sample(field) for field in kind.fields if field.required}
    about = "\n\n".join(filter(None, (cleandoc(kind.__doc__ or ""), kind.paper)))
    return {
        **arguments,
        "description": about,
        **({"examples": [needed]} if needed and all(needed.values()) else {}),
    }


def _sample(field: Field) -> object:
    """Return a number that a field takes, to begin with; None for what a shape decides."""
    return 64 if field.type.schema().get("type") == "integer" else None


def _examples(key: str) -> Schema:
    return {"examples": _EXAMPLES[key]} if key in _EXAMPLES else {}


def _mapping(properties: Schema) -> Schema:
    return {"type": ["object", "null"], "properties": properties, "additionalProperties": False}


_SHOWN = ("description", "default")
"""What a schema tells people: said of a field, not of each form that it may have."""
_TYPES: dict[str, FieldType] = {
    name: type_in(annotated)
    for name, annotated in vars(fields).items()
    if hasattr(annotated, "__metadata__")
}
_TYPES["Boolean"] = Boolean()
"""The types that many fields have, each defined once; their names begin with a capital letter."""


def _value(field: Field) -> Schema:
    """Return what may stand at a field: its values, lists with expressions, an expression."""
    form = field.schema()
    shown = {key: form.pop(key) for key in _SHOWN if key in form}
    null = {"type": "null"}
    optional = [each for each in form.get("anyOf", ()) if each != null]
    if len(optional) == 1 and (known := _known(optional[0])):
        return {"anyOf": [known, null], **shown}
    return {**(_known(form) or _form(form)), **shown}


def _known(form: Schema) -> Schema:
    """Return where a type is defined that many fields have; nothing for any other."""
    names = [name for name, type in _TYPES.items() if type.schema() == form]
    return {"$ref": f"#/$defs/{names[0]}"} if names else {}


def _form(schema: Schema) -> Schema:
    """Return values that an expression may stand for."""
    return {"anyOf": [_open(schema), _EXPRESSION]}


def _open(schema: Schema) -> Schema:
    """Let expressions stand for the items of a list."""
    opened = {key: value for key, value in schema.items() if key not in _SHOWN}
    if "items" in opened:
        opened["items"] = {"anyOf": [_open(opened["items"]), _EXPRESSION]}
    if "anyOf" in opened:
        opened["anyOf"] = [_open(option) for option in opened["anyOf"]]
    return opened


def _from() -> Schema:
    doc = "an earlier id, or a list of them; `layer.*` are the maps of all copies of `layer`"
    return {**_sources(), "description": doc, **_examples("from")}


def _sources() -> Schema:
    return {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}


def _input() -> Schema:
    return _open(INPUT.type.schema())
