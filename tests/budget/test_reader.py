"""Budget files: what they say, and every problem of a bad one with its place."""

from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.problems import told
from tests.repository import Repository
from tests.rows import each_of

from bncalc.analysis.metric import METRICS
from bncalc.budget.budgets import BUDGET_KEYS, BaseRules, Budgets
from bncalc.budget.reader import HOLDS, decode_budgets, find, is_budgets, read_budgets
from bncalc.errors import Location, Problem, SpecError, UsageError
from bncalc.language.source import read

WHOLE = """\
version: 1
assume: {input: 3x192x192, batch: 2, dtype: int8, activation_dtype: int16, policy: "deploy,-add",
         fold_norm: true, optimizer: adam}
base: {ref: origin/main, missing: warn, ignore_below: 0.1%}
budgets:
  - name: mobile
    models: ["models/*.yaml", "!models/old.yaml"]
    limits:
      params: 4M
      macs: {max: 315M, warn: 310M, min: 1_000}
      weights: 18 MiB
    growth: {params: 1%, macs: {max: 20M, warn: 10M}}
    message: Ask the team.
  - name: no layer dominates
    models: models/**
    scope: layer
    match: "!head/*"
    limits: {macs: 25%}
    level: warn
"""


def budgets(text: str) -> Budgets:
    return decode_budgets(read(text, "b.yaml", HOLDS))


def problems(text: str) -> list[str]:
    return told(budgets, text)


def test_a_file_is_read_whole() -> None:
    read = budgets(WHOLE)
    assert (read.path, read.input) == ("b.yaml", (3, 192, 192))
    assumed = read.assumptions
    assert (assumed.batch, assumed.dtype, assumed.activation_dtype) == (2, "int8", "int16")
    assert (assumed.memory_policy.name, assumed.memory_policy.add) == ("deploy,-add", False)
    assert (assumed.fold_norm, assumed.optimizer) == (True, "adam")
    assert read.base == BaseRules(
        "origin/main", "warn", Fraction(1, 1000), Location("b.yaml", 4, 13)
    )
    mobile, layers = read.budgets
    assert [(model.text, model.without) for model in mobile.models] == [
        ("models/*.yaml", False),
        ("models/old.yaml", True),
    ]
    written = [
        (
            limit.kind,
            limit.metric,
            limit.hard and limit.hard.number,
            limit.warn and limit.warn.number,
        )
        for limit in mobile.limits
    ]
    assert written == [
        ("max", "params", 4_000_000, None),
        ("max", "macs", 315_000_000, 310_000_000),
        ("min", "macs", 1000, None),
        ("max", "weights", 18 * 2**20, None),
        ("growth", "params", Fraction(1, 100), None),
        ("growth", "macs", 20_000_000, 10_000_000),
    ]
    assert (mobile.message, mobile.level, mobile.scope) == ("Ask the team.", "error", "model")
    assert (layers.scope, layers.level, layers.match[0].without) == ("layer", "warn", True)
    assert mobile.limits[1].location == ("b.yaml", 10, 7)


def test_what_is_not_said_has_defaults() -> None:
    read = budgets("version: 1\nbudgets: [{name: a, models: resnet50, limits: {params: 30M}}]")
    assert read.input is None
    assert read.assumptions == Budgets("", ()).assumptions
    assert read.base == BaseRules(None, "pass", Fraction(0))


def test_other_peoples_words_for_types_are_understood_as_in_a_call() -> None:
    limited = "budgets: [{name: a, models: resnet50, limits: {params: 30M}}]"
    assert budgets(f"version: 1\nassume: {{dtype: fp16}}\n{limited}").assumptions.dtype == "float16"


BAD = [
    ("", ["b.yaml: error: the file is empty; a budget file holds"]),
    ("[]", ["b.yaml:1:1: error: a budget file holds `version: 1` and `budgets:`, and this is a"]),
    ("version: 1", ["b.yaml:1:1: error: the file has no `budgets:`"]),
    ("version: 2\nbudgets: []", [
        "b.yaml:1:10: error: version is 2; this bncalc knows 1",
        "b.yaml:2:10: error: budgets is an empty list; it must be a list of budgets",
    ]),
    ("version: 1\nbudgets: [7]\nbudget: 1", [
        "b.yaml:2:11: error: a budget is 7; it must be a mapping with `name`",
        "b.yaml:3:1: error: unknown key 'budget' (did you mean 'budgets'?)",
    ]),
]  # fmt: skip


