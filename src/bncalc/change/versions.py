"""Sides: what the two ends of a difference are called by, opened and paired design by design."""

from pathlib import Path
from posixpath import normpath
from typing import NamedTuple

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.measurement import measure
from bncalc.analysis.report import Report
from bncalc.change.revision import Revision, revision
from bncalc.change.saved_report import read_document
from bncalc.change.snapshot import Absent, Base
from bncalc.disk import DISK
from bncalc.errors import UsageError
from bncalc.files import Files
from bncalc.model.origin import Design
from bncalc.opening.model import Model, Overrides, open_models
from bncalc.opening.name import ModelName, parse


class Side(NamedTuple):
    """A design before or after a change: its numbers, and where they are from, if that is known.

    A JSON report knows neither model nor design.
    """

    report: Report
    model: Model | None = None
    design: Design | None = None

    @property
    def title(self) -> str:
        """The name of the design in its file, without what a call sets."""
        return self.report.name.removesuffix(self.model.name.echo if self.model else "")


class Opened(NamedTuple):
    """The designs that a name stands for."""

    label: str
    sides: tuple[Side, ...]


Pair = tuple[Side | None, Side | None]


def open_sides(name: str | ModelName, overrides: Overrides, assumptions: Assumptions) -> Opened:
    """Open a MODEL, `REV:path` or a JSON report; a file with variants gives all of them.

    Raises SpecError for what is wrong in a file, UsageError for a name that leads nowhere.
    """
    name = parse(name) if isinstance(name, str) else name
    if name.path.endswith(".json") and not name.revision:
        return Opened(str(name), _of_document(name, overrides, assumptions))
    if not name.revision:
        return Opened(str(name), _of_model(name, overrides, assumptions, DISK))
    commit = revision(Path(), name.revision)
    within = name._replace(path=_place(commit, name.path), revision="")
    sides = _of_model(within, overrides, assumptions, commit)
    return Opened(f"{commit.label}:{name._replace(revision='')}", sides)


def before(base: Base, model: str, sides: tuple[Side, ...]) -> tuple[Side, ...]:
    """Return what the designs of a model were in a base, as far as they were in it."""
    found = []
    for side in sides:
        assert side.model is not None
        name = str(parse(model)._replace(part=side.model.variant)) if side.model.variant else model
        try:
            found.append(in_base(base, name, side))
        except Absent:
            continue
    return tuple(found)


def pair(old: tuple[Side, ...], new: tuple[Side, ...]) -> list[Pair]:
    """Pair one design with one whatever they are called, several by name, the removed last."""
    if len(old) == len(new) == 1:
        return [(old[0], new[0])]
    left = {side.title: side for side in old}
    found: list[Pair] = [(left.pop(side.title, None), side) for side in new]
    return found + [(side, None) for side in left.values()]


def in_base(base: Base, name: str, side: Side, also: tuple[str, ...] = ()) -> Side:
    """Return what a design was in a base, where its model has that name; raise Absent without it.

    `also` names the further analyses whose numbers are wanted.
    """
    assert side.model is not None
    overrides, assumptions = side.model.overrides, side.report.assumptions
    try:
        model = base.open(name, overrides)
    except Absent:
        raise
    except UsageError:  # a report holds numbers and no network
        return Side(base.report(name, side.report.name, overrides, assumptions, also))
    alike = [one for one in model.designs if one.graph.name == side.report.name]
    if not alike and model.alternatives:
        raise Absent(f"{name} holds no design {side.report.name!r} in {base.label}")
    design = (alike or model.designs)[0]
    return Side(measure(design.graph, assumptions, also), model, design)


def _of_model(
    name: ModelName, overrides: Overrides, assumptions: Assumptions, files: Files
) -> tuple[Side, ...]:
    models = open_models(name, overrides, files)
    return tuple([side for model in models for side in _sides(model, assumptions)])


def _sides(model: Model, assumptions: Assumptions) -> tuple[Side, ...]:
    return tuple([Side(measure(one.graph, assumptions), model, one) for one in model.designs])


def _of_document(
    name: ModelName, overrides: Overrides, assumptions: Assumptions
) -> tuple[Side, ...]:
    path = name.path
    if name.settings:
        raise UsageError(f"{name}: {path} holds numbers and no network, so nothing can be set")
    reports = read_document(path, assumptions)
    for one in reports.values():
        if (name.input or overrides.input) not in (None, one.input):
            raise UsageError(f"{path} has {one.name} at {one.input}, and not as --input says")
    return tuple([Side(one) for one in reports.values()])


def _place(found: Revision, path: str) -> str:
    """Return a path as the repository calls it: from its top, as git has it, else from here."""
    top = normpath(path)
    if not path.startswith("./") and top in found.files:
        return top
    here = found.path_of(path)
    if here is None or here not in found.files:
        raise UsageError(f"{path} is not in {found.label}")
    return here
