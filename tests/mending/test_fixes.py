"""Single edits that meet a budget: worked by hand, applied to random files, and counted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.mending.networks import files
from tests.rows import each_of

from bncalc.analysis.assumptions import STANDARD
from bncalc.analysis.measurement import measure
from bncalc.analysis.report import Report
from bncalc.errors import SpecError
from bncalc.language.model import read_language
from bncalc.language.nodes import YamlNode
from bncalc.language.source import read
from bncalc.language.written_values import rewritten, written
from bncalc.mending import fixes as mending
from bncalc.mending import trial
from bncalc.mending.fix import Fix
from bncalc.mending.fixes import MOST, fixes
from bncalc.mending.trial import Ceiling, Exhausted, Trials
from bncalc.model.reading import Request
from bncalc.zoo import file_of


def reader(text: str, **others: str):
    """Return a reader that knows the file `f`, and others by name."""

    def read_text(path: str) -> YamlNode:
        return read({"f": text, **others}[path], path)

    return read_text


def report_of(text: str, part: str = "", **settings: object) -> Report:
    return measure(
        read_language(Request("f", part, settings), reader(text))[0].designs[0].graph, STANDARD
    )


def at_most(metric: str, most: int) -> Ceiling:
    return Ceiling(f"{metric} <= {most}", lambda report: getattr(report.totals, metric), most)


def found(text: str, *bounds: Ceiling, part: str = "", **settings: object):
    """Return the fixes of all bounds, each once."""
    answers = fixes(Request("f", part, settings), STANDARD, bounds, reader(text))
    assert len(answers) == len(bounds)
    return tuple(dict.fromkeys(fix for answer in answers for fix in answer or ()))


def said(fix: Fix) -> str:
    return f"{fix.field} {fix.old} {fix.bound} {fix.new} meets {', '.join(fix.meets)}"


def applied(text: str, fix: Fix) -> str:
    """Return the text with a fix applied as a person would."""
    (old,) = [value for value in written(read(text, "f")) if value.location == fix.location]
    assert (old.name, old.text) == (fix.field, fix.old)
    return rewritten(text, old, read(fix.new, "new").value)  # type: ignore[union-attr]


def mobilenet(head: int) -> str:
    """Return MobileNetV2 with its widths written as numbers, and a head of another width."""
    text = Path(file_of("mobilenet_v2")).read_text(encoding="utf-8")
    text = re.sub(r'"=divisible\(([0-9]+)\*width, 8\)"', r"\1", text)
    text = text.replace("vars: {width: 1.0}\n", "")
    body, _, _ = text.partition("  - conv: {out: ")
    return body + (
        f"  - id: head\n    stage:\n      - conv: {{out: {head}, kernel: 1}}\n"
        "      - global_avg_pool\n      - linear: {out: 1000, bias: true}\n"
    )


def test_the_widened_head_of_mobilenet_is_at_most_1648_wide_for_4m_params():
    text = mobilenet(1920)
    assert report_of(mobilenet(1280)).totals.params == 3_504_872
    assert report_of(text).totals.params == 4_350_952
    # The head of h channels: 320·h weights, 2·h of its norm, 1000·h of the linear layer behind it.
    rest = 4_350_952 - 1920 * (320 + 2 + 1000)
    assert (4_000_000 - rest) // 1322 == 1654
    assert report_of(mobilenet(1654)).totals.params <= 4_000_000
    assert report_of(mobilenet(1655)).totals.params > 4_000_000
    limit = Ceiling("params <= 4M", lambda report: report.totals.params, 4_000_000)
    assert said(found(text, limit)[0]) == "head.conv.out 1920 <= 1648 meets params <= 4M"


def test_two_broken_bounds_are_met_together():
    text, base = mobilenet(1920), 3_504_872
    limit = Ceiling("params <= 4M", lambda report: report.totals.params, 4_000_000)
    growth = Ceiling("growth <= 1%", lambda report: report.totals.params, base * 101 // 100)
    first = found(text, limit, growth)[0]
    assert said(first) == "head.conv.out 1920 <= 1304 meets params <= 4M, growth <= 1%"


LAYERS = "input: [8, 16, 16]\nlayers:\n"


@each_of(
    [
        # 8·9·64 weights
        ("- conv: {out: 64}", ("params", 3000), "conv.out 64 <= 40"),
        ("- conv: {out: 41}", ("params", 3000), ""),
        # groups divide both sides, so 54 cannot be; 64 is a multiple of 8, and so is 48, not 52
        ("- conv: {out: 64, groups: 4, kernel: 1}", ("params", 110), "conv.out 64 = 48"),
        # 4 weights a channel, of which only even numbers can be: 5 cannot, which 4 and 2 can
        ("- conv: {out: 6, groups: 2, kernel: 1}", ("params", 8), "conv.out 6 = 2"),
        # an input of one row leaves nothing to pool: 8·9·64 for each position
        (
            "- conv: {out: =64}\n- max_pool: {kernel: =2, stride: =2}",
            ("macs", 148_000),
            "input[1] 16 = 2",
        ),
        # 8·9·out of the first copy, out·9·out of the others
        ("- {conv: {out: 8, kernel: 3}, repeat: 8}", ("params", 3000), "conv.out 8 <= 6"),
        # 8·9·9 for each channel: a width goes before a kernel
        ("- {conv: {out: 8, kernel: 9}}", ("params", 1400), "conv.out 8 <= 2"),
        # no classes are taken from a classifier
        ("- global_avg_pool\n- linear: {out: 100}", ("params", 799), ""),
        ("- conv: {out: 8}", ("params", 1), ""),
        # a bias that the norm takes out again
        ("- conv: {out: 8, bias: true, norm: batch}", ("params", 592), "conv.bias true = false"),
        ("- conv: {out: 8, bias: true, norm: layer}", ("params", 592), "conv.out 8 <= 7"),
        # a norm and a sum read it: the sum would miss the bias
        (
            "- {id: a, conv: {out: =8, bias: true}}\n- batch_norm\n- add: {from: [a, in]}",
            *(("params", 592), ""),
        ),
    ]
)
def test_edits_worked_by_hand(layers, bound, first):
    answer = found(LAYERS + layers, at_most(*bound))
    words = [said(fix).partition(" meets")[0] for fix in answer]
    if first in (None, ""):
        assert words == []
    else:
        assert words[0] == first


def test_a_stride_is_raised():
    answer = found(LAYERS + "- conv: {out: =8, stride: 1, kernel: =3}", at_most("macs", 36864))
    assert [said(fix) for fix in answer if "stride" in fix.field] == [
        "conv.stride 1 >= 2 meets macs <= 36864"
    ]


def test_what_must_be_at_least_something_is_raised():
    least = Ceiling("params >= 3000", lambda report: -report.totals.params, -3000)
    assert said(found(LAYERS + "- conv: {out: 40}", least)[0]) == (
        "conv.out 40 >= 48 meets params >= 3000"
    )


def test_a_value_that_holds_where_a_further_one_does_not_is_the_only_one_known():
    """1×1 convolutions of 8, 1 and out channels around a 3×3: 8·8 + 8 + 9 + out weights.

    A projection of 8·out is added, unless 8 are put out as 8 came in.
    """
    text = LAYERS + "- conv: {out: =8, kernel: =1}\n- bottleneck: {mid: =1, out: 2}"
    least = Ceiling("params >= 108", lambda report: -report.totals.params, -108)
    assert said(found(text, least)[0]).startswith("bottleneck.out 2 = 3 ")


TWICE = "input: [=8, =8, =8]\nvars: {a: 512}\nlayers: [{conv: {out: =a}, repeat: =2}]"


@each_of(
    [
        # 72 params a channel. Half is too much, and 22.3 of 32 steps to that would do, which is 2.8
        # eights; 48 would not do. Then what lies below 40: the next, the middle and the last.
        (LAYERS.replace("[8, 16, 16]", "[8, =8, =8]") + "- conv: {out: 64, kernel: =3}",
         3000, [32, 40, 48, 39, 21, 1]),
        # 72·a + 9·a². Half gains so much that 342 of 256 steps seem to do, with a twentieth more 45
        # eights, then the middle of what is left, then the last, which does. Between 80 and 8 the
        # line leads next to 8, so the middle is next, then the line once more.
        (TWICE, 5000, [256, 152, 80, 8, 16, 48, 24, 15, 9, 1]),
    ]
)  # fmt: skip
def test_the_values_that_are_tried(text, most, tried):
    values = []

    class Recorded(Trials):
        def edited(self, written, value):
            values.append(value)
            return super().edited(written, value)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mending, "Trials", Recorded)
        assert found(text, at_most("params", most))
    assert values == tried


def test_a_bound_that_is_kept_stays_kept():
    text = LAYERS + "- conv: {out: 64}\n- conv: {out: 64}"
    params, least = (
        at_most("params", 40_000),
        Ceiling("macs >= 10M", lambda report: -report.totals.macs, -10_000_000),
    )
    assert {fix.field for fix in found(text, params)} == {"conv1.out", "conv2.out"}
    for fix in found(text, params, least):
        assert report_of(applied(text, fix)).totals.macs >= 10_000_000
    assert found(text, params, Ceiling("macs >= 10.6M", least.number, -10_600_000)) == ()


def test_where_no_edit_meets_both_bounds_each_has_its_own():
    text = (
        "input: [8, 16, 16]\nlayers:\n- {id: a, conv: {out: =8, kernel: =3, stride: 1}}\n"
        "- {id: b, linear: {out: 900}}"
    )
    now = report_of(text)
    first = Ceiling("layer a", lambda report: report.layers[0].cost.macs, 100_000)
    second = Ceiling("layer b", lambda report: report.layers[1].output.channels, 500)
    assert now.layers[0].cost.macs > 100_000
    own, none = fixes(Request("f"), STANDARD, (first, second), reader(text))
    assert own is not None
    assert {fix.field: fix.meets for fix in own}["a.conv.stride"] == ("layer a",)
    assert none == ()


def test_a_part_that_is_no_more_keeps_no_bound():
    text = LAYERS + "- {id: s, conv: {out: 8}, repeat: 4}"

    def last_copy(report: Report) -> int | None:
        costs = {layer.path: layer.cost.params for layer in report.layers}
        return costs.get("s/3")

    answer = found(text, Ceiling("s/3 params <= 500", last_copy, 500))
    assert [fix.field for fix in answer] == ["s.conv.out"]


VARIANTS = """\
input: [3, 32, 32]
vars: {width: 1.0, depth: 2, spare: 64}
variants:
  small: {depth: 3}
  large: {depth: 9, width: 2}