@each_of(BAD)
def test_a_bad_file_has_problems(text: str, expected: list[str]) -> None:
    messages = problems(text)
    assert len(messages) == len(expected)
    assert all(
        problem.startswith(start) for problem, start in zip(messages, expected, strict=True)
    ), messages


IN_A_BUDGET = [
    ("name: a\nmodels: x", "b.yaml:3:5: error: the budget allows everything: it has no `limits:`"),
    ("limits: {params: 1}", "b.yaml:3:5: error: the budget has no `name:`"),
    ("limits: {param: 1}", "b.yaml:3:14: error: unknown metric 'param' (did you mean 'params'?)"),
    ("limits: {latency: 1}", "unknown metric 'latency'; there are params, "),
    (
        "limits: {params: 4 MiB}",
        "b.yaml:3:22: error: params: '4 MiB' is in bytes, and this is a count",
    ),
    ("limits: {weights: 18}", "b.yaml:3:23: error: weights: '18' has no unit; write bytes with"),
    ("limits: {params: [4M]}", "params is a list; it must be a quantity"),
    ("limits: {params: {maximum: 4M}}", "unknown key 'maximum' (did you mean 'max'?)"),
    ("limits: {params: {}}", "params is an empty mapping; it takes max, warn, min"),
    ("limits: {params: {max: 4M, warn: 5M}}", "warn 5M is above max 4M"),
    ("limits: {params: {max: 4M, min: 5M}}", "min 5M is above max 4M"),
    ("limits: {params: 25%}", "a model is 100% of itself, never 25%; percentages are"),
    (
        "limits: {}",
        "b.yaml:3:13: error: limits is an empty mapping; it must be a mapping of metrics",
    ),
    ("limits: 4M", "b.yaml:3:13: error: limits is '4M'; it must be a mapping of metrics"),
    ("growth: {params: {max: 1%, min: 0%}}", "unknown key 'min'; there are max, warn"),
    ("growth: {params: -1%}", "cannot read '-1%'"),
    ("scope: layer\nlimits: {macs: 120%}", "a part has at most 100% of its model, never"),
    ("scope: layer\nlimits: {peak: 1 MiB}", "a layer has none"),
    ("scope: layers", "scope is 'layers' (did you mean 'layer'?)"),
    ("level: no", "level is 'no'; it must be one of error, warn, off"),
    ("match: head", "match chooses parts of a model; it needs `scope: stage`, `block` or `layer`"),
    ("scope: layer\nmatch: '!'", "a pattern is empty"),
    ("scope: layer\nmatch: []", "match is an empty list; it must name something"),
    ("models: ['!a.yaml']", "'!a.yaml' has nothing to exclude from; name models first"),
    ("models: [{}]", "models is a mapping; it must be text"),
    ("mesage: x", "unknown key 'mesage' (did you mean 'message'?)"),
    ("message:", "message is null; it must be text"),
    ("name: a\nname: b", "duplicate key 'name' on line 4, first on line 3"),
]


@each_of(IN_A_BUDGET)
def test_a_bad_budget_has_a_problem(text: str, expected: str) -> None:
    lines = text.replace("\n", "\n    ")
    messages = problems(f"version: 1\nbudgets:\n  - {lines}\n")
    assert any(expected in problem for problem in messages), messages


IN_THE_REST = [
    ("assume: {input: [3, 0, 8]}", "1:17: error: input is [3, 0, 8]; it must be [channels, height"),
    ("assume: {input: 3x224x}", "1:17: error: input is '3x224x'; it must be"),
    ("assume: {batch: 0}", "1:17: error: batch is 0; it must be a whole number of at least 1"),
    ("assume: {dtype: float31}", "dtype is 'float31'; it must be one of float64, float32"),
    ("assume: {policy: nope}", "1:18: error: unknown policy 'nope'"),
    ("assume: {optimizer: adma}", "optimizer is 'adma' (did you mean 'adam'?)"),
    ("assume: {fold_norm: yes}", "fold_norm is 'yes'; it must be one of true, false"),
    ("assume: {convention: fvcore}", "convention is 'fvcore'; it must be one of bncalc"),
    ("assume: {inptu: 3x1x1}", "unknown key 'inptu' (did you mean 'input'?)"),
    ("base: {missing: never}", "missing is 'never'; it must be one of pass, warn, fail"),
    ("base: {ignore_below: 5}", "1:22: error: ignore_below is 5; it must be a percentage"),
    ("base: main", "1:7: error: base is 'main'; write `base: {ref: main}`"),
]


