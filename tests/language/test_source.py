"""YAML text, read into nodes that know their line and column."""

from __future__ import annotations

import io
import math
import sys

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.problems import problems_of
from tests.rows import each_of

from bncalc.errors import SpecError
from bncalc.language import builder
from bncalc.language.nodes import MappingNode, ScalarNode, SequenceNode, YamlNode
from bncalc.language.reader import few_or_near
from bncalc.language.source import read, read_file
from bncalc.language.syntax import expression_at


@pytest.fixture(params=["CBaseLoader", "BaseLoader"])
def parser(request, monkeypatch):
    """Both parsers: PyYAML may have been built without libyaml."""
    monkeypatch.setattr(builder, "Parser", getattr(yaml, request.param))


def problems(text: str) -> list[str]:
    return [str(problem).replace(" error: ", " ") for problem in problems_of(read, text, "f")]


def bare(node: YamlNode) -> object:
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, SequenceNode):
        return [bare(item) for item in node.items]
    return {key.text: bare(value) for key, value in node.entries}


SCALARS = [
    ("", None), ("~", None), ("null", None), ("NULL", None), ("nUll", "nUll"),
    ("true", True), ("True", True), ("FALSE", False), ("yes", "yes"), ("no", "no"), ("on", "on"),
    ("0", 0), ("010", 10), ("+3", 3), ("-4", -4), ("0o17", 15), ("0xFF", 255), ("0x", "0x"),
    ("0b1", "0b1"), ("1_000", "1_000"), ("1:30", "1:30"), ("2020-01-01", "2020-01-01"),
    ("1e3", 1000.0), ("1.", 1.0), (".5", 0.5), ("-.5E+1", -5.0), (".", "."), ("e3", "e3"),
    (".inf", math.inf), ("-.INF", -math.inf), ("inf", "inf"), ("nan", "nan"),
    ("'1'", "1"), ('"true"', "true"), ("''", ""), ("١", "١"), ("=cin*2", "=cin*2"),
    ("9" * 18, 10**18 - 1), ("-" + "9" * 18, 1 - 10**18),
]  # fmt: skip


@each_of(SCALARS)
def test_scalars_follow_the_core_schema(written, value):
    node = read(f"a: {written}", "f")
    assert isinstance(node, MappingNode)
    scalar = node.get("a")
    assert isinstance(scalar, ScalarNode)
    assert (scalar.value, type(scalar.value)) == (value, type(value))
    assert scalar.plain is not written.startswith(("'", '"'))


def test_nan_is_a_number():
    node = read(".nan", "f")
    assert isinstance(node, ScalarNode)
    assert isinstance(node.value, float)
    assert math.isnan(node.value)


@pytest.mark.usefixtures("parser")
@each_of(
    [
        ("a: 1", (1, 4)),
        ("\ufeffa: 1", (1, 4)),
        ("b: 2\r\na: 1\r\n", (2, 4)),
        ("b: 2\ra: 1", (2, 4)),
        ("é→𝔘: 'é'\nb: {é𝔘: x, a: 1}", (2, 15)),
        ("# é\n\n{é: é, a: 1}", (3, 11)),
    ]
)
def test_columns_count_characters_from_one(text, place):
    texts = [
        value.location
        for key, value in _entries(read(text, "f"))
        if key.text == "a"
    ]  # fmt: skip
    assert [(at.line, at.column) for at in texts] == [place]


def _entries(node: YamlNode) -> list[tuple[ScalarNode, YamlNode]]:
    if not isinstance(node, MappingNode):
        return []
    return [pair for entry in node.entries for pair in (entry, *_entries(entry[1]))]


@pytest.mark.usefixtures("parser")
@each_of(
    [
        ("- a\n- [1, {b: 2}]\n- []", ["a", [1, {"b": 2}], []]),
        ("x: &x [1, 2]\ny: *x", {"x": [1, 2], "y": [1, 2]}),
        ("x: &x {a: 1, b: 2}\ny: {b: 3, <<: *x}", {"x": {"a": 1, "b": 2}, "y": {"a": 1, "b": 3}}),
        ("<<: [{a: 1}, {a: 2, b: 3}]", {"a": 1, "b": 3}),
        ("'<<': 1", {"<<": 1}),
        ("a: =max(8, cin)\nb: =depths[0]", {"a": "=max(8, cin)", "b": "=depths[0]"}),
        ("%YAML 1.2\n---\na: 1\n...\n", {"a": 1}),
    ]
)
def test_structures_are_read(text, value):
    assert bare(read(text, "f")) == value


def test_the_lookup_of_an_absent_key_is_none():
    node = read("a: 1", "f")
    assert isinstance(node, MappingNode)
    assert node.get("b") is None


