"""What changed as a table and as a document: rows, what is said of each, and of the whole."""

import json

import pytest
from tests.rows import each_of

import bncalc
from bncalc.analysis.report import Report
from bncalc.change.explanation import Changed
from bncalc.render.changes import ChangeFilter
from bncalc.render.difference import difference_document, difference_view
from bncalc.render.json import text
from bncalc.render.notebook import difference_html


def net(name: str, *outs: int, deep: int = 0) -> Report:
    """Return a network of 1×1 convolutions of so many channels, then of a part with some more."""
    net = bncalc.Net((3, 8, 8))
    x = net.input
    for out in outs:
        x = net.conv(x, out, 1)
    if deep:
        with net.part("stage", "stage"):
            for _ in range(deep):
                x = net.conv(x, 4, 1)
    return bncalc.measure(net.graph(name))


def shown(
    old: Report | None, new: Report | None, *, top: int | None = None
) -> tuple[list[list[object]], list[str]]:
    """Return the cells of the rows, and the notes but the one on assumptions."""
    design = Changed(bncalc.difference(old, new), ())
    table = difference_view("old", "new", (design,), ChangeFilter(top=top))
    rows = [[cell.value for cell in row.cells] for row in table.rows]
    return rows, list(table.notes[:-1])


@each_of(
    [
        (None, net("a", 4), ["", "a", None, 12, 12, 768, "new"]),  # 3·4, and that at 64 positions
        (net("a", 4), None, ["", "a", 12, None, -12, -768, "removed"]),
        (net("a", 4), net("a", 4), ["", "a", 12, 12, 0, 0, "unchanged"]),
    ],
)
def test_a_network_that_is_new_or_gone_is_one_row(
    old: Report | None, new: Report | None, row: list[object]
) -> None:
    rows, notes = shown(old, new)
    assert rows == [row]
    assert notes == []


def test_every_row_says_what_was_what_is_and_why() -> None:
    rows, notes = shown(net("a", 4, 8), net("a", 6, 8))
    assert rows == [
        ["", "a", 12 + 32, 18 + 48, 22, 1408, ""],
        ["~", "conv1", 12, 18, 6, 384, "out 4 → 6"],
        ["~", "conv2", 32, 48, 16, 1024, "input 4×8×8 → 6×8×8"],
    ]
    assert notes == [
        "MACs 2,816 → 4,224 (+50.0 %), activations 768 → 896 (+16.7 %), "
        "weight memory 176 B → 264 B (+50.0 %), peak activations 3.00 KiB → 3.50 KiB (+16.7 %)",
        "0 layers are unchanged. Total params +22 = the sum of the rows.",
    ]


def test_the_rows_that_changed_most_are_those_that_shrank_most_too() -> None:
    rows, _ = shown(net("a", 8, 4, 4), net("a", 8, 2, 4), top=1)
    assert rows[1:] == [
        ["~", "conv2", 32, 16, -16, -1024, "out 4 → 2"],
        ["…", "1 more row", 16, 8, -8, -512, ""],
    ]


def test_what_has_not_grown_has_no_remark() -> None:
    same = Changed(bncalc.difference(net("a", 4), net("a", 4)), ())
    table = difference_view("old", "new", (same,), ChangeFilter())
    assert [cell.remark for cell in table.rows[0].cells] == [""] * 7


@each_of([("bias", True, False, "bias yes → no"), ("kernel", (3, 1), (1, 3), "kernel 3×1 → 1×3")])
def test_a_value_is_said_as_a_person_would(field: str, old: object, new: object, says: str) -> None:
    reports = []
    for value in (old, new):
        net = bncalc.Net((3, 8, 8))
        net.op("conv", net.input, out=4, **{field: value})  # type: ignore[arg-type]
        reports.append(bncalc.measure(net.graph("a")))
    rows, _ = shown(reports[0], reports[1])
    assert rows[1][-1] == says


def test_weights_of_another_width_are_why_a_layer_has_changed() -> None:
    report = net("a", 4)
    (conv,) = report.layers
    packed = conv._replace(stored=12, traffic=conv.traffic - 36)  # 8 bits each and not 32
    rows, _ = shown(report._replace(layers=(packed,)), report)
    assert rows[1] == ["~", "conv", 12, 12, 0, 0, "weights 12 B → 48 B"]


@pytest.mark.parametrize(("deep", "because"), [(1, "conv"), (2, "2 layers")])
def test_a_part_that_was_added_is_one_row(deep: int, because: str) -> None:
    rows, notes = shown(net("a", 4), net("a", 4, deep=deep))
    added = 16 * deep  # 4·4 weights each, at 64 positions
    assert rows[1] == ["+", "stage", None, added, added, 64 * added, because]
    assert notes[-1].startswith("1 layer is unchanged.")


def test_a_document_has_both_sides_of_every_number_and_nothing_of_what_was_not() -> None:
    design = Changed(bncalc.difference(None, net("a", 4)), ())
    (new,) = json.loads(text(difference_document("old", "new", (design,))))["designs"]
    assert new["status"] == "new"
    assert new["totals"]["macs"] == {"old": None, "new": 768, "change": 768}
    (layer,) = new["layers"]
    assert layer["op"] == {"old": None, "new": "conv"}
    assert layer["params"] == {"old": None, "new": 12, "change": 12}
    gone = Changed(bncalc.difference(net("a", 4), None), ())
    (old,) = json.loads(text(difference_document("old", "new", (gone,))))["designs"]
    assert old["totals"]["macs"] == {"old": 768, "new": None, "change": -768}


def test_a_notebook_names_both_sides() -> None:
    report = net("a", 4)
    assert "nothing → a" in difference_html(bncalc.difference(None, report))
    assert "a → nothing" in difference_html(bncalc.difference(report, None))


def test_of_layers_whose_fields_nobody_saved_the_output_is_said_if_it_differs() -> None:
    reports = [
        report._replace(layers=tuple([layer._replace(fields=None) for layer in report.layers]))
        for report in (net("a", 4, 8), net("a", 6, 8), net("a", 6, 10))
    ]
    assert [row[-1] for row in shown(*reports[:2])[0]] == [
        "",
        "output 4×8×8 → 6×8×8",
        "input 4×8×8 → 6×8×8",
    ]
    assert shown(reports[0], reports[2])[0][-1][-1] == "output 8×8×8 → 10×8×8"
