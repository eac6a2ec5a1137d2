"""Real git repositories, made by a test."""

import shutil
import subprocess
from pathlib import Path
from typing import Self

NET = """\
name: {name}
input: [3, 32, 32]
defaults: {{norm: batch, act: relu}}
layers:
  - stage:
      - conv: {{out: 16}}
      - bottleneck: {{mid: 8, out: 32}}
        repeat: 2
    id: body
  - stage:
      - conv: {{out: {head}, kernel: 1}}
      - global_avg_pool
      - linear: {{out: 10, bias: true}}
    id: head
"""


CONFIG = """\
[core]
repositoryformatversion = 0
fsync = none
logAllRefUpdates = false
[maintenance]
auto = false
[user]
name = A Test
email = test@example.org
"""


class Repository:
    """A repository in a folder, with a branch `main`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        git = folder / ".git"
        for path in ("objects", "refs"):  # all that git needs, without a process that makes it
            (git / path).mkdir(parents=True)
        (git / "HEAD").write_text("ref: refs/heads/main\n")
        (git / "config").write_text(CONFIG)

    def copied(self, folder: Path) -> Self:
        """Copy the repository, which takes a tenth of what its commits took; objects stay there."""
        objects = self.folder / ".git/objects"
        shutil.copytree(
            self.folder,
            folder,
            symlinks=True,
            ignore=lambda at, _: ["objects"] if at.endswith(".git") else [],
        )
        (folder / ".git/objects/info").mkdir(parents=True)
        (folder / ".git/objects/info/alternates").write_text(f"{objects.as_posix()}\n")
        copy = object.__new__(type(self))
        copy.folder = folder
        return copy

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def write(self, path: str, text: str) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def commit(self, message: str = "a change") -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def commit_nothing(self, message: str) -> None:
        self.git("commit", "--quiet", "--allow-empty", "--message", message)


FAMILY = """\
input: [3, 8, 8]
vars: {width: 8}
variants:
  small: {width: 4}
  large: {width: 16}
layers:
  - conv: {out: =width}
"""
"""A file with two designs, whose values a variant sets."""


def net(head: int = 64, name: str = "small") -> str:
    return NET.format(head=head, name=name)