EMPTY = "a file holds alternatives to compare (`blocks:`) or one network (`layers:`)"
NUL = "control character U+0000 in the text (a binary file?)"
ESCAPE = "in the text (remove it, or write it as an escape)"
BAD = [
    ("", [f"f: the file is empty; {EMPTY}"]),
    (" \n\n", [f"f: the file is empty; {EMPTY}"]),
    ("# only\n", [f"f: the file holds nothing but comments; {EMPTY}"]),
    ("---\n", [f"f: the file holds nothing but comments; {EMPTY}"]),
    ("a: b\nc: \0", [f"f:2:4: {NUL}"]),
    ("a: \x07", [f"f:1:4: control character U+0007 {ESCAPE}"]),
    ("a: \u2028", [f"f:1:4: control character U+2028 {ESCAPE}"]),
    ("a: \ud800", [f"f:1:4: control character U+D800 {ESCAPE}"]),
    ("[" * 10_000, ["f:1:65: nested deeper than 64 levels"]),
    ("- " * 10_000, ["f:1:129: nested deeper than 64 levels"]),
    ("a: &x [*x]", ["f:1:8: *x is used inside what it names"]),
    ("a: *x", ["f:1:4: no anchor &x above"]),
    ("a: &width 1\nb: *widht", ["f:2:4: no anchor &widht above (did you mean 'width'?)"]),
    ("a: 1\n---\nb: 2", ["f:2:1: a second document starts here; a file holds only one"]),
    ("a: 1\nb: 2\n'a': 3", ["f:3:1: duplicate key 'a' on line 3, first on line 1"]),
    ("<<: 3", ["f:1:5: `<<` takes a mapping, or a list of mappings: `<<: *name`"]),
    ("? [a]\n: 1", ["f:1:3: a key must be a name, not a list"]),
    ("{{out}: 1}", ["f:1:2: a key must be a name, not a mapping"]),
    ("~: 1", ["f:1:1: a key must be a name, not ~"]),
    ("&x : 1", ["f:1:1: a key must be a name, not nothing"]),
    ("'': 1", ["f:1:1: a key must be a name, not empty text"]),
    ("a: !foo b", ["f:1:4: tags are not supported: !foo"]),
    ("a: !!int 3", ["f:1:4: tags are not supported: !!int"]),
    ("- !<x:y> {}", ["f:1:3: tags are not supported: !<x:y>"]),
    ("1" * 19, [f"f:1:1: the integer {'1' * 19} has more than 18 digits"]),
    ("1" * 24, [f"f:1:1: the integer {'1' * 24} has more than 18 digits"]),
    ("9" * 5000, [f"f:1:1: the integer {'9' * 24}… has more than 18 digits"]),
    ("0x" + "f" * 5000, [f"f:1:1: the integer 0x{'f' * 22}… has more than 18 digits"]),
    ("a:\n\tb: 1", ["f:2:1: a tab cannot indent; use spaces"]),
    ("a: [1, 2", ["f:1:4: the bracket that opens here is not closed"]),
    ("a: 1\nb: 'x", ["f:2:4: the quote that opens here is not closed"]),
    ("a: [1, 2\nb: 3", ["f:2:2: a ',' or a closing bracket is missing here"]),
    ("a: ]", ["f:1:4: a value is missing here, or a bracket is out of place"]),
    ("a: b: c", ["f:1:5: ':' is not allowed here; check the indentation, or quote the text"]),
    ("- a\n  b: c", ["f:2:4: 'a' needs a ':' if keys follow it: '- a:'"]),
    ("- a  # x\n    b: c", ["f:2:5: 'a' needs a ':' if keys follow it: '- a:'"]),
    ("- a\nb: c", ["f:2:1: this does not line up with the lines above; indent it like them"]),
    ("a: 1\nb\nc: 2", ["f:3:1: this key has no ':' after it"]),
    ("a: @x", ["f:1:4: plain text cannot begin with '@'; quote it"]),
    ("{out: =max(8, cin)}", ['f:1:7: quote the expression: "=max(8, cin)"']),
    ("{out: =max(8, [1, 2][0]), mid: 3}", ['f:1:7: quote the expression: "=max(8, [1, 2][0])"']),
    ("a: {out: =depths[0]}", ['f:1:10: quote the expression: "=depths[0]"']),
    ("[=[1, 2][i]]", ['f:1:2: quote the expression: "=[1, 2][i]"']),
    ('{out: =max(8, len("a"))}', ["f:1:7: quote the expression: '=max(8, len(\"a\"))'"]),
    (
        "a: !x 1\na: 2\nb: 1234567890123456789",
        [
            "f:1:4: tags are not supported: !x",
            "f:2:1: duplicate key 'a' on line 2, first on line 1",
            "f:3:4: the integer 1234567890123456789 has more than 18 digits",
        ],
    ),
]


@pytest.mark.usefixtures("parser")
@each_of(BAD)
def test_what_is_wrong_is_said_with_its_place(text, expected):
    assert problems(text) == expected


def test_an_alias_bomb_is_refused_by_its_expanded_size():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    (problem,) = problems("\n".join(lines))
    assert "holds more than 1,000,000 values" in problem


def test_a_file_holds_as_many_values_as_are_allowed(monkeypatch):
    monkeypatch.setattr("bncalc.language.builder.MAX_NODES", 6)
    read("a: [1, [2]]", "f")  # the mapping, its key and value, 1, [2] and 2
    assert problems("a: [1, [2], 3]") == ["f:1:4: the file holds more than 6 values"]


