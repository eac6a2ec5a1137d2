"""The JSON Schema of budget files and their reader accept and refuse the same files."""

import json
from pathlib import Path
from typing import get_args

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.budget.test_reader import IN_A_BUDGET, IN_THE_REST, WHOLE
from tests.described import described
from tests.rows import each_of

from bncalc.analysis.metric import limitable
from bncalc.budget.budgets import Level
from bncalc.budget.reader import decode_budgets
from bncalc.budget.verdict import Scope
from bncalc.errors import SpecError
from bncalc.language.nodes import MappingNode, SequenceNode, YamlNode
from bncalc.language.source import read

FILE = Path(__file__).parents[2] / "src/bncalc/schema/bncalc.budget.schema.json"
SCHEMA = json.loads(FILE.read_text(encoding="utf-8"))
VALIDATOR = jsonschema_rs.Draft7Validator(SCHEMA)
SEEN_BY_THE_READER_ALONE = ("is above", "takes out of nothing", "at most 100%")


def plain(node: YamlNode) -> object:
    """Return the document that an editor sees, by YAML 1.2 as our reader."""
    if isinstance(node, MappingNode):
        return {key.text: plain(value) for key, value in node.entries}
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.items]
    return node.value


def refusals(text: str) -> list[str]:
    try:
        document = plain(read(text, "b.yaml"))
    except SpecError as error:
        return [str(error)]
    return [error.message for error in VALIDATOR.iter_errors(document)]


def test_the_schema_is_a_schema() -> None:
    jsonschema_rs.meta.validate(SCHEMA)


def test_a_whole_file_is_accepted() -> None:
    assert refusals(WHOLE) == []


@each_of(IN_A_BUDGET)
def test_what_the_reader_refuses_in_a_budget_is_refused(text: str, said: str) -> None:
    good = {"name": "a", "models": "resnet50", "limits": "{params: 1}"}
    lines = text.splitlines()
    if "has no" not in said and "allows everything" not in said:
        written = {line.partition(":")[0] for line in lines}
        lines += [f"{key}: {value}" for key, value in good.items() if key not in written]
    spoiled = "version: 1\nbudgets:\n  - " + "\n    ".join(lines)
    with pytest.raises(SpecError):
        decode_budgets(read(spoiled, "b.yaml"))
    by_the_reader_alone = any(part in said for part in SEEN_BY_THE_READER_ALONE)
    assert bool(refusals(spoiled)) != by_the_reader_alone


@each_of(IN_THE_REST)
def test_what_the_reader_refuses_around_them_is_refused(text: str, said: str) -> None:
    good = "version: 1\nbudgets: [{name: a, models: resnet50, limits: {params: 30M}}]"
    assert refusals(f"{text}\n{good}"), said
    assert not refusals(good)


QUANTITIES = st.sampled_from(["4M", "0.5k", 7, 1.5, "18 MiB", "1 B", "2%", "33.3 %", "1e3"])
LIMITS = st.dictionaries(
    st.sampled_from([metric.word for metric in limitable()]),
    QUANTITIES | st.fixed_dictionaries({}, optional={"max": QUANTITIES, "min": QUANTITIES}),
    min_size=1,
    max_size=2,
)
BUDGETS = st.fixed_dictionaries(
    {"name": st.text(min_size=1), "models": st.sampled_from(["resnet50", ["a/*.yaml", "!a/b"]])},
    optional={
        "limits": LIMITS,
        "growth": LIMITS,
        "scope": st.sampled_from(get_args(Scope)),
        "match": st.sampled_from(["!head/**", ["a", "b"]]),
        "level": st.sampled_from(get_args(Level)),
        "message": st.text(),
    },
)


@given(BUDGETS)
@settings(max_examples=100)
def test_the_schema_and_the_reader_agree_on_budgets(budget: object) -> None:
    text = json.dumps({"version": 1, "budgets": [budget]})
    said = ""
    try:
        decode_budgets(read(text, "b.yaml"))
    except SpecError as error:
        said = str(error)
    if not any(part in said for part in SEEN_BY_THE_READER_ALONE):
        assert bool(refusals(text)) == bool(said), said


def test_every_key_is_described_and_what_it_shows_is_valid() -> None:
    assert described(SCHEMA) > 30
