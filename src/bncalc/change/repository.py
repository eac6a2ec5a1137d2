"""A repository: its `.git` is found here and named to git, which runs nothing that it holds.

Whoever opens a pull request writes the files that we are run in. Git looks for a repository from
the folder where it stands and takes one from plain files (`HEAD`, `config`, `objects/`, `refs/`),
whose configuration it then runs. So git is told which repository and which work tree is meant, and
to run nothing that a configuration names: no hook, no monitor, no filter, no pager, no transport.
"""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path
from shutil import which

from bncalc.errors import UsageError
from bncalc.files import Stream
from bncalc.named import NamedTuple
from bncalc.work_tree import storage_of

OLDEST = (2, 30)
"""The oldest git that takes the options below at their word: that of Debian 11."""
_SETTINGS = ("core.fsmonitor=", f"core.hooksPath={os.devnull}", f"core.attributesFile={os.devnull}")
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_ALLOW_PROTOCOL": "none",  # a partial clone would fetch what it has not
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}


class UnknownRevision(UsageError):
    """A name that is no revision here: no repository, no such commit, or no git at all."""


PARTIAL = "in a partial clone, `git fetch --refetch --no-filter` brings it"


class _BlobStream:
    """What a git of its own writes of one object; whoever has read enough closes it."""

    def __init__(self, process: subprocess.Popen[bytes], size: int) -> None:
        self._process = process
        self._left = size

    def read(self, size: int = -1, /) -> bytes:
        assert self._process.stdout is not None
        data = self._process.stdout.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    def close(self) -> None:
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()


class Repository(NamedTuple):
    """A work tree and the folder that git keeps it in, both with links resolved."""

    top: Path
    storage: Path

    def answer(self, *arguments: str) -> str:
        """Return the one line that git answers, empty where it has none."""
        return os.fsdecode(self._run(*arguments).stdout).strip()

    def output(self, *arguments: str) -> str:
        """Return all that git says; raise UsageError where it fails."""
        done = self._run(*arguments)
        if done.returncode:
            message = os.fsdecode(done.stderr).strip()
            raise UsageError(f"git {arguments[0]} failed: {message}")
        return os.fsdecode(done.stdout)

    def conversation(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a git that answers as long as it is asked."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.top,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def blob(self, name: str) -> tuple[Stream, int]:
        """Return what an object holds, as a stream, and its size; raise UsageError without it."""
        process = self.conversation("cat-file", "--batch")
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{name}\n".encode())
        process.stdin.close()
        header = process.stdout.readline().split()
        if len(header) != 3:
            _BlobStream(process, 0).close()
            raise UsageError(f"git has no content for the object {name}; {PARTIAL}")
        return _BlobStream(process, int(header[2])), int(header[2])

    @property
    def is_shallow(self) -> bool:
        """Whether history was cut off when the repository was cloned."""
        return self.answer("rev-parse", "--is-shallow-repository") == "true"

    def fetch(self, *arguments: str) -> bool:
        """Fetch over git's own transports from where the repository is from; say whether it did."""
        transports = {"GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh"}
        done = subprocess.run(
            self.command("fetch", "--quiet", *arguments),
            cwd=self.top,
            env=environment() | transports,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return done.returncode == 0

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of git for this repository."""
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        named = [f"--git-dir={self.storage}", f"--work-tree={self.top}"]
        return [_git(), "--no-pager", "--literal-pathspecs", *named, *settings, *arguments]

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            self.command(*arguments),
            cwd=self.top,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )


def environment() -> dict[str, str]:
    """Return our environment without what redirects git, and with what keeps it to its work."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, **_ENVIRONMENT}


def repository(folder: Path) -> Repository:
    """Return the repository that a folder lies in.

    Raises UnknownRevision where it lies in none or there is no git, UsageError for one that is not
    to be trusted and for a git that is too old.
    """
    here = folder.resolve()
    for top in (here, *here.parents):
        if (repo := repository_at(top)) is not None:
            return repo
    raise UnknownRevision(f"{here} is not in a git repository")


def repository_at(top: Path) -> Repository | None:
    """Return the repository whose work tree begins at this very folder, if one does."""
    storage = storage_of(top)
    if storage is None:
        return None
    repo = Repository(top, storage)
    _refuse_foreign(repo)
    return repo


# Whom to trust


def _refuse_foreign(repo: Repository) -> None:
    """Raise UsageError for the repository of another user, as git does unless it is told a name."""
    if not hasattr(os, "geteuid"):
        return
    users = {os.geteuid()}
    if 0 in users and os.environ.get("SUDO_UID", "").isdecimal():
        users.add(int(os.environ["SUDO_UID"]))
    own = all(path.stat().st_uid in users for path in (repo.top, repo.storage))
    if not own and not _is_safe(repo.top):
        fix = f"git config --global --add safe.directory {repo.top}"
        raise UsageError(f"git does not trust this repository, as another user owns it: {fix}")


def _is_safe(top: Path) -> bool:
    """Return whether the user's own configuration names a folder as one to trust."""
    question = ["config", "--null", "--get-all", "safe.directory"]
    configured = {name: value for name, value in os.environ.items() if name[:10] == "GIT_CONFIG"}
    done = subprocess.run(
        [_git(), f"--git-dir={os.devnull}", *question],
        env=environment() | configured,
        capture_output=True,
        check=False,
    )
    names = os.fsdecode(done.stdout).split("\0")[:-1]
    while "" in names:  # which takes back what was said before it
        names = names[names.index("") + 1 :]
    within = [name.removesuffix("/*") for name in names if name.endswith("/*")]
    return "*" in names or str(top) in names or any(map(top.is_relative_to, within))


def _git() -> str:
    """Return the path of a git that is new enough."""
    path = which("git")
    if path is None or not Path(path).is_absolute():  # a relative one is in the tree, perhaps
        raise UnknownRevision("a base in git needs git, and there is no `git` on the PATH")
    _refuse_old(path)
    return path


@cache
def _refuse_old(path: str) -> None:
    answer = subprocess.run([path, "version"], capture_output=True, text=True, check=False).stdout
    numbers = answer.removeprefix("git version ").split(".")[:2]
    version = tuple(int(number) for number in numbers if number.strip().isdecimal())
    if version < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise UsageError(f"bncalc needs git {oldest} or newer; {path} is {answer.strip()!r}")
