"""A thousand seeded cases of each kind: an answer or an error of ours comes of every one."""

from pathlib import Path

import pytest
from tests.fuzz.cases import KINDS, tried

NUMBERS = {
    "files": 150,
    "expressions": 600,
    "patterns": 300,
    "budgets": 150,
    "calls": 40,
    "names": 40,
}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_breaks_on_what_is_nearly_right(kind: str, tmp_path: Path) -> None:
    cases = [tried(kind, seed, tmp_path) for seed in range(NUMBERS[kind])]
    wrong = [case for case in cases if case is not None]
    assert not wrong, "\n".join(map(str, wrong[:5]))
