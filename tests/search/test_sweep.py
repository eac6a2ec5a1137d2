"""Sweeps: all designs of a space, each counted, and the same bytes whoever works them out."""

from csv import reader
from fractions import Fraction
from functools import partial
from itertools import product
from json import loads
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.problems import problems_of
from tests.rows import each_of

from bncalc import Assumptions, load, measure, network, space, sweep
from bncalc._version import __version__
from bncalc.analysis.assumptions import DTYPES
from bncalc.analysis.metric import METRICS
from bncalc.errors import SpecError, UsageError
from bncalc.language.device import open_device
from bncalc.language.source import read
from bncalc.render import csv, json, latex, markdown
from bncalc.render import sweep as rendering
from bncalc.search.batches import executing, in_order
from bncalc.search.bins import binned
from bncalc.search.costing import Costing
from bncalc.search.draw import designs_of
from bncalc.search.evaluation import Refusal
from bncalc.search.front import front
from bncalc.search.limits import SearchLimit
from bncalc.search.parts import SpaceParts, description
from bncalc.search.space import Space
from bncalc.search.space_file import read_space
from bncalc.search.space_opening import space_of
from bncalc.search.summary import quantiles, rising
from bncalc.search.sweep import Sweep, batch_of, merged, together, unlike

SPACE = """\
model: mobilenet_v2
vary:
  width: {from: 0.25, to: 1.5, by: 0.05}
  size: [96, 128, 160]
  batch: [1, 2]
set: {double: =width*2}
where: [=double < 2.8, =size*width >= 40]
limits: {macs: {min: 20M, max: 250M}, params: 3M}
"""


NETWORK = """\
input: [3, 48, 48]
defaults: {norm: batch, act: relu}
vars: {a: 8}
layers:
  - conv: {out: =a, stride: 2}
  - {bottleneck: {mid: =a, out: =a*2}, repeat: 2}
  - global_avg_pool
  - linear: {out: 10}
"""


def space_in(text: str, tmp_path: Path, **changes: Any) -> Space:
    path = tmp_path / "space.yaml"
    path.write_text(text)
    from dataclasses import replace

    return replace(space_of(str(path))[0], **changes)


def swept(space: Space) -> Sweep:
    return together(space, [batch_of(space, number) for number in range(space.batches)])


def test_a_grid_is_worked_out_and_every_design_is_counted(tmp_path: Path) -> None:
    space = space_in(SPACE.replace("by: 0.05", "by: 0.125"), tmp_path, batch=20)
    answer = swept(space)
    assert (space.size, answer.counted.drawn) == (11 * 3 * 2, 66)
    costing: Costing = space.costing()
    expected = []
    for number in range(space.batches):
        for design in designs_of(space.drawn(number)):
            if design["width"] * 2 < 2.8 and design["size"] * design["width"] >= 40:  # type: ignore[operator]
                params, macs, peak = costing(design)
                if 20_000_000 <= macs <= 250_000_000 and params <= 3_000_000:
                    expected.append((*design.values(), params, macs, peak))
    columns = [*answer.values.values(), *answer.amounts.values()]
    rows = list(zip(*[column.tolist() for column in columns], strict=True))
    assert rows == expected
    assert answer.counted.wanted == len(expected) > 10
    assert answer.counted.excluded > 0
    assert answer.counted.beyond > 0


def test_designs_with_the_same_numbers_are_told_once_with_their_range(tmp_path: Path) -> None:
    text = "model: mobilenet_v2\nvary: {width: {from: 0.97, to: 1.01, by: 0.01}}\n"
    groups = list(unlike(swept(space_in(text, tmp_path)), {}))
    assert [(count, ranges["width"]) for _, count, ranges in groups] == [
        (1, (0.97,)),
        (1, (0.98,)),
        (2, (0.99, 1.0)),
        (1, (1.01,)),
    ]
    text = "model: mobilenet_v2\nvary: {width: [1.0, 0.99]}\n"
    assert [ranges for *_, ranges in unlike(swept(space_in(text, tmp_path)), {})] == [
        {"width": (0.99, 1.0)}
    ]


