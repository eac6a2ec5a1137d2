"""Real git repositories, made by a test."""

import subprocess
from pathlib import Path

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


class Repository:
    """A repository in a folder, with a branch `main`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "A Test")
        self.git("config", "user.email", "test@example.org")

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
