"""The JSON Schema and the reader accept and refuse the same files."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from tests.described import described, refusals, shown_at
from tests.rows import each_of

import bncalc
from bncalc import zoo

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "src/bncalc/schema/bncalc.schema.json").read_text(encoding="utf-8"))
SHIPPED = [
    *sorted(Path(zoo.__path__[0]).glob("*.yaml")),
    *sorted(set((ROOT / "configs").glob("*.yaml")) - {ROOT / "configs/budgets.yaml"}),
]


@cache
def validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(SCHEMA)


def reader_accepts(path: Path) -> bool:
    try:
        bncalc.load(str(path))
    except bncalc.SpecError:
        return False
    return True


def documents(path: Path) -> Any:
    return yaml.load(path.read_text(), yaml.CSafeLoader)


@each_of(SHIPPED, ids=[path.stem for path in SHIPPED])
def test_every_shipped_file_is_accepted_by_both(path: Path) -> None:
    assert reader_accepts(path)
    assert validator().is_valid(documents(path))


def mutations(document: Any) -> Iterator[tuple[str, Any]]:
    """Spoil one thing at a time, each in a way that needs no shape to see; say which."""
    form = " ".join(sorted(document))
    for key, value in (
        ("layer", []),
        ("input", [3, 0, 8]),
        ("input", [3, 8, 8, 8, 8]),
        ("layers", {}),
    ):
        yield f"{key} {value} in {form}", {**document, key: value}
    for at, entry in enumerate(document.get("layers", ())):
        if not isinstance(entry, dict) or "define" in document:
            continue
        word = next(key for key in entry if key not in ("id", "from", "repeat", "first"))
        fields = entry[word] if isinstance(entry[word], dict) else {}
        spoiled: dict[str, dict[str, Any]] = {
            "a field": {**entry, word: {**fields, "no_such_field": 1}},
            "no times": {**entry, "repeat": 0},
            "two words": {**entry, "no_such_word": {}},
            "a number": {**entry, word: 7},
        }
        if "out" in fields:
            spoiled["negative"] = {**entry, word: {**fields, "out": -1}}
            spoiled["a truth"] = {**entry, word: {**fields, "out": True}}
        for what, changed in spoiled.items():
            layers = [*document["layers"][:at], changed, *document["layers"][at + 1 :]]
            yield f"{what} in {word} {sorted(entry)}", {**document, "layers": layers}


def test_every_spoiled_file_is_refused_by_both(tmp_path: Path) -> None:
    """Every kind of entry of the shipped files is spoiled once in every way, in a short file."""
    short_last = sorted(SHIPPED, key=lambda path: -path.stat().st_size)
    spoiled = {what: changed for path in short_last for what, changed in mutations(documents(path))}
    assert len(spoiled) > 200
    path = tmp_path / "spoiled.yaml"
    for what, changed in spoiled.items():
        path.write_text(json.dumps(changed))  # which is YAML
        assert not reader_accepts(path), what
        assert not validator().is_valid(changed), what


def test_a_key_that_no_own_block_has_is_refused_by_both(tmp_path: Path) -> None:
    block: dict[str, Any] = {"layers": [{"relu": {}}]}
    path = tmp_path / "net.yaml"
    for further, valid in (({}, True), ({"inputs": ["x"]}, True), ({"no_such_key": 1}, False)):
        own = {"define": {"own": {**block, **further}}, "input": [3, 8, 8], "layers": ["own"]}
        path.write_text(json.dumps(own))
        assert reader_accepts(path) is validator().is_valid(own) is valid


def test_every_key_is_described_and_what_it_shows_is_valid() -> None:
    assert described(SCHEMA) > 250


def test_every_example_of_a_kind_is_one() -> None:
    examples = [(form, value) for form in SCHEMA["$defs"].values() for value in shown_at(form)]
    assert len(examples) > 10
    assert refusals(SCHEMA, examples) == []


@pytest.mark.parametrize(("entry", "valid"), [("relu", True), ("no_such_word", False)])
def test_alternatives_of_a_file_without_own_blocks_are_of_known_words(
    entry: str, valid: bool, tmp_path: Path
) -> None:
    document = {"input": [3, 8, 8], "blocks": {"a": entry, "b": [entry]}}
    path = tmp_path / "net.yaml"
    path.write_text(json.dumps(document))
    assert (validator().is_valid(document), reader_accepts(path)) == (valid, valid)
