"""Blobs: the contents of files that a repository holds, read one after the other."""

from __future__ import annotations

import weakref

from bncalc.change.repository import PARTIAL, Repository
from bncalc.errors import UsageError


class BlobReader:
    """Reads blobs from a single `git cat-file`."""

    def __init__(self, repository: Repository) -> None:
        process = repository.conversation("cat-file", "--batch")
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout
        weakref.finalize(self, process.communicate)

    def read(self, blob: str, most: int) -> bytes:
        """Return what a blob holds, at most so many bytes."""
        self._in.write(f"{blob}\n".encode())
        self._in.flush()
        header = self._out.readline().split()
        if len(header) != 3:
            raise UsageError(f"git has no content for the object {blob}; {PARTIAL}")
        size = int(header[2])
        data = self._out.read(min(size, most))
        rest = size - len(data) + 1  # and a line's end
        while rest > 0 and (skipped := self._out.read(min(rest, most))):
            rest -= len(skipped)
        return data
