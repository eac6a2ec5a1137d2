"""A check has one sentence, and what helps with it, in every format."""

from tests.render.verdict.examples import (
    CAUSE,
    CLEAN,
    FAILED,
    GROWN,
    LAYERS,
    PULL_REQUEST,
    SKIPPED,
    WARNED,
    WEIGHTS,
    WELL,
    fix,
    verdict,
)
from tests.rows import each_of

from bncalc.budget.verdict import Check, Subject
from bncalc.change.reasons import LayerChange, Why
from bncalc.errors import Location
from bncalc.render.verdict.ranking import findings
from bncalc.render.verdict.wording import (
    advice,
    explained,
    headline,
    labels,
    sentence,
    verdict_line,
)

LAYER = FAILED._replace(
    rule="BN102",
    subject=FAILED.subject._replace(scope="layer", path="head.fc"),
    written="25%",
    value=1_921_000,
    bound=1_087_738,
)


@each_of(
    [
        (FAILED, "params 4,350,952 exceeds limit 4,000,000 by 350,952"),
        (FAILED._replace(value=4_000_001), "params 4,000,001 exceeds limit 4,000,000 by 1"),
        (FAILED._replace(bound=0), "params 4,350,952 exceeds limit 0 by 4,350,952"),
        (WARNED, "MACs 311,449,472 exceeds warning limit 310,000,000 by 1,449,472"),
        (WELL, "params 1,200,000 is within limit 4,000,000"),
        (WEIGHTS._replace(status="fail", value=18 * 1024**2 + 1),
         "weights 18,874,369 B exceeds limit 18,874,368 B by 1 B"),
        (LAYER, "head.fc: params 1,921,000 exceeds 25% of the model, 1,087,738, by 833,262"),
        (FAILED._replace(rule="BN103", metric="macs", value=3, bound=5),
         "MACs 3 is less than 5 by 2"),
        (FAILED._replace(rule="BN103", value=7, bound=5), "params 7 is at least 5"),
        (FAILED._replace(rule="BN103", value=5, bound=5), "params 5 is at least 5"),
        (FAILED._replace(value=4_000_000), "params 4,000,000 is within limit 4,000,000"),
        (GROWN,
         "params grew by 846,080 (+24.1 %), from 3,504,872 to 4,350,952; allowed 1% (35,048)"),
        (GROWN._replace(written="20k", bound=3_524_872),
         "params grew by 846,080 (+24.1 %), from 3,504,872 to 4,350,952; allowed 20,000"),
        (GROWN._replace(base=0, bound=0, written="0"),
         "params grew by 4,350,952, from 0 to 4,350,952; allowed 0"),
        (GROWN._replace(value=GROWN.base or 0), "params is unchanged at 3,504,872"),
        (GROWN._replace(value=3_504_871),
         "params fell by 1 (−<0.1 %), from 3,504,872 to 3,504,871"),
        (SKIPPED, f"params: {SKIPPED.reason}"),
        (FAILED._replace(status="skip", reason="the base broke it"), "params: the base broke it"),
        (FAILED._replace(metric="peak", value=9, bound=8), "peak 9 B exceeds limit 8 B by 1 B"),
    ]
)  # fmt: skip
def test_a_sentence_says_what_was_found_to_the_last_digit(check: Check, text: str) -> None:
    assert sentence(check) == text


def test_a_headline_has_a_place_a_code_and_a_budget() -> None:
    names = labels(PULL_REQUEST)
    path = "models/mobile/mbv2_x1.yaml"
    assert headline(FAILED, names) == f"{path}:41:10: BN101 {sentence(FAILED)} [mobile]"
    assert ": BN101 warning: MACs " in headline(WARNED, names)
    whole = FAILED._replace(location=WELL.location)
    assert headline(whole, names).startswith("models/mobile/tiny.yaml: BN101 params ")


def test_a_headline_names_the_design_of_a_file_that_holds_several() -> None:
    two = [FAILED._replace(subject=Subject("a.yaml", name)) for name in ("plain", "bottleneck")]
    names = labels(verdict(*two, FAILED))
    assert ":41:10: BN101 plain: params 4,350,952 exceeds" in headline(two[0], names)
    assert ":41:10: BN101 params 4,350,952 exceeds" in headline(FAILED, names)
    picked = FAILED._replace(subject=Subject("a.yaml#plain", "plain"))
    assert ": BN101 plain: params " in headline(picked, labels(verdict(picked)))
    set_to = FAILED._replace(subject=Subject("a@width=2", "a@width=2"), location=Location("a"))
    assert headline(set_to, labels(verdict(set_to))).startswith("a: BN101 @width=2: params ")
    scales = [FAILED._replace(subject=Subject("y.yaml@64", f"y#{name}@64")) for name in "ns"]
    assert [*labels(verdict(*scales)).values()] == ["y.yaml#n@64", "y.yaml#s@64"]
    alike = [FAILED._replace(subject=Subject("y.yaml", name)) for name in ("c#1", "d#1")]
    assert [*labels(verdict(*alike)).values()] == ["y.yaml#c#1", "y.yaml#d#1"]
    odd = picked._replace(subject=Subject("a #1.yaml", "a"), location=Location("a #1.yaml", 4, 1))
    assert "a #1.yaml:4:1: BN101 params " in headline(odd, labels(verdict(odd)))


