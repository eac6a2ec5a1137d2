"""No option is ignored: where an answer would not use one, it is refused.

What only chooses how much a table shows, or how, is no question of its own: it may stay on a
command line whose `--format` is a machine's, which has everything, in exact numbers.
"""

import json

import pytest
from tests.program import run
from tests.rows import each_of

CHIP = "memory mlperf_tiny_vww --device rp2040"
SWEEP = "sweep resnet18 --vary size=64,96"


@each_of(
    [
        ("show resnet18 --source --set width=32 --batch 4 --top 3", "--top, --set and --batch"),
        ("show resnet18 --source -f json", "--format; leave it out"),
        ("show mobilenet_v2@width=0.5@160 --source", "printed as it is; leave out @width=0.5@160"),
        ("show resnet18 --top 3 --depth 2", "a ranking of layers does not use --depth"),
        (f"{CHIP} --batch 4 --fold-norm --fit 1GiB --depth 1", "--depth, --batch, --fold-norm and"),
        (f"{CHIP} --policy eager --optimizer adam", "does not use --policy and --optimizer"),
        ("plot memory resnet18 --by macs --as thop --device a100", "--by, --as and --device"),
        ("plot parts resnet18 --runtime tflm", "plot parts does not use --runtime; leave it out"),
        ("plot field resnet18 --dtype int8", "plot field does not use --dtype"),
        ("plot arena mlperf_tiny_vww --policy eager", "plot arena does not use --policy"),
        ("plot parts resnet18 --theme dark", "a picture in the terminal does not use --theme"),
        ("plot memory resnet18 --ascii -o x.svg", "a picture in a file does not use --ascii"),
        ("plot parts resnet18 --by peak", "--by: 'peak' cannot be summed over layers"),
        ("plot parts resnet18 --by bound --device a100", "--by: 'bound' cannot be summed"),
        ("plot bars resnet18 --by rf", "resnet18 has no single number of rf"),
        (f"{SWEEP} --seed 3", "a whole grid does not use --seed"),
        (f"{SWEEP} --parts-format csv", "a sweep without --parts does not use --parts-format"),
        (f"{SWEEP} --plot macs,params -f csv", "a picture does not use --format"),
        (f"{SWEEP} --parts d --unit k", "--parts does not use --unit"),
        (
            "check resnet18 --max params=1k --runtime bound",
            "a check without a limit on RAM does not",
        ),
        ("check resnet18 --max params=1k --apply --no-fix", "--apply does not use --no-fix"),
        ("check resnet18 --max params=1k -q --all", "--quiet does not use --all"),
        ("report resnet18 --fit 1GiB -o x.html", "there is no option --fit"),
        ("report resnet18 --as thop -o x.html", "there is no option --as"),
        ("report resnet18 --base HEAD -o x.html", "a page without --budget does not use --base"),
        (
            "report --budget b.yaml --batch 4 -o x.html",
            "a page on a budget's verdict does not use --batch",
        ),
        ("compare resnet18 --unit peak=M", "'peak' is not a column of counts; there are params,"),
        ("compare resnet18 --unit elementwise=M", "no column here holds elementwise"),
        ("conventions resnet18 --unit params=k", "no column here holds params"),
        ("sensitivity resnet18 --unit M", "--unit M: no column here holds counts"),
        ("list columns --unit M", "--unit M: no column here holds counts"),
        ("list models --caption Zoo --label tab:zoo -f json", "--label is for --format latex"),
        ("show resnet18 --no-ratio", "there is no option --no-ratio"),
        ("block --cin 64 --no-ratio", "a single block does not use --no-ratio"),
        ("memory resnet18 --fit 1GiB -f csv", "CSV, which has only layers, does not use --fit"),
        ("compare resnet18 --columns fit_training", "fit_training needs the memory to fill"),
        ("show resnet18 --columns fit_inference", "fit_inference needs the memory to fill"),
    ]
)
def test_an_option_that_an_answer_does_not_use_is_refused(call: str, says: str) -> None:
    done = run(*call.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


@each_of(
    [
        (
            "plot parts resnet18 --by convention --as thop",
            "convention total by part, 1,824,033,792",
        ),
        ("plot parts resnet18 --by weights", "weight memory by part, 46,796,448 B in all"),
        ("diff resnet18 resnet34 --unit params=M", "params before (M)  params now (M)"),
        (f"{CHIP} --activation-dtype float32", "int8 weights, float32 maps, runtime tflm"),
        ("compare mlperf_tiny_ic --device rp2040 --batch 4", "padding same, one image"),
    ]
)
def test_what_an_option_changes_is_shown(call: str, says: str) -> None:
    assert says in run(*call.split(), COLUMNS="200").stdout


def test_data_of_a_sweep_has_as_many_designs_as_its_table() -> None:
    pytest.importorskip("numpy")
    swept = json.loads(run(*SWEEP.split(), "--top", "1", "-f", "json").stdout)
    assert [design["values"]["size"] for design in swept["designs"]] == [64]
    assert swept["counted"]["wanted"] == 2


def test_a_baseline_is_named_as_its_argument_or_as_it_is_shown() -> None:
    models = ("compare", "resnet18", "mobilenet_v2@width=0.5", "-f", "json", "--baseline")
    for name in ("resnet18", "mobilenet_v2@width=0.5"):
        assert json.loads(run(*models, name).stdout)["baseline"] == name
    file = "configs/resnet256.yaml#inverted"
    shown = run("compare", file, "resnet18", "--baseline", file, "--columns", "params").stdout
    assert "against inverted" in shown


def test_a_tool_that_is_named_twice_is_a_column_once() -> None:
    call = ("compare", "resnet18", "--as", "thop", "--as", "thop", "--columns", "params")
    assert run(*call).stdout.count("(thop)") == 1


@each_of(
    [
        (
            "compare resnet18 resnet34 --unit M --no-ratio --caption Cost",
            "compare resnet18 resnet34",
        ),
        ("show resnet18 --sort macs --top 3", "show resnet18"),
        ("show resnet18 --depth 1", "show resnet18"),
        ("memory resnet18 --depth 1", "memory resnet18"),
        ("diff resnet18 resnet34 --by macs --top 2", "diff resnet18 resnet34"),
        ("check resnet18 --max params=20M --quiet", "check resnet18 --max params=20M"),
    ]
)
def test_what_chooses_how_a_table_looks_changes_no_json(call: str, plain: str) -> None:
    assert json.loads(run(*call.split(), "-f", "json").stdout) == json.loads(
        run(*plain.split(), "-f", "json").stdout
    )
