"""The past: what each design was in the base, and which designs of the base are gone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from posixpath import dirname

from bncalc.budget.budgets import Budget, Budgets
from bncalc.budget.coverage import Cover
from bncalc.budget.designs import Key, MeasuredDesign
from bncalc.budget.parts import PartNumbers
from bncalc.change.snapshot import Absent, OnlyCode, Snapshot
from bncalc.change.version import Place, Version, part_of
from bncalc.errors import BncalcError, SpecError
from bncalc.named import NamedTuple
from bncalc.opening.model import open_models
from bncalc.opening.name import ModelName


class Before(NamedTuple):
    """What a design was in the base; where it has no numbers, the reason.

    `is_new`: it was not; `is_code`: it was code, which is not run.
    """

    numbers: PartNumbers | None = None
    version: Version | None = None
    reason: str = ""
    is_new: bool = False
    is_code: bool = False


class Departure(NamedTuple):
    """A design that the base had under a budget, and that no design under it was.

    It is called by the name that it had, as seen from here. It `is_here` if the work tree has it
    still, under no budget of that name.
    """

    name: str
    place: Place
    is_here: bool = False


class Past:
    """What designs were in a base, each looked up once; nothing without a base.

    `former` are the budgets of the base, whose models count where budgets have the same name. A
    check of `some` designs says nothing of the others. Without `growth`, of which nothing is asked,
    only files are looked for.
    """

    def __init__(
        self,
        base: Snapshot | None,
        budgets: Budgets,
        former: Budgets | None = None,
        *,
        some: bool = False,
        growth: bool = True,
    ) -> None:
        self.base = base
        self._folder = dirname(budgets.path)
        self._former = {budget.name: budget for budget in former.budgets} if former else {}
        self._some = some
        self._growth = growth
        self._before: dict[Key, Before] = {}
        self._departures: dict[str, tuple[Departure, ...]] = {}

    def of(self, design: MeasuredDesign) -> Before:
        """Return what a design was."""
        key = design.key
        if key not in self._before:
            asked = self.base is not None and self._growth
            self._before[key] = self._looked_up(design) if asked else Before()
        return self._before[key]

    def departures(
        self, budget: Budget, designs: Iterable[MeasuredDesign]
    ) -> tuple[Departure, ...]:
        """Return what the base had under a budget and none of the designs under it was."""
        if self.base is None:
            return ()
        if budget.name not in self._departures:
            designs = list(designs)
            kept = {self._place(design) for design in designs}
            files = set() if self._growth else {self._file(self.base, design) for design in designs}
            self._departures[budget.name] = tuple(self._gone(self.base, budget, kept, files))
        return self._departures[budget.name]

    def predecessors(
        self, design: MeasuredDesign, departures: Iterable[Departure]
    ) -> tuple[Departure, ...]:
        """Return what a new design may have been: what is gone under its budget, or in its file."""
        assert self.base is not None
        try:
            file = self.base.origin(design.alone)
        except Absent:
            return tuple(departures)
        kept = {before.version.place for before in self._before.values() if before.version}
        parts = [Place(file, part) for part in self.base.parts(file)] if file else []
        beside = [self._departure(self.base, place) for place in parts if place not in kept]
        moved = [departure for departure in beside if not departure.is_here]
        return tuple(dict.fromkeys([*moved, *departures]))

    def was(self, departure: Departure, design: MeasuredDesign) -> PartNumbers | None:
        """Return the numbers of what is gone, measured as a design is; None if it was broken."""
        assert self.base is not None
        try:
            version = self.base.version(departure.place, design.version, design.also)
        except BncalcError:
            return None
        return PartNumbers(version.report)

    def _looked_up(self, design: MeasuredDesign) -> Before:
        base = self.base
        assert base is not None
        try:
            version = base.before(design.alone, design.version, design.also)
        except OnlyCode as error:
            return Before(reason=str(error), is_code=True)
        except Absent:
            return Before(reason=f"it is new: not in {base.label}", is_new=True)
        except SpecError as error:  # a change must be able to mend what was broken
            return Before(reason=f"it was broken in the base: {error.problems[0]}")
        return Before(PartNumbers(version.report), version)

    def _place(self, design: MeasuredDesign) -> Place | None:
        version = self.of(design).version
        return version.place if version else None

    def _file(self, base: Snapshot, design: MeasuredDesign) -> str:
        try:
            return base.origin(design.alone)
        except Absent:
            return ""

    def successor(self, place: Place) -> str:
        """Return the design that was at a place, under whatever budget; empty if none was."""
        names = (
            name
            for (name, _), before in self._before.items()
            if before.version and before.version.place == place
        )
        return next(names, "")

    def _gone(
        self, base: Snapshot, budget: Budget, kept: set[Place | None], files: set[str]
    ) -> Iterator[Departure]:
        """Yield what a budget was for, but for places and whole files that are kept."""
        chosen = [budget, *([was] if (was := self._former.get(budget.name)) else [])]
        covers = [Cover(former.models, self._folder) for former in chosen]
        touched = {place.file for place in kept if place}
        for file in base.files(lambda name: any(cover.file(name) for cover in covers)):
            is_elsewhere = file not in touched and (not file or _exists(base.name(file)))
            if file in files or (self._some and is_elsewhere):
                continue
            for part in base.parts(file):
                place, name = Place(file, part), base.name(file)
                if place not in kept and any(cover.design(name, part) for cover in covers):
                    departure = self._departure(base, place)
                    if not (self._some and departure.is_here):
                        yield departure

    def _departure(self, base: Snapshot, place: Place) -> Departure:
        path = base.name(place.file)
        name = f"{path}#{place.part}" if path and place.part else path or place.part
        return Departure(name, place, _exists(path) and place.part in _parts_here(path))


def _exists(path: str) -> bool:
    return bool(path) and os.path.exists(path)  # noqa: PTH110


def _parts_here(path: str) -> tuple[str, ...]:
    """Return what picks the designs of a file of the work tree."""
    try:
        models = open_models(ModelName(path))
    except BncalcError:
        return ()
    return tuple([part_of(model, design) for model in models for design in model.designs])