layers:
- {id: body, conv: {out: "=divisible(64*width, 8)"}, repeat: =depth}
"""


def test_a_variant_is_mended_where_it_is_written():
    answer = found(VARIANTS, at_most("params", 60_000), part="small")
    assert [fix.field for fix in answer] == ["vars.width", "variants.small.depth"]
    assert all("body" not in fix.field for fix in answer)
    again = found(VARIANTS, at_most("params", 60_000), part="small", width=1)
    assert [fix.field for fix in again] == ["variants.small.depth"]


def test_one_alternative_is_mended_by_its_own_values():
    text = "input: [8, 8, 8]\nblocks:\n  one: {plain: {out: 8}}\n  two: {plain: {out: 16}}\n"
    answer = found(text, at_most("params", 1000), part="two")
    assert said(answer[0]) == "blocks.two.plain.out 16 <= 13 meets params <= 1000"


def test_included_files_are_left_alone():
    own = "define:\n  mine: {layers: [{conv: {out: 64}}]}\n"
    text = "include: own.yaml\ninput: [8, 8, 8]\nlayers: [mine]\n"
    answer = fixes(
        Request("f"), STANDARD, (at_most("params", 9),), reader(text, **{"own.yaml": own})
    )
    assert answer == ((),)


def test_a_model_that_cannot_be_built_has_its_problems():
    with pytest.raises(SpecError, match="kernal"):
        found(LAYERS + "- conv: {out: 8, kernal: 3}", at_most("params", 1))


def test_a_model_within_its_bounds_needs_none():
    text = LAYERS + "- conv: {out: 8}"
    bounds = (at_most("params", 10_000), at_most("macs", 10**9))
    assert fixes(Request("f"), STANDARD, bounds, reader(text)) == (None, None)


def test_a_bound_that_is_broken_by_one_is_mended():
    text = LAYERS + "- conv: {out: 8}"
    now = report_of(text).totals.params
    exact, below = (fixes(Request("f"), STANDARD, (at_most("params", most),), reader(text))[0]
                    for most in (now, now - 1))  # fmt: skip
    assert exact is None
    assert below


def test_a_large_network_takes_a_bounded_number_of_trials(monkeypatch):
    built: list[object] = []
    edited = Trials.edited

    def counted(self, written, value):
        built.append(value)
        return edited(self, written, value)

    monkeypatch.setattr(Trials, "edited", counted)
    (answer,) = fixes(
        Request(file_of("resnet50"), "resnet50"), STANDARD, (at_most("params", 23_000_000),)
    )
    assert answer is not None
    assert len(answer) == MOST
    assert len(built) <= trial.LAYERS // 175 + 2


@each_of([(1, 200), (99, 60), (999, 24), (1000, 0)])
def test_a_larger_network_is_built_less_often(layers, times):
    text = LAYERS + f"- {{conv: {{out: 8}}, repeat: {layers}}}"  # and the input
    trials = Trials(Request("f"), STANDARD, (), reader(text))
    assert trials.limit == times


def test_trials_end_at_their_limit():
    text = LAYERS + "- conv: {out: 8}"
    trials = Trials(Request("f"), STANDARD, (), reader(text))
    trials.limit = 2
    (out,) = [value for value in written(read(text, "f")) if value.name.endswith("out")]
    assert all(trials.of(out, width) for width in (7, 6, 7))
    with pytest.raises(Exhausted):
        trials.of(out, 5)


def test_a_network_too_large_to_be_built_often_has_no_answer(monkeypatch):
    text = LAYERS + "- {conv: {out: 8}, repeat: 9}"
    bounds = (at_most("params", 4000),)
    (answer,) = fixes(Request("f"), STANDARD, bounds, reader(text))
    assert answer
    monkeypatch.setattr(trial, "MOST_MENDED", 100)
    assert fixes(Request("f"), STANDARD, bounds, reader(text)) == (None,)


@each_of([("2.5", 45, "="), ("2.5", 20, "<="), ("0.75", 50, "<=")])
def test_a_factor_that_passes_1_is_said_of_its_own_value(
    expand: str, share: int, bound: str
) -> None:
    """Where it is 1 there is one layer less than on both sides."""
    text = f"input: [64, 16, 16]\nlayers: [{{inverted_residual: {{expand: {expand}, out: 64}}}}]\n"
    macs = report_of(text).totals.macs
    (fix,) = [
        fix for fix in found(text, at_most("macs", macs * share // 100)) if "expand" in fix.field
    ]
    assert fix.bound == bound


# Random files

METRICS = ("params", "macs", "activations", "flops", "peak_activation_bytes", "traffic_bytes")


@given(
    files(),
    st.lists(st.tuples(st.sampled_from(METRICS), st.integers(200, 1100)), min_size=1, max_size=2),
    st.randoms(use_true_random=False),
)
@settings(max_examples=8)
def test_every_fix_applied_to_the_file_meets_what_it_says(text, shares, random):
    try:
        now = report_of(text)
    except SpecError:
        assume(False)
    bounds = [at_most(name, getattr(now.totals, name) * share // 1000) for name, share in shares]
    kept = [bound for bound in bounds if bound.excess(now) <= 0]
    for fix in found(text, *bounds):
        assert fix.meets
        promised = kept + [bound for bound in bounds if bound.written in fix.meets]
        after = applied(text, fix)
        assert all(ceiling.excess(report_of(after)) <= 0 for ceiling in promised)
        for further in values_beyond(fix, random):
            try:
                report = report_of(applied(text, fix._replace(new=further)))
            except SpecError:
                continue
            assert all(ceiling.excess(report) <= 0 for ceiling in promised), (said(fix), further)


def values_beyond(fix: Fix, random) -> list[str]:
    """Return some values on the far side of a fix's bound."""
    if fix.bound == "=":
        return []
    if "." in fix.new:
        return [repr(round(float(fix.new) * random.random(), 2) or 0.01) for _ in range(3)]
    new = int(fix.new)
    beyond = range(1, new) if fix.bound == "<=" else range(new + 1, 4 * new)
    return [str(value) for value in random.sample(beyond, min(4, len(beyond)))]
