"""What a clone of CI lacks is fetched, or there is none, which its exit code says."""

import sys
from pathlib import Path

import pytest
from tests.repository import Repository

from bncalc.change import history


def left(what: str, name: str, monkeypatch: pytest.MonkeyPatch) -> object:
    """Return the exit code of a call."""
    monkeypatch.setattr(sys, "argv", ["history", what, name])
    with pytest.raises(SystemExit) as end:
        history.main()
    return end.value.code


def test_a_branch_that_is_new_had_no_commit_before(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert left("commit", "0" * 40, monkeypatch) == 1
    assert left("commit", repository.git("rev-parse", "main"), monkeypatch) == 0


def test_a_branch_that_nothing_has_is_not_fetched(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert left("branch", "no-such-branch", monkeypatch) == 1


def test_a_commit_that_shares_nothing_with_this_branch_is_fetched_in_vain(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.git("remote", "add", "origin", str(repository.folder))
    tree = repository.git("rev-parse", "HEAD^{tree}")
    stranger = repository.git("commit-tree", tree, "-m", "another root")
    repository.git("branch", "stranger", stranger)
    assert left("commit", stranger, monkeypatch) == 1


def test_a_branch_is_fetched_without_the_tags_that_name_its_commits(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = repository.copied(tmp_path / "origin")
    tree = origin.git("rev-parse", "HEAD^{tree}")
    origin.git("branch", "new", origin.git("commit-tree", tree, "-p", "HEAD", "-m", "a change"))
    origin.git("tag", "v1", "new")
    repository.git("remote", "add", "origin", str(origin.folder))
    assert left("branch", "new", monkeypatch) == 0
    assert repository.git("tag") == ""
