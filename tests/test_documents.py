"""The JSON that commands write is what the published schemas say, to the last key."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from tests.program import run
from tests.repository import Repository, net
from tests.rows import each_of

ROOT = Path(__file__).parents[1]
CONFIG = str(ROOT / "configs/resnet256.yaml")


def bncalc(*arguments: str) -> str:
    done = run(*arguments)
    assert done.returncode < 2, done.stderr
    return done.stdout


@cache
def schema(form: str) -> dict[str, Any]:
    return json.loads(bncalc("schema", form))  # type: ignore[no-any-return]


def strict(node: Any) -> Any:
    """Return a schema that lets no key pass which it does not name."""
    if isinstance(node, list):
        return [strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    closed = {key: strict(value) for key, value in node.items()}
    if "properties" in node and "type" in node:
        closed.setdefault("additionalProperties", False)
    return closed


def faults(document: object, form: str) -> list[str]:
    errors = jsonschema_rs.Draft202012Validator(strict(schema(form))).iter_errors(document)
    return [f"{error.instance_path}: {error.message}" for error in errors]


@each_of(
    [
        ("model", "bncalc: a network, or alternatives to compare"),
        ("budget", "bncalc: budgets of models"),
        ("report", "bncalc block, compare and show --format json: what designs cost"),
        ("check", "bncalc check --format json: what budgets say of models"),
    ],
)
def test_each_form_has_the_schema_that_says_so(form: str, title: str) -> None:
    jsonschema_rs.meta.validate(schema(form))
    assert schema(form)["title"] == title


def test_without_a_word_it_is_the_schema_of_models() -> None:
    assert bncalc("schema") == bncalc("schema", "model")


@each_of(
    [
        ("compare", CONFIG),
        ("show", "efficientnet_b0", "--batch", "2", "--dtype", "int8"),
        ("show", "repvgg_a0"),
        ("block", "bottleneck", "--cin", "64", "--mid", "16"),
        ("compare", "resnet18", "mobilenet_v2", "--policy", "deploy,-add"),
        ("show", "resnet18", "--as", "fvcore", "--optimizer", "adam", "--policy", "eager"),
        ("show", "resnet18", "--columns", "params,intensity,rf", "--device", "a100"),
    ]
)
def test_reports_are_what_their_schema_says(arguments: tuple[str, ...]) -> None:
    document = json.loads(bncalc(*arguments, "--format", "json"))
    assert faults(document, "report") == []


BUDGET = """\
version: 1
base: {ref: main, missing: warn}
budgets:
  - name: small
    models: ["models/*.yaml"]
    limits: {params: 5k, macs: {min: 1k, max: 1G}, weights: 1 MiB}
    growth: {params: 1%, macs: 5k}
    message: Ask the vision team.
  - {name: even, models: ["models/*.yaml"], scope: layer, limits: {macs: 25%}, level: warn}
"""


def test_verdicts_are_what_their_schema_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = Repository(tmp_path / "project")
    repository.write("models/net.yaml", net())
    repository.write("bncalc.budget.yaml", BUDGET)
    repository.commit()
    repository.write("models/net.yaml", net(96))
    repository.write("models/new.yaml", net(8, "new"))
    monkeypatch.chdir(repository.folder)
    some, every, new = (
        json.loads(bncalc("check", "--format", "json", *more))
        for more in ((), ("--all",), ("--new-only",))
    )
    assert [faults(document, "check") for document in (some, every, new)] == [[], [], []]
    checks = every["checks"]
    assert {check["rule"] for check in checks} == {"BN101", "BN102", "BN103", "BN201", "BN202"}
