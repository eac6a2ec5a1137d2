"""History: what a clone of CI lacks is fetched, for `action.yml`; a check never fetches."""

from __future__ import annotations

import sys
from pathlib import Path

from bncalc.change.repository import Repository, repository
from bncalc.errors import UsageError


def fetch_branch(repo: Repository, branch: str) -> bool:
    """Fetch the branch that a pull request is for, as far back as where HEAD left it."""
    if repo.answer("merge-base", "HEAD", f"origin/{branch}"):
        return True
    return _fetch(repo, f"+refs/heads/{branch}:refs/remotes/origin/{branch}")


def fetch_commit(repo: Repository, commit: str) -> bool:
    """Fetch a commit that a push has replaced, with what HEAD shares with it."""
    if not commit.strip("0"):  # a branch that is new had no commit before
        return False
    if repo.answer("merge-base", "HEAD", commit):
        return True
    return _fetch(repo, commit) and bool(repo.answer("merge-base", "HEAD", commit))


def _fetch(repo: Repository, refs: str) -> bool:
    deeper = ["--unshallow"] if repo.is_shallow else []
    return repo.fetch("--no-tags", "--no-recurse-submodules", *deeper, "origin", refs)


def main() -> None:
    """Fetch what `branch NAME` or `commit NAME` of the command line names; exit 1 without it."""
    what, name = sys.argv[1:]
    fetch = {"branch": fetch_branch, "commit": fetch_commit}[what]
    try:
        sys.exit(0 if fetch(repository(Path()), name) else 1)
    except UsageError as error:
        sys.exit(f"bncalc: {error}")
