"""The JSON Schema of the budget file, made from the tables that its reader uses."""

from __future__ import annotations

from typing import get_args

from language_schema import Schema

from bncalc.analysis.arena.runtime import RUNTIMES, ConverterPadding
from bncalc.analysis.assumptions import DTYPES, OPTIMIZERS, POLICIES, STANDARD
from bncalc.analysis.metric import limitable
from bncalc.budget.budgets import (
    ASSUME_KEYS,
    BASE_KEYS,
    BUDGET_FILE_KEYS,
    BUDGET_KEYS,
    FILE_VERSION,
    GROWTH_KEYS,
    LIMIT_KEYS,
    BaseRules,
    Level,
    Missing,
)
from bncalc.budget.verdict import Scope
from bncalc.model.field_types import Integer
from bncalc.model.fields import INPUT
from bncalc.quantity import NUMBER, UNITS, Unit

_EXAMPLES: dict[str, list[object]] = {
    "assume": [{"dtype": "int8", "batch": 1}],
    "base": [{"ref": "origin/main", "missing": "fail"}],
    "require": ["models/*.yaml"],
    "budgets": [[{"name": "phone", "models": "models/*.yaml", "limits": {"params": "4M"}}]],
    "input": [[3, 224, 224], "3x224x224"],
    "ref": ["origin/main"],
    "ignore_below": ["0.1%"],
    "name": ["phone"],
    "models": ["models/*.yaml", ["models/*.yaml", "!models/old.yaml"], "resnet50"],
    "device": ["stm32f746"],
    "limits": [{"params": "4M", "peak": "18 MiB"}],
    "growth": [{"macs": "1%"}],
    "match": ["stage3/**"],
    "message": ["ask the camera team before raising this"],
}
_DEFAULTS: dict[str, object] = {
    "batch": STANDARD.batch, "dtype": STANDARD.dtype, "policy": STANDARD.memory_policy.name,
    "fold_norm": STANDARD.fold_norm, "optimizer": STANDARD.optimizer,
    "convention": STANDARD.convention, "runtime": STANDARD.target.runtime,
    "pad": STANDARD.target.padding, "missing": BaseRules().missing, "scope": "model",
    "level": "error",
}  # fmt: skip
"""What holds if a key is not given; the names of the keys are one a meaning in the whole file."""

_TEXT: Schema = {"type": ["string", "number", "boolean"], "minLength": 1}
_PATTERN: Schema = {**_TEXT, "not": {"enum": ["!", "./", "!./"]}}
_PATTERNS: Schema = {"anyOf": [_PATTERN, {"type": "array", "items": _PATTERN, "minItems": 1}]}


def schema() -> Schema:
    """Return the schema of a budget file (draft 7, which editors support best).

    It knows every key, metric, unit and choice. It cannot know which models there are, nor which of
    two limits is the higher.
    """
    forms: dict[str, Schema] = {
        "version": {"enum": [FILE_VERSION, str(FILE_VERSION)]},
        "assume": _mapping(ASSUME_KEYS, _assumed()),
        "base": _mapping(BASE_KEYS, _base()),
        "require": _PATTERNS,
        "budgets": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/budget"}},
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "bncalc: budgets of models",
        **_mapping(BUDGET_FILE_KEYS, forms),
        "type": "object",
        "required": ["version", "budgets"],
        "definitions": {
            "budget": _budget(),
            "limits": _limits("limit"),
            "part_limits": _limits("part_limit", of_parts=True),
            "growth": _limits("growth"),
            "part_growth": _limits("growth", of_parts=True),
            **{
                f"{kind}_of_{unit}": _limit(words, unit, percent)
                for kind, (words, percent) in _KINDS.items()
                for unit in UNITS
            },
        },
    }


