"""The form of an answer: by option, by suffix; and what is refused rather than lost."""

import json
from io import StringIO
from pathlib import Path

import pytest
from tests.program import run
from tests.rows import each_of

from bncalc.cli.answer import deliver, write
from bncalc.cli.options import Shown
from bncalc.render.table import Cell, Column, Row, Table


@each_of(
    [
        (".json", "{\n"),
        (".csv", "path,output,params"),
        (".md", "**resnet18: "),
        (".tex", "% resnet18: "),
        (".txt", "resnet18: 3×224×224"),
        ("", "resnet18: 3×224×224"),
    ]
)
def test_the_suffix_of_a_file_chooses_the_form(suffix: str, begins: str, tmp_path: Path) -> None:
    path = tmp_path / f"answer{suffix}"
    assert run("show", "resnet18", "-o", str(path)).returncode == 0
    written = path.read_bytes()
    assert written.decode("utf-8").startswith(begins)
    assert b"\r" not in written


@each_of([".svg", ".PNG", ".html", ".htm", ".pdf", ".Jpeg", ".xlsx"])
def test_a_table_is_no_picture(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"answer{suffix}"
    done = run("show", "resnet18", "-o", str(path))
    assert done.returncode == 2
    assert f"--output {path}: " in done.stderr
    assert not path.exists()


def test_a_suffix_and_a_form_that_differ_are_refused(tmp_path: Path) -> None:
    done = run("show", "resnet18", "-o", str(tmp_path / "x.json"), "--format", "csv")
    assert done.returncode == 2
    assert "--format csv does not suit --output" in done.stderr
    same = tmp_path / "y.json"
    assert run("show", "resnet18", "-o", str(same), "--format", "json").returncode == 0
    assert json.loads(same.read_text())["designs"]


@each_of(
    [
        (("compare", "resnet18", "--columns", "macs", "--columns", "params"), "--columns"),
        (("block", "--cin", "64", "--mid", "32", "--mid", "64"), "--mid"),
        (("block", "--cin", "64", "--bias", "--no-bias"), "--bias"),
        (("show", "resnet18", "-f", "csv", "--format", "json"), "--format"),
        (("check", "resnet18", "--max", "params=1", "--base", "a", "--base", "b"), "--base"),
    ]
)
def test_an_option_given_twice_is_refused(arguments: tuple[str, ...], option: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert f"error: {option} is given 2 times; give it once" in done.stderr


@each_of([
        (("show", "resnet18", "--include", "own.yaml"),
         "--include own.yaml: blocks of that file are modules of Ultralytics models, and "
         "resnet18 is not one"),
        (("compare", "resnet18", "net.onnx", "--include", "own.yaml"),
         "and resnet18, net.onnx are none"),
        (("memory", "net.onnx", "--include", "own.yaml"), "and net.onnx is not one"),
        (("show", "resnet18", "--label", "tab:x"), "--label is for --format latex"),
        (("export", "resnet18", "--to", "yaml", "-o", "net.py"), "--to yaml does not suit"),
        (("export", "resnet18", "--seed", "1", "-o", "net.yaml"), "--seed is for --to onnx"),
        (("verify", "resnet18", "resnet34", "--set", "classes=1"), "--set is for one MODEL"),
    ])  # fmt: skip
def test_an_option_that_would_change_nothing_is_refused(
    arguments: tuple[str, ...], message: str
) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_blocks_are_taken_by_those_of_several_models_that_can(tmp_path: Path) -> None:
    own, net = tmp_path / "own.yaml", tmp_path / "net.yaml"
    own.write_text("define: {Own: {layers: [{conv: {out: 4}}]}}\n")
    net.write_text("backbone:\n  - [-1, 1, Own, []]\nhead: []\n")
    done = run("compare", "resnet18", str(net), "--include", str(own))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_form_that_no_block_has_is_said() -> None:
    note = "note: resnet18: no block has a form, so --form fused changes nothing\n"
    done = run("compare", "resnet18", "repvgg_a0", "--form", "fused")
    assert (done.returncode, done.stderr) == (0, note)


def test_layers_of_training_alone_are_said_under_the_totals() -> None:
    lines = run("show", "googlenet_aux", "--depth", "1").stdout.splitlines()
    assert "16 layers run in training only: 6,379,984 params, no MACs, no maps" in lines
    assert "training only" not in run("show", "googlenet", "--depth", "1").stdout


@each_of(["latex", "markdown", "csv"])
def test_models_that_agree_are_a_table_without_rows(form: str) -> None:
    answer = run("verify", "alexnet", "alexnet@classes=1000", "--format", form).stdout
    heads = {
        "latex": "layer & what & first & second",
        "markdown": "| layer | what | first | second |",
        "csv": "path,what,ours,theirs",
    }
    assert heads[form] in answer


def test_an_input_is_for_both_models_of_verify() -> None:
    assert run("verify", "resnet18", "resnet18@classes=1000", "--input", "64").returncode == 0


def test_an_export_has_the_form_of_its_suffix(tmp_path: Path) -> None:
    path = tmp_path / "net.yml"
    assert run("export", "resnet18", "-o", str(path)).returncode == 0
    assert path.read_text(encoding="utf-8") == run("export", "resnet18", "--to", "yaml").stdout


def test_a_list_of_options_and_a_repeated_flag_are_fine() -> None:
    limits = ("--max", "params=20M", "--max", "macs=2G")
    assert run("check", "resnet18", *limits, "-q", "-q").returncode == 0


COMMANDS = [
    ("show", "efficientnet_b7"),
    ("memory", "densenet201"),
    ("conventions", "resnet50"),
    ("compare", "resnet50", "mobilenet_v2", "--columns", "params,macs,peak,traffic,saved,rf,flops"),
    ("compare", "configs/resnet256.yaml"),
    ("block", "--cin", "2048", "--mid", "512", "--size", "224"),
    ("diff", "resnet50", "resnet152"),
    ("list", "blocks"),
    ("list", "ops"),
    ("list", "models"),
    ("list", "devices"),
    ("list", "columns"),
    ("check", "resnet18", "shufflenet_v2_x0_5", "--max", "params=99M"),
    ("check", "resnet50", "--max", "params=1M", "--max", "weights=1MiB"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("width", [80, 60])
def test_no_answer_is_wider_than_its_terminal(command: tuple[str, ...], width: int) -> None:
    done = run(*command, COLUMNS=str(width))
    assert done.returncode < 2, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= width


def test_exact_numbers_stay_whole_on_a_narrow_screen() -> None:
    shown = run("conventions", "resnet50", COLUMNS="80").stdout
    assert "4,111,512,576" not in shown
    assert "--exact shows every digit" in shown
    assert "4,111,512,576" in run("conventions", "resnet50", "--exact", COLUMNS="80").stdout


def test_a_table_is_drawn_for_the_terminal_that_it_goes_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    rows = (Row((Cell("a"),), role="total"),)
    table = Table("t", (Column("name", "name", "name"),), rows, ())
    write(Shown(), dict, lambda: table)
    write(Shown(output=str(tmp_path / "t.txt")), dict, lambda: table)
    assert "\x1b[" in terminal.getvalue()
    assert "\x1b[" not in (tmp_path / "t.txt").read_text("utf-8")


def test_no_line_of_an_answer_is_a_command_unless_it_is_meant(
    capsys: pytest.CaptureFixture[str],
) -> None:
    deliver("::error::a\n")
    deliver("::error::b\n", commands=True)
    assert capsys.readouterr().out == "\\x3a:error::a\n::error::b\n"
