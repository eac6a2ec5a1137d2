"""What tests of budgets share: a repository of their own."""

from pathlib import Path

import pytest
from tests.repository import Repository


@pytest.fixture
def project(template: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A copy of the module's repository, in which the test runs."""
    copy = template.copied(tmp_path / "project")
    monkeypatch.chdir(copy.folder)
    return copy
