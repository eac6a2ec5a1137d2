"""A revision: the files of one commit, read by git without touching the work tree."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import closing
from functools import cached_property
from pathlib import Path, PurePosixPath
from posixpath import dirname, join, normpath

from bncalc.change.repository import PARTIAL, Repository, UnknownRevision, repository, repository_at
from bncalc.errors import UsageError
from bncalc.files import LONGEST_POINTER, MAX_BYTES, Content, refuse
from bncalc.lfs import answered, whole
from bncalc.named import NamedTuple

_LINK = "120000"
_MOST_LINKS = 8
_RENAMES = ("diff-index", "--cached", "-z", "-M", "-l0", "--name-status", "--diff-filter=R")
_HARMLESS = ("--no-ext-diff", "--no-textconv")
_UNSHALLOW = "set `fetch-depth: 0` on actions/checkout, or run `git fetch --unshallow`"


class Blob(NamedTuple):
    """What a commit holds at a path: its mode, as git writes it, and the name of its content."""

    mode: str
    name: str


class Revision:
    """One commit of a repository.

    Paths are those of the repository, from its top and with slashes; a submodule is read at the
    commit that this one has it at.
    """

    def __init__(self, repository: Repository, commit: str, label: str) -> None:
        self.repository = repository
        self.commit = commit
        self.label = label
        self._submodules: dict[str, Revision] = {}

    @property
    def top(self) -> Path:
        return self.repository.top

    @property
    def files(self) -> dict[str, Blob]:
        """Every file by its path, those of submodules left out."""
        return self._tree[0]

    @property
    def submodules(self) -> dict[str, str]:
        """The commit of every submodule, by its path."""
        return self._tree[1]

    @cached_property
    def _tree(self) -> tuple[dict[str, Blob], dict[str, str]]:
        listed = self.repository.output("ls-tree", "-r", "-z", "--full-tree", self.commit)
        files, submodules = {}, {}
        for line in listed.split("\0")[:-1]:
            about, _, path = line.partition("\t")
            mode, kind, name = about.split()
            if kind == "blob":
                files[path] = Blob(mode, name)
            else:
                submodules[path] = name
        return files, submodules

    @cached_property
    def moved(self) -> dict[str, str]:
        """Where each file that git holds for moved was, by the path that it has in the index.

        What was moved without telling git is no part of this: the work tree is not looked at, for
        git would run the filters of its files.
        """
        answer = self.repository.output(*_RENAMES, *_HARMLESS, self.commit).split("\0")
        return dict(zip(answer[2::3], answer[1::3], strict=True))

    def path_of(self, path: str) -> str | None:
        """Return a path of the work tree as the repository calls it; None where it lies outside."""
        # The folder is resolved and the file is not: it may be a link that the repository holds.
        folder, name = os.path.split(os.path.abspath(path))  # noqa: PTH100
        whole = Path(os.path.realpath(folder)) / name
        return whole.relative_to(self.top).as_posix() if whole.is_relative_to(self.top) else None

    def exists(self, path: str) -> bool:
        """Return whether a file was there; raise UsageError for a submodule that is not here."""
        owner, inner = self._owner(path)
        return inner in owner.files

    def all_files(self) -> Iterator[str]:
        """Yield every file, those of the submodules that are here too."""
        yield from self.files
        for folder in self.submodules:
            try:
                inside = self._submodule(folder)
            except UsageError:
                continue
            yield from (f"{folder}/{path}" for path in inside.all_files())

    def called(self, path: str) -> str:
        return f"{self.label.split()[0]}:{path}"

    def read(self, path: str, most: int = MAX_BYTES) -> bytes:
        """Return what a file of the commit holds; raise SpecError where it is not or too large."""
        owner, blob = self._found(path)
        data = owner.content(blob, most)
        data = whole(data, most, lambda: owner.repository.storage, self.called(path))
        if len(data) > most:
            refuse(self.called(path), f"the file is larger than {most // 1024**2} MiB")
        return data

    def open(self, path: str) -> Content:
        """Open a file of the commit, or what a Git LFS pointer stands for; raise SpecError."""
        owner, blob = self._found(path)
        stream, size = owner.repository.blob(blob.name)
        if size > LONGEST_POINTER:
            return Content(stream, size)
        with closing(stream):
            return answered(stream.read(), lambda: owner.repository.storage, self.called(path))

    def content(self, blob: Blob, most: int = MAX_BYTES) -> bytes:
        """Return what a blob holds, at most one byte more than is allowed."""
        return self._blobs.read(blob.name, most + 1)

    def followed(self, path: str) -> Blob | None:
        """Return the blob of a path, symbolic links within the commit followed."""
        path = normpath(path)
        for _ in range(_MOST_LINKS):
            blob = self.files.get(path)
            if blob is None or blob.mode != _LINK:
                return blob
            target = os.fsdecode(self.content(blob))
            path = normpath(join(dirname(path), target))
        return None

    @cached_property
    def _blobs(self) -> BlobReader:
        return BlobReader(self.repository)

    # Submodules

    def _found(self, path: str) -> tuple[Revision, Blob]:
        """Return the revision that a file is in, and its blob there; raise SpecError without it."""
        owner, inner = self._owner(path)
        blob = owner.followed(inner)
        if blob is None:
            refuse(self.called(path), "there is no such file in this revision")
        return owner, blob

    def _owner(self, path: str) -> tuple[Revision, str]:
        """Return the revision that a file is in, this one or that of a submodule, and its path."""
        if self.submodules:
            for folder in map(str, PurePosixPath(normpath(path)).parents):
                if folder in self.submodules:
                    inner = str(PurePosixPath(normpath(path)).relative_to(folder))
                    return self._submodule(folder)._owner(inner)
        return self, path

    def _submodule(self, folder: str) -> Revision:
        if folder not in self._submodules:
            commit = self.submodules[folder]
            inside = repository_at(self.top / folder)
            if inside is None or inside.answer("cat-file", "-t", commit) != "commit":
                fetch = f"`git -C {folder} fetch origin {commit}`"
                missing = f"the submodule {folder} is at {commit[:7]} in {self.label}"
                init = f"`git submodule update --init {folder}`" if inside is None else ""
                raise UsageError(f"{missing}, and that commit is not here: {init or fetch}")
            self._submodules[folder] = Revision(inside, commit, f"{folder}@{commit[:7]}")
        return self._submodules[folder]


def revision(folder: Path, ref: str) -> Revision:
    """Return the commit that a ref stands for; raise UnknownRevision where it is none."""
    repo = repository(folder)
    commit = _commit(repo, ref)
    return Revision(repo, commit, f"{_short(ref)}@{commit[:7]}")


def merge_base(folder: Path, ref: str) -> Revision:
    """Return where HEAD left a ref, so that what has happened there since is not held against it.

    Raises UnknownRevision for a ref that is none, UsageError where history is cut off or unrelated.
    """
    repo = repository(folder)
    tip = _commit(repo, ref)
    if not head(repo):
        raise UsageError(f"{repo.top} has no commit yet, so there is nothing to compare with {ref}")
    commit = repo.answer("merge-base", "HEAD", tip)
    if not commit:
        if repo.is_shallow:
            raise UsageError(f"the history that HEAD and {ref} share is missing: {_UNSHALLOW}")
        raise UsageError(f"HEAD and {ref} have no commit in common")
    return Revision(repo, commit, f"{_short(ref)}@{commit[:7]} (merge-base)")


def parent(revision: Revision) -> Revision:
    """Return the first parent of a commit that is HEAD, to compare HEAD itself with."""
    repository = revision.repository
    commit = repository.answer(
        "rev-parse", "--verify", "--quiet", f"{revision.commit}^1^{{commit}}"
    )
    if commit:
        return Revision(repository, commit, f"HEAD~1@{commit[:7]} (the base is HEAD itself)")
    why = "the base is HEAD itself, no file is edited, and HEAD has no parent to compare it with"
    raise UsageError(f"{why}: {_UNSHALLOW}" if repository.is_shallow else why)


def head(repository: Repository) -> str:
    """Return the commit that the work tree began from, empty where there is none yet."""
    return repository.answer("rev-parse", "--verify", "--quiet", "HEAD^{commit}")


def _commit(repository: Repository, ref: str) -> str:
    wanted = f"{ref}^{{commit}}"
    commit = repository.answer("rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
    if commit:
        return commit
    if ref == "zoo":  # as messages call the files of shipped models
        message = (
            "'zoo' is not a revision; a shipped model has a name of its own: `bncalc list models`"
        )
        raise UnknownRevision(message)
    if repository.is_shallow:
        raise UnknownRevision(f"{ref!r} is not in this shallow clone: {_UNSHALLOW}")
    fetch = ""
    if ref.startswith("origin/"):
        fetch = f"; is it fetched? `git fetch origin {ref.removeprefix('origin/')}`"
    raise UnknownRevision(f"{ref!r} is not a revision of {repository.top}{fetch}")


def _short(ref: str) -> str:
    """Return a ref for people: a commit's whole name says no more than its beginning."""
    is_name = len(ref) >= 40 and all(digit in "0123456789abcdef" for digit in ref)
    return ref[:7] if is_name else ref


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