def test_an_alias_holds_as_many_values_as_what_it_repeats(monkeypatch):
    monkeypatch.setattr("bncalc.language.builder.MAX_NODES", 15)
    # The mapping and two keys, a list of 3 numbers, and a list of what is 3, 3 and 1.
    text = "a: [1, 2, 3]\nb: [&x [4, 5], *x, {}]"
    read(text, "f")
    assert problems(text.replace("{}", "[{}]"))


@each_of(
    [
        ("a: [=max(1, 2), 3]", "=max(1, 2)"),
        ("a: {b: =x[1], c: 2}", "=x[1]"),
        ("a: =(1 + 2) * 3 \nb: 4", "=(1 + 2) * 3"),
        ("a: =max(1,\n  2)", "=max(1,"),
        ("a: =" + "1" * 600, "=" + "1" * 499),
    ]
)
def test_an_expression_ends_where_its_brackets_allow_it(text, expression):
    assert expression_at(text, text.index("=")) == expression
    assert expression_at("#" * 600 + text, 600 + text.index("=")) == expression


def test_aliases_cannot_nest_deeper_than_lists_written_out():
    lines = ["- &a0 x", *[f"- &a{i} [[[[[[*a{i - 1}]]]]]]" for i in range(1, 20)]]
    assert problems("\n".join(lines)) == ["f:12:14: with *a10 nested deeper than 64 levels"]
    read("\n".join(lines[:11]), "f")


def test_sixty_four_levels_are_accepted():
    read("[" * 64 + "]" * 64, "f")
    inner = "[" * 31 + "]" * 31
    read(f"- &a {inner}\n- {'[' * 32}*a{']' * 32}", "f")
    assert problems(f"- &a {inner}\n- {'[' * 33}*a{']' * 33}") == [
        "f:2:36: with *a nested deeper than 64 levels"
    ]


def test_a_duplicate_key_is_told_the_line_of_the_first_key_and_not_of_its_value():
    assert problems("a:\n  b: 1\nc: 2\na: 3") == [
        "f:4:1: duplicate key 'a' on line 4, first on line 1"
    ]


def write(tmp_path, data: bytes) -> str:
    path = tmp_path / "net.yaml"
    path.write_bytes(data)
    return str(path)


@each_of(
    [
        (
            b"a: 1\n\xc3\xa9: \xff",
            ":2:4: error: byte 0xff is not valid UTF-8; save the file as UTF-8",
        ),
        (
            "a: 1".encode("utf-16"),
            ":1:1: error: byte 0xff is not valid UTF-8; it looks like UTF-16, save it as UTF-8",
        ),
        (b"#" * (4 * 1024**2 + 1), ": error: the file is larger than 4 MiB"),
    ],
)  # fmt: skip
def test_files_that_are_not_text_are_refused(tmp_path, data, expected):
    path = write(tmp_path, data)
    with pytest.raises(SpecError) as caught:
        read_file(path)
    assert str(caught.value) == path + expected


@each_of(
    [
        ("missing.yaml", "there is no such file"),
        (".", "this is a directory; name a file in it"),
        ("x" * 5000, "cannot read the file: File name too long"),
        ("a\0b", "cannot read the file: no path can hold such a character"),
        ("a\ud800b", "cannot read the file: no path can hold such a character"),
    ]
)
def test_paths_that_cannot_be_read_are_refused(tmp_path, name, message):
    with pytest.raises(SpecError) as caught:
        read_file(f"{tmp_path}/{name}")
    assert caught.value.problems[0].message == message
    assert caught.value.problems[0].location.line == 0


def test_a_file_with_a_byte_order_mark_is_read(tmp_path):
    assert bare(read_file(write(tmp_path, b"\xef\xbb\xbfa: 1\r\n"))) == {"a": 1}


def test_a_dash_reads_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a: \xc3\xa9")))
    node = read_file("-")
    assert bare(node) == {"a": "é"}
    assert node.location.path == "<stdin>"


MARKS = "ab1~é[]{}|>#%'\"\\\n\t\r\0"
PIECES = [*MARKS, "b: ", "- ", ", ", "  ", "&x ", "*x", "!t ", "? ", ": ", "---", "<<: ", "=max("]


@settings(max_examples=100)
@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=25).map("".join)))
def _any_text(text: str) -> None:
    try:
        node = read(text, "f")
    except SpecError as error:
        lines = [problem.location.line for problem in error.problems]
    else:
        lines = [node.location.line]
    assert lines
    assert min(lines) >= 0


@pytest.mark.usefixtures("parser")
def test_any_text_is_a_node_or_located_problems():
    _any_text()


def test_up_to_sixteen_words_are_listed_where_none_is_near():
    words = [f"word{letter}" for letter in "abcdefghijklmnopq"]
    assert few_or_near("zzz", words[:16]) == f"; there are {', '.join(words[:16])}"
    assert few_or_near("zzz", words) == ""
