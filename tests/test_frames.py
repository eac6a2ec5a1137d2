"""Answers as data frames."""

import sys
from types import SimpleNamespace

import pytest

import bncalc
from bncalc.frames import Framed

REPORT = bncalc.measure(bncalc.block("bottleneck", (256, 56, 56), mid=64))


def test_an_answer_says_what_a_frame_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    for library in ("pandas", "polars"):
        monkeypatch.setitem(sys.modules, library, None)
        with pytest.raises(bncalc.UsageError, match=f"pip install {library}"):
            getattr(REPORT, f"to_{library}")()


def test_the_rows_of_every_answer_become_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = SimpleNamespace(DataFrame=lambda data, **_: data)
    for library in ("pandas", "polars"):
        monkeypatch.setitem(sys.modules, library, taken)
    swept = bncalc.sweep(bncalc.space("bottleneck", vary={"mid": [16, 32]}))
    verdict = bncalc.check("configs/budgets.yaml", only=["resnet50"])
    answers: list[Framed] = [
        REPORT,
        bncalc.compare([REPORT]),
        bncalc.difference(REPORT, None),
        verdict,
    ]
    for answer in answers:
        assert answer.to_pandas() == answer.to_polars() == answer.rows()
        if answer is not REPORT and isinstance(answer, tuple):
            assert not hasattr(answer, "__dict__"), "a misspelt attribute is set in silence"
    columns = swept.to_pandas()
    rows = swept.rows()
    assert columns == swept.to_polars() == {key: [row[key] for row in rows] for key in rows[0]}
