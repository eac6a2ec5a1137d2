"""What a schema tells people at each key, for the tests of the schemas."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import jsonschema_rs


def keys_of(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every key that a file may have, with its schema, at any depth."""
    if isinstance(schema, dict):
        properties = schema.get("properties")
        for key, form in (properties if isinstance(properties, dict) else {}).items():
            if isinstance(form, dict) and form.keys() != {"$ref"}:
                yield key, form
        for word, value in schema.items():
            if word not in ("if", "then", "else"):  # conditions say nothing to people
                yield from keys_of(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from keys_of(value)


def shown_at(form: dict[str, Any]) -> list[Any]:
    """Return the examples and the default of a key, as JSON has them."""
    default = [form["default"]] if "default" in form else []
    shown: list[Any] = json.loads(json.dumps([*form.get("examples", ()), *default]))
    return shown


def described(schema: Any) -> int:
    """Hold each key to a description, and what it shows to its own schema; return how many show."""
    shown = []
    for key, form in keys_of(schema):
        assert form.get("description"), key
        shown += [(form, value) for value in shown_at(form)]
    assert refusals(schema, shown) == []
    return len(shown)


def refusals(schema: Any, pairs: Iterable[tuple[dict[str, Any], Any]]) -> list[str]:
    """Return what parts of a schema refuse in values, each part with a value of its own."""
    numbered = {str(number): pair for number, pair in enumerate(pairs)}
    shared = {key: schema[key] for key in ("$schema", "$defs", "definitions") if key in schema}
    forms = {number: form for number, (form, _) in numbered.items()}
    validator = jsonschema_rs.validator_for({**shared, "properties": forms})
    values = {number: value for number, (_, value) in numbered.items()}
    return [error.message for error in validator.iter_errors(values)]
