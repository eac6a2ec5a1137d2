"""The program as people run it: exit codes, streams, forms, screens."""

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

from tests.program import ROOT, run
from tests.rows import each_of

MAIN = str(ROOT / "configs/resnet256.yaml")


def test_compare_answers_the_main_question() -> None:
    done = run("compare", MAIN)
    assert done.returncode == 0
    assert done.stderr == ""
    for number in ("589,824", "69,632", "÷8.47", "1,849,688,064", "218,365,952"):
        assert number in done.stdout


def test_block_writes_the_arithmetic_out() -> None:
    shown = run("block", "--cin", "256", "--mid", "64").stdout
    for line in ("256·1·1·64 = 16,384", "64·3·3·64 = 36,864", "64·1·1·256 = 16,384"):
        assert line in shown
    assert "16,384 + 36,864 + 16,384 = 69,632" in shown
    assert "256·3·3·256 = 589,824 params" in shown


def test_block_takes_every_field_and_the_size() -> None:
    done = run(
        *("block", "inverted_residual", "--cin", "24", "--cout", "40", "--kernel", "5"),
        *(
            "--stride",
            "2",
            "--se",
            "0.25",
            "--norm",
            "batch",
            "--size",
            "56x80",
            "--format",
            "json",
        ),
    )
    (design,) = json.loads(done.stdout)["designs"]
    assert design["totals"]["params"] == 15350
    assert design["output"] == [40, 28, 40]


def test_json_is_the_contract() -> None:
    document = json.loads(run("compare", MAIN, "--format", "json").stdout)
    assert document["schema"] == "bncalc.report/1"
    assert (document["convention"], document["batch"], document["dtype"]) == (
        "bncalc",
        1,
        "float32",
    )
    assert document["baseline"] == "plain"
    plain, bottleneck = (
        next(design for design in document["designs"] if design["name"] == name)
        for name in ("plain", "bottleneck")
    )
    assert (
        plain["totals"].items()
        >= {
            "params": 589824,
            "buffers": 0,
            "macs": 1849688064,
            "elementwise": 0,
            "flops": 3699376128,
            "activations": 802816,
            "weight_bytes": 2359296,
            "peak_activation_bytes": 6422528,
            "traffic_bytes": 8781824,
        }.items()
    )
    assert plain["ratio"]["params"] == 1.0
    assert bottleneck["ratio"]["params"] == 69632 / 589824
    (layer,) = plain["layers"]
    assert layer["path"] == layer["op"] == "conv"
    assert (layer["input"], layer["output"]) == ([[256, 56, 56]], [256, 56, 56])
    assert layer["formula"] == "256·3·3·256"


def test_csv_holds_the_exact_numbers() -> None:
    rows = list(csv.DictReader(io.StringIO(run("compare", MAIN, "--format", "csv").stdout)))
    (bottleneck,) = [row for row in rows if row["name"] == "bottleneck"]
    assert bottleneck["params"] == "69632"
    assert bottleneck["weight_bytes"] == "278528"
    assert float(bottleneck["params_ratio"]) == 69632 / 589824


@each_of(["", "80", "200"])
def test_no_number_is_ever_cut(columns: str) -> None:
    document = json.loads(run("compare", MAIN, "--format", "json").stdout)
    shown = run("compare", MAIN, COLUMNS=columns).stdout
    for design in document["designs"]:
        for key in ("params", "macs", "activations"):
            assert re.search(rf"(?<![\d,]){design['totals'][key]:,}(?![\d,])", shown)
    assert "\x1b" not in shown
    assert "…" not in shown


def test_special_characters_in_names_are_escaped() -> None:
    names = r'"[bold]a|b*_c_": {plain: }, "50%_x & $y #1 {z} \\ ~": {basic: }'
    text = "input: [8, 8, 8]\nblocks: {" + names.replace("\\\\", "\\\\") + "}\n"
    table = run("compare", "-", text=text)
    assert table.returncode == 0, table.stderr
    assert "[bold]a|b*_c_" in table.stdout
    assert r"\[bold\]a\|b\*\_c\_" in run("compare", "-", "-f", "markdown", text=text).stdout
    latex = run("compare", "-", "-f", "latex", text=text).stdout
    assert r"[bold]a\textbar{}b*\_c\_" in latex
    assert r"50\%\_x \& \$y \#1 \{z\} \textbackslash{} \textasciitilde{}" in latex


