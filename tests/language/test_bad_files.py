"""Files with mistakes: each says within itself what must be reported, and where."""

import re
from pathlib import Path

import pytest
from tests.repository import Repository
from tests.rows import each_of

import bncalc
from bncalc.errors import Problem
from bncalc.language import bounding, layer_count

BAD = sorted((Path(__file__).parent.parent / "bad").glob("*.yaml"))
EXPECT = re.compile(r"^# expect (\d+):(\d+) ?(.*)$", re.MULTILINE)


def problems_of(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(bncalc.SpecError) as caught:
        bncalc.load(str(path))
    return caught.value.problems


@each_of(BAD, ids=[path.stem for path in BAD])
def test_exactly_the_expected_problems_are_reported(path: Path) -> None:
    expected = EXPECT.findall(path.read_text())
    problems = problems_of(path)
    lines = [str(problem).removeprefix(str(path) + ":") for problem in problems]
    places = [(str(problem.location.line), str(problem.location.column)) for problem in problems]
    assert places == [(line, column) for line, column, _ in expected], "\n".join(lines)
    for shown, (line, column, message) in zip(lines, expected, strict=True):
        assert shown.startswith(f"{line}:{column}: error: {message}")


def test_fifty_mistakes_in_a_thousand_layers_are_all_reported(tmp_path: Path) -> None:
    kinds = [
        "{out: 8, kernal: 3}",
        "{out: -1}",
        "{out: 8, groups: 3}",
        "{out: =c}",
        "{out: 8, stride: 0}",
    ]
    lines = ["  - conv: {out: 8, kernel: 3}" for _ in range(1000)]
    wrong = range(10, 1000, 20)
    for number, at in enumerate(wrong):
        lines[at] = f"  - conv: {kinds[number % len(kinds)]}"
    path = tmp_path / "long.yaml"
    path.write_text("input: [8, 32, 32]\nlayers:\n" + "\n".join(lines) + "\n")
    assert [problem.location.line for problem in problems_of(path)] == [at + 3 for at in wrong]


@each_of(
    [
        ("", "blocks"),
        ("# nothing\n", "blocks"),
        ("input: [3, 4, 4]\n", "the file has neither"),
        ("[1, 2]\n", "a file is a mapping"),
        ("layers: [relu]\n", "the file has no `input:"),
        ("input: [3, 4, 4]\nlayers: []\n", "it must have at least one entry"),
        ("input: [3, 4, 4]\nlayers: [relu, ]\ninclude: none.yaml\n", "there is no such file"),
        ("input: [3, 4, 4]\nlayers: [relu]\nvars: {a: =b, b: =a}\n", "circle"),
        ("a: &a [*a]\n", ""),
        ("input: [" + "9" * 5000 + ", 1, 1]\nlayers: [relu]\n", "digits"),
        ("[" * 10_000, "deep"),
    ]
)
def test_what_cannot_be_a_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text)
    assert message in str(problems_of(path)[0])


def test_files_that_include_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("include: b.yaml\ninput: [3, 4, 4]\nlayers: [relu]\n")
    (tmp_path / "b.yaml").write_text("include: a.yaml\ndefine: {x: {layers: [relu]}}\n")
    (problem,) = problems_of(tmp_path / "a.yaml")
    assert "files include each other in a circle" in problem.message
    assert problem.location.line == 1