@each_of(IN_THE_REST)
def test_what_stands_around_the_budgets_is_checked_too(text: str, expected: str) -> None:
    good = "budgets: [{name: a, models: resnet50, limits: {params: 30M}}]"
    (message,) = problems(f"{text}\nversion: 1\n{good}")
    assert expected in message


def test_every_problem_is_found_at_once() -> None:
    text = "version: 3\nbudgets:\n  - {name: a, models: x, limits: {p: 1, weights: 2}, extra: 1}\n"
    text += "  - {name: a, models: y, growth: {macs: q}}\n"
    messages = problems(text)
    assert [problem.split(":")[1] for problem in messages] == ["1", "3", "3", "3", "4", "4"]
    assert any("two budgets are named 'a', first on line 3" in problem for problem in messages)


def test_the_file_is_found_in_the_folders_above_up_to_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "repository" / "a" / "b"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    (tmp_path / "bncalc.budget.yaml").write_text(WHOLE)
    assert find() == "../../../bncalc.budget.yaml"
    Repository(tmp_path / "repository")
    with pytest.raises(UsageError, match="bncalc budget init"):
        find()
    (tmp_path / "repository" / "bncalc.budget.yaml").write_text(WHOLE)
    assert find() == "../../bncalc.budget.yaml"
    (inner / "bncalc.budget.yaml").write_text(WHOLE)
    assert find() == "bncalc.budget.yaml"


def test_a_budget_file_is_told_from_a_model(tmp_path: Path) -> None:
    for name, text in {"a.yaml": WHOLE, "b.yaml": "layers: []", "c.txt": WHOLE}.items():
        (tmp_path / name).write_text(text)
    names = [name for name in ("a.yaml", "b.yaml", "c.txt") if is_budgets(str(tmp_path / name))]
    assert names == ["a.yaml"]
    assert not is_budgets(str(tmp_path))
    assert not is_budgets("resnet50")


def test_an_empty_file_is_told_what_a_budget_file_holds(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("")
    with pytest.raises(SpecError, match=r"a budget file holds `version: 1` and `budgets:`"):
        read_budgets(str(tmp_path / "b.yaml"))


# Anything at all ends in budgets or in located problems

VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 10**7),
        st.sampled_from(["4M", "18 MiB", "1%", "0.1 %", "layer", "warn", "off", "!a", "", "3x8x8"]),
        st.text(max_size=5),
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["max", "warn", "min", *METRICS, "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)
ITEMS = st.dictionaries(st.sampled_from([*BUDGET_KEYS, "nmae"]), VALUES, max_size=8)
FILES = st.fixed_dictionaries(
    {},
    optional={
        "version": st.just(1) | VALUES,
        "assume": st.dictionaries(st.sampled_from(["input", "batch", "dtype", "policy"]), VALUES)
        | VALUES,
        "base": st.dictionaries(st.sampled_from(["ref", "missing", "ignore_below"]), VALUES)
        | VALUES,
        "budgets": st.lists(ITEMS, max_size=3) | VALUES,
    },
)


def answer(text: str) -> None:
    """Read a text as a budget file; every way out but budgets or located problems fails."""
    found: tuple[Problem, ...] = ()
    try:
        kept = budgets(text).budgets
    except SpecError as error:
        kept, found = (), error.problems
        assert found
    assert all(problem.location.path and problem.message for problem in found)
    assert all(budget.limits and budget.models for budget in kept)


@given(st.text())
@example(WHOLE)
@settings(max_examples=50)  # more of it in tests/test_properties.py, which reads it alike
def test_any_text_ends_in_budgets_or_located_problems(text: str) -> None:
    answer(text)


@given(FILES)
@settings(max_examples=100)
def test_any_vocabulary_ends_in_budgets_or_located_problems(file: object) -> None:
    answer(yaml.dump(file, Dumper=yaml.CSafeDumper, allow_unicode=True))
