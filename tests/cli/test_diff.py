"""`bncalc diff` as people run it: what it says, sums that hold, exit codes, forms."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.program import Done, run
from tests.repository import Repository, net

import bncalc
from bncalc.cli.designs import open_both
from bncalc.model.graph import Graph
from bncalc.model.reading import InputNeeded
from bncalc.opening.name import ModelName, parse

TABLE = re.compile(r"[+-]?\d[\d,]*")


def diff(*arguments: str, **environment: str) -> Done:
    return run("diff", *arguments, text="", merged=False, **environment)


@pytest.fixture
def repository(repository: Repository) -> Repository:
    """A repository whose work tree has a wider head and a further copy."""
    repository.write("models/net.yaml", net(96).replace("repeat: 2", "repeat: 3"))
    return repository


def test_a_change_in_the_work_tree_is_told_layer_by_layer_and_with_its_cause(
    repository: Repository,
) -> None:
    done = diff("HEAD:models/net.yaml", "models/net.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    rows = {line.split()[1]: line for line in done.stdout.splitlines() if line[:1] in ("~", "+")}
    assert "out 64 → 96" in rows["head/conv"]
    assert "input 64×1×1 → 96×1×1" in rows["head/linear"]
    assert rows["body/bottleneck/2"].startswith("+")
    assert "changed head.conv.out 64 → 96 (models/net.yaml:11:" in done.stdout
    assert "changed body.bottleneck.repeat 2 → 3 (models/net.yaml:8:" in done.stdout


def test_designs_that_only_one_side_has_are_new_or_removed(tmp_path: Path) -> None:
    for name, blocks in (("old", {"a": 8, "b": 8}), ("new", {"a": 16, "c": 16})):
        lines = [f"  {word}: {{plain: {{out: {out}}}}}" for word, out in blocks.items()]
        text = "\n".join(["input: [8, 8, 8]", "blocks:", *lines])
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    done = diff(str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml"))
    assert (done.returncode, done.stderr) == (0, "")
    rows = {line.split()[0]: line.split() for line in done.stdout.splitlines() if line}
    assert rows["c"] == ["c", "1,152", "+1,152", "+73,728", "new"]  # 8·9·16, on 8×8
    assert rows["b"] == ["b", "576", "−576", "−36,864", "removed"]


@pytest.mark.parametrize(
    ("by", "more"),
    [("params", ()), ("macs", ("--top", "2")), ("traffic", ("--all",)), ("weights", ())],
)
def test_rows_sum_to_the_total(repository: Repository, by: str, more: tuple[str, ...]) -> None:
    done = diff("HEAD:models/net.yaml", "models/net.yaml", "--by", by, "-f", "csv", *more)
    whole, *rows = csv.DictReader(io.StringIO(done.stdout))
    (column, beside) = [name for name in whole if name.endswith("_change")]
    for name in (column, beside):
        assert sum(int(row[name]) for row in rows) == int(whole[name]) > 0
    if "--top" in more:
        assert len(rows) == 3
        assert rows[-1]["path"].endswith(("more row", "more rows"))


def test_no_number_is_cut_on_any_screen(repository: Repository) -> None:
    models = ("HEAD:models/net.yaml", "models/net.yaml")
    wide = diff(*models).stdout
    numbers = {number for line in wide.splitlines()[3:-6] for number in TABLE.findall(line)}
    assert {"6,106", "8,698", "+2,592", "+1,184", "+2,163,008"} <= numbers
    for columns in ("100", "120"):
        assert numbers <= set(TABLE.findall(diff(*models, COLUMNS=columns).stdout))
    for columns in ("20", "40", "60", "80"):
        narrow = diff(*models, COLUMNS=columns).stdout
        whole = numbers <= set(TABLE.findall(narrow))
        assert whole or "columns without room" in " ".join(narrow.split())
        assert max(map(len, narrow.splitlines())) <= int(columns)


def test_a_narrow_screen_keeps_the_cause_of_a_change(repository: Repository) -> None:
    done = diff("HEAD:models/net.yaml", "models/net.yaml", COLUMNS="60")
    assert "out 64 → 96" in done.stdout
    assert "columns without room: params before, params now" in " ".join(done.stdout.split())


def test_json_holds_every_change_its_cause_and_what_merely_follows(repository: Repository) -> None:
    done = diff("HEAD:models/net.yaml", "models/net.yaml", "--format", "json")
    document = json.loads(done.stdout)
    assert document["schema"] == "bncalc.diff/1"
    (design,) = document["designs"]
    assert (design["name"], design["status"]) == ("small", "changed")
    for metric in ("params", "macs", "elementwise", "activations", "weight_bytes", "flops"):
        total: dict[str, Any] = design["totals"][metric]
        assert total["change"] == total["new"] - total["old"]
        assert sum(layer[metric]["change"] for layer in design["layers"]) == total["change"]
    layers = {layer["path"]: layer for layer in design["layers"]}
    assert layers["head/conv"]["fields"] == {"out": {"old": 64, "new": 96, "change": 32}}
    assert not layers["head/conv"]["follows"]
    assert layers["head/linear"]["follows"]
    assert layers["body/bottleneck/2/conv1"]["change"] == "added"
    assert [cause["field"] for cause in design["causes"]] == [
        "body.bottleneck.repeat",
        "head.conv.out",
    ]


def test_the_exit_code_tells_a_difference_where_that_is_asked_for(repository: Repository) -> None:
    models = ("HEAD:models/net.yaml", "models/net.yaml")
    assert diff(*models, "--exit-code").returncode == 1
    assert diff(models[1], models[1], "--exit-code").returncode == 0
    assert "unchanged" in diff(models[1], models[1]).stdout


def test_models_are_compared_with_a_base(repository: Repository) -> None:
    repository.write("models/new.yaml", net(8, "another"))
    done = diff("--base", "main", "models/*.yaml")
    assert done.stdout.startswith("main@")
    assert "small: changed head.conv.out 64 → 96" in done.stdout
    (line,) = [row for row in done.stdout.splitlines() if "another" in row]
    assert line.endswith("new")
    assert "%" not in line


def test_reports_are_compared_without_the_files(repository: Repository) -> None:
    for name, model in (("old.json", "resnet18"), ("new.json", "resnet34")):
        assert run("show", model, "-f", "json", "-o", name).returncode == 0
    done = diff("old.json", "new.json")
    rows = {line.split()[1]: line for line in done.stdout.splitlines() if line[:1] == "+"}
    assert list(rows) == [
        f"stage{n}/{i}" for n in (1, 2, 3, 4) for i in range(2, (3, 4, 6, 3)[n - 1])
    ]
    assert f"+{2 * 512 * 512 * 9 + 2 * 2 * 512:,} " in rows["stage4/2"]
    assert "+10,108,160" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("resnet18",), "takes OLD and NEW"),
        (("resnet18", "resnet34", "--by", "peak"), "cannot be summed over layers"),
        (("resnet18", "resnet34", "--by", "parms"), "did you mean 'params'"),
        (("nowhere:models/net.yaml", "resnet18"), "a name with a colon is REV:path in git"),
        (("HEAD:models/none.yaml", "resnet18"), "is not in HEAD@"),
        (("none.json", "resnet18"), "none.json: error: there is no such file"),
        (("--base", "main", "none.yaml"), "none.yaml"),
        (("HEAD", "models/net.yaml"), "not a model; write HEAD:models/net.yaml, or `bncalc diff"),
        (("HEAD~9", "models/net.yaml"), "there is no file and no shipped model 'HEAD~9'"),
        (("resnet18", "HEAD"), "there is no file and no shipped model 'HEAD'"),
    ],
)
def test_a_wrong_call_is_said_and_exits_2(
    repository: Repository, arguments: tuple[str, ...], message: str
) -> None:
    done = diff(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("form", ["markdown", "latex"])
def test_other_forms_have_every_row(repository: Repository, form: str) -> None:
    done = diff("HEAD:models/net.yaml", "models/net.yaml", "--format", form)
    for word in ("head/conv", "head/linear", "body/bottleneck/2"):
        assert word in done.stdout


NAMES = """\
input: [3, 8, 8]
layers:
  - {id: %s, conv: {out: 4}}
  - {id: %s, conv: {out: 8}}
