"""A snapshot of files, at the same places as those of the work tree."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path

from bncalc.analysis.measurement import measure
from bncalc.change.snapshot import Absent, refuse_code
from bncalc.change.version import Place, Version, part_of
from bncalc.disk import DISK, Disk
from bncalc.errors import BncalcError, SpecError, UsageError
from bncalc.files import MAX_BYTES, Content, Files, refuse
from bncalc.language.nodes import MappingNode, ScalarNode, YamlNode
from bncalc.language.selection import SUFFIXES
from bncalc.language.source import read_file, reading
from bncalc.model.origin import Design
from bncalc.model.registry import BLOCKS
from bncalc.named import NamedTuple
from bncalc.opening.kinds import READERS, kind_of
from bncalc.opening.lookup import located
from bncalc.opening.model import NO_OVERRIDES, Model, Overrides, open_models
from bncalc.opening.name import ModelName
from bncalc.opening.stock import Stock
from bncalc.zoo import MODELS


class _Opened(NamedTuple):
    """A file that was opened, and its designs with their models, by what picks them."""

    name: ModelName
    overrides: Overrides
    designs: dict[str, tuple[Model, Design]]


class FileSnapshot(ABC):
    """What a commit and a folder have in common."""

    _last: _Opened | None = None
    """What was opened last: designs of one file are asked for one after the other."""

    def __init__(self, label: str, content: Files) -> None:
        self.label = label
        self.content = content
        self._parts: dict[str, tuple[str, ...]] = {}
        self._stock = Stock()

    # What each kind of snapshot says

    @abstractmethod
    def at(self, path: str) -> str | None:
        """Return where a file of the work tree would be; None where it cannot be."""

    @abstractmethod
    def here(self, file: str) -> Path:
        """Return where a file would be in the work tree."""

    @abstractmethod
    def all_files(self) -> Iterable[str]:
        """Return every file that there is."""

    def moved(self, file: str) -> str | None:
        """Return where a file was that is known to have been moved, whatever is in it."""
        return None

    def moved_to(self, file: str) -> str | None:
        """Return what a file is called here that is known to have been moved."""
        return None

    # What follows from it

    def before(self, name: ModelName, now: Version, also: tuple[str, ...] = ()) -> Version:
        return self.version(Place(self.origin(name), now.place.part), now, also)

    def origin(self, name: ModelName) -> str:
        refuse_code(name, self.label)
        path = name.path
        if path in BLOCKS and not Path(path).exists():
            return path  # the same in any snapshot
        if path in MODELS and not Path(path).exists():
            path, _ = located(name, DISK)
            if self.at(path) is None:
                return path  # shipped, and so the same in any snapshot
        file = self.at(path)
        if file is None:
            raise Absent(f"{path} is outside {self.label}")
        if self.content.exists(file):
            return file
        was = self._renamed(path) or self.moved(file)
        if was is None:
            raise Absent(f"{path} is not in {self.label}")
        return was

    def version(self, place: Place, now: Version, also: tuple[str, ...] = ()) -> Version:
        assert now.model is not None
        name, overrides = now.model.name._replace(path=place.file, part=""), now.model.overrides
        try:
            designs = self._designs(name, overrides)
        except UsageError as error:  # it had no such variable, say
            raise Absent(str(error)) from None
        if place.part not in designs:
            wanted = f"no design {place.part!r}" if place.part else "no single network"
            raise Absent(f"{place.file} holds {wanted} in {self.label}")
        model, design = designs[place.part]
        assumptions = now.report.assumptions
        known = self._stock.layers(assumptions)
        return Version(measure(design.graph, assumptions, also, known=known), model, design)

    def files(self, covers: Callable[[str], bool]) -> Iterator[str]:
        for file in self.all_files():
            if _may_be_model(file) and covers(self.name(file)):
                yield file

    def parts(self, file: str) -> tuple[str, ...]:
        if file not in self._parts:
            try:
                self._designs(ModelName(file), NO_OVERRIDES)
            except BncalcError:
                self._parts[file] = ()
        return self._parts[file]

    def name(self, file: str) -> str:
        return Path(os.path.relpath(self.here(file))).as_posix()

    def gone(self) -> list[str]:
        """Return the files of models that the work tree no longer has."""
        return [
            file
            for file in self.all_files()
            if _may_be_model(file) and not self.here(file).exists()
        ]

    def _designs(self, name: ModelName, overrides: Overrides) -> dict[str, tuple[Model, Design]]:
        if self._last is None or self._last[:2] != (name, overrides):
            models = open_models(name, overrides, self.content, self._stock)
            designs = {
                part_of(model, design): (model, design)
                for model in models
                for design in model.designs
            }
            self._last = _Opened(name, overrides, designs)
            self._parts[name.path] = tuple(designs)
        return self._last.designs

    def _renamed(self, path: str) -> str | None:
        """Return the one file that is gone and held the model of the same name."""
        try:
            name = _name_in(read_file(path)) if Path(path).exists() else ""
        except SpecError:
            name = ""
        files = self._by_name.get(name, []) if name else []
        return files[0] if len(files) == 1 else None

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        read = reading(self.content)
        files: dict[str, list[str]] = {}
        for file in self.gone():
            try:
                files.setdefault(_name_in(read(file)), []).append(file)
            except SpecError:
                continue  # some other YAML, or a file that was broken before
        return files


def _may_be_model(file: str) -> bool:
    return file.lower().endswith(SUFFIXES) or kind_of(file) in READERS


def _name_in(root: YamlNode) -> str:
    node = root.get("name") if isinstance(root, MappingNode) else None
    return node.text if isinstance(node, ScalarNode) else ""


class Folder(FileSnapshot):
    """A folder, such as another work tree, that holds the files at the same relative places."""

    def __init__(self, origin: Path, folder: Path, label: str) -> None:
        super().__init__(label, _FilesWithin(folder))
        self.top = origin.resolve()
        self.folder = folder

    def at(self, path: str) -> str | None:
        whole = Path(os.path.realpath(path))  # a link may be to itself
        if not whole.is_relative_to(self.top):
            return None
        return str(self.folder / whole.relative_to(self.top))

    def here(self, file: str) -> Path:
        return self.top / Path(file).relative_to(self.folder)

    def all_files(self) -> Iterable[str]:
        for folder, folders, names in os.walk(self.folder):
            folders.sort()
            yield from (os.path.join(folder, name) for name in sorted(names))  # noqa: PTH118


class _FilesWithin(Disk):
    """The files of a folder; what a link leads to outside of it is not read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def read(self, path: str, most: int = MAX_BYTES) -> bytes:
        self._refuse_others(path)
        return super().read(path, most)

    def open(self, path: str) -> Content:
        self._refuse_others(path)
        return super().open(path)

    def _refuse_others(self, path: str) -> None:
        if not Path(os.path.realpath(path)).is_relative_to(self.folder):
            refuse(path, "this leads out of the base folder, and is not read")
