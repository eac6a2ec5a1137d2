"""The models of budgets: patterns become names, and one that leads nowhere is a problem."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from posixpath import dirname, join, normpath

from bncalc import submodule, wildcard
from bncalc.budget.budgets import Budget, Budgets
from bncalc.budget.pattern import Pattern
from bncalc.disk import nearest_file
from bncalc.errors import CALL, Location, Problem, UsageError, suggest
from bncalc.named import NamedTuple
from bncalc.opening.kinds import is_readable
from bncalc.opening.lookup import needs_no_file
from bncalc.opening.name import ModelName, parse, parse_within
from bncalc.work_tree import leads_out
from bncalc.zoo import MODELS


class NamedModel(NamedTuple):
    """A model as it can be opened from here, and the place of the pattern that chose it."""

    model: ModelName
    location: Location


def covered(
    budgets: Budgets,
    active: Iterable[Budget],
    *,
    allow_empty: bool = False,
    only: Sequence[str] = (),
) -> tuple[list[tuple[NamedModel, ...]], list[Problem]]:
    """Return the models of each budget, in the order of its patterns, files in order of name.

    Paths are seen from the folder of the budget file, and lead out of no repository. Beside them
    come the problems: patterns that match nothing, and models that must have a budget and have
    none. Raises UsageError if no budget covers one of `only`, which may be one design of a file
    that a budget covers as a whole.
    """
    path, idle = budgets.path, list[Problem]()
    covering = [_of(budget, path, idle) for budget in active]
    missing = [*_without_budget(budgets, covering, idle)]
    problems = missing if allow_empty else [*missing, *idle]
    names = [parse(name) for name in only]
    return _narrowed(covering, path, names, allow_empty or bool(problems)), problems


def _without_budget(
    budgets: Budgets, covering: list[tuple[NamedModel, ...]], problems: list[Problem]
) -> Iterator[Problem]:
    """Yield a problem for each model that must have a budget and has none."""
    folder = dirname(budgets.path)
    held = {normpath(named.model.path) for models in covering for named in models}
    required: dict[str, Pattern] = {}
    for pattern in budgets.require:
        if pattern.without:
            required = {file: by for file, by in required.items() if not pattern.matches(file)}
            continue
        names = _expanded(pattern, folder, problems)
        required |= {name.path: pattern for name in names if name.path not in required}
    for file, pattern in required.items():
        if normpath(join(folder, file)) not in held:
            yield Problem(pattern.location, f"{file} has no budget, and must have one")


def _of(budget: Budget, path: str, problems: list[Problem]) -> tuple[NamedModel, ...]:
    """Return the models of one budget; a pattern that takes out looks at names as written."""
    folder = dirname(path)
    models: dict[str, NamedModel] = {}
    for pattern in budget.models:
        if pattern.without:
            models = {key: named for key, named in models.items() if not _takes_out(pattern, key)}
            continue
        for name in _expanded(pattern, folder, problems):
            models.setdefault(str(name), NamedModel(_from_here(name, folder), pattern.location))
    if not models and not problems:
        message = f"the budget {budget.name!r} excludes all of its models"
        problems.append(Problem(budget.models[-1].location, message))
    if path:
        problems += _foreign(models.values(), path)
    return tuple(models.values())


def _expanded(pattern: Pattern, folder: str, problems: list[Problem]) -> list[ModelName]:
    """Return the names that a pattern stands for, as the budget file says them; note if none."""
    name = parse_within(pattern.text, lambda path: os.path.exists(join(folder, path)))  # noqa: PTH110
    is_file = os.path.exists(join(folder, name.path))  # noqa: PTH110
    if is_file or needs_no_file(name):
        return [name]
    files = wildcard.find(name.path, folder) if wildcard.is_magic(name.path) else ()
    names = [name._replace(path=file) for file in files if is_readable(join(folder, file))]
    if not names:
        problems.append(_no_match(pattern, folder))
    return names


def _from_here(name: ModelName, folder: str) -> ModelName:
    path = join(folder, name.path)
    return name._replace(path=path) if os.path.exists(path) else name  # noqa: PTH110


def _takes_out(pattern: Pattern, name: str) -> bool:
    return pattern.matches(name) or pattern.matches(name.partition("#")[0])


def _no_match(pattern: Pattern, folder: str) -> Problem:
    if pattern.is_magic:
        where = "" if folder in ("", ".") else f" in {folder}"
        hint = submodule.hint(join(folder, pattern.text))
        return Problem(pattern.location, f"no model matches {pattern.text!r}{where}{hint}")
    path = join(folder, pattern.text)
    hint = suggest(pattern.text, MODELS) or submodule.hint(path) or nearest_file(path)
    message = f"there is no file and no shipped model {pattern.text!r}{hint}"
    return Problem(pattern.location, message)


def _foreign(models: Iterable[NamedModel], path: str) -> Iterator[Problem]:
    """Yield a problem for each file outside of the repositories of the budget file and the call."""
    folders = {dirname(path) or os.curdir, os.curdir}
    known: dict[str, bool] = {}  # folders are many files, each of which takes a look at all above
    for named in models:
        file = named.model.path
        if not os.path.exists(file):  # noqa: PTH110
            continue
        at = file if os.path.islink(file) else dirname(file) or os.curdir  # noqa: PTH114
        if at not in known:
            known[at] = all(leads_out(at, folder) for folder in folders)
        if known[at]:
            what = f"{file} is outside the repository"
            yield Problem(named.location, f"{what}; a budget is for models inside it")


class Cover:
    """The patterns of a budget, asked for files and designs that may not be there."""

    def __init__(self, patterns: Iterable[Pattern], folder: str) -> None:
        self._folder = folder
        self._patterns = [
            (pattern.without, parse_within(pattern.text, lambda path: False))
            for pattern in patterns
        ]

    def file(self, path: str) -> bool:
        """Return whether a budget is for anything in a file."""
        return any(self._is(name, path) for without, name in self._patterns if not without)

    def design(self, path: str, part: str) -> bool:
        """Return whether a budget is for a design: the last pattern that matches decides."""
        answer = False
        for without, name in self._patterns:
            if self._is(name, path) and name.part in ("", part):
                answer = not without
        return answer

    def _is(self, name: ModelName, path: str) -> bool:
        pattern = normpath(join(self._folder, name.path))
        return not path or wildcard.matches(pattern, normpath(path), hidden=False)


# A call that asks for some of them


def _narrowed(
    covering: list[tuple[NamedModel, ...]], path: str, only: list[ModelName], allow_empty: bool
) -> list[tuple[NamedModel, ...]]:
    """Return what the call asks for of each budget's models; all if it asks for none."""
    if not only:
        return covering
    kept = [
        tuple([asked for named in models for asked in _chosen(named, only)]) for models in covering
    ]
    reached = {key for models in kept for named in models for key in _keys(named.model)}
    missed = [name for name in only if not reached & set(_keys(name))]
    if missed and not allow_empty:
        raise UsageError("; ".join(_missed(name, path) for name in missed))
    return kept


def _key(name: ModelName) -> str:
    return str(name._replace(path=normpath(name.path.replace("\\", "/"))))


def _file(name: ModelName) -> str:
    return _key(name._replace(part="", settings={}, input=None))


def _keys(name: ModelName) -> tuple[str, str]:
    """Return the names that ask for a model: its own, and that of its file."""
    return _key(name), _file(name)


def _chosen(named: NamedModel, only: list[ModelName]) -> list[NamedModel]:
    """Return what the call asks for of a model: all of it, some designs of a file, or nothing."""
    if any(_key(name) in _keys(named.model) for name in only):
        return [named]
    return [
        NamedModel(named.model._replace(part=name.part), CALL)
        for name in only
        if name.part and _key(named.model) == _file(name)
    ]


def _missed(name: ModelName, path: str) -> str:
    if os.path.exists(name.path) or needs_no_file(name):  # noqa: PTH110
        return f"no budget of {path} covers {name}"
    hint = suggest(name.path, MODELS)
    return f"there is no file and no shipped model {name.path!r}{hint}"
