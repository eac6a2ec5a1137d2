"""Fitting: the whole axis is worked out, so that the answer holds even where cost does not grow."""

from pathlib import Path
from typing import Any

import pytest
from tests.rows import each_of
from tests.search.singly import one_by_one

import bncalc
from bncalc import space
from bncalc.analysis.assumptions import STANDARD
from bncalc.analysis.metric import METRICS
from bncalc.errors import UsageError
from bncalc.language import stamping
from bncalc.opening.setting import setting_value
from bncalc.search.axis import axis_of
from bncalc.search.costing import Costing
from bncalc.search.evaluation import Refusals
from bncalc.search.fit import Fit, Task, TriedDesign, _nearest, fit, worked_out
from bncalc.search.limits import keeps, limits_of
from bncalc.search.rule import rule_of
from bncalc.search.subject import subject_of

# Model, what varies, limits: what fits with its number, what comes next with its number, and how
# many values cannot be built. Each was found by measuring every value one after the other.
ANSWERS = [
    ("mobilenet_v2", "width", "macs=300M", (0.98, 299_896_192), (0.99, 300_774_272), 0),
    ("mobilenet_v2", "width", "params=3M", (0.87, 2_986_392), (0.88, 3_124_632), 0),
    ("mobilenet_v2", "width", "peak=3MiB", (0.55, 3_010_560), (0.56, 6_021_120), 0),
    ("efficientnet_b0", "width", "macs=1G", (1.66, 998_131_568), (1.67, 1_047_299_760), 0),
    ("efficientnet_b0", "size", "macs=300M", (192, 283_961_728), (193, 339_022_432), 0),
    ("resnet50", "width", "params=20M", (52, 19_953_224), (53, 20_389_815), 0),
    (*("mobilenet_v1", "width=0.03125:2:0.03125", "macs=300M"),
     *((0.71875, 299_724_592), (0.75, 325_400_448), 0)),
    (*("mobilenet_v1", "width=0.01:8:0.01", "macs=300M"),
     *((0.5, 149_497_088), (0.75, 325_400_448), 768)),
    (*("resnet50@groups=32", "width=8:512", "params=20M"),
     *((96, 19_722_760), (128, 25_028_904), 489)),
]  # fmt: skip


def nothing(name: str) -> None:
    """Give no name a present value."""


def fitted(model: str, *vary: str, most: tuple[str, ...] = (), **further: Any) -> Fit:
    subject = subject_of(model)
    axes = tuple([axis_of(text, subject.now.get, setting_value) for text in vary])
    metrics = (METRICS["params"], METRICS["macs"])
    task = Task(axes, further.pop("rules", ()), limits_of(most, ()), metrics, **further)
    return fit(subject, task, STANDARD)


def test_values_are_written_with_an_input_where_a_size_is_one_of_them() -> None:
    subject = subject_of("resnet50")
    assert subject.written({"width": 32}) == {"width": 32}
    assert subject.written({"width": 32, "h": 97}) == {"width": 32, "input": (3, 97, 224)}


def test_the_most_frequent_reason_is_first() -> None:
    refusals = Refusals()
    for name, count in (("b", 1), ("three", 3), ("a", 1), ("two", 2)):
        refusals.add(UsageError(name), {}, count)
    assert [refusal.message for refusal in refusals.listed()] == ["three", "two", "a", "b"]


@each_of(ANSWERS)
def test_the_largest_value_that_fits_and_the_next(
    model: str, vary: str, limit: str, fits: Any, following: Any, refused: int
) -> None:
    answer = fitted(model, vary, most=(limit,))
    word, name = limit.partition("=")[0], vary.partition("=")[0]
    assert answer.best is not None
    assert answer.next is not None
    assert (answer.best.values[name], answer.best.amounts[word]) == fits
    assert (answer.next.values[name], answer.next.amounts[word]) == following
    assert sum(refusal.designs for refusal in answer.refusals) == refused
    assert answer.tried == len(answer.axes[0].values)


def test_a_limit_is_said_without_the_space_that_it_was_written_with() -> None:
    assert [str(limit) for limit in limits_of(("macs = 300M ",), ())] == ["MACs ≤ 300M"]


def test_several_limits_hold_at_once() -> None:
    answer = fitted("mobilenet_v2", "width", most=("macs=300M", "params=3M"))
    assert answer.best is not None
    assert answer.best.values == {"width": 0.87}
    assert answer.best.amounts == {"params": 2_986_392, "macs": 255_019_248}