def test_why_names_the_layers_that_changed_and_what_changed_them() -> None:
    why = "head.fc +640,000, head.conv +204,800, head.conv.norm +1,280"
    assert advice(FAILED)[0] == ("why", f"{why} (changed: head.conv.out 1280 → 1920)")
    more = (LayerChange("new", None, 9), LayerChange("a", 5, None), LayerChange("b", 1, 3))
    changed = FAILED._replace(why=Why((*more[:2], *LAYERS, more[2])))
    assert advice(changed)[0][1] == (
        "new +9 (new), a −5 (removed), head.fc +640,000, head.conv +204,800, 2 more +1,282"
    )


def test_without_a_base_why_names_the_largest_layers() -> None:
    largest = Why((LayerChange("head.fc", None, 1_921_000), LayerChange("stem", None, 864)))
    assert advice(FAILED._replace(base=None, why=largest))[0] == (
        "why",
        "largest: head.fc 1,921,000, stem 864",
    )


def test_what_has_not_changed_names_the_largest_layers_too() -> None:
    largest = Why((LayerChange("head.fc", None, 1_921_000),))
    unchanged = FAILED._replace(base=FAILED.value, why=largest)
    assert advice(unchanged)[0] == ("why", "largest: head.fc 1,921,000")


def test_edits_that_would_mend_two_designs_are_said_of_each() -> None:
    two = [FAILED._replace(subject=Subject("a.yaml", name)) for name in ("plain", "bottleneck")]
    assert [len(group) for group in explained(two)] == [1, 1]
    assert [len(group) for group in explained([two[0], two[0]])] == [2]


def test_a_fix_says_what_it_meets_and_none_is_said_too() -> None:
    assert [text for word, text in advice(FAILED) if word == "fix"] == [
        "head.conv.out <= 1654 (now 1920) meets params <= 4M",
        "head.conv.out <= 1306 (now 1920) meets params <= 4M and params growth <= 1%",
    ]
    assert dict(advice(FAILED._replace(fixes=())))["fix"] == "no single edit meets it"
    assert "fix" not in dict(advice(FAILED._replace(fixes=None)))
    exactly = fix("96", "params <= 4M")._replace(bound="=")
    assert "head.conv.out = 96 (now 1920)" in dict(advice(FAILED._replace(fixes=(exactly,))))["fix"]


def test_the_same_advice_is_given_once() -> None:
    together = explained(findings(PULL_REQUEST))
    assert [[check.rule for check, _ in group] for group in together] == [
        ["BN201", "BN101"],
        ["BN101"],
    ]
    bare = FAILED._replace(why=None, fixes=None, message="")
    assert explained([bare, FAILED, WELL]) == [
        [(bare, ()), (WELL, ())],
        [(FAILED, advice(FAILED))],
    ]


def test_edits_that_mend_several_findings_are_named_below_the_last() -> None:
    other = FAILED._replace(metric="macs", why=Why((LayerChange("conv", None, 9),)))
    [[(first, why), (last, help)]] = explained([other, FAILED])
    assert (first, last) == (other, FAILED)
    assert [word for word, _ in why] == ["why"]
    assert help == advice(FAILED)


def test_the_worst_comes_first() -> None:
    far = FAILED._replace(value=9_000_000)
    near = FAILED._replace(value=4_000_200)  # by more than the next, and less of its bound
    low = FAILED._replace(rule="BN103", value=1, bound=100)
    assert findings(verdict(WARNED, near, low, WELL, far)) == [far, low, near, WARNED]


@each_of(
    [
        (
            PULL_REQUEST.checks,
            "FAIL: 2 of 8 checks failed, 1 warning, 4 passed, 1 skipped (3 models).",
        ),
        (CLEAN.checks, "ok: 2 checks passed (1 model)."),
        ((WARNED, WELL), "WARN: 1 warning, 1 passed (2 models)."),
        ((), "skip: nothing was checked (0 models)."),
        ((FAILED,), "FAIL: 1 of 1 check failed (1 model)."),
    ]
)
def test_the_last_line_is_the_verdict(checks: tuple[Check, ...], text: str) -> None:
    assert verdict_line(verdict(*checks)) == text


def test_alternatives_of_a_file_are_told_apart() -> None:
    two = [WELL._replace(subject=Subject("a.yaml", name)) for name in ("plain", "bottleneck")]
    named = labels(verdict(*two, FAILED))
    assert list(named.values()) == ["a.yaml#plain", "a.yaml#bottleneck", FAILED.subject.model]


def test_the_cause_may_stand_alone() -> None:
    alone = FAILED._replace(why=Why((), (CAUSE,)))
    assert advice(alone)[0] == ("why", "(changed: head.conv.out 1280 → 1920)")
