"""Text of the user's is quoted wherever it leaves, and no line of ours is a command by accident."""

import ast
import csv
import io
import json
import os
import sys
from pathlib import Path

import pytest
from tests.program import run
from tests.render.verdict.examples import FAILED, verdict
from tests.rows import each_of

from bncalc.budget.reader import read_budgets
from bncalc.budget.verdict import Subject, Verdict
from bncalc.errors import Location, Problem
from bncalc.loading import loaded
from bncalc.printable import printable, without_commands
from bncalc.render import csv as csv_of
from bncalc.render import json as json_of
from bncalc.render import markdown, terminal
from bncalc.render.formats import Format
from bncalc.render.table import Cell, Column, Row, Table
from bncalc.render.verdict import FORMATS, FormContext, render

HOSTILE = "::error::a\n::error::b\r\x1b[31m\x07\x9b\u202e\u2028\udcff##[add-path]c"


@each_of(
    [
        ("models/ü 1.yaml", "models/ü 1.yaml"),
        ("256·3·3 → 卷积 🙂", "256·3·3 → 卷积 🙂"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\x1b[31m\x07\x7f\x9b", r"\x1b[31m\x07\x7f\x9b"),
        ("\u202ea\u2066b\u2028", r"\u202ea\u2066b\u2028"),
        (os.fsdecode(b"a\xff.yaml"), r"a\udcff.yaml"),
    ]
)
def test_what_cannot_be_printed_is_written_out(text: str, quoted: str) -> None:
    assert printable(text) == quoted
    assert printable(quoted) == quoted


@each_of(
    [
        ("a::b\n  c :: d\n", "a::b\n  c :: d\n"),
        ("::error::x\na\n  ::add-mask::y", "\\x3a:error::x\na\n  \\x3a:add-mask::y"),
        ("a ##[error]b", r"a #\x23[error]b"),
        ("##vso[task] ##teamcity[x]", r"#\x23vso[task] #\x23teamcity[x]"),
        ("## A heading [1]", "## A heading [1]"),
    ]
)
def test_no_line_is_a_command_to_a_ci_service(text: str, harmless: str) -> None:
    assert without_commands(text) == harmless


_ROW = Row((Cell(HOSTILE), Cell(1), Cell(HOSTILE)))
ROWS = (_ROW, Row((Cell(HOSTILE),), role="heading"), _ROW)


def hostile_table() -> Table:
    columns = (Column("name", "name", "name"), Column("n", "n"), Column(HOSTILE, HOSTILE, "text"))
    return Table(HOSTILE, columns, ROWS, (HOSTILE,))


RENDERERS = {form: loaded(form.place) for form in Format if form.suffix and form.place}


@each_of(
    [
        terminal.render(hostile_table(), io.StringIO()),
        *[render(hostile_table()._replace(rows=ROWS[:1])) for render in RENDERERS.values()],
        json_of.text({"name": HOSTILE, HOSTILE: [{"path": HOSTILE}]}),
        str(Problem(Location(HOSTILE, 1, 2), HOSTILE, ((HOSTILE, Location(HOSTILE, 3, 4)),))),
    ],
    ids=["table", *RENDERERS, "json", "error"],
)
def test_every_form_quotes(shown: str) -> None:
    assert shown.replace("\n", "").isprintable()
    assert not any(line.lstrip().startswith("::") for line in without_commands(shown).split("\n"))


def hostile_verdict() -> Verdict:
    subject, place = Subject(HOSTILE, HOSTILE, "layer", HOSTILE), Location(HOSTILE, 3, 7)
    check = FAILED._replace(
        budget=HOSTILE, subject=subject, location=place, budget_location=place, message=HOSTILE
    )
    return verdict(check)._replace(source=HOSTILE, base=HOSTILE)


@each_of(FORMATS)
def test_every_form_of_a_verdict_quotes(format: str) -> None:
    shown = render(format, hostile_verdict(), FormContext(io.StringIO(), "", every=True))
    assert shown.replace("\n", "").isprintable()
    lines = without_commands(shown).split("\n") if format != "github" else shown.split("\n")
    commands = [line for line in lines if line.lstrip().startswith("::")]
    meant = ("::group::bncalc check", "::endgroup::", "::error file=")
    assert all(line.startswith(meant) for line in commands)
    assert len(commands) == (3 if format == "github" else 0)


def test_json_holds_the_very_text() -> None:
    assert json.loads(json_of.text({"name": HOSTILE})) == {"name": HOSTILE}


@each_of(["=1+1", "+a", "-a", "@SUM(A1)", "\uff1d1+1", "\uff0d1"])
def test_no_spreadsheet_runs_a_cell(text: str) -> None:
    columns = (Column("name", "name", "name"), Column("change", "change", "change"))
    table = Table("", columns, (Row((Cell(text), Cell(-5))), Row((Cell("-"), Cell(5)))))
    _, first, second = csv.reader(io.StringIO(csv_of.render(table)))
    assert first == [f"'{text}", "-5"]
    assert second == ["-", "5"]
    headings = Table("", (Column(text, text), Column("params", "params")), ())
    assert csv_of.render(headings) == f"'{text},params\n"


def test_names_in_markdown_call_no_one() -> None:
    assert markdown.escape("@team see https://a.b or www.a.b") == (
        "@&#8203;team see https:&#8203;//a.b or www&#8203;.a.b"
    )
    assert markdown.escape("main@a1b2c3d") == "main@a1b2c3d"
    assert markdown.escape("conv #12, gh-3") == "conv \\#&#8203;12, gh&#8203;-3"
    assert markdown.escape("ask @team", links=True) == "ask @team"


@pytest.mark.skipif(sys.platform != "linux", reason="a file system that takes any bytes")
@pytest.mark.parametrize(
    "command",
    [
        ["show"],
        ["show", "--format", "csv"],
        ["compare", "-f", "latex"],
        ["check", "--max", "params=1", "--format"],
    ],
    ids=" ".join,
)
def test_a_hostile_file_name_stays_a_name(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = b"::error::p\n::error::q\x1b[31m\xff.yaml"
    good = b"name: a\ninput: [3, 8, 8]\nlayers: [{conv: {out: 4}}]\n"
    for body, code in ((good, 1 if command[0] == "check" else 0), (b"input: [3, 8]\n", 2)):
        (tmp_path / os.fsdecode(name)).write_bytes(body)
        for form in ("json", "gitlab", "sarif") if command[-1] == "--format" else (None,):
            model = [command[0], os.fsdecode(name), *command[1:], *([form] if form else [])]
            done = run(*model)
            said = done.stdout + done.stderr
            assert done.returncode == code, said
            assert "internal error" not in said
            assert said.replace("\n", "").isprintable()
            assert not any(line.lstrip().startswith("::") for line in said.split("\n"))
            if form and code == 1:
                json.loads(done.stdout)


def test_what_files_are_made_of_quotes_hostile_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Formulas, budgets to begin with, and sweeps name the file that they are of."""
    monkeypatch.chdir(tmp_path)
    name = 'q"""+print(7)+"""\x1b\u202e##[error].yaml'
    text = "input: [3, 8, 8]\nvars: {k: 8}\nlayers: [{conv: {out: =k}}]\n"
    for path in (name, os.fsdecode(b"\xff.yaml")):
        Path(path).write_text(text)
        vary = ("--vary", "k", path)
        answers = [
            run("formula", *vary),
            run("formula", *vary, "-f", "python"),
            run("sweep", "--vary", "k=1:3", path, "-f", "json"),
            run("budget", "init", path),
            run("formula", *vary, "-f", "json"),
            run("sensitivity", path, "-f", "json"),
        ]
        for done in answers:
            assert (done.stdout + done.stderr).replace("\n", "").isprintable()
        assert [done.returncode for done in answers] == [0, 0, 0, 0 if path is name else 2, 0, 0]
        assert [json.loads(done.stdout)["name"] for done in answers[4:]] == [path, path]
        if path is name:
            tree = ast.parse(answers[1].stdout)
            assert not any(isinstance(node, ast.Call) for node in ast.walk(tree))
            Path("b.yaml").write_text(answers[3].stdout)
            assert read_budgets("b.yaml").budgets[0].name == name