def test_show_opens_parts_to_a_depth() -> None:
    shallow, deep = (run("show", "resnet50", *more).stdout for more in (("--depth", "1"), ()))
    assert "stage4" in shallow
    assert "conv2" not in shallow
    assert "conv2" in deep
    assert "25,557,032" in shallow


def test_show_sorts_and_cuts() -> None:
    shown = run("show", "vgg16", "--sort", "params", "--top", "1", "--format", "csv").stdout
    assert shown.splitlines()[1].startswith("linear1,")
    assert len(shown.splitlines()) == 3


def test_models_by_every_kind_of_name(tmp_path: Path) -> None:
    assert "resnet50" in run("compare", "resnet50", "mobilenet_v2").stdout
    assert run("show", f"{MAIN}#bottleneck").returncode == 0
    wider = json.loads(run("compare", "resnet50", "--set", "width=128", "-f", "json").stdout)
    assert wider["designs"][0]["totals"]["params"] == 68_883_240
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text("input: [3, 8, 8]\nlayers: [{conv: {out: 4}}]\n")
    assert run("compare", str(tmp_path / "*.yaml")).stdout.count("108") == 2
    assert "3×320×320" in run("show", "resnet18", "--input", "3,320,320").stdout


@each_of(
    [
        (("compare", "nothing.yaml"), "nothing.yaml: error: there is no such file"),
        (("compare", "resnet18.yaml"),
         "no file 'resnet18.yaml'; the shipped model is called resnet18"),
        (("export", "resnet18", "-o", "x.pt"),
         "cannot write .pt files; it writes .py, .onnx, .yaml"),
        (("show", f"{MAIN[:-4]}ymal"), "there is no such file (did you mean 'resnet256.yaml'?)"),
        (("compare", "."), "this is a directory"),
        (("compare", "resnte50"), "did you mean 'resnet50'?"),
        (("compare", f"{MAIN}#plian"), "did you mean 'plain'?"),
        (("compare", MAIN, "--baseline", "x"), "there is no design 'x'"),
        (("compare", MAIN, "--columns", "parms"), "did you mean 'params'?"),
        (("compare", MAIN, "--set", "a=1"), "has no variable 'a' to set; there are none"),
        (("show", "resnet50@widht=2"), "error: resnet50 has no variable 'widht' to set"),
        (("show", "resnet18#nope"), "error: resnet18 holds no design 'nope'"),
        (("compare", MAIN, "--set", "a"), "write NAME=VALUE"),
        (("show", "mobilenet_v2", "--set", "width=1", "--set", "width=2"), "'width' is set twice"),
        (("compare", MAIN, "--input", "3,4"), "the input 3×4 has 1 axis"),
        (("compare", MAIN, "--dtype", "flaot32"), "did you mean 'float32'?"),
        (("compare", MAIN, "--output", "/no/such/folder/x"), "no folder '/no/such/folder'"),
        (("compare", MAIN, "--format", "xml"), "xml"),
        (("compare",), "MODEL"),
        (("compare", "no*.yaml"), "no model matches"),
        (("block", "botleneck", "--cin", "4"), "did you mean 'bottleneck'?"),
        (("block", "plain"), "--cin"),
        (("block", "plain", "--cin", "4", "--kernel", "0"), "--kernel: kernel is 0"),
        (("block", "plain", "--cin", "4", "--size", "big"), "--size"),
        (("block", "plain", "--cin", "4", "--norm", "btch"),
         "--norm: norm is 'btch' (did you mean 'batch'?); it must be"),
        (("block", "plain", "--cin", "4", "--cout", "3000000000"), "at most 1,000,000,000"),
        (("block", "bottleneck", "--cin", "6", "--groups", "4"), "not divisible by groups 4"),
        (("show", MAIN), "holds 13 alternatives"),
        (("show", "resnet50", "--sort", "colour"), "--sort"),
        (("nonsense",), "nonsense"),
    ]
)  # fmt: skip
def test_wrong_calls_exit_2_and_say_why(arguments: tuple[str, ...], message: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_binary_and_broken_text_are_refused(tmp_path: Path) -> None:
    for number, data in enumerate(
        (b"\x7fELF\x00\x01", b"input: [3]\nx: \xff\xfe\n", b"a:\n\t- b\n")
    ):
        path = tmp_path / f"{number}.yaml"
        path.write_bytes(data)
        done = run("show", str(path))
        assert done.returncode == 2
        assert re.match(rf"{re.escape(str(path))}:\d+:\d+: error: ", done.stderr)


def test_what_holds_zero_bytes_is_taken_for_a_binary_file(tmp_path: Path) -> None:
    (tmp_path / "program").write_bytes(b"\x7fELF\0\0\xd0")
    assert run("show", str(tmp_path / "program")).stderr.endswith("; a binary file?\n")


def test_a_huge_file_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(100 * 1024**2)
    assert "larger than 4 MiB" in run("show", str(path)).stderr


EXPRESSION = "bncalc.language.expression"
LOADED = "import sys; sys.argv[1:] = {arguments}\ntry:\n import bncalc.cli.main as m; m.main()\n"
LOADED += "except SystemExit: pass\nprint(*sorted(sys.modules), file=sys.stderr)"


@each_of(
    [
        (
            ["compare", MAIN, "--format", "json"],
            ("rich.table", "csv", "numpy", "dataclasses", "bncalc.render.table", EXPRESSION),
        ),
        (["compare", MAIN, "--format", "csv"], ("rich.table", "json", "numpy", "torch")),
        (["compare", MAIN], ("json", "numpy", "torch", "jsonschema", "fractions")),
        (
            ["--version"],
            ("yaml", "rich.console", "json", "numpy", "fractions", "bncalc.cli.compare"),
        ),
        (["block", "--cin", "64"], ("yaml", "numpy")),
        (["fit", "resnet18", "--vary", "width=32:64", "--max", "params=9M"], ("numpy", "json")),
    ]
)
def test_a_command_imports_only_what_it_uses(
    arguments: list[str], unwanted: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(arguments=arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stderr.split())
    assert not loaded & set(unwanted)


def test_conventions_explain_every_tools_total() -> None:
    shown = run("conventions", "resnet50").stdout
    for number in ("4,111,512,576", "4,132,436,968", "4,133,742,592", "4,089,238,376"):
        assert number in shown
    document = json.loads(run("conventions", "resnet50", "--format", "json").stdout)
    (design,) = document["designs"]
    for account in design["conventions"]:
        assert sum(account["terms"].values()) == account["total"]


def test_conventions_of_several_models_say_whose_each_total_is() -> None:
    rows = list(
        csv.DictReader(run("conventions", "alexnet", MAIN, "-f", "csv").stdout.splitlines())
    )
    totals = {(row["model"], row["tool"]): row["total"] for row in rows}
    assert len({row["model"] for row in rows}) == 14  # a file of alternatives is all of them
    shown = run("conventions", "alexnet", "vgg11").stdout
    assert shown.count("3×224×224") == 2  # once for each, in its first row
    single = csv.DictReader(run("conventions", "alexnet", "-f", "csv").stdout.splitlines())
    assert all(totals["alexnet", row["tool"]] == row["total"] for row in single)
    shown = run("conventions", "alexnet", "resnet18").stdout
    assert [
        line.split()[0] for line in shown.splitlines() if "MACs" in line and line[0] != " "
    ] == ["alexnet", "resnet18"]
    assert "the total of keras for resnet18 leaves out max_pool: what it counts there" in shown


@each_of(
    [
        ("resnet50", "deploy", 1_806_336),
        ("resnet50", "deploy,-add", 2_408_448),
        ("mobilenet_v2", "deploy", 1_505_280),
        ("mobilenet_v2", "deploy,+depthwise", 1_404_928),
    ],
)
def test_a_policy_is_switched_and_said(model: str, policy: str, elements: int) -> None:
    """Peaks that were measured by running the models and freeing each map after its last use."""
    done = run("show", model, "--policy", policy, "--format", "json")
    document = json.loads(done.stdout)
    assert document["memory_policy"] == policy
    assert document["designs"][0]["totals"]["peak_activation_bytes"] == 4 * elements


@each_of(["eagre", "deploy,add", "deploy,+dephtwise", "deploy,"])
def test_a_policy_that_cannot_be_is_refused(policy: str) -> None:
    done = run("show", "resnet18", "--policy", policy)
    assert done.returncode == 2
    assert done.stderr.startswith("error: --policy: ")


def test_json_carries_what_is_asked_for() -> None:
    plain = json.loads(run("show", "resnet18", "-f", "json").stdout)
    assert (plain["fold_norm"], plain["optimizer"], plain["checkpoint"]) == (
        False,
        "momentum",
        False,
    )
    (design,) = plain["designs"]
    assert "training_bytes" not in design["totals"]
    assert design["peak"]["bytes"] == design["totals"]["peak_activation_bytes"] == 4 * 1_003_520
    assert [map["path"] for map in design["peak"]["maps"]] == ["stem", "max_pool"]

    asked = ("--columns", "live,saved,flash", "--fit", "1GiB", "--as", "fvcore", "--checkpoint")
    document = json.loads(run("show", "resnet18", *asked, "-f", "json").stdout)
    assert (document["convention"], document["checkpoint"]) == ("fvcore", True)
    (design,) = document["designs"]
    totals = design["totals"]
    assert totals["convention_total"] == 1_819_065_856
    for name in ("live_bytes", "saved_for_backward_bytes", "convention_total"):
        assert all(isinstance(layer[name], int) for layer in design["layers"])
    parts = ("weight_bytes", "gradient_bytes", "optimizer_bytes", "saved_for_backward_bytes")
    assert totals["training_bytes"] == sum(totals[name] for name in parts)
    assert totals["training_batch"] < totals["inference_batch"]


def test_folding_and_fused_forms_change_params_as_deployed() -> None:
    # A norm's 2C become C of a bias: ResNet-18 has 4,800 channels behind a norm.
    folded = json.loads(run("show", "resnet18", "--fold-norm", "-f", "json").stdout)
    assert folded["designs"][0]["totals"]["params"] == 11_689_512 - 4_800
    fused = json.loads(
        run("show", "repvgg_a0", "--form", "fused", "--fold-norm", "-f", "json").stdout
    )
    assert fused["designs"][0]["totals"]["params"] == 8_309_384


def test_an_int8_image_has_a_byte_a_weight_and_four_a_bias(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "input: [3, 8, 8]\nlayers: [{conv: {out: 4, norm: batch}}, {linear: {out: 2}}]\n"
    )
    document = json.loads(run("show", str(path), "--columns", "flash", "-f", "json").stdout)
    weights, biases = 3 * 9 * 4 + 4 * 64 * 2, 4
    assert document["designs"][0]["totals"]["flash_bytes"] == weights + 4 * biases


@each_of(
    [
        (
            ("block", "bottleneck", "--cin", "3"),
            "error: 3 channels are too few to divide by 4; give `mid`",
        ),
        (("block", "bottleneck", "--cin", "8", "--out", "3"), "error: --cout: 3 channels"),
        (("memory", "resnet18", "--policy", "deploy,depthwise"), "write +depthwise or -depthwise"),
        (("memory", "resnet18", "--as", "fvcore"), "there is no option --as"),
        (("diff", "resnet18", "resnet34", "--device", "a100"), "there is no option --device"),
    ]
)
def test_what_is_to_blame_is_named_and_nothing_is_taken_in_vain(
    arguments: tuple[str, ...], message: str
) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_layers_are_shown_with_what_they_are_sorted_by() -> None:
    header = run("show", "vgg16", "--sort", "traffic", "--format", "csv").stdout.splitlines()[0]
    assert header == "path,output,params,macs,share,traffic_bytes"


def test_training_never_fits_more_images_than_inference() -> None:
    shown = run("memory", "configs/resnet256.yaml#bottleneck", "--fit", "1GiB", "-f", "json")
    totals = json.loads(shown.stdout)["designs"][0]["totals"]
    assert totals["training_batch"] == totals["inference_batch"] == 148
