"""Git LFS: small files that stand for large ones, which git keeps elsewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path

from bncalc.files import Content, is_pointer, open_file, read_bounded, refuse
from bncalc.work_tree import storage_of, top_of

Storage = Callable[[], Path | None]
"""Tells where git keeps the repository that a file is from."""

_OBJECT = re.compile(rb"^oid sha256:([0-9a-f]{64})$", re.MULTILINE)


def whole(data: bytes, most: int, storage: Storage, name: str) -> bytes:
    """Return a file, or what it stands for: one byte more than `most` at most, as `answered`."""
    if not is_pointer(data):
        return data
    content = answered(data, storage, name)
    with closing(content.stream):
        return content.stream.read(most + 1)


def answered(data: bytes, storage: Storage, name: str) -> Content:
    """Return a file, or the one that it stands for; raise SpecError where that is not here."""
    if not is_pointer(data):
        return Content(BytesIO(data), len(data))
    folder, named = storage(), _OBJECT.search(data)
    try:
        if folder is None or named is None:
            raise FileNotFoundError
        oid = named[1].decode()
        file = open_file(str(_shared(folder) / "lfs" / "objects" / oid[:2] / oid[2:4] / oid))
    except OSError:
        refuse(name, "this is a Git LFS pointer and its object is not here; run `git lfs pull`")
    return Content(file, os.fstat(file.fileno()).st_size, file.fileno())


def keeper(path: str) -> Storage:
    """Return what tells where git keeps the work tree that a file of the disk lies in."""

    def storage() -> Path | None:
        top = top_of(Path(path).parent)
        return None if top is None else storage_of(top)

    return storage


def _shared(storage: Path) -> Path:
    """Return what a worktree shares with the repository that it is one of."""
    try:
        common = os.fsdecode(read_bounded(str(storage / "commondir"), 4096)).strip()
    except OSError:
        return storage
    return storage / common
