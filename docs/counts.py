"""Counts that pages state in a sentence, from the tables that hold what is counted."""

import re
from csv import DictReader
from pathlib import Path

ROOT = Path(__file__).parents[1]


def _rows(table: str, *columns: str) -> int:
    """Return how many rows of a table differ in these columns."""
    with (ROOT / table).open(encoding="utf-8", newline="") as file:
        return len({tuple(row[name] for name in columns) for row in DictReader(file)})


def counts(networks: int) -> dict[Path, str]:
    """Return the pages with their counts as they are; raise ValueError where one states none."""
    stated = (
        ("README.md", r"\d+(?= published networks)", networks),
        ("README.zh-CN.md", r"\d+(?= 个已发表网络)", networks),
        ("docs/testing.md", r"\d+(?= published networks)", networks),
        ("docs/export.md", r"(?<=ll )\d+(?= shipped networks)", networks),
        ("docs/conventions.md", r"\d+(?= single layers)",
         _rows("tests/analysis/observed.csv", "op", "fields")),
        ("docs/conventions.md", r"\d+(?= networks of\n)",
         _rows("tests/readers/torch/measured.csv", "model")),
    )  # fmt: skip
    pages: dict[Path, str] = {}
    for name, count, number in stated:
        page = ROOT / name
        text = pages.get(page) or page.read_text(encoding="utf-8")
        pages[page], changed = re.subn(count, str(number), text)
        if not changed:
            raise ValueError(f"{name} has no count as in {count!r}")
    return pages