def test_the_best_has_most_of_what_is_maximized_and_nothing_comes_next() -> None:
    """Of 71,701,760 MACs at 0.5 and 192, and 69,129,728 at 0.75 and 128."""

    def best(model: str, *vary: str) -> tuple[Fit, TriedDesign]:
        limits = ("macs=72M", "peak=8MiB")
        answer = fitted(model, *vary, most=limits, maximize=METRICS["macs"])
        assert answer.best is not None
        return answer, answer.best

    answer, design = best("mobilenet_v2", "width=0.5,0.75", "size=128,192")
    assert design.values == {"width": 0.5, "size": 192}
    assert list(design.amounts) == ["params", "macs", "peak"]
    assert (answer.fitting, answer.tried) == (3, 4)
    answer, design = best("mobilenet_v2@192", "width=0.5,0.75")
    assert (design.values, answer.next) == ({"width": 0.5}, None)


def test_what_is_written_and_what_has_the_same_numbers_are_told() -> None:
    answer = fitted("efficientnet_b0", "size", most=("macs=300M",))
    assert [point.values for point in answer.twins] == [{"size": 191}]
    assert answer.now is not None
    assert (answer.now.values, answer.now.amounts["macs"]) == ({"size": 224}, 385_814_752)
    assert answer.axes[0].written == "23 to 896 by 1"


def test_the_nearest_is_told_where_nothing_fits() -> None:
    answer = fitted("mobilenet_v2", "width=0.5,1.0", most=("params=1M",))
    assert answer.best is None
    assert answer.nearest is not None
    assert answer.nearest.values == {"width": 0.5}


def test_nearest_is_what_is_beyond_its_limits_by_the_least_share() -> None:
    """Of params 3 are twice the limit too many, and of MACs 280 are 1.8 times too many."""
    tried = [
        TriedDesign({"a": 1}, {"params": 3, "macs": 250}),
        TriedDesign({"a": 2}, {"params": 2, "macs": 280}),
    ]
    for params in ("1", "1.9"):  # what counts whole is at most 1 in both
        assert _nearest(tried, limits_of((f"params={params}", "macs=100"), ())) == tried[1]


def test_a_rule_ties_values_to_what_varies() -> None:
    rules = (rule_of("width=1.1**phi"), rule_of("depth=1.2**phi"))
    answer = fitted("efficientnet_b0", "phi=0:3", most=("params=10M",), rules=rules)
    assert answer.best is not None
    assert answer.settings["depth"] == 1.2 ** answer.best.values["phi"]
    by_hand = fitted(
        f"efficientnet_b0@depth={answer.settings['depth']!r}",
        f"width={answer.settings['width']!r}",
        most=("params=10M",),
    )
    assert by_hand.best is not None
    assert by_hand.best.amounts == answer.best.amounts


def test_of_several_axes_the_best_has_most_of_what_is_maximized() -> None:
    metric = METRICS["macs"]
    answer = fitted(
        "mobilenet_v2", "width=0.5,0.75,1", "size=160:224:32", most=("macs=200M",), maximize=metric
    )
    assert answer.best is not None
    costing = Costing(subject_of("mobilenet_v2"), STANDARD, [metric])
    all_of_them = {
        costing({"width": width, "size": size})[0]
        for width in (0.5, 0.75, 1)
        for size in (160, 192, 224)
    }
    assert answer.best.amounts["macs"] == max(m for m in all_of_them if m <= 200_000_000)


def test_a_search_for_the_largest_needs_an_order() -> None:
    with pytest.raises(UsageError, match="--maximize"):
        fitted("mobilenet_v2", "width=0.5,1", "size=160,192", most=("macs=1G",))
    with pytest.raises(UsageError, match="not numbers"):
        fitted("resnet50", "depths=[3,4,6,3],[2,2,2,2]", most=("macs=1G",))
    with pytest.raises(UsageError, match=r"--vary widht: .* \(did you mean 'width'\?\)"):
        space("mobilenet_v2", vary={"widht": None})
    with pytest.raises(UsageError, match="no value 'widht' to vary"):
        fitted("mobilenet_v2", "widht=1,2", most=("macs=1G",))


