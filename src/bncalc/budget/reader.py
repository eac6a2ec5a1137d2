"""The budget file: what it says, and every problem of it with its place."""

from __future__ import annotations

import os
import re
from fractions import Fraction
from pathlib import Path
from posixpath import dirname
from typing import get_args

from bncalc.budget.assumption_reader import AssumptionReader
from bncalc.budget.budgets import (
    BASE_KEYS,
    BUDGET_FILE_KEYS,
    BUDGET_KEYS,
    FILE_VERSION,
    BaseRules,
    Budget,
    Budgets,
    Level,
    Missing,
)
from bncalc.budget.limit_reader import LimitReader, device_limits, device_of, seen_empty
from bncalc.budget.pattern import Pattern, pattern
from bncalc.budget.verdict import Scope
from bncalc.disk import DISK
from bncalc.errors import Location, Problem, SpecError, UsageError
from bncalc.files import Files
from bncalc.language.nodes import MappingNode, ScalarNode, SequenceNode, YamlNode
from bncalc.language.reader import seen
from bncalc.language.source import read_file
from bncalc.model.device import Device
from bncalc.quantity import quantity
from bncalc.work_tree import top_of

_NAME = "bncalc.budget.yaml"
HOLDS = "a budget file holds `version: 1` and `budgets:`"


def find() -> str:
    """Return the path of the budget file here or nearest above, up to the top of the repository.

    Raises UsageError if there is none.
    """
    here = Path.cwd()
    top = top_of(here)
    for height, folder in enumerate((here, *here.parents)):
        if (folder / _NAME).is_file():
            return "../" * height + _NAME
        if folder == top:
            break
    made = f"`bncalc budget init MODEL… > {_NAME}` makes one"
    raise UsageError(f"there is no {_NAME} in {here} or above it; {made}, --budget names another")


def is_budgets(path: str) -> bool:
    """Tell whether a file is a budget file and no model: it has `budgets:` at its beginning."""
    if not path.endswith((".yaml", ".yml")) or not os.path.isfile(path):  # noqa: PTH113 - see `Disk.exists`
        return False
    return re.search(rb"^budgets[ \t]*:", DISK.read(path), re.MULTILINE) is not None


def read_budgets(path: str) -> Budgets:
    """Read a budget file; raise SpecError for all that is wrong in it."""
    return decode_budgets(read_file(path, HOLDS))


def decode_budgets(root: YamlNode, files: Files = DISK, folder: str | None = None) -> Budgets:
    """Return what the nodes of a budget file say; raise SpecError for all that is wrong.

    Devices are among the same `files`, seen from a `folder`: the budget file's, if none is given.
    """
    problems: list[Problem] = []
    seen_from = dirname(root.location.path) if folder is None else folder
    budgets = _File(problems, files, seen_from).file(root)
    if problems:
        raise SpecError(problems)
    return budgets


