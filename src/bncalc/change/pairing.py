"""Pairing: the two ends of a difference, by any name, opened and paired design by design."""

from __future__ import annotations

from pathlib import Path
from posixpath import normpath

from bncalc.analysis.assumptions import Assumptions
from bncalc.change.commit import Commit
from bncalc.change.file_snapshot import Folder
from bncalc.change.repository import UnknownRevision
from bncalc.change.revision import Revision, merge_base, revision
from bncalc.change.saved_report import SavedReport, read_document
from bncalc.change.snapshot import Absent, Snapshot, refuse_code
from bncalc.change.version import Version, versions
from bncalc.disk import DISK
from bncalc.errors import UsageError
from bncalc.files import Files
from bncalc.named import NamedTuple
from bncalc.opening.model import Overrides, open_models
from bncalc.opening.name import ModelName, parse


class Opened(NamedTuple):
    """The designs that a name means, and what to call them together."""

    label: str
    versions: tuple[Version, ...]


def snapshot(name: str, folder: Path) -> Snapshot:
    """Return what a name means as a base: a report (`.json`), a git ref, or a folder.

    Of a git ref it is the merge-base with HEAD. Raises UsageError for what leads nowhere.
    """
    if name.endswith(".json"):
        if not (folder / name).exists():
            raise UsageError(f"there is no file {folder / name}")
        return SavedReport(str(folder / name))
    try:
        return Commit(merge_base(folder, name))
    except UnknownRevision:
        if (folder / name).is_dir():
            return Folder(folder, folder / name, name)
        if (folder / name).is_file():
            raise UsageError(
                f"{name} is a file, and a base is a git ref, a folder, or a JSON report, as "
                f"`bncalc compare {name} -o base.json` writes; `bncalc diff` compares two models"
            ) from None
        raise


def open_versions(name: str | ModelName, overrides: Overrides, assumptions: Assumptions) -> Opened:
    """Open a MODEL, `REV:path` or a JSON report; a file with variants gives all of them.

    Raises SpecError for what is wrong in a file, UsageError for a name that leads nowhere.
    """
    name = parse(name) if isinstance(name, str) else name
    if name.path.endswith(".json") and not name.revision:
        return Opened(str(name), _of_document(name, overrides, assumptions))
    if not name.revision:
        return Opened(str(name), _of_model(name, overrides, assumptions, DISK))
    within, commit = at_revision(name)
    versions = _of_model(within, overrides, assumptions, commit)
    return Opened(f"{commit.label}:{name._replace(revision='')}", versions)


def before(base: Snapshot, name: ModelName, now: tuple[Version, ...]) -> tuple[Version, ...]:
    """Return what the designs of a model were in a base, as far as they were in it."""
    versions = []
    for version in now:
        try:
            versions.append(base.before(name, version))
        except Absent:
            continue
    return tuple(versions)


def pair(
    old: tuple[Version, ...], new: tuple[Version, ...]
) -> list[tuple[Version | None, Version | None]]:
    """Pair one design with one whatever they are called, several by name, the removed last."""
    if len(old) == len(new) == 1:
        return [(old[0], new[0])]
    left: dict[str, Version | None] = {version.title: version for version in old}
    pairs: list[tuple[Version | None, Version | None]] = [
        (left.pop(version.title, None), version) for version in new
    ]
    return pairs + [(version, None) for version in left.values()]


def _of_model(
    name: ModelName, overrides: Overrides, assumptions: Assumptions, files: Files
) -> tuple[Version, ...]:
    models = open_models(name, overrides, files)
    return tuple([version for model in models for version in versions(model, assumptions)])


def _of_document(
    name: ModelName, overrides: Overrides, assumptions: Assumptions
) -> tuple[Version, ...]:
    path = name.path
    if name.settings:
        raise UsageError(f"{name}: {path} holds numbers and no network, so nothing can be set")
    reports = read_document(path, assumptions)
    for report in reports.values():
        if (name.input or overrides.input) not in (None, report.input):
            raise UsageError(f"{path} has {report.name} at {report.input}, not at --input")
    return tuple([Version(report) for report in reports.values()])


def at_revision(name: ModelName) -> tuple[ModelName, Revision]:
    """Return a name as its git revision has it, and that revision; raise UsageError without it."""
    try:
        commit = revision(Path(), name.revision)
    except UnknownRevision as error:
        others = "and a PyTorch model is torch:package.module:callable"
        message = f"{error}; a name with a colon is REV:path in git, {others}"
        raise UnknownRevision(message) from None
    refuse_code(name._replace(revision=""), commit.label)
    return name._replace(path=_place(commit, name.path), revision=""), commit


def _place(commit: Revision, path: str) -> str:
    """Return a path as the repository calls it: from its top, as git has it, else from here."""
    top = normpath(path)
    if not path.startswith("./") and commit.exists(top):
        return top
    here = commit.path_of(path)
    if here is None or not commit.exists(here):
        raise UsageError(f"{path} is not in {commit.label}")
    return here