def test_an_included_block_keeps_its_own_vars(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(
        "vars: {width: 5}\ndefine: {x: {layers: [{conv: {out: =width}}]}}\n"
    )
    (tmp_path / "a.yaml").write_text(
        "include: b.yaml\nvars: {width: 9}\ninput: [3, 4, 4]\nlayers: [x, {conv: {out: =width}}]\n"
    )
    (graph,) = bncalc.load(str(tmp_path / "a.yaml"))
    assert [node.output.channels for node in graph.nodes] == [3, 5, 9]


def test_a_network_may_not_grow_without_bound(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    inner = "{stage: [{relu: , repeat: 100000}], repeat: 100000}"
    path.write_text(f"input: [3, 4, 4]\nlayers: [{inner}]\n")
    assert "more than 300,000 layers" in problems_of(path)[0].message


@each_of(
    [
        ('name: "a\\eb"\nlayers: [relu]', "1:7: error: name holds U+001B"),
        ('layers: [{relu: , id: "a\\u202Eb"}]', "1:23: error: id holds U+202E"),
        ('blocks: {"a\\n::error::b": relu}', "1:10: error: a name holds U+000A"),
        ('define: {"a\\eb": {layers: [relu]}}\nlayers: [relu]', "1:10: error: a name holds U+001B"),
        ('vars: {a: 1}\nvariants: {"\\a": {a: 2}}\nlayers: [relu]', "2:12: error: a name holds"),
    ]
)
def test_names_that_cannot_be_printed_are_refused(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "f.yaml"
    path.write_text(f"{text}\ninput: [3, 8, 8]\n")
    (problem,) = problems_of(path)
    assert str(problem).startswith(f"{path}:{place}")
    assert str(problem).isprintable()


@each_of(
    [
        ("define: {mine: {args: {out: 4, out: 8}, layers: [{conv: {out: =out}}]}}", "duplicate"),
        ("define: {mine: {arg: {out: 4}, layers: [relu]}}", "unknown key 'arg'"),
        ("define: {mine: {args: [out], layers: [relu]}}", "args is a list"),
        ("include: none.yaml", "there is no such file"),
        ("include: [[none.yaml]]", "include is a list"),
    ]
)
def test_a_mistake_in_an_included_file_is_told_once(
    tmp_path: Path, blocks: str, message: str
) -> None:
    """A call of what it defines, or may define, cannot be judged."""
    (tmp_path / "blocks.yaml").write_text(blocks + "\n")
    net = "include: blocks.yaml\ninput: [3, 8, 8]\nlayers: [mine: {out: 8, k: 1}{}]\n"
    (tmp_path / "net.yaml").write_text(net.replace("{}", ""))
    (problem,) = problems_of(tmp_path / "net.yaml")
    assert message in str(problem)
    assert problem.location.path.endswith("blocks.yaml")
    (tmp_path / "net.yaml").write_text(net.replace("{}", ", cnv: {out: 3}"))
    _, near = problems_of(tmp_path / "net.yaml")
    assert "unknown block or op 'cnv' (did you mean 'conv'?)" in near.message


def test_a_file_that_is_included_is_called_by_its_shortest_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nets" / "small").mkdir(parents=True)
    Repository(tmp_path)
    (tmp_path / "link").symlink_to("nets/small")
    for folder in (tmp_path, tmp_path / "nets"):
        (folder / "blocks.yaml").write_text("define: {b: {layers: [{conv: {ouz: 4}}]}}\n")
    text = "include: ../blocks.yaml\ninput: [3, 8, 8]\nlayers: [b]\n"
    (tmp_path / "nets" / "small" / "net.yaml").write_text(text)
    for path, called in (
        ("nets/small/net.yaml", "nets/blocks.yaml"),
        ("link/net.yaml", "link/../blocks.yaml"),  # from a link it leads elsewhere
    ):
        assert {problem.location.path for problem in problems_of(Path(path))} == {called}


@each_of(
    [
        ("conv: {out: 4}", 3, ""),
        ("conv: {out: 4}", 4, bounding.TOO_MANY),
        ("no_such_layer: {out: 4}", 4, "unknown block or op 'no_such_layer'"),
    ]
)
def test_layers_that_are_written_are_counted_before_any_is_placed(
    entry: str, count: int, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(f"input: [3, 8, 8]\nlayers:\n  - {{{entry}, repeat: {count}}}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layer_count, "MAX_LAYERS", 3)
        if not message:
            assert len(bncalc.load(str(path))[0].nodes) == 1 + count
            return
        (problem,) = problems_of(path)
    assert message in problem.message