"""


def test_a_network_under_other_names_is_unchanged_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for file, names in (("a.yaml", ("stem", "head")), ("b.yaml", ("x", "y"))):
        Path(file).write_text(NAMES % names, encoding="utf-8")
    done = diff("a.yaml", "b.yaml", "--exit-code")
    assert (done.returncode, done.stderr) == (0, "")
    assert "unchanged" in done.stdout
    assert "2 layers differ only in the name: stem → x, head → y\n" in done.stdout
    assert "was stem" in diff("a.yaml", "b.yaml", "--all").stdout
    (design,) = json.loads(diff("a.yaml", "b.yaml", "-f", "json").stdout)["designs"]
    assert (design["status"], design["layers"]) == ("unchanged", [])
    assert design["renamed"] == [
        {"old_path": "stem", "path": "x"},
        {"old_path": "head", "path": "y"},
    ]


REWIRED = """
input: [3, 8, 8]
layers:
  - {id: a, conv: {out: 4}}
  - {id: b, conv: {out: 4}}
  - {id: c, from: SOURCE, conv: {out: 4}}
outputs: [PUT_OUT]
"""


def test_what_is_wired_otherwise_is_said_though_it_costs_the_same(tmp_path: Path) -> None:
    paths: list[Path] = []
    for source, put_out in (("b", "c"), ("a", "c"), ("b", "b, c")):
        paths.append(tmp_path / f"{len(paths)}.yaml")
        paths[-1].write_text(REWIRED.replace("SOURCE", source).replace("PUT_OUT", put_out))
    read = diff(str(paths[0]), str(paths[1]), "--exit-code")
    assert (read.returncode, "reads b → a" in read.stdout) == (1, True)
    put = diff(str(paths[0]), str(paths[2]), "--exit-code")
    assert (put.returncode, "other maps are put out: none → b" in put.stdout) == (1, True)
    design = json.loads(diff(str(paths[0]), str(paths[2]), "--format", "json").stdout)["designs"][0]
    assert (design["status"], design["outputs"]) == ("changed", {"old": None, "new": "b"})


def test_another_operation_is_named_and_not_its_settings(tmp_path: Path) -> None:
    base = (
        "input: [3, 8, 8]\nlayers:\n  - {conv: {out: 32, norm: batch}}\n  - dropout: {rate: RATE}\n"
    )
    texts = base.replace("RATE", "0.3"), base.replace("RATE", "0.30000000000000004")
    files = [tmp_path / f"{at}.yaml" for at in range(3)]
    for file, text in zip(files, (*texts, texts[0].replace("batch", "group")), strict=True):
        file.write_text(text)
    same = diff(str(files[0]), str(files[1]), "--exit-code")
    assert same.returncode == 0
    other = diff(str(files[0]), str(files[2]), "--format", "csv")
    assert ",batch_norm → group_norm" in other.stdout


def test_a_pytorch_model_that_says_no_input_takes_that_of_the_other_unless_it_cannot() -> None:
    """A stand-in for what opens them needs no PyTorch: what it needs is an input."""
    graph = bncalc.block("basic", (8, 4, 4))

    def opened(name: ModelName) -> tuple[str, Graph]:
        if name.is_torch and name.input is None:
            raise InputNeeded("give the input")
        return str(name), graph

    for names, expected in (
        (("torch:a:Net", "net.yaml"), ["torch:a:Net@8,4,4", "net.yaml"]),
        (("net.yaml", "torch:a:Net"), ["net.yaml", "torch:a:Net@8,4,4"]),
        (("torch:a:Net", "before.json"), None),
        (("torch:a:Net", "torch:b:Net"), None),
    ):
        old, new = map(parse, names)
        if expected is None:
            with pytest.raises(InputNeeded):
                open_both((old, new), opened, lambda pair: pair[1])
        else:
            sides = open_both((old, new), opened, lambda pair: pair[1])
            assert [name for name, _ in sides] == expected


FOLDED = "{name} has its batch norms folded into its layers; with --fold-norm {rest}"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("norms", "bias", FOLDED.format(name="bias", rest="no layer differs")),
        ("bias", "norms", FOLDED.format(name="bias", rest="no layer differs")),
        ("norms", "wider", FOLDED.format(name="wider", rest="1 layer differs")),
        ("norms", "longer", ""),  # which has norms too
        ("bias", "wider", ""),  # neither has any
    ],
)
def test_norms_that_one_side_has_folded_are_said(
    old: str, new: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    widths = {"norms": [4, 6, 8], "bias": [4, 6, 8], "wider": [4, 6, 9], "longer": [4, 6, 8, 8]}
    for name in (old, new):
        usual = "{norm: batch}" if name in ("norms", "longer") else "{bias: true}"
        layers = "".join([f"  - conv: {{out: {out}}}\n" for out in widths[name]])
        text = f"name: {name}\ninput: [3, 8, 8]\ndefaults: {usual}\nlayers:\n{layers}"
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    told = diff(f"{old}.yaml", f"{new}.yaml").stdout.splitlines()
    assert [line for line in told if "folded" in line] == [said] * bool(said)
    folded = diff(f"{old}.yaml", f"{new}.yaml", "--fold-norm").stdout
    assert "with --fold-norm" not in folded
    assert ("unchanged" in folded.splitlines()[3]) == said.endswith("no layer differs")
