"""Networks and modules written plainly in the language, each with what it comes to in its head."""

import re
from pathlib import Path

from tests.rows import each_of

import bncalc

FILES = sorted((Path(__file__).parent / "networks").glob("*.yaml"))


@each_of(FILES, ids=[path.stem for path in FILES])
def test_a_file_comes_to_what_its_head_says(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    expected = {name: int(value) for name, value in re.findall(r"# expect (\w+) (\d+)", text)}
    assert expected
    (graph,) = bncalc.load(str(path))
    numbers = bncalc.measure(graph, also=["training"]).numbers()
    assert {name: numbers[name] for name in expected} == expected
