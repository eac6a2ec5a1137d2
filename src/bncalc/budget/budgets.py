"""Budgets: what a budget file says, as data, and the keys that it may have."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from bncalc.analysis.assumptions import STANDARD, Assumptions
from bncalc.budget.pattern import Pattern
from bncalc.budget.verdict import Scope
from bncalc.errors import Location
from bncalc.model.device import Device
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple
from bncalc.quantity import Quantity

FILE_VERSION = 1
Level = Literal["error", "warn", "off"]
Missing = Literal["pass", "warn", "fail"]
LimitKind = Literal["max", "min", "growth"]

BUDGET_FILE_KEYS = {
    "version": "the version of the file format: 1",
    "assume": "the assumptions behind the numbers; printed with every result",
    "base": "what growth is measured against",
    "require": "models that must have a budget: paths with * and **; ! excludes",
    "budgets": "the budgets; all that match a model apply to it",
}
ASSUME_KEYS = {
    "input": "[channels, height, width] or 3x224x224, instead of the input of each file",
    "batch": "images per batch",
    "dtype": "the data type of weights and feature maps",
    "activation_dtype": "the data type of feature maps, if it differs",
    "policy": "the memory policy: deploy or eager, and switches such as deploy,-add",
    "fold_norm": "whether each batch norm is folded into the layer before it: false",
    "optimizer": "the optimiser assumed for training memory: sgd, momentum, adam, adamw, "
    "each also with -mixed",
    "convention": "how operations are counted: bncalc",
    "runtime": "what runs models on a device: tflm, inplace or bound",
    "pad": "where the converter inserts padding ops: same, strided or all",
}
BASE_KEYS = {
    "ref": "a git ref (its merge-base with HEAD is the base), a folder, or a JSON report",
    "missing": "what a growth rule does with a new model",
    "ignore_below": "smaller changes count as unchanged: 0.1%",
}
BUDGET_KEYS = {
    "name": "the budget's name in results",
    "models": "the models it applies to: paths with * and **, FILE#name, shipped names; ! excludes",
    "device": "a microcontroller, shipped or a YAML file, whose RAM and flash are limits",
    "limits": "the limits of each metric: 4M, 18 MiB, {max: 4M, warn: 3.8M}, {min: 1M}, 25%",
    "growth": "how much each metric may grow over the base: 1% or 20M",
    "scope": "what the limits apply to: the model, or each stage, block or layer of it",
    "match": "which of those, by path: * and **; ! excludes",
    "level": "how a broken limit counts: error, warn, or off",
    "message": "what to tell whoever breaks it: whom to ask, where the reasons are",
}
LIMIT_KEYS = {
    "max": "the largest number that passes",
    "warn": "a lower limit: the largest number without a warning",
    "min": "the smallest number that passes",
}
GROWTH_KEYS = {
    "max": "the largest growth that passes",
    "warn": "a smaller limit: the largest growth without a warning",
}


class Limit(NamedTuple):
    """A rule for one metric: what breaks it, and what only warns; one of the two may be None."""

    kind: LimitKind
    metric: str
    hard: Quantity | None
    warn: Quantity | None
    location: Location


class Budget(NamedTuple):
    """Limits for some models, or for the parts of them that `match` chooses."""

    name: str
    models: tuple[Pattern, ...]
    limits: tuple[Limit, ...]
    scope: Scope = "model"
    match: tuple[Pattern, ...] = ()
    level: Level = "error"
    message: str = ""
    location: Location = Location("")
    device: Device | None = None
    """What RAM and flash are worked out for; its sizes are among the limits."""


class BaseRules(NamedTuple):
    """What growth is measured against; a change of less than `ignore_below` parts is none."""

    ref: str | None = None
    missing: Missing = "pass"
    ignore_below: Fraction = Fraction(0)
    location: Location = Location("")
    """Where the ref is written."""


class Budgets(NamedTuple):
    """A budget file. Its models are named from the folder that it lies in."""

    path: str
    budgets: tuple[Budget, ...]
    assumptions: Assumptions = STANDARD
    input: Shape | None = None
    base: BaseRules = BaseRules()
    require: tuple[Pattern, ...] = ()
    """The models that must have a budget."""
    devices: tuple[str, ...] = ()
    """The device files that budgets name."""
