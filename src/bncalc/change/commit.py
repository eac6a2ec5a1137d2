"""A commit as a snapshot: its files, and what of the work tree is not as it was there."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from bncalc.change.file_snapshot import FileSnapshot
from bncalc.change.revision import Revision, head, parent
from bncalc.disk import DISK
from bncalc.files import Content
from bncalc.language.selection import SUFFIXES

_PIECE = 1024 * 1024


class Commit(FileSnapshot):
    """The files of a commit; what they include is read from the commit too."""

    def __init__(self, revision: Revision) -> None:
        super().__init__(revision.label, revision)
        self.revision = revision

    def at(self, path: str) -> str | None:
        return self.revision.path_of(path)

    def here(self, file: str) -> Path:
        return self.revision.top / file

    def all_files(self) -> Iterable[str]:
        return self.revision.all_files()

    def moved(self, file: str) -> str | None:
        return self.revision.moved.get(file)

    def moved_to(self, file: str) -> str | None:
        moves = [here for here, was in self.revision.moved.items() if was == file]
        return self.name(moves[0]) if moves else None

    @property
    def is_head(self) -> bool:
        """Whether this is what the work tree began from."""
        return self.revision.commit == head(self.revision.repository)

    def is_edited(self, paths: Iterable[str]) -> bool:
        """Return whether any of the work tree's files is not as it was committed."""
        places = [(path, self.at(path)) for path in paths if Path(path).is_file()]
        return any(file is not None and not self._is_as_was(path, file) for path, file in places)

    def _is_as_was(self, path: str, file: str) -> bool:
        """Compare contents; line ends of text may be those of this system."""
        if not self.content.exists(file):
            return False
        if not path.lower().endswith(SUFFIXES):
            return _alike(DISK.open(path), self.content.open(file))
        here, was = DISK.read(path), self.content.read(file)
        return here == was or here.replace(b"\r\n", b"\n") == was

    def parent(self) -> Commit:
        """Return the commit before; raise UsageError if there is none."""
        return Commit(parent(self.revision))


def _alike(here: Content, was: Content) -> bool:
    with closing(here.stream), closing(was.stream):
        if here.size != was.size:
            return False
        pieces = iter(lambda: (here.stream.read(_PIECE), was.stream.read(_PIECE)), (b"", b""))
        return all(now == then for now, then in pieces)
