"""`bncalc report --budget` shows what changed since the commit that it compares with."""

from pathlib import Path

import pytest
from tests.program import run
from tests.repository import Repository, net

BUDGET = "version: 1\nbudgets:\n  - {name: all, models: models/*.yaml, limits: {params: 1k}}\n"


@pytest.mark.parametrize(("base", "is_commit"), [("main", True), ("../was", False)])
def test_a_page_on_a_budget_shows_what_changed_since_a_commit(
    repository: Repository, base: str, is_commit: bool
) -> None:
    (repository.folder.parent / "was/models").mkdir(parents=True)
    (repository.folder.parent / "was/models/net.yaml").write_text(net())
    repository.write("bncalc.budget.yaml", BUDGET)
    repository.write("models/net.yaml", net(96))
    call = ("report", "--budget", "bncalc.budget.yaml", "--base", base, "-o", "page.html")
    done = run(*call)
    assert done.returncode == 0, done.stderr
    html = Path("page.html").read_text(encoding="utf-8")
    assert ("What changed" in html) is is_commit
    assert ('aria-label="main@' in html) is is_commit


def test_a_page_names_what_it_is_compared_with(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = run("report", "resnet34", "--diff", "resnet18", "-o", str(page))
    assert done.returncode == 0, done.stderr
    assert 'aria-label="resnet18 → resnet34"' in page.read_text(encoding="utf-8")
