"""What budgets allow that they did not, phrase by phrase."""

from tests.rows import each_of

from bncalc.budget.notes import loosened
from bncalc.budget.reader import HOLDS, decode_budgets
from bncalc.language.source import read

FILE = """\
version: 1
assume: {batch: 2, input: 3x64x64}
base: {ref: main, missing: warn, ignore_below: 1%}
require: [models/*.yaml, '!models/old.yaml']
budgets:
  - name: all
    models: [models/*.yaml, '!models/x.yaml']
    scope: layer
    match: head/*
    limits: {params: {max: 4M, warn: 3M}, macs: {min: 10}, flops: 25%}
    growth: {params: 1%}
"""


def loosened_by(old: str, new: str) -> tuple[str, ...]:
    """Return what a text in place of another in the file loosens."""
    assert old in FILE
    before, after = (
        decode_budgets(read(text, "budgets.yaml", HOLDS)) for text in (FILE, FILE.replace(old, new))
    )
    return loosened(before, after)


@each_of([
    ("batch: 2", "batch: 1", ["assume batch 2 → 1"]),
    ("batch: 2", "batch: 2, fold_norm: true", ["assume fold_norm false → true"]),
    ("3x64x64", "3x32x32", ["assume input 3x64x64 → 3x32x32"]),
    ("ref: main", "ref: HEAD", ["base ref main → HEAD"]),
    ("missing: warn", "missing: pass", ["base missing warn → pass"]),
    ("missing: warn", "missing: fail", []),
    ("ignore_below: 1%", "ignore_below: 2%", ["base ignore_below 1% → 2%"]),
    ("ignore_below: 1%", "ignore_below: 0.5%", []),
    ("require: [models/*.yaml,", "require: [new/*.yaml,",
     ["models/*.yaml is no longer required"]),
    ("'!models/old.yaml']", "'!models/old.yaml', '!models/a.yaml']",
     ["require !models/a.yaml is new"]),
    (", '!models/old.yaml'", "", []),
    ("name: all", "name: other", ["all: the budget is gone"]),
    ("name: all", "name: all\n    level: warn", ["all: level error → warn"]),
    ("scope: layer", "scope: stage", ["all: scope layer → stage"]),
    ("models: [models/*.yaml", "models: [new/*.yaml",
     ["all: models models/*.yaml, !models/x.yaml → new/*.yaml, !models/x.yaml"]),
    ("'!models/x.yaml'", "'!models/y.yaml'",
     ["all: models models/*.yaml, !models/x.yaml → models/*.yaml, !models/y.yaml"]),
    ("'!models/x.yaml'", "'!models/x.yaml', new/*.yaml", []),
    ("'!models/x.yaml'", "'!models/x.yaml', '!models/z.yaml'",
     ["all: models models/*.yaml, !models/x.yaml → "
      "models/*.yaml, !models/x.yaml, !models/z.yaml"]),
    ("match: head/*", "match: '*/fc'", ["all: match head/* → */fc"]),
    ("    match: head/*\n", "", []),
    ("max: 4M", "max: 5M", ["all: params <= 4M → 5M"]),
    ("max: 4M", "max: 3.5M", []),
    ("max: 4M", "max: 50%", ["all: params <= 4M → 50%"]),  # which no amount is above or below
    ("{max: 4M, warn: 3M}", "{warn: 3M}", ["all: params <= 4M → none"]),
    ("warn: 3M", "warn: 3.5M", ["all: params <= 3M (warning) → 3.5M"]),
    (", warn: 3M", "", ["all: params <= 3M (warning) → none"]),
    ("min: 10", "min: 9", ["all: MACs >= 10 → 9"]),
    ("min: 10", "min: 11", []),
    ("flops: 25%", "flops: 30%", ["all: FLOPs <= 25% → 30%"]),
    ("flops: 25%", "flops: 2M", ["all: FLOPs <= 25% → 2M"]),
    ("growth: {params: 1%}", "growth: {params: 2%}", ["all: params growth <= 1% → 2%"]),
    ("growth: {params: 1%}", "growth: {macs: 1%}", ["all: params growth <= 1% → none"]),
])  # fmt: skip
def test_what_is_asked_less_of(old: str, new: str, phrases: list[str]) -> None:
    assert loosened_by(old, new) == tuple(phrases)


def test_a_budget_that_was_off_may_go() -> None:
    off = FILE.replace("name: all", "name: all\n    level: 'off'")
    other = FILE.replace("name: all", "name: other")
    before, after = (decode_budgets(read(text, "f", HOLDS)) for text in (off, other))
    assert loosened(before, after) == ()
