"""A revision: the files of one commit, read by git without touching the work tree."""

from __future__ import annotations

import os
import subprocess
import weakref
from functools import cached_property
from pathlib import Path
from posixpath import dirname, join, normpath

from bncalc.errors import Location, Problem, SpecError, UsageError
from bncalc.language.nodes import Node
from bncalc.language.source import MAX_BYTES, read_bytes

_LINK = "120000"
_MOST_LINKS = 8
_MOVED = ("diff", "-z", "-M", "-l0", "--no-ext-diff", "--name-status", "--diff-filter=R")
_UNSHALLOW = "set `fetch-depth: 0` on actions/checkout, or run `git fetch --unshallow`"


class Unknown(UsageError):
    """A name that is no revision here: no repository, no such commit, or no git at all."""


class Revision:
    """One commit of the repository that a folder lies in.

    Paths are those of the repository, from its top and with slashes.
    """

    def __init__(self, top: Path, commit: str, label: str) -> None:
        self.top = top
        self.commit = commit
        self.label = label

    @cached_property
    def files(self) -> dict[str, tuple[str, str]]:
        """The mode and the blob of every file, by its path."""
        listed = _git(self.top, "ls-tree", "-r", "-z", "--full-tree", self.commit)
        found = {}
        for line in listed.split("\0")[:-1]:
            about, _, path = line.partition("\t")
            mode, kind, blob = about.split()
            if kind == "blob":
                found[path] = (mode, blob)
        return found

    @cached_property
    def moved(self) -> dict[str, str]:
        """Where each file that git holds for moved was, by the path that it has in the work tree.

        Git sees what is tracked: what was moved without telling it is no part of this.
        """
        said = _git(self.top, *_MOVED, self.commit, "--").split("\0")
        return dict(zip(said[2::3], said[1::3], strict=True))

    def path_of(self, path: str) -> str | None:
        """Return a path of the work tree as the repository calls it; None where it lies outside."""
        # The folder is resolved and the file is not: it may be a link that the repository holds.
        folder, name = os.path.split(os.path.abspath(path))  # noqa: PTH100
        whole = Path(os.path.realpath(folder)) / name
        return whole.relative_to(self.top).as_posix() if whole.is_relative_to(self.top) else None

    def read(self, path: str) -> Node:
        """Read a YAML file of the commit; raise SpecError for all that is wrong in it."""
        name = f"{self.label.split()[0]}:{path}"
        found = self._followed(path)
        if found is None:
            raise SpecError([Problem(Location(name), "there is no such file in this revision")])
        return read_bytes(self._blobs.bytes(found), name)

    @cached_property
    def _blobs(self) -> _Blobs:
        return _Blobs(self.top)

    def _followed(self, path: str) -> str | None:
        """Return the blob of a path, symbolic links within the commit followed."""
        path = normpath(path)
        for _ in range(_MOST_LINKS):
            mode, blob = self.files.get(path, ("", ""))
            if mode != _LINK:
                return blob or None
            path = normpath(join(dirname(path), self._blobs.bytes(blob).decode(errors="replace")))
        return None


class _Blobs:
    """Blobs, one after the other, from a single `git cat-file`."""

    def __init__(self, top: Path) -> None:
        process = subprocess.Popen(
            ["git", "cat-file", "--batch"],
            cwd=top,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout
        weakref.finalize(self, process.communicate)

    def bytes(self, blob: str) -> bytes:
        """Return what a blob holds, at most a little more than a file may."""
        self._in.write(f"{blob}\n".encode())
        self._in.flush()
        header = self._out.readline().split()
        if len(header) != 3:
            raise UsageError(f"git has no content for the object {blob}")
        size = int(header[2])
        data = self._out.read(min(size, MAX_BYTES + 1))
        rest = size - len(data) + 1  # and a line's end
        while rest > 0 and (skipped := self._out.read(min(rest, MAX_BYTES))):
            rest -= len(skipped)
        return data


def revision(folder: Path, ref: str) -> Revision:
    """Return the commit that a ref stands for; raise Unknown where it is none."""
    top = _top(folder)
    commit = _commit(top, ref)
    return Revision(top, commit, f"{_short(ref)}@{commit[:7]}")


def merge_base(folder: Path, ref: str) -> Revision:
    """Return where HEAD left a ref, so that what has happened there since is not held against it.

    Raises Unknown for a ref that is none, UsageError where history is cut off or unrelated.
    """
    top = _top(folder)
    tip = _commit(top, ref)
    if not _answer(top, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"):
        raise UsageError(f"{top} has no commit yet, so there is nothing to compare with {ref}")
    commit = _answer(top, "merge-base", "HEAD", tip)
    if not commit:
        if _is_shallow(top):
            raise UsageError(f"the history that HEAD and {ref} share is missing: {_UNSHALLOW}")
        raise UsageError(f"HEAD and {ref} have no commit in common")
    return Revision(top, commit, f"{_short(ref)}@{commit[:7]} (merge-base)")


def _top(folder: Path) -> Path:
    try:
        done = _run(folder, "rev-parse", "--show-toplevel")
    except OSError:
        raise Unknown("a base in git needs git, and there is no `git` on the PATH") from None
    said = os.fsdecode(done.stderr).strip()
    if done.returncode == 0:
        return Path(os.path.realpath(os.fsdecode(done.stdout).removesuffix("\n")))
    if "dubious ownership" in said:
        fix = f"git config --global --add safe.directory {folder.resolve()}"
        raise UsageError(f"git does not trust this repository, as another user owns it: {fix}")
    if "work tree" in said:
        raise UsageError(f"{folder.resolve()} is a bare repository; run this in a work tree")
    raise Unknown(f"{folder.resolve()} is not in a git repository")


def _commit(top: Path, ref: str) -> str:
    wanted = f"{ref}^{{commit}}"
    found = _answer(top, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
    if found:
        return found
    if _is_shallow(top):
        raise Unknown(f"{ref!r} is not in this shallow clone: {_UNSHALLOW}")
    fetch = ""
    if ref.startswith("origin/"):
        fetch = f"; is it fetched? `git fetch origin {ref.removeprefix('origin/')}`"
    raise Unknown(f"{ref!r} is no revision of {top}{fetch}")


def _is_shallow(top: Path) -> bool:
    return _answer(top, "rev-parse", "--is-shallow-repository") == "true"


def _short(ref: str) -> str:
    """Return a ref for people: a commit's whole name says no more than its beginning."""
    hexadecimal = len(ref) >= 40 and all(one in "0123456789abcdef" for one in ref)
    return ref[:7] if hexadecimal else ref


def _git(top: Path, *arguments: str) -> str:
    done = _run(top, *arguments)
    if done.returncode:
        said = os.fsdecode(done.stderr).strip()
        raise UsageError(f"git {arguments[0]} failed: {said}")
    return os.fsdecode(done.stdout)


def _answer(top: Path, *arguments: str) -> str:
    """Return the one line that git answers, empty where it has none."""
    return os.fsdecode(_run(top, *arguments).stdout).strip()


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    settings = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    command = ["git", *arguments]
    return subprocess.run(command, cwd=folder, env=settings, capture_output=True, check=False)