@each_of(
    [
        ("x=0.5:1:0.25", [0.5, 0.75, 1.0]),
        ("x=1:4", [1, 2, 3, 4]),
        ("x=0.1:0.3:0.1", [0.1, 0.2, 0.3]),
        ("x=1,2.5,true,relu", [1, 2.5, True, "relu"]),
        ("x=[3,4],[5,6]", [(3, 4), (5, 6)]),
    ]
)
def test_values_are_those_that_are_written(text: str, values: list[Any]) -> None:
    axis = axis_of(text, nothing, setting_value)
    assert list(axis.values) == values
    assert [type(value) for value in axis.values] == [type(value) for value in values]


@each_of([(64, 7, 256, 250), (1.0, 0.1, 4.0, 391), (1, 1, 4, 4)])
def test_a_bare_name_goes_from_a_tenth_to_four_times_its_value(present: Any) -> None:
    value, first, last, count = present
    axis = axis_of("x", lambda name: value, setting_value)
    assert (axis.values[0], axis.values[-1 + len(axis.values)], len(axis.values)) == (
        *(first, last, count),
    )


@each_of(
    [
        ("x=1:0", "A must be at most B"),
        ("x=1:2:0", "STEP more than 0"),
        ("x=a:b", "in numbers"),
        ("x=0.5..1", "in numbers"),
        ("x=16-64", "in numbers"),
        ("x=.5 to 1", "in numbers"),
        ("x=0:1:1e-9", "more than 10,000,000 values"),
        ("x=1:1e999999:1", "in numbers"),
        ("x=1:nan", "in numbers"),
        ("x=", "write NAME="),
        ("=1", "write NAME="),
        ("x", "x is not a value of the model; say which values: x=A:B:STEP"),
    ]
)
def test_what_cannot_be_an_axis_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        axis_of(text, nothing, setting_value)


def test_an_axis_around_a_list_asks_for_lists() -> None:
    with pytest.raises(UsageError, match=r"depths is \[2, 8\] now; say which values: depths=\[…"):
        axis_of("depths", {"depths": (2, 8)}.get, setting_value)


@pytest.mark.parametrize("few", [0, 100])
def test_by_numpy_or_without_it_designs_are_what_each_is_alone(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bncalc.search.fit._PLAIN", few)
    costing = Costing(subject_of("mobilenet_v2"), STANDARD, [METRICS["macs"], METRICS["peak"]])
    designs = [{"width": value} for value in (0.1, 0.35, 0.5, 0.7, 0.99, 1.0, 1.4, 2.0, 3.3)]
    assert worked_out(costing, designs)[0] == one_by_one(costing, designs)[0]


@each_of([(999, False), (1000, False), (1001, True)])
def test_a_lower_limit_between_two_whole_numbers_is_the_upper_one(amount: int, kept: bool) -> None:
    assert keeps(limits_of((), ("params=1.0005k",)), {"params": amount}) is kept


OWN_BLOCKS = """\
input: [3, 32, 32]
defaults: {norm: batch, act: relu}
vars: {a: 8, depths: [1, 2]}
define:
  pair:
    args: {out: 8}
    layers: [{conv: {out: =out}}, {conv: {out: "=divisible(out, 8)"}}]
layers:
  - {pair: {out: =a}, repeat: "=depths[0]"}
  - {bottleneck: {mid: =a, out: =a*2}, repeat: "=depths[1]"}
  - global_avg_pool
  - linear: {out: 10}
"""


@pytest.mark.parametrize("kept", [1, 1000])
def test_what_designs_share_is_built_once_and_counts_the_same(
    kept: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamping, "KEPT", kept)
    path = tmp_path / "net.yaml"
    path.write_text(OWN_BLOCKS)
    words = ("params", "macs", "peak", "traffic")
    work = Costing(subject_of(str(path)), STANDARD, [METRICS[word] for word in words])
    designs = [
        {"a": a, "depths[1]": depth, "size": size, "batch": batch}
        for a in (8, 9, 64)
        for depth, size, batch in ((1, 32, 1), (3, 32, 1), (1, 40, 2))
    ]
    rows, refusals = one_by_one(work, designs)
    assert not refusals.listed()
    for design, row in zip(designs, rows, strict=True):
        size = design["size"]
        settings = {"a": design["a"], "depths": [1, design["depths[1]"]]}
        graph = bncalc.network(str(path), vars=settings, input=(3, size, size))
        alone = bncalc.measure(graph, bncalc.Assumptions(batch=design["batch"]))
        assert row == tuple([METRICS[word].total(alone) for word in words])
