"""A work tree: the folder with a `.git`, found without asking git."""

from __future__ import annotations

import os
from pathlib import Path

from bncalc.errors import UsageError
from bncalc.files import read_bounded


def top_of(folder: Path) -> Path | None:
    """Return the top of the work tree that a folder lies in, links resolved; None outside."""
    here = folder.resolve()
    return next((top for top in (here, *here.parents) if storage_of(top) is not None), None)


def leads_out(path: str, folder: str | None = None) -> bool:
    """Return whether a file lies outside of the work tree of a folder, or its own; links followed.

    Without a work tree it is the folder itself. What is wrong in such a file is not to be shown:
    who wrote the name, and who reads the message, may not be who may read the file.
    """
    # The folder as it is named: a link among its parents is what may lead out.
    here = Path(os.path.abspath(Path(path).parent if folder is None else folder))  # noqa: PTH100
    top = next((top for top in (here, *here.parents) if storage_of(top) is not None), here)
    return not Path(os.path.realpath(path)).is_relative_to(top.resolve())  # a link may be to itself


def storage_of(top: Path) -> Path | None:
    """Return where git keeps the work tree that begins at this very folder; None for any other.

    Raises UsageError for a `.git` that leads to files which a commit can hold.
    """
    entry = top / ".git"
    if entry.is_file():
        target = _named_by(entry)
        storage = None if target is None else (top / target).resolve()
    else:
        storage = entry.resolve() if entry.is_dir() else None
    if storage is None or not _keeps_a_repository(storage):
        return None
    _refuse_files_of_a_tree(storage, entry)
    return storage


def _named_by(entry: Path) -> str | None:
    """Return what `gitdir: PATH` names, as worktrees and submodules have it."""
    try:
        text = os.fsdecode(read_bounded(str(entry), 4096))
    except OSError:
        return None
    return text.removeprefix("gitdir:").strip() if text.startswith("gitdir:") else None


def _keeps_a_repository(folder: Path) -> bool:
    has_objects = (folder / "objects").is_dir() or (folder / "commondir").is_file()
    return has_objects and os.path.lexists(folder / "HEAD")


def _refuse_files_of_a_tree(storage: Path, entry: Path) -> None:
    """Raise UsageError for a `.git` that leads to what may be anyone's.

    That is everything in a work tree but what is called `.git`, which git lets no commit hold.
    """
    if ".git" in storage.parts:
        return
    if any(os.path.lexists(parent / ".git") for parent in storage.parents):
        raise UsageError(
            f"{entry} leads to {storage}, which are files of a repository and not git's"
        )
