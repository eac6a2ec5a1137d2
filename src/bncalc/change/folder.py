"""A folder as a snapshot: another work tree, say."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from bncalc.change.file_snapshot import FileSnapshot
from bncalc.disk import Disk
from bncalc.files import MAX_BYTES, Content, refuse


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