def _assumed() -> dict[str, Schema]:
    return {
        "input": INPUT.type.schema(),
        "batch": Integer().schema(),
        "dtype": {"enum": list(DTYPES)},
        "activation_dtype": {"enum": list(DTYPES)},
        "policy": {"type": "string", "pattern": rf"^({'|'.join(POLICIES)})( *, *[+-][a-z_]+)*$"},
        "fold_norm": {"type": "boolean"},
        "optimizer": {"enum": list(OPTIMIZERS)},
        "convention": {"enum": ["bncalc"]},
        "runtime": {"enum": list(RUNTIMES)},
        "pad": {"enum": list(get_args(ConverterPadding))},
    }


def _base() -> dict[str, Schema]:
    return {
        "ref": _TEXT,
        "missing": {"enum": list(get_args(Missing))},
        "ignore_below": {"type": "string", "pattern": f"^ *{NUMBER} ?% *$"},
    }


def _budget() -> Schema:
    """Return a budget: in another scope than the model fewer metrics, and shares, are limits."""
    scopes = get_args(Scope)
    forms: dict[str, Schema] = {
        "name": _TEXT,
        "models": _PATTERNS,
        "device": _TEXT,
        "limits": {"type": "object"},
        "growth": {"type": "object"},
        "scope": {"enum": list(scopes)},
        "match": _PATTERNS,
        "level": {"enum": list(get_args(Level))},
        "message": _TEXT,
    }
    whole, parts = (
        {"properties": {key: {"$ref": f"#/definitions/{prefix}{key}"} for key in _RULES}}
        for prefix in ("", "part_")
    )
    return {
        **_mapping(BUDGET_KEYS, forms),
        "type": "object",
        "required": ["name", "models"],
        "anyOf": [{"required": [key]} for key in ("device", *_RULES)],
        "if": {"properties": {"scope": {"enum": list(scopes[1:])}}, "required": ["scope"]},
        "then": parts,
        "else": {**whole, "not": {"required": ["match"]}},
    }


_RULES = ("limits", "growth")


_KINDS = {
    "limit": (LIMIT_KEYS, False),
    "part_limit": (LIMIT_KEYS, True),
    "growth": (GROWTH_KEYS, True),
}
"""What a limit may be: the keys of one that is more than a quantity, and whether shares are."""


def _limits(kind: str, *, of_parts: bool = False) -> Schema:
    _, percent = _KINDS[kind]
    metrics = {
        name: {
            "allOf": [{"$ref": f"#/definitions/{kind}_of_{metric.quantity}"}],
            "description": metric.doc,
            "examples": ["1%"] if percent else ["18 MiB" if metric.unit == "bytes" else "4M"],
        }
        for metric in limitable()
        if metric.layers or not of_parts
        for name in dict.fromkeys((metric.word, metric.key))
    }
    return {
        "type": "object",
        "properties": metrics,
        "additionalProperties": False,
        "minProperties": 1,
    }


def _limit(words: dict[str, str], unit: Unit, percent: bool) -> Schema:
    bare = _quantity(unit, percent)
    several = {**_mapping(words, dict.fromkeys(words, bare)), "type": "object"}
    return {"anyOf": [bare, {**several, "minProperties": 1}]}


def _quantity(unit: Unit, percent: bool) -> Schema:
    units = "|".join(UNITS[unit])
    suffix = f"(?:{units}|%)" if percent else f"(?:{units})"
    text: Schema = {"type": "string", "pattern": f"^ *{NUMBER} ?{suffix} *$"}
    if unit == "bytes":
        return text
    return {"anyOf": [{"type": "number", "minimum": 0}, text]}


def _mapping(docs: dict[str, str], forms: dict[str, Schema]) -> Schema:
    return {
        "type": ["object", "null"],
        "properties": {
            key: {**forms[key], "description": doc, **_shown(key)} for key, doc in docs.items()
        },
        "additionalProperties": False,
    }


def _shown(key: str) -> Schema:
    """Return what editors offer and show at a key."""
    examples = {"examples": _EXAMPLES[key]} if key in _EXAMPLES else {}
    return {**examples, **({"default": _DEFAULTS[key]} if key in _DEFAULTS else {})}
