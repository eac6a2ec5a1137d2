"""A document reads back as what was written, and shows nothing that cannot be printed."""

import json

from tests.program import run
from tests.rows import each_of

from bncalc.render.json import text

HOSTILE = "\x1b[31m\u2028\u202e\udcff\U000e0001 ü 卷积 ##[group]"


@each_of(
    [
        {},
        {"a": [], "b": {}, "c": [[1, 2], [{}]], "d": None, "e": 1.5, "f": True},
        {"designs": [{"layers": [{"path": "a", "shape": [1, 2]}, {"path": "b"}]}]},
        {HOSTILE: HOSTILE, "deep": [{HOSTILE: [HOSTILE]}]},
    ],
)
def test_a_document_is_what_it_was(document: dict[str, object]) -> None:
    written = text(document)
    assert json.loads(written) == document
    assert all(line.isprintable() for line in written.split("\n"))
    assert "##" not in written


def test_what_holds_no_further_mapping_is_a_line() -> None:
    assert text({"a": 1, "b": [{"c": [1, 2]}, {"d": {}}]}) == (
        '{\n "a": 1,\n "b": [\n  {"c": [1, 2]},\n  {\n   "d": {}\n  }\n ]\n}\n'
    )


def test_ports_are_listed_where_there_are_several_or_they_have_a_name() -> None:
    def ports(head: str, layers: str) -> list[object]:
        net = f"{head}\nlayers: [{layers}]\n"
        (design,) = json.loads(run("show", "-", "-f", "json", text=net).stdout)["designs"]
        return [design.get("inputs"), design.get("outputs")]

    two = "{id: a, from: in, conv: {out: 1}}, {id: b, from: in, conv: {out: 2}}"
    assert ports("input: [1, 4]", "relu") == [None, None]
    assert ports("input: [1, 4]", two) == [None, {"a": [1, 4], "b": [2, 4]}]
    assert ports("inputs: {x: [1, 4]}\noutputs: [a]", two) == [None, {"a": [1, 4]}]
