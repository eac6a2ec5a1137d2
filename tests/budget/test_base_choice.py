"""Which of the bases that are named is taken."""

from pathlib import Path

import pytest
from tests.repository import Repository

from bncalc.budget.base_choice import resolve
from bncalc.budget.budgets import BaseRules

HERE = Path()


def test_the_call_goes_before_the_environment_before_the_file(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = repository.git("rev-parse", "HEAD")
    repository.git("update-ref", "refs/remotes/origin/release", "HEAD")
    for name in ("given", "variable", "file"):
        repository.git("branch", name)

    def label(given: str | None, configured: str | None) -> str:
        base = resolve(given, BaseRules(configured), HERE)
        return base.label if base else ""

    assert resolve(None, BaseRules(), HERE) is None
    assert label(None, "file").startswith("file@")
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", commit)
    assert label(None, "file") == f"{commit[:7]}@{commit[:7]} (merge-base)"
    monkeypatch.setenv("GITHUB_BASE_REF", "release")
    assert label(None, "file").startswith("origin/release@")
    monkeypatch.setenv("BNCALC_BASE", "variable")
    assert label(None, "file").startswith("variable@")
    assert label("given", "file").startswith("given@")
