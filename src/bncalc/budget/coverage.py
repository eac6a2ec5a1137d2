"""The models of budgets: patterns become names, and one that leads nowhere is a problem."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import NamedTuple

from bncalc import wildcard
from bncalc.budget.budgets import Budget
from bncalc.budget.pattern import Pattern
from bncalc.errors import Location, Problem, SpecError, UsageError, suggest
from bncalc.opening.kinds import is_readable
from bncalc.zoo import MODELS

CALL = Location("the command line")
"""The place of what the call says."""


class Named(NamedTuple):
    """A model's name as it can be opened from here, and the pattern that chose it."""

    model: str
    location: Location


def covered(
    budgets: Iterable[Budget], path: str, *, allow_empty: bool = False, only: Sequence[str] = ()
) -> list[tuple[Named, ...]]:
    """Return the models of each budget, in the order of its patterns, files in order of name.

    Paths are seen from the folder of the budget file, `path`, which is itself no model. Raises
    SpecError for all patterns that match nothing, UsageError where no budget covers one of `only`,
    which may be one design of a file that a budget covers as a whole.
    """
    problems: list[Problem] = []
    found = [_of(budget, path, problems) for budget in budgets]
    if problems and not allow_empty:
        raise SpecError(problems)
    if not only:
        return found
    wanted = {_normal(one): one for one in only}
    kept = [tuple(kept for one in names for kept in _narrowed(one, wanted)) for names in found]
    reached = {key for names in kept for one in names for key in _keys(one.model)}
    missed = [name for key, name in wanted.items() if not reached & {key, _file(key)}]
    if missed and not allow_empty:
        raise UsageError("; ".join(_missed(one, path) for one in missed))
    return kept


def _of(budget: Budget, path: str, problems: list[Problem]) -> tuple[Named, ...]:
    """Return the models of one budget; a pattern that takes out looks at names as written."""
    folder = dirname(path)
    found: dict[str, Named] = {}
    for one in budget.models:
        if one.without:
            found = {key: name for key, name in found.items() if not _takes_out(one, key)}
            continue
        names = _expanded(one, folder)
        if not names:
            problems.append(_no_match(one, folder))
        for key, model in names:
            found.setdefault(key, Named(model, one.location))
    if not found and not problems:
        message = f"the budget {budget.name!r} takes out all of its models"
        problems.append(Problem(budget.models[-1].location, message))
    return tuple(found.values())


def _expanded(one: Pattern, folder: str) -> list[tuple[str, str]]:
    """Return the names that a pattern stands for: as the budget file says them, and from here."""
    name, mark, part = one.text.partition("#")
    if Path(join(folder, name)).exists():
        return [(one.text, join(folder, one.text))]
    if name in MODELS or one.text == "-" or one.text.startswith("torch:"):
        return [(one.text, one.text)]
    if not one.is_magic:
        return []
    files = [file for file in wildcard.find(name, folder) if is_readable(join(folder, file))]
    names = [file + mark + part for file in files]
    return [(name, join(folder, name)) for name in names]


def _takes_out(one: Pattern, name: str) -> bool:
    return one.matches(name) or one.matches(name.partition("#")[0])


def _no_match(one: Pattern, folder: str) -> Problem:
    if one.is_magic:
        hint = "" if folder in ("", ".") else f" in {folder}"
        return Problem(one.location, f"no model matches {one.text!r}{hint}")
    hint = suggest(one.text, MODELS)
    return Problem(one.location, f"there is no file and no shipped model {one.text!r}{hint}")


def _normal(name: str) -> str:
    return normpath(name.replace("\\", "/"))


def _file(name: str) -> str:
    return name.partition("#")[0]


def _keys(model: str) -> tuple[str, str]:
    """Return the names that ask for a model: its own, and that of its file."""
    return _normal(model), _file(_normal(model))


def _narrowed(one: Named, wanted: dict[str, str]) -> list[Named]:
    """Return what the call asks for of a model: all of it, some designs of a file, or nothing."""
    if any(key in wanted for key in _keys(one.model)):
        return [one]
    designs = [name for name in wanted if _file(name) == _normal(one.model)]
    return [Named(f"{one.model}#{name.partition('#')[2]}", CALL) for name in designs]


def _missed(name: str, path: str) -> str:
    file = _file(name)
    if Path(file).exists() or file in MODELS or file == "-" or file.startswith("torch:"):
        return f"no budget of {path} covers {name}"
    return f"there is no file and no shipped model {file!r}{suggest(file, MODELS)}"