WINDOWS = """\
input: {input}
vars: {{k: 3, s: 2, g: 1, d: 1}}
layers:
  - conv: {{out: 16, kernel: =k, stride: =s, norm: batch, act: relu}}
  - {{depthwise: {{kernel: =k, dilation: =d}}}}
  - {{conv: {{out: 16, groups: =g, kernel: =k, padding: =k//2}}, repeat: 2, first: {{stride: =s}}}}
  - {{max_pool: {{kernel: =k, stride: =s, ceil: true}}}}
{blocks}  - global_avg_pool
  - linear: {{out: 10}}
"""
BLOCKS = """\
  - inverted_residual: {expand: 2, out: 24, kernel: =k, stride: =s}
  - {bottleneck: {mid: 8, out: 32, stride: =s}, repeat: 2}
  - add: [[conv: {out: 8, stride: =s}], [{avg_pool: {kernel: =k, stride: =s}}, {conv: {out: 8}}]]
"""


@each_of(
    [
        WINDOWS.format(input="[3, 57, 64]", blocks=BLOCKS),
        WINDOWS.format(input="[2, 400]", blocks=""),
        WINDOWS.format(input="[3, 20, 24, 24]", blocks=""),
    ],
    ids=["images", "sequences", "volumes"],
)
def test_kernels_strides_dilations_and_groups_vary_as_widths_do(text: str, tmp_path: Path) -> None:
    path = tmp_path / "windows.yaml"
    path.write_text(text, encoding="utf-8")
    vary = {"k": [1, 2, 3, 5], "s": [1, 2, 3], "g": [1, 4], "d": [1, 2]}
    metrics = ["params", "macs", "elementwise", "peak", "traffic", "saved"]
    answer = sweep(space(str(path), vary=vary, metrics=metrics))
    rows = {tuple(row[name] for name in vary): row for row in answer.rows()}
    for values in product(*vary.values()):
        settings = dict(zip(vary, values, strict=True))
        try:
            (graph,) = load(str(path), vars=settings)
        except SpecError:
            assert values not in rows
            continue
        numbers = measure(graph, also=["training"]).numbers()
        row = rows.pop(values)
        assert {key: row[key] for key in numbers.keys() & row.keys()}.items() <= numbers.items()
        assert row["saved_for_backward_bytes"] == numbers["saved_for_backward_bytes"]
    assert not rows


VARIED: dict[str, list[Any]] = {
    "batch": [1, 3, 64],
    "dtype": ["float32", "fp16", "int8"],
    "activation_dtype": ["float32", "int8"],
    "device": ["a100", "raspberry_pi_5", "board.yaml"],
    "size": [32, 57],
    "h": [32, 40],
    "cin": [1, 3],
}


