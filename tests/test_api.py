"""The Python API refuses what cannot be, as the program does: with what was seen and is right."""

import inspect
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.program import ROOT, run
from tests.repository import net
from tests.rows import each_of

import bncalc
from bncalc import Assumptions, measure
from bncalc.analysis.assumptions import policy_of
from bncalc.analysis.measurement import ANALYSES
from bncalc.analysis.roofline import Roofline
from bncalc.model.registry import WORDS, find
from bncalc.opening.model import open_model

BLOCK = bncalc.block("plain", (8, 4, 4))
NET = bncalc.Net((3, 32, 32))
SAME = bncalc.difference(measure(BLOCK), measure(BLOCK))
CONFIG = "configs/resnet256.yaml"
WRONG: list[tuple[Callable[[], Any], str]] = [
    (lambda: measure(BLOCK, Assumptions(batch=0)), "batch is 0; it must be a whole number"),
    (lambda: measure(BLOCK, Assumptions(batch=2.5)), "batch is 2.5; it must be"),  # type: ignore[arg-type]
    (lambda: measure(BLOCK, Assumptions(memory=-1)), "memory is -1; it must be"),
    (lambda: measure(BLOCK, Assumptions(dtype="fp31")), "unknown dtype 'fp31'"),
    (lambda: measure(BLOCK, Assumptions(activation_dtype="itn8")), "(did you mean 'int8'?)"),
    (lambda: measure(BLOCK, Assumptions(optimizer="adm")), "(did you mean 'adam'?)"),
    (lambda: measure(BLOCK, Assumptions(optimizer="adam-mixed")), "dtype is float32"),
    (lambda: measure(BLOCK, Assumptions(convention="fvcor")), "(did you mean 'fvcore'?)"),
    (lambda: measure(BLOCK, Assumptions(policy="eagr")), "unknown policy 'eagr'"),
    (lambda: measure(BLOCK, Assumptions(policy="eager,-ad")), "(did you mean 'add'?)"),
    (lambda: measure(BLOCK, Assumptions(policy=3)), "must be a Policy or text"),  # type: ignore[arg-type]
    (lambda: measure(bncalc.load("alexnet")), "measure(network(…))"),  # type: ignore[arg-type]
    (lambda: measure("alexnet"), "write measure(network('alexnet'))"),  # type: ignore[arg-type]
    (lambda: measure(NET), "measure(net.graph('name'))"),  # type: ignore[arg-type]
    (lambda: measure(None), "not a NoneType"),  # type: ignore[arg-type]
    (lambda: measure(BLOCK, {"batch": 4}), "takes Assumptions, such as Assumptions(batch=4)"),  # type: ignore[arg-type]
    (lambda: measure(BLOCK, also="training"), "write ['training']"),
    (lambda: measure(BLOCK, Assumptions(device="a100")), "such as bncalc.device('a100')"),  # type: ignore[arg-type]
    (lambda: measure(BLOCK, Assumptions(convention=["thop"])), "such as 'fvcore,thop'"),  # type: ignore[arg-type]
    (lambda: bncalc.network(3), "such as 'resnet50', not int 3"),  # type: ignore[arg-type]
    (lambda: bncalc.check(3), "such as 'bncalc.budget.yaml', not int 3"),  # type: ignore[arg-type]
    (lambda: bncalc.space(None), "such as 'resnet50', not NoneType"),  # type: ignore[arg-type]
    (lambda: bncalc.sweep("resnet50"), "takes a space, such as space('resnet50'"),  # type: ignore[arg-type]
    (lambda: bncalc.compare([BLOCK]), "takes reports, such as measure(network('resnet50'))"),  # type: ignore[list-item]
    (lambda: bncalc.compare(measure(BLOCK), measure(BLOCK)), "as in compare([a, b], 'resnet18')"),  # type: ignore[arg-type]
    (lambda: measure(BLOCK, also=[3]), "measure takes analyses as text, not int 3"),  # type: ignore[list-item]
    (lambda: bncalc.block(3, (3, 3, 3)), "such as 'bottleneck', not int 3"),  # type: ignore[arg-type]
    (lambda: NET.conv(8, 3), "conv takes maps of the net, such as net.input, not int 8"),  # type: ignore[arg-type]
    (lambda: bncalc.difference(BLOCK, BLOCK), "takes reports, such as"),  # type: ignore[arg-type]
    (lambda: bncalc.device("a101"), "there is no file and no shipped device 'a101'"),
    (lambda: bncalc.network(CONFIG), "resnet256.yaml#plain"),
    (lambda: bncalc.network("resent50"), "(did you mean 'resnet"),
    (lambda: bncalc.compare("resnet18", "resnet50"), "not str 'resnet18'"),  # type: ignore[arg-type]
    (lambda: bncalc.compare(()), "one report at least"),
    (lambda: bncalc.compare([measure(BLOCK)]).ratio(measure(BLOCK), "parms"), "mean 'params'?)"),
    (lambda: bncalc.compare([measure(BLOCK)]).ratio("plain", "params"), "ratio takes one of the"),  # type: ignore[arg-type]
    (lambda: bncalc.difference(BLOCK, BLOCK), "not a Graph"),  # type: ignore[arg-type]
    (lambda: measure(BLOCK, Assumptions(fold_norm="yes")), "it must be True or False"),  # type: ignore[arg-type]
    (lambda: measure(BLOCK, Assumptions(target="tflm")), "takes a Target"),  # type: ignore[arg-type]
    (lambda: bncalc.Net((3, 8, 8), {"norm": "batch"}), "Net takes Defaults, such as"),  # type: ignore[arg-type]
    (lambda: bncalc.space("resnet50", vary="width"), "such as vary={'width': None}, not str"),  # type: ignore[arg-type]
    (lambda: bncalc.load("resnet50", vars="width=2"), "such as vars={'width': 0.5}, not str"),  # type: ignore[arg-type]
    (lambda: SAME.delta("mcas"), "(did you mean 'macs'?)"),
    (lambda: SAME.grown(SAME.layers[0], "peak"), "cannot be summed over layers"),
    (lambda: NET.op("cnov", NET.input, out=8), "(did you mean 'conv'?)"),
    (lambda: NET.op("conv", NET.input, kernal=8), "(did you mean 'kernel'?)"),
    (lambda: NET.act(NET.input, "rleu"), "(did you mean 'relu'?)"),
    (lambda: NET.norm(NET.input, "bacth"), "(did you mean 'batch'?)"),
    (lambda: bncalc.Net((3, 0, 3)), "input is [3, 0, 3]"),
    (lambda: NET.conv(bncalc.Net((3, 32, 32)).input, 8), "map of another net"),
    (lambda: NET.add(NET.input, bncalc.Net((3, 32, 32)).input), "map of another net"),
    (lambda: measure(BLOCK, also=["trainig"]), "no analysis 'trainig' (did you mean 'training'?)"),
    (lambda: measure(BLOCK, also=["roofline"]), "a lower bound needs a device"),
    (lambda: bncalc.compare((measure(BLOCK),), "plian"), "(did you mean 'plain'?)"),
    (lambda: bncalc.load("resnet18", input=(3, 224)), "has 2; write the channels and each size"),
    (lambda: bncalc.load("resnet18", input=(64, 3, 56, 56)), "the batch is --batch, not a part of"),
    (lambda: bncalc.load("resnet50", vars={"wdth": 3}), "no variable 'wdth'"),
    (lambda: bncalc.block("plain", (3, 3.5, 3)), "input is [3, 3.5, 3]"),  # type: ignore[arg-type]
    (lambda: bncalc.block("plian", (3, 3, 3)), "(did you mean 'plain'?)"),
    (lambda: bncalc.block("plain", (3, 3, 3), kernal=3), "(did you mean 'kernel'?)"),
]


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@each_of(WRONG, ids=[message for _, message in WRONG])
def test_a_wrong_value_is_named(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(bncalc.UsageError) as raised:
        call()
    assert message in str(raised.value)


@each_of(
    [
        (lambda report: report.params, "a report has no 'params'; write report.totals.params"),
        (lambda report: report.weights, "no 'weights'; write report.totals.weight_bytes"),
        (
            lambda report: report.training,
            r"no 'training'; write measure\(graph, also=\['training'\]\)",
        ),
        (lambda report: report.totals.peak, "write report.totals.peak_activation_bytes"),
    ]
)
def test_a_number_is_told_where_it_is(ask: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(AttributeError, match=message):
        ask(measure(BLOCK))


def test_a_net_says_how_far_it_is() -> None:
    net = bncalc.Net((3, 32, 32))
    net.conv(net.input, 8, 3)
    assert repr(net) == "<Net of 3×32×32: 1 layer so far>"


def test_a_path_is_a_name() -> None:
    first, *_ = bncalc.load(Path(CONFIG))
    assert first.name == "plain"
    assert repr(bncalc.space(Path(CONFIG + "#plain"))) == f"<Space {CONFIG}#plain: 1 design>"
    with pytest.raises(bncalc.SpecError, match="there is no such file"):
        bncalc.check(Path("configs/no.yaml"))


def test_a_device_is_named_once() -> None:
    device = bncalc.device("a100")
    report = measure(BLOCK, Assumptions(device=device, dtype="float16"), ["roofline"])
    assert report.result(Roofline).device is device


def test_a_network_is_one_graph() -> None:
    assert bncalc.network("alexnet").name == "alexnet"
    assert bncalc.network("mobilenet_v2", vars={"width": 0.5}, input=(3, 96, 96)).input == (
        3,
        96,
        96,
    )
    assert bncalc.network(f"{CONFIG}#plain").name == "plain"


def test_a_policy_may_be_text() -> None:
    report = measure(BLOCK, Assumptions(policy="eager,+add"))
    assert report.assumptions == Assumptions(policy=policy_of("eager,+add"))
    assert report.assumptions.stated()["memory_policy"] == "eager,+add"


def test_the_first_design_is_the_baseline_unless_one_is_named() -> None:
    reports = [measure(graph) for graph in bncalc.load(CONFIG)]
    assert bncalc.compare(reports).baseline is reports[0]
    assert bncalc.compare(iter(reports), "inverted").baseline.name == "inverted"
    assert bncalc.compare(reports).ratio(reports[1], "weight_bytes") == pytest.approx(
        reports[1].totals.params / reports[0].totals.params
    )


def test_rows_are_flat_and_sum_to_the_totals() -> None:
    graph = bncalc.network("googlenet_aux")
    report = measure(graph, also=["training", "receptive_field", "live", "flash"])
    rows = report.rows()
    assert [row["path"] for row in rows] == [layer.path for layer in report.layers]
    flat = (int, str, float, bool, type(None))
    assert all(isinstance(value, flat) for row in rows for value in row.values())
    assert len({tuple(row) for row in rows}) == 1
    for key in ("params", "macs", "flops", "weight_bytes", "saved_for_backward_bytes"):
        assert sum(int(str(row[key])) for row in rows) == report.numbers()[key]
    (row,) = bncalc.compare([report]).rows()
    assert (row["name"], row["params"]) == ("googlenet_aux", report.totals.params)
    assert all(isinstance(value, flat) for value in row.values())


@pytest.fixture
def small_budget(tmp_path: Path) -> Path:
    """A budget file that allows two models all they have."""
    for name in ("a", "b"):
        (tmp_path / f"{name}_net.yaml").write_text(net())
    path = tmp_path / "bncalc.budget.yaml"
    path.write_text(
        "version: 1\nbudgets: [{name: all, models: '*net.yaml', limits: {params: 10M}}]\n"
    )
    return path


def test_what_a_prompt_shows_is_one_short_line(small_budget: Path) -> None:
    graph = bncalc.network("efficientnet_v2_s")
    report = measure(graph, also=["training", "receptive_field", "convention", "intensity"])
    shown = [graph, report, report.memory, *report.results, open_model(CONFIG)]
    shown += [bncalc.compare([report]), bncalc.difference(report, report)]
    shown += [bncalc.check(str(small_budget))]
    for value in shown:
        assert len(repr(value)) < 300
        assert "\n" not in repr(value)


def test_a_notebook_shows_the_tables_of_the_terminal_and_charts(small_budget: Path) -> None:
    report, other = (measure(bncalc.network(name)) for name in ("resnet18", "resnet34"))
    verdict = bncalc.check(str(small_budget))
    swept = bncalc.sweep(bncalc.space("mobilenet_v2", vary={"width": [0.5, 1]}))
    parts = run("show", "resnet18", "--depth", "2").stdout
    assert escape(parts) in report._repr_html_()
    assert escape(run("compare", "resnet18").stdout) in bncalc.compare([report])._repr_html_()
    change = bncalc.difference(report, other)
    assert "layers are unchanged" in change._repr_html_()
    assert "2 checks passed (2 models)" in verdict._repr_html_()
    assert "2 designs, the whole grid" in swept._repr_html_()
    both = bncalc.compare([report, other])
    for shown, charts in ((report, 2), (both, 1), (change, 1), (verdict, 1), (swept, 1)):
        html = shown._repr_html_()
        pictures = ElementTree.fromstring(f"<p>{html[html.index('</pre>') + 6 :]}</p>")
        assert len(pictures.findall("div/{http://www.w3.org/2000/svg}svg")) == charts
        assert len(html) < 60_000


def test_a_network_before_and_after_has_two_bars_and_a_new_one_none() -> None:
    report = measure(bncalc.network("resnet18"))
    changed = bncalc.difference(report, report)._repr_html_()
    assert ">resnet18, then<" in changed
    assert "<svg" not in bncalc.difference(None, report)._repr_html_()


def test_what_shows_itself_has_rows_for_data_frames(
    small_budget: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, other = (measure(bncalc.network(name)) for name in ("resnet18", "resnet34"))
    change = bncalc.difference(report, other)
    rows: list[Any] = change.rows()
    assert (rows[0]["change"], rows[0]["params_old"]) == ("+", None)
    grown = [(row["params_new"] or 0) - (row["params_old"] or 0) for row in rows]
    assert sum(grown) == change.delta("params")
    verdict = bncalc.check(str(small_budget))
    assert [row["value"] for row in verdict.rows()] == [check.value for check in verdict.checks]
    swept = bncalc.sweep(bncalc.space("mobilenet_v2", vary={"width": [0.5, 1]}, metrics=["macs"]))
    monkeypatch.setitem(sys.modules, "polars", None)
    for shown in (report, bncalc.compare([report]), change, verdict, swept):
        with pytest.raises(bncalc.UsageError, match="to_polars needs polars: pip install polars"):
            shown.to_polars()


def test_the_signature_of_a_kind_is_its_fields() -> None:
    signature = inspect.signature(find("conv"))
    assert list(signature.parameters) == [field.name for field in find("conv").fields]
    assert signature.parameters["kernel"].default == 3
    assert signature.parameters["out"].default is inspect.Parameter.empty
    for word in WORDS:
        assert set(inspect.signature(find(word)).parameters) == {f.name for f in find(word).fields}
    with pytest.raises(TypeError, match=r"did you mean 'kernel'"):
        find("conv")(out=8, kernal=3)


def test_every_public_name_is_there_and_nothing_else() -> None:
    assert dir(bncalc) == sorted(bncalc.__all__)
    assert all(getattr(bncalc, name) for name in bncalc.__all__)
    with pytest.raises(AttributeError, match="no attribute 'modle'"):
        bncalc.modle  # noqa: B018


def test_types_have_the_names_that_others_give_them() -> None:
    theirs, ours = Assumptions(dtype="fp16"), Assumptions(dtype="float16")
    assert measure(BLOCK, theirs).totals == measure(BLOCK, ours).totals
    assert measure(BLOCK, theirs).assumptions.dtype == "float16"


def test_the_analyses_of_measure_are_named_where_it_is_explained() -> None:
    assert all(f'"{name}"' in str(measure.__doc__) for name in ANALYSES)


def test_what_a_file_hardly_means_is_a_warning_at_the_call() -> None:
    for opened in (bncalc.network, bncalc.load):
        with pytest.warns(UserWarning, match="was 3, 224, 224 meant") as warned:
            opened("resnet18", input=(224, 224, 3))
        assert [each.filename for each in warned] == [__file__]