class _File(LimitReader, AssumptionReader):
    """Reads a budget file; `files` seen from `folder` are those that it names."""

    def __init__(self, problems: list[Problem], files: Files, folder: str) -> None:
        super().__init__(problems)
        self.files = files
        self.folder = folder
        self.devices: list[str] = []

    def file(self, root: YamlNode) -> Budgets:
        if not isinstance(root, MappingNode):
            self.report(root.location, f"{HOLDS}, and this is {seen(root)}")
            return Budgets(root.location.path, ())
        keys = dict(self.keyed(root, BUDGET_FILE_KEYS, "key"))
        self.version(keys.get("version"), root.location)
        assumptions, input = self.assume(keys.get("assume"))
        return Budgets(
            path=root.location.path,
            budgets=self.budgets(keys.get("budgets"), root.location),
            assumptions=assumptions,
            input=input,
            base=self.base(keys.get("base")),
            require=self.chosen(keys["require"], "require") if "require" in keys else (),
            devices=tuple(self.devices),
        )

    def version(self, node: YamlNode | None, at: Location) -> None:
        if node is None:
            self.report(at, f"the file has no `version: {FILE_VERSION}`")
        elif not isinstance(node, ScalarNode) or node.text != str(FILE_VERSION):
            self.report(node.location, f"version is {seen(node)}; this bncalc knows {FILE_VERSION}")

    def base(self, node: YamlNode | None) -> BaseRules:
        if isinstance(node, ScalarNode) and isinstance(node.value, str):
            self.report(node.location, f"base is {seen(node)}; write `base: {{ref: {node.text}}}`")
            node = None
        keys = dict(self.keyed_mapping(node, "base", BASE_KEYS, "key")) if node else {}
        rules = BaseRules()
        if "ref" in keys:
            ref = keys["ref"]
            rules = rules._replace(ref=self.text(ref, "ref") or None, location=ref.location)
        if "missing" in keys:
            missing = self.choice(keys["missing"], "missing", get_args(Missing))
            rules = rules._replace(missing=missing or "pass")
        if "ignore_below" in keys:
            rules = rules._replace(ignore_below=self.percentage(keys["ignore_below"]))
        return rules

    # Budgets

    def budgets(self, node: YamlNode | None, at: Location) -> tuple[Budget, ...]:
        if node is None:
            self.report(at, "the file has no `budgets:`")
            return ()
        if not isinstance(node, SequenceNode) or not node.items:
            what = seen_empty(node)
            self.report(node.location, f"budgets is {what}; it must be a list of budgets")
            return ()
        budgets = []
        names: dict[str, Location] = {}
        for item in node.items:
            if not isinstance(item, MappingNode):
                right = "a mapping with `name`, `models` and `limits` or `growth`"
                self.report(item.location, f"a budget is {seen(item)}; it must be {right}")
                continue
            budgets.append(self.budget(item))
            name = budgets[-1].name
            if name in names:
                first = names[name].line
                self.report(item.location, f"two budgets are named {name!r}, first on line {first}")
            elif name:
                names[name] = item.location
        return tuple(budgets)

    def budget(self, node: MappingNode) -> Budget:
        keys = dict(self.keyed(node, BUDGET_KEYS, "key"))
        for key in ("name", "models"):
            if key not in keys:
                self.report(node.location, f"the budget has no `{key}:`")
        if not keys.keys() & {"device", "limits", "growth"}:
            self.report(node.location, "the budget allows everything: it has no `limits:`")
        scopes, levels = get_args(Scope), get_args(Level)
        scope: Scope | None
        scope = self.choice(keys["scope"], "scope", scopes) if "scope" in keys else "model"
        level: Level | None
        level = self.choice(keys["level"], "level", levels) if "level" in keys else "error"
        part = scope or "model"
        limits = self.limits(keys["limits"], growth=False, scope=part) if "limits" in keys else ()
        growth = self.limits(keys["growth"], growth=True, scope=part) if "growth" in keys else ()
        device = self.device(keys["device"], part) if "device" in keys else None
        if device is not None:
            limits = device_limits(device, keys["device"].location, limits)
        if "match" in keys and scope == "model":
            right = "`scope: stage`, `block` or `layer`"
            self.report(keys["match"].location, f"match chooses parts of a model; it needs {right}")
        return Budget(
            self.text(keys["name"], "name") if "name" in keys else "",
            self.chosen(keys["models"], "models") if "models" in keys else (),
            limits + growth,
            part,
            self.patterns(keys["match"], "match") if "match" in keys else (),
            level or "error",
            self.text(keys["message"], "message") if "message" in keys else "",
            node.location,
            device,
        )

    def device(self, node: YamlNode, scope: str) -> Device | None:
        """Return the device that a budget is for; report one that nothing can fit."""
        name = self.text(node, "device")
        if scope != "model":
            self.report(
                node.location, f"a device is for whole models, and this budget is for a {scope}"
            )
        if not name:
            return None
        try:
            path, device = device_of(name, self.folder, node.location, self.files)
        except SpecError as error:
            self.problems += error.problems
            return None
        if path is not None:
            self.devices.append(path)
        return device

    def chosen(self, node: YamlNode, what: str) -> tuple[Pattern, ...]:
        """Read patterns that choose models, of which there are none to begin with."""
        patterns = self.patterns(node, what)
        if patterns and patterns[0].without:
            right = "name models first, then exclude some of them"
            text = patterns[0].text
            self.report(patterns[0].location, f"'!{text}' has nothing to exclude from; {right}")
        return patterns

    def patterns(self, node: YamlNode, what: str) -> tuple[Pattern, ...]:
        nodes = node.items if isinstance(node, SequenceNode) else (node,)
        if not nodes:
            self.report(node.location, f"{what} is an empty list; it must name something")
        patterns = []
        for item in nodes:
            text = self.text(item, what)
            if text:
                try:
                    patterns.append(pattern(text, item.location))
                except ValueError as error:
                    self.report(item.location, str(error))
        return tuple(patterns)

    # Values

    def percentage(self, node: YamlNode) -> Fraction:
        try:
            share = quantity(node.text if isinstance(node, ScalarNode) else seen(node), "count")
        except ValueError:
            share = None
        if share is None or not share.share:
            shown = node.text if isinstance(node, ScalarNode) else seen(node)
            right = "a percentage, such as 0.1%"
            self.report(node.location, f"ignore_below is {shown}; it must be {right}")
            return Fraction()
        return share.number
