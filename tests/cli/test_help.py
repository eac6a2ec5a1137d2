"""What the program says of itself: the first screen, help in groups, examples, wrong calls."""

import re
import shlex
from pathlib import Path

import pytest
from tests.docs.walk import held
from tests.program import ROOT, run
from tests.rows import each_of

from bncalc.cli.main import COMMANDS

HELPS = {name: run(name, "--help", COLUMNS="80").stdout for name in COMMANDS}


def examples() -> list[str]:
    return [
        line.strip()
        for help in HELPS.values()
        for line in help.partition("\nExamples:\n")[2].splitlines()
        if line.strip()
    ]


def test_alone_it_shows_the_first_three_things_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = run()
    assert done.returncode == 0
    commands = re.findall(r"^  bncalc (.*?)   ", done.stdout, re.M)
    assert len(commands) == 3
    assert all(run(*command.split()).returncode == 0 for command in commands)
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_all_commands_are_listed_with_whole_summaries() -> None:
    shown = run("--help", COLUMNS="80").stdout
    assert "..." not in shown.partition("Commands:")[2]
    for name, help in HELPS.items():
        assert f"\n  {name} " in shown
        summary = " ".join(help.split("\n\n")[1].split())
        assert name == "block" or summary in " ".join(shown.split())


@each_of(COMMANDS)
def test_every_command_has_help_by_either_name_and_examples(name: str) -> None:
    assert run(name, "-h", COLUMNS="80").stdout == HELPS[name]
    assert "\nExamples:\n  bncalc " in HELPS[name]
    assert max(map(len, HELPS[name].splitlines())) <= 80


@each_of(["show", "compare", "block"])
def test_options_are_in_groups(name: str) -> None:
    groups = re.findall(r"^(\S.*):$", HELPS[name], re.M)
    wanted = ["Options", "Model", "Assumptions", "Training", "Other tools and devices"]
    assert [group for group in groups if group in wanted] == wanted
    assert groups[-2:] == ["Output", "Examples"]


@each_of(["float16", "eager", "adamw-mixed", "ptflops", "raspberry_pi_5", "latex"])
def test_choices_show_their_words(word: str) -> None:
    assert word in HELPS["show"]


@pytest.mark.parametrize(
    "example",
    [
        line
        for line in examples()
        if not re.search(r"\.yaml|^bncalc check|>", line) and f"$ {line}" not in held()
    ],
)
def test_every_example_of_shipped_models_runs(
    example: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*shlex.split(example)[1:])
    assert done.returncode == 0, done.stderr


@each_of(
    [
        (("show",), "bncalc show needs MODEL"),
        (("show", "a", "b"), "bncalc show takes no further argument; remove 'b'"),
        (("show", "x", "--dpeth", "2"), "there is no option --dpeth (did you mean '--depth'?)"),
        (("help", "show"), "there is no command 'help'; write `bncalc COMMAND --help`"),
        (("show", "resnet18", "--flops"), "there is no option --flops; write --columns flops"),
        (("export", "resnet18", "--format", "onnx"), "there is no option --format; write --to py"),
        (("shw",), "there is no command 'shw' (did you mean 'show'?)"),
        (("show", "x", "--depth", "0"), "--depth is '0'; it must be a whole number of at least 1"),
        (("show", "x", "--depth", "2.5"), "--depth is '2.5'; it must be a whole number"),
        (("show", "x", "-f", "jsn"), "--format cannot be 'jsn' (did you mean 'json'?)"),
        (("list", "model"), "WHAT cannot be 'model' (did you mean 'models'?)"),
        (("plot",), "bncalc plot needs CHART, MODEL"),
        (("budget",), "bncalc budget needs ACTION: init, suggest"),
        (("resnet50@64",), "there is no command 'resnet50@64'; `bncalc show resnet50@64` shows"),
        (("show", "resnet50", "--json"), "there is no option --json; write --format json"),
        (("block", "fire", "--expand1", "8"), "bncalc block fire needs --squeeze N, --expand3 N"),
        (("formula", "bottleneck"), "bncalc formula needs --vary NAME"),
        (("budget", "resnet18"), "the ACTION comes before the model: bncalc budget init resnet18"),
        (("plot", "resnet18"), "the CHART comes before the model: bncalc plot parts resnet18"),
        (("block", "fire", "--size"), "--size needs a value: H[xW]"),
        (("block", "--cin", "8", "--kernel", "3"), "there is no option --kernel"),
        (("show", "--depth"), "--depth needs a value: N"),
        (("--versoin",), "there is no option --versoin (did you mean '--version'?)"),
        (("show", "vgg16", ""), "bncalc show takes no further argument; remove ''"),
        (("show", "vgg16", "."), "bncalc show takes no further argument; remove '.'"),
        (("--depth", "1", "show"), "the command comes before its options: bncalc COMMAND … --dep"),
        (
            ("show", "vgg16", "vgg19"),
            "bncalc show takes no further argument; `bncalc compare MODEL",
        ),
        (("show", "x", "--input", "3", "64", "64"), "bncalc show takes no further argument; write"),
    ]
)
def test_a_wrong_call_says_what_and_where_the_help_is(
    arguments: tuple[str, ...], message: str
) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {message}")
    assert re.search(r"^see `bncalc.* --help`$", done.stderr, re.M)
