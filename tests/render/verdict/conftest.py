import pytest


@pytest.fixture(autouse=True)
def _no_width_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
