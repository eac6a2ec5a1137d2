"""History: what a clone of CI lacks is fetched, for `action.yml`; a check never fetches."""

from __future__ import annotations

import sys
from pathlib import Path

from bncalc.change.repository import Repository, repository
from bncalc.errors import UsageError


def fetch_branch(found: Repository, branch: str) -> bool:
    """Fetch the branch that a pull request is for, as far back as where HEAD left it."""
    if found.answer("merge-base", "HEAD", f"origin/{branch}"):
        return True
    return _fetch(found, f"+refs/heads/{branch}:refs/remotes/origin/{branch}")


def fetch_commit(found: Repository, commit: str) -> bool:
    """Fetch a commit that a push has replaced, with what HEAD shares with it."""
    if not commit.strip("0"):  # a branch that is new had no commit before
        return False
    if found.answer("merge-base", "HEAD", commit):
        return True
    return _fetch(found, commit) and bool(found.answer("merge-base", "HEAD", commit))


def _fetch(found: Repository, refs: str) -> bool:
    deeper = ["--unshallow"] if found.is_shallow else []
    return found.fetch("--no-tags", "--no-recurse-submodules", *deeper, "origin", refs)


def main() -> None:
    """Fetch what `branch NAME` or `commit NAME` of the command line names; exit 1 without it."""
    what, name = sys.argv[1:]
    fetch = {"branch": fetch_branch, "commit": fetch_commit}[what]
    try:
        sys.exit(0 if fetch(repository(Path()), name) else 1)
    except UsageError as error:
        sys.exit(f"bncalc: {error}")
