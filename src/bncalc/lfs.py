"""Git LFS: small files that stand for large ones, which git keeps elsewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from bncalc.files import POINTER, Content, open_file, read_bounded, refuse

_OBJECT = re.compile(rb"^oid sha256:([0-9a-f]{64})$", re.MULTILINE)


def answered(data: bytes, storage: Callable[[], Path | None], name: str) -> Content:
    """Return a small file, or the one that it stands for; raise SpecError where that is not here.

    `storage` tells where git keeps the repository that the file is from.
    """
    named = _OBJECT.search(data) if data.startswith(POINTER) else None
    if named is None:
        return Content(BytesIO(data), len(data))
    folder, oid = storage(), named[1].decode()
    try:
        if folder is None:
            raise FileNotFoundError
        file = open_file(str(_shared(folder) / "lfs" / "objects" / oid[:2] / oid[2:4] / oid))
    except OSError:
        refuse(name, "this is a Git LFS pointer and its object is not here; run `git lfs pull`")
    return Content(file, os.fstat(file.fileno()).st_size, file.fileno())


def _shared(storage: Path) -> Path:
    """Return what a worktree shares with the repository that it is one of."""
    try:
        common = os.fsdecode(read_bounded(str(storage / "commondir"), 4096)).strip()
    except OSError:
        return storage
    return storage / common
