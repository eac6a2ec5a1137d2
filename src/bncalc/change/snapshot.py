"""The base: what a change is measured against, from git, a folder or a JSON report."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Protocol

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.measurement import measure
from bncalc.analysis.report import Report
from bncalc.change.repository import Unknown
from bncalc.change.revision import Revision, merge_base
from bncalc.change.saved_report import read_document
from bncalc.disk import DISK
from bncalc.errors import SpecError, UsageError
from bncalc.files import Files
from bncalc.language.nodes import MappingNode, Node, ScalarNode
from bncalc.language.selection import SUFFIXES
from bncalc.language.source import read_file, reading
from bncalc.model.reading import NoDesign
from bncalc.opening.model import Model, Overrides, located, open_model
from bncalc.opening.name import parse
from bncalc.zoo import MODELS


class Absent(UsageError):
    """The base does not hold a model: it is new."""


class Base(Protocol):
    """What models are compared with. `label` says which it is, for printing."""

    @property
    def label(self) -> str: ...

    def open(self, model: str, overrides: Overrides) -> Model:
        """Return what a MODEL of the work tree was in the base; raise Absent where it was not."""
        ...

    def report(
        self,
        model: str,
        design: str,
        overrides: Overrides,
        assumptions: Assumptions,
        also: tuple[str, ...] = (),
    ) -> Report:
        """Return what one design of a MODEL cost in the base; raise Absent where it was not.

        `also` names further analyses whose numbers are wanted.
        """
        ...


def named(name: str, folder: Path) -> Base:
    """Return the base of a name: a report, a git ref or a folder."""
    if name.endswith(".json"):
        if not (folder / name).exists():
            raise UsageError(f"there is no file {folder / name}")
        return Document(str(folder / name))
    try:
        return Commit(merge_base(folder, name))
    except Unknown:
        if (folder / name).is_dir():
            return Folder(folder, folder / name, name)
        raise


class _Files:
    """What a commit and a folder share: files at the same places as those of the work tree."""

    label: str
    files: Files
    _last: tuple[str, Overrides, Model] | None = None
    """What was opened last: designs of one file are asked for one after the other."""

    def open(self, model: str, overrides: Overrides) -> Model:
        if self._last is None or self._last[:2] != (model, overrides):
            self._last = (model, overrides, self._opened(model, overrides))
        return self._last[2]

    def _opened(self, model: str, overrides: Overrides) -> Model:
        name = parse(model)
        path, part = name.path, name.part
        if path in MODELS and not Path(path).exists():
            path, part = located(name, DISK)
            if self.place(path) is None:
                return open_model(name, overrides)  # shipped, and so the same in any base
        place = self.place(path)
        if place is None:
            raise Absent(f"{path} lies outside of {self.label}")
        if not self.holds(place):
            place = self._renamed(path) or self.moved(place)
            if place is None:
                raise Absent(f"{path} is not in {self.label}")
        try:
            return open_model(name._replace(path=place, part=part), overrides, self.files)
        except NoDesign as error:
            raise Absent(str(error)) from None

    def report(
        self,
        model: str,
        design: str,
        overrides: Overrides,
        assumptions: Assumptions,
        also: tuple[str, ...] = (),
    ) -> Report:
        opened = self.open(model, overrides)
        if not opened.alternatives:
            return measure(opened.graphs[0], assumptions, also)
        for graph in opened.graphs:
            if graph.name == design:
                return measure(graph, assumptions, also)
        raise Absent(f"{model} holds no design {design!r} in {self.label}")

    def place(self, path: str) -> str | None:
        """Return where a file of the work tree would be in the base; None where it cannot be."""
        raise NotImplementedError

    def holds(self, place: str) -> bool:
        raise NotImplementedError

    def gone(self) -> Iterable[str]:
        """Return the YAML files of the base that the work tree no longer has."""
        raise NotImplementedError

    def moved(self, place: str) -> str | None:
        """Return where a file was that is known to have been moved, whatever is in it."""
        return None

    def _renamed(self, path: str) -> str | None:
        """Return the one file that is gone and held the model of the same name."""
        try:
            name = _name(read_file(path)) if Path(path).exists() else ""
        except SpecError:
            name = ""
        places = self._places.get(name, []) if name else []
        return places[0] if len(places) == 1 else None

    @cached_property
    def _places(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for place in self.gone():
            try:
                found.setdefault(_name(reading(self.files)(place)), []).append(place)
            except SpecError:
                continue  # some other YAML, or a file that was broken before
        return found


class Commit(_Files):
    """The files of a commit; what they include is read from the commit too."""

    def __init__(self, revision: Revision) -> None:
        self.revision = self.files = revision
        self.label = revision.label

    def place(self, path: str) -> str | None:
        return self.revision.path_of(path)

    def holds(self, place: str) -> bool:
        return self.revision.exists(place)

    def gone(self) -> Iterable[str]:
        top = self.revision.top
        files = self.revision.files
        return [one for one in files if one.lower().endswith(SUFFIXES) and not (top / one).exists()]

    def moved(self, place: str) -> str | None:
        return self.revision.moved.get(place)


class Folder(_Files):
    """A folder, such as another work tree, that holds the files at the same relative places."""

    def __init__(self, here: Path, folder: Path, label: str) -> None:
        self.here = here.resolve()
        self.folder = folder
        self.label = label
        self.files = DISK

    def place(self, path: str) -> str | None:
        whole = Path(path).resolve()
        if not whole.is_relative_to(self.here):
            return None
        return str(self.folder / whole.relative_to(self.here))

    def holds(self, place: str) -> bool:
        return Path(place).exists()

    def gone(self) -> Iterable[str]:
        for suffix in SUFFIXES:
            for one in sorted(self.folder.rglob(f"*{suffix}")):
                if not (self.here / one.relative_to(self.folder)).exists():
                    yield str(one)


class Document:
    """A JSON report, such as `bncalc compare … --format json` writes."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.label = path
        self._reports: dict[Assumptions, dict[str, Report]] = {}

    def open(self, model: str, overrides: Overrides) -> Model:
        raise UsageError(f"{self.path} holds numbers and no network, which {model} needs")

    def report(
        self,
        model: str,
        design: str,
        overrides: Overrides,
        assumptions: Assumptions,
        also: tuple[str, ...] = (),
    ) -> Report:
        if also:
            raise UsageError(
                f"{self.path} holds no {', '.join(also)} memory; name a git ref as base"
            )
        if assumptions not in self._reports:
            self._reports[assumptions] = read_document(self.path, assumptions)
        reports = self._reports[assumptions]
        # `compare` puts the file before a name that several files share.
        found = reports.get(f"{parse(model).file}#{design}") or reports.get(design)
        if found is None:
            raise Absent(f"{design} is not in {self.path}")
        if overrides.input not in (None, found.input):
            raise UsageError(f"{self.path} has {design} at {found.input}, and not as --input says")
        return found


def _name(root: Node) -> str:
    node = root.get("name") if isinstance(root, MappingNode) else None
    return node.text if isinstance(node, ScalarNode) else ""