@pytest.mark.parametrize("name", VARIED)
def test_what_is_assumed_and_the_input_vary_like_values(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(NETWORK)
    Path("board.yaml").write_text("peak: {float32: 2e9}\nbandwidth: 1e9\n")
    vary = {"device": ["a100"], "a": [8, 9, 64], name: VARIED[name]}
    metrics = ["params", "macs", "peak", "traffic", "training", "bound"]
    dtype = "float32" if name in ("device", "activation_dtype") else "float16"
    assumed = Assumptions(dtype=dtype)
    answer = sweep(space("net.yaml", vary=vary, metrics=metrics, assumptions=assumed))
    assert answer.counted.wanted + answer.counted.refused == 3 * len(VARIED[name])
    assert answer.counted.wanted >= 6
    for row in answer.rows():
        shape = (row.get("cin", 3), row.get("h", row.get("size", 48)), row.get("size", 48))
        graph = network("net.yaml", vars={"a": row["a"]}, input=shape)
        own = {key: row[key] for key in ("batch", "dtype", "activation_dtype") if key in row}
        device = open_device(row["device"], DTYPES)
        alone = measure(graph, assumed._replace(device=device, **own), ["training", "roofline"])
        assert {METRICS[word].key: METRICS[word].total(alone) for word in metrics}.items() <= (
            row.items()
        )


INPUTS = [
    (160, (3, 160, 160)),
    ((192, 256), (3, 192, 256)),
    ((1, 64, 96), (1, 64, 96)),
    ((3, 4, 5, 6), "write one size, one for each of 2 axes, or the channels and those"),
    ("abc", "input is 'abc'; write one size"),
    (0, "input is 0; it must be a whole number of at least 1"),
]


def test_inputs_vary_as_a_model_is_given_them() -> None:
    vary = {"input": [value for value, _ in INPUTS]}
    answer = sweep(space("mobilenet_v2", vary=vary, metrics=["macs"]))
    shapes = [shape for _, shape in INPUTS if isinstance(shape, tuple)]
    alone = [measure(network("mobilenet_v2", input=shape)).totals.macs for shape in shapes]
    assert answer.amounts["macs"].tolist() == alone
    reasons = " ".join([refusal.message for refusal in answer.refusals])
    assert all(reason in reasons for _, reason in INPUTS if isinstance(reason, str))


@each_of(
    [
        ({"size": ["abc"]}, "size is 'abc'; it must be a whole number"),
        ({"cin": [0]}, "cin is 0; it must be a whole number of at least 1"),
        ({"h": [2.5]}, "h is 2.5; it must be a whole number"),
        ({"size": [64], "h": [32]}, "size and h set the same sizes; give one of them"),
        ({"input": [64], "size": [32]}, "input and size set the same sizes; give one of them"),
    ]
)
def test_what_is_no_size_cannot_be_built(vary: dict[str, list[Any]], reason: str) -> None:
    for model in ("mobilenet_v2", "bottleneck"):
        answer = sweep(space(model, vary=vary, metrics=["params"]))
        assert [refusal.message for refusal in answer.refusals] == [
            reason + (" of at least 1" if reason.endswith("whole number") else "")
        ]


def test_a_device_file_is_read_once_and_goes_along(tmp_path: Path) -> None:
    board = tmp_path / "board.yaml"
    board.write_text("peak: {float32: 2e9}\nbandwidth: 1e9\n")
    text = f"model: mobilenet_v2\nvary: {{device: [{board}]}}\n"
    on_board = space_in(text, tmp_path)
    assert on_board.words == ("params", "macs", "peak", "bound")
    before = together(on_board, [batch_of(on_board, 0)]).rows()
    board.unlink()
    assert together(on_board, [batch_of(on_board, 0)]).rows() == before


def test_times_have_quantiles_a_histogram_and_a_front() -> None:
    vary = {"device": ["a100"], "width": "0.1:1:0.1"}
    answer = sweep(space("mobilenet_v2", vary=vary, metrics=["macs", "bound"]))
    seconds = answer.amounts["bound"]
    assert quantiles(seconds, (0.0, 1.0)) == [min(seconds), max(seconds)]
    bars = binned(rising(seconds), 4)
    assert (bars[0].low, bars[-1].high) == (min(seconds), max(seconds))
    assert sum(bar.designs for bar in bars) == 10
    view = rendering.histogram_view(answer, "bound", bars)
    assert str(view.rows[0].cells[0].value).endswith(" µs")
    assert front([*answer.amounts.values()], [False, False]).tolist() == [0]
    with pytest.raises(UsageError, match="that of a device: --vary device=a100"):
        sweep(space("mobilenet_v2", vary={"width": [1]}, metrics=["bound"]))


def test_words_with_the_same_numbers_are_listed(tmp_path: Path) -> None:
    text = "model: mobilenet_v2\nvary: {dtype: [int8, float32, uint8]}\nmetrics: [peak]\n"
    answer = swept(space_in(text, tmp_path))
    document = rendering.designs_document(answer, {})
    assert [design["values"]["dtype"] for design in document["designs"]] == [
        ["int8", "uint8"],
        "float32",
    ]
    table = rendering.designs_view(answer, {}, "")
    assert [row.cells[0].value for row in table.rows] == ["int8, uint8", "float32"]


def test_what_cannot_be_built_is_counted_with_its_reason(tmp_path: Path) -> None:
    text = "model: mobilenet_v1\nvary: {width: {from: 0.01, to: 8, by: 0.01}}\n"
    answer = swept(space_in(text, tmp_path))
    assert (answer.counted.drawn, answer.counted.refused) == (800, 768)
    (refusal,) = answer.refusals
    assert refusal.designs == 768
    assert "out is 0.32 (=32*width); it must be a whole number" in refusal.message


def test_the_same_seed_draws_the_same_and_another_does_not(tmp_path: Path) -> None:
    space = space_in(SPACE, tmp_path, sample=30, batch=16, seed=5)
    first, again = swept(space), swept(space)
    assert answers(first) == answers(again)
    other = swept(space_in(SPACE, tmp_path, sample=30, batch=16, seed=6))
    assert other.values["width"].tolist() != first.values["width"].tolist()


def test_drawn_values_are_as_likely_and_by_logarithm_their_factors_are(tmp_path: Path) -> None:
    text = "model: mobilenet_v2\nvary:\n  width: {from: 1, to: 64, scale: log}\n  size: [8, 9]\n"
    drawn = space_in(text, tmp_path, sample=20_000).drawn(0)
    assert 0.47 < (drawn["size"] == 8).mean() < 0.53
    shares = [((drawn["width"] >= low) & (drawn["width"] < 2 * low)).mean() for low in (2, 8, 32)]
    assert all(0.14 < share < 0.20 for share in shares)


def answers(swept: Sweep) -> list[str]:
    """Return all forms of an answer that show designs."""
    view = rendering.designs_view(swept, {}, "designs")
    forms = [csv.render(view), markdown.render(view), latex.render(view)]
    return [*forms, json.text(rendering.designs_document(swept, {}))]


def test_any_number_of_workers_write_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(
        "input: [3, 8, 8]\nvars: {a: 4}\nlayers:\n  - conv: {out: =a}\n"
    )
    text = "model: net.yaml\nvary: {a: {from: 1, to: 60}, batch: [1, 2]}\n"
    space = space_in(text, tmp_path, sample=60, batch=20, seed=1)
    numbers = range(space.batches)
    contents = []
    for workers in (1, 2):
        parts = SpaceParts(str(tmp_path / f"by{workers}"), "csv", space)
        parts.prepare()
        with executing(workers, None) as (executor, hands):
            assert (executor is None, hands) == (workers == 1, workers)
            written = [*in_order(parts.work, numbers, executor, hands)]
            batches = in_order(partial(batch_of, space), numbers, executor, hands)
            shown = answers(together(space, batches))
        contents.append((shown, [parts.path(number).read_bytes() for number in numbers]))
        assert sum(part.counted.drawn for part in written) == 60
    assert contents[0] == contents[1]


def test_every_form_says_seed_space_and_version(tmp_path: Path) -> None:
    space = space_in(SPACE, tmp_path, sample=60, seed=9)
    answer = swept(space)
    written = "width 0.25 to 1.5 by 0.05, size 96,128,160, batch 1,2; double = width*2"
    limits = "where double < 2.8; where size*width >= 40; MACs ≥ 20M; MACs ≤ 250M; params ≤ 3M"
    table, *texts, document = answers(answer)
    for text in texts:
        assert "seed 9; bncalc" in text
    notes = rendering.sweep_notes(answer)
    assert f"{written}; {limits}; float32, memory policy deploy; seed 9; bncalc" in notes[-1]
    rows = list(reader(table.splitlines()))
    assert rows[0][-3:] == ["space", "seed", "version"]
    said = [f"space: {written}; {limits}; float32, memory policy deploy", "9", __version__]
    assert {tuple(row[-3:]) for row in rows[1:]} == {tuple(said)}
    space_said = loads(document)["space"]
    assert (space_said["seed"], space_said["version"]) == (9, __version__)
    numbers = {"macs": quantiles(answer.amounts["macs"])}
    for summary in (
        rendering.quantiles_document(answer, numbers),
        rendering.histogram_document(answer, "macs", binned(rising(answer.amounts["macs"]), 20)),
    ):
        assert summary["space"] == space_said


def test_a_part_as_csv_names_its_space(tmp_path: Path) -> None:
    space = space_in(SPACE, tmp_path, sample=60, seed=9)
    parts = SpaceParts(str(tmp_path / "parts"), "csv", space)
    parts.prepare()
    parts.work(0)
    about = (tmp_path / "parts/space.json").read_text("utf-8")
    said = loads(about)
    assert about.startswith('{\n  "')
    rows = list(reader(parts.path(0).read_text("utf-8").splitlines()))
    assert rows[0][3:6] == ["params", "macs", "peak_activation_bytes"]
    assert {tuple(row[-3:]) for row in rows[1:]} == {(said["id"], "9", __version__)}
    assert said["id"] != description(space_in(SPACE, tmp_path, sample=60, seed=8))["id"]


def test_a_run_that_was_stopped_goes_on(tmp_path: Path) -> None:
    space = space_in(SPACE, tmp_path, sample=60, batch=20, seed=1)
    parts = SpaceParts(str(tmp_path / "parts"), "csv", space)
    parts.prepare()
    summaries = [parts.work(number) for number in range(3)]
    whole = [parts.path(number).read_bytes() for number in range(3)]
    parts.path(1).unlink()
    parts.path(0).write_bytes(b"as it was\n")  # it is there, and so it is not worked out again
    assert [parts.work(number) for number in range(3)] == summaries
    assert parts.path(0).read_bytes() == b"as it was\n"
    assert parts.path(1).read_bytes() == whole[1]
    assert not [path for path in (tmp_path / "parts").iterdir() if path.name.startswith(".")]


def test_parts_of_another_space_are_not_mixed_in(tmp_path: Path) -> None:
    space = space_in(SPACE, tmp_path, sample=60, seed=1)
    SpaceParts(str(tmp_path / "parts"), "csv", space).prepare()
    other = space_in(SPACE, tmp_path, sample=60, seed=2)
    with pytest.raises(UsageError, match="parts of another space"):
        SpaceParts(str(tmp_path / "parts"), "csv", other).prepare()


def test_a_model_file_is_read_once_and_goes_along(tmp_path: Path) -> None:
    model = tmp_path / "net.yaml"
    model.write_text("input: [3, 8, 8]\nvars: {a: 4}\nlayers:\n  - conv: {out: =a}\n")
    space = space_in("model: net.yaml\nvary: {a: [1, 2, 3]}\n", tmp_path)
    model.unlink()
    assert swept(space).amounts["params"].tolist() == [27, 54, 81]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_front_is_what_no_other_design_equals_or_beats(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bncalc.search.front._BLOCK", 100)
    generator = np.random.default_rng(count)
    columns = [generator.integers(0, 12, 300) for _ in range(count)]
    most = [bool(at % 2) for at in range(count)]
    table = list(zip(*[c.tolist() for c in columns], strict=True))
    signs = [-1 if wanted else 1 for wanted in most]

    def beats(design: tuple[int, ...], other: tuple[int, ...]) -> bool:
        pairs = [(s * a, s * b) for s, a, b in zip(signs, design, other, strict=True)]
        return all(a <= b for a, b in pairs) and design != other

    expected = [i for i, row in enumerate(table) if not any(beats(other, row) for other in table)]
    assert front(columns, most).tolist() == expected


def test_the_front_of_numbers_beyond_63_bits() -> None:
    large = np.array([10**30, 10**29, 5], dtype=object)
    assert front([large, np.array([1, 2, 2])], [False, False]).tolist() == [0, 2]


def test_a_step_of_the_front_ends_only_those_that_it_beats() -> None:
    """The third beats the first in two numbers, and not the second, which beats the fourth."""
    columns = [np.array(numbers) for numbers in ([1, 2, 3, 4], [1, 3, 0, 4], [9, 5, 9, 6])]
    assert front(columns, [False] * 3).tolist() == [0, 1, 2]


def test_a_space_has_as_many_designs_as_are_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bncalc.search.space._MOST_DESIGNS", 2)
    space("bottleneck", vary={"mid": [1, 2]}).refuse()
    with pytest.raises(UsageError, match="that is 3 designs; at most 2 are numbered"):
        space("bottleneck", vary={"mid": [1, 2, 3]}).refuse()


def test_quantiles_are_numbers_that_occur() -> None:
    column = np.array([10, 40, 20, 30])
    assert quantiles(column, (0.0, 0.25, 0.26, 0.5, 1.0)) == [10, 10, 20, 20, 40]


@each_of(
    [
        ({"where": ["wdth > 1"]}, "wdth > 1: nothing sets 'wdth'; it can use width"),
        ({"tie": {"width": "2"}}, "width is set twice"),
        ({"tie": {"size": "k", "k": "3"}}, "k: nothing sets 'k'; it can use width"),
        ({"sample": 10**20}, "that is 100,000,000,000,000,000,000 designs"),
    ],
)
def test_what_no_design_can_be_is_refused_before_any(further: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        sweep(space("mobilenet_v2", vary={"width": [0.5, 1.0]}, **further))


def test_a_condition_that_cannot_be_said_refuses_those_designs_with_its_reason() -> None:
    where = ["6 / (mid - 2) > 0"]
    answer = sweep(space("bottleneck", vary={"mid": [1, 2, 3]}, where=where, metrics=["params"]))
    assert answer.counted == (3, 1, 1, 0)
    assert answer.designs() == [{"mid": 3}]
    assert [refusal.message for refusal in answer.refusals] == [
        "6 / (mid - 2) > 0: division by zero: 6 / 0"
    ]


def test_true_is_another_value_than_1() -> None:
    answer = sweep(space("bottleneck", vary={"mid": [True, 1]}, metrics=["params"]))
    assert (answer.size, answer.counted.refused) == (1, 1)


def test_names_that_nothing_knows_are_told_at_their_places(tmp_path: Path) -> None:
    text = "model: mobilenet_v2\nvary: {wdth: [1], phi: [1]}\nset: {width: phi, widht: phi}\n"
    places = [
        str(problem).partition("space.yaml:")[2]
        for problem in problems_of(space_in, text, tmp_path)
    ]
    assert places == [
        "2:8: error: mobilenet_v2 has no value 'wdth' (did you mean 'width'?)",
        "3:19: error: mobilenet_v2 has no value 'widht' (did you mean 'width'?)",
    ]


def test_a_limit_is_an_amount_of_its_metric(tmp_path: Path) -> None:
    text = "model: mobilenet_v2\nvary: {width: [1]}\nlimits: {weights: 1 MiB, params: {min: 2k}}\n"
    assert space_in(text, tmp_path).limits == (
        SearchLimit("weights", Fraction(2**20), "1 MiB", False),
        SearchLimit("params", Fraction(2000), "2k", True),
    )


BAD = {
    "vary: {width: [1]}": "has no `model:`",
    "model: x\nvary: {}": "vary is a mapping",
    "model: x\nvary: {a: []}": "a has no values",
    "model: x\nvary: {a: 1-4}": "a=1-4: write A:B:STEP in numbers, as in 0.5:2:0.25",
    "model: x\nvary: {a: 4:1:1}": "a=4:1:1: A must be at most B",
    "model: x\nvary: {a: {from: 1}}": "a has no `to:`",
    "model: x\nvary: {a: {from: 0.5, to: 2}}": "needs a `by:`",
    "model: x\nvary: {a: {from: 3, to: 2}}": "a goes from 3 down to 2; `from` must",
    "model: x\nvary: {a: {from: 1, to: 9, by: 0}}": "a.by is 0; it must be above 0",
    "model: x\nvary: {a: {from: 0, to: 1, by: 0.0000001}}": "a.by is 1E-7; it must be above 0 and",
    "model: x\nvary: {a: {from: 0, to: 9, scale: log}}": "a.scale must be `log`, with",
    "model: x\nvary: {a: {from: 1, to: 9, powers: 1}}": "a has powers of 1 from 1; `powers`",
    "model: x\nvary: {a: {from: 1, to: 9, powers: 1.001}}": "a has more than 1,000 powers",
    "model: x\nvary: {a: {from: b, to: 9}}": "a.from is 'b'; it must be a number",
    "model: x\nvary: {a: {from: 2e18, to: 9}}": "a.from is 2e+18; it must be a number below 10^18",
    "model: x\nvary: {a: [1]}\nlimits: {mcas: 3M}": "unknown metric 'mcas' (did you mean 'macs'?)",
    "model: x\nvary: {a: [1]}\nlimits: {macs: 3 MiB}": "is in bytes",
    "model: x\nvary: {a: [1]}\nlimits: {macs: 3%}": "it must be an amount",
    "model: x\nvary: {a: [1]}\nwhere: =a <": "where: expected a value",
    "model: x\nvary: {a: [1]}\nwhere: [[=a < 2]]": "a condition is a list",
    "model: x\nvary: {a: [1]}\nset: {b: [1]}": "b is a list",
    "model: x\nvary: {a: [1]}\nset: {b: =a <}": "b: expected a value",
    "model: x\nvary: {a: [1]}\nsample: 0": "sample is 0",
    "model: x\nvray: {a: [1]}": "unknown key 'vray' (did you mean 'vary'?)",
}


@each_of(BAD)
def test_a_space_file_is_refused_at_the_place_that_is_wrong(text: str) -> None:
    with pytest.raises(SpecError) as refused:
        read_space(read(text, "space.yaml"))
    assert BAD[text] in str(refused.value)
    assert str(refused.value).startswith("space.yaml:")


def test_values_of_a_space_file() -> None:
    written = read_space(
        read(
            "model: x\nvary:\n  a: [1, 0.5, relu, [3, 4]]\n  b: {from: 1, to: 20, powers: 2}\n"
            "  c: {from: 0.5, to: 1, by: 0.25}\n  d: 7\n  e: 0.5:1:0.25\n",
            "space.yaml",
        )
    )
    assert [list(axis.values) for axis in written.axes] == [
        [1, 0.5, "relu", (3, 4)],
        [1, 2, 4, 8, 16],
        [0.5, 0.75, 1.0],
        [7],
        [0.5, 0.75, 1.0],
    ]


def test_batches_are_put_together_in_their_order_whatever_theirs_was(tmp_path: Path) -> None:
    space = space_in(SPACE, tmp_path, batch=40)
    batches = [batch_of(space, number) for number in range(space.batches)]
    turned, ordered = together(space, batches[::-1]), together(space, batches)
    assert list(turned.rows()) == list(ordered.rows())
    assert turned.refusals == ordered.refusals


def test_designs_that_two_batches_refuse_alike_are_counted_together() -> None:
    few, many = Refusal("c", "c is 3", {"c": 3}, 2), Refusal("d", "d is 4", {"c": 4}, 3)
    later = Refusal("c", "c is 7", {"c": 7}, 4)
    assert merged([many, few], [later]) == (few._replace(designs=6), many)


def test_copies_after_a_first_one_of_another_kind_keep_their_inputs_each(tmp_path: Path) -> None:
    """A ReLU keeps the map that the next convolution reads: its copies read maps of their own."""
    path = tmp_path / "net.yaml"
    path.write_text(
        "input: [8, 8, 8]\nvars: {n: 3}\nlayers:\n"
        "  - {conv: {out: 8}, repeat: =n, first: {act: relu}}\n  - linear: {out: 3}\n"
    )
    swept = sweep(space(str(path), vary={"n": [2, 3, 4]}, metrics=["saved"]))
    saved = [row["saved_for_backward_bytes"] for row in swept.rows()]
    assert saved == [(n + 1) * 4 * 8 * 8 * 8 for n in (2, 3, 4)]
