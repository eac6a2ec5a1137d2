"""Checks of real models, in real repositories where there is a base."""

from pathlib import Path

import pytest
from tests import shipped
from tests.repository import FAMILY, Repository, net
from tests.rows import each_of

import bncalc
from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.measurement import measure
from bncalc.analysis.metric import METRICS, additive, analyses, limitable
from bncalc.analysis.training import Training
from bncalc.budget.budgets import Budgets
from bncalc.budget.check import check
from bncalc.budget.parts import by_path, parts
from bncalc.budget.reader import decode_budgets, read_budgets
from bncalc.budget.verdict import Check, Verdict
from bncalc.errors import Location, SpecError, UsageError
from bncalc.language.source import read

PARAMS = {64: 6_106, 96: 7_514}
"""Of `net()` with a head of so many channels: 464 + 1632 + 1184 + 44 · head + 10."""


def budgets(*items: str, more: str = "") -> Budgets:
    lines = "\n".join(f"- {{name: b{number}, {item}}}" for number, item in enumerate(items))
    return decode_budgets(read(f"version: 1\n{more}\nbudgets:\n{lines}\n", "b.yaml"))


def statuses(verdict: Verdict) -> list[tuple[str, str, str]]:
    return [(check.rule, check.metric, check.status) for check in verdict.checks]


def one(verdict: Verdict) -> Check:
    (single,) = verdict.checks
    return single


def problem(limits: Budgets, **options: bool) -> str:
    with pytest.raises(SpecError) as caught:
        check(limits, **options)  # type: ignore[arg-type]
    return str(caught.value)


# Numbers and parts


@each_of(["resnet50", "yolov5s", "inception_v3_aux", "vgg11"])
def test_what_the_stages_have_is_what_the_model_has(name: str) -> None:
    report = shipped.report(name)
    for metric in additive():
        sums, total = by_path(report, metric), metric.total(report)
        assert sum(sums[path] for path in parts(report, "stage")) == total, metric.word
        assert sum(sums[path] for path in parts(report, "layer")) == total, metric.word


def test_a_part_has_what_its_layers_have() -> None:
    report = shipped.report("resnet50")
    sums = by_path(report, METRICS["params"])
    assert all(sums[part.path] == part.cost.params for part in report.sections)


def test_blocks_are_the_parts_that_are_blocks() -> None:
    report = shipped.report("resnet50")
    places = parts(report, "block")
    assert len(places) == 3 + 4 + 6 + 3
    assert places[:4] == ["stage1/0", "stage1/1", "stage1/2", "stage2/0"]
    assert parts(report, "stage")[:5] == ["stem", "stem.norm", "stem.act", "max_pool", "stage1"]


# Limits


def test_a_limit_is_kept_or_broken_by_one() -> None:
    verdict = check(
        budgets("models: resnet50, limits: {params: 25_557_032}",
                "models: resnet50, limits: {params: 25_557_031}")
    )  # fmt: skip
    assert statuses(verdict) == [("BN101", "params", "pass"), ("BN101", "params", "fail")]
    assert verdict.failed
    broken = verdict.checks[1]
    assert (broken.value, broken.bound, broken.written) == (25_557_032, 25_557_031, "25_557_031")
    assert broken.subject == ("resnet50", "resnet50", "model", "")
    assert broken.budget_location == ("b.yaml", 5, 41)


@each_of([metric.word for metric in limitable()])
def test_every_metric_can_be_limited(metric: str) -> None:
    unit = " B" if METRICS[metric].unit == "bytes" else ""
    verdict = check(budgets(f"models: mobilenet_v2, limits: {{{metric}: 1{unit}}}"))
    assert one(verdict).status == "fail"
    report = measure(shipped.graph("mobilenet_v2"), also=analyses([METRICS[metric]]))
    assert one(verdict).value == METRICS[metric].total(report)


def test_warnings_do_not_fail() -> None:
    verdict = check(
        budgets("models: resnet50, limits: {macs: {max: 5G, warn: 4G}}",
                "models: resnet50, limits: {macs: 4G}, level: warn",
                "models: resnet50, limits: {macs: 4G}, level: off")
    )  # fmt: skip
    assert statuses(verdict) == [("BN101", "macs", "warn")] * 2
    assert not verdict.failed


def test_a_share_is_of_the_model() -> None:
    verdict = check(budgets("models: vgg16, scope: layer, match: '**', limits: {params: 74%}"))
    failed = [check for check in verdict.checks if check.status == "fail"]
    assert len(failed) == 1
    assert failed[0].rule == "BN102"
    assert failed[0].value == 25_088 * 4096 + 4096
    assert failed[0].bound == 138_357_544 * 74 // 100


def test_match_chooses_parts() -> None:
    verdict = check(
        budgets("models: resnet50, scope: stage, match: [stage*, '!stage4'], limits: {macs: 2G}")
    )
    assert [check.subject.path for check in verdict.checks] == ["stage1", "stage2", "stage3"]


def test_the_assumptions_are_those_of_the_file() -> None:
    more = "assume: {input: 3x192x192, batch: 2, dtype: int8}"
    verdict = check(budgets("models: mobilenet_v2, limits: {weights: 1 kB, macs: 1}", more=more))
    weights, macs = verdict.checks
    assert weights.value == 3_504_872 + 34_112
    assert macs.value == measure(bncalc.load("mobilenet_v2", input=(3, 192, 192))[0]).totals.macs
    assert (verdict.assumptions.batch, verdict.input) == (2, (3, 192, 192))


# Models


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b", "old/c"):
        path = tmp_path / f"models/{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(net(name=Path(name).name))
    return tmp_path


def models(verdict: Verdict) -> list[str]:
    return [check.subject.model for check in verdict.checks]


def test_models_are_chosen_by_globs_in_order(folder: Path) -> None:
    read = budgets("models: [resnet18, 'models/**/*.yaml', '!models/old/**'], limits: {params: 1}")
    assert models(check(read)) == ["resnet18", "models/a.yaml", "models/b.yaml"]


def test_models_are_seen_from_the_budget_file(folder: Path) -> None:
    file = folder / "models" / "bncalc.budget.yaml"
    text = "version: 1\nbudgets: [{name: a, models: '**.yaml', limits: {params: 1}}]"
    file.write_text(text.replace("**.yaml", "**/*.yaml"))
    read = read_budgets("models/bncalc.budget.yaml")
    assert models(check(read)) == ["models/a.yaml", "models/b.yaml", "models/old/c.yaml"]


def test_every_variant_and_alternative_is_checked(folder: Path) -> None:
    (folder / "family.yaml").write_text(
        "input: [8, 8, 8]\nvars: {out: 8}\nvariants: {small: {out: 4}, large: {out: 16}}\n"
        "layers: [{conv: {out: =out}}]\n"
    )
    (folder / "blocks.yaml").write_text(
        "input: [8, 8, 8]\nblocks: {plain: {plain: {out: 8}}, wide: {plain: {out: 16}}}\n"
    )
    verdict = check(
        budgets("models: [family.yaml, 'fam*#small', blocks.yaml], limits: {params: 576}")
    )
    statuses = [(*check.subject[:2], check.value, check.status) for check in verdict.checks]
    assert statuses == [
        ("family.yaml", "small", 288, "pass"),
        ("family.yaml", "large", 1152, "fail"),
        ("family.yaml#small", "small", 288, "pass"),
        ("blocks.yaml", "plain", 576, "pass"),
        ("blocks.yaml", "wide", 1152, "fail"),
    ]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("models: 'none/*.yaml', limits: {params: 1}", "b.yaml:4:22: error: no model matches"),
        ("models: [models/a.yaml, 'models/[ab].yaml'], limits: {params: 1}", "no file and no shi"),
        (
            "models: resent50, limits: {params: 1}",
            "no shipped model 'resent50' (did you mean 'resn",
        ),
        (
            "models: [models/a.yaml, models/b.yaml, '!models/*'], limits: {params: 1}",
            "b.yaml:4:53: error: the budget 'b0' excludes all of its models",
        ),
        ("models: models/a.yaml#x, limits: {params: 1}", "b.yaml:4:22: error: models/a.yaml hol"),
        ("models: resnet18, scope: layer, match: haed, limits: {params: 1}", "b.yaml:4:53: error:"),
    ],
)
def test_what_matches_nothing_is_no_silent_pass(folder: Path, item: str, said: str) -> None:
    assert said in problem(budgets(item))


def test_what_matches_nothing_may_be_allowed(folder: Path) -> None:
    read = budgets("models: 'none/*.yaml', limits: {params: 1}")
    assert check(read, allow_empty=True).checks == ()


def test_a_pattern_that_matches_nothing_hides_no_broken_model(folder: Path) -> None:
    (folder / "models/a.yaml").write_text("input: [3, 8, 8]\nlayers: [{conv: {uot: 8}}]\n")
    said = problem(
        budgets(
            "models: 'none/*.yaml', limits: {params: 1}",
            "models: ['models/*.yaml', 'torch:net:Net'], limits: {params: 1}",
        )
    )
    assert "b.yaml:4:22: error: no model matches 'none/*.yaml'" in said
    assert "error: torch:net:Net runs Python code, which needs --allow-code" in said
    assert "models/a.yaml:2:18: error: conv has no" in said


def test_every_broken_model_is_reported_at_once(folder: Path) -> None:
    (folder / "models/a.yaml").write_text("input: [3, 8, 8]\nlayers: [{conv: {uot: 8}}]\n")
    (folder / "models/b.yaml").write_text("layers: 7\n")
    said = problem(budgets("models: models/*.yaml, limits: {params: 1}"))
    assert "models/a.yaml:2:18: error: conv has no" in said
    assert "models/b.yaml:1:" in said


def test_only_some_models_may_be_asked_for(folder: Path) -> None:
    read = budgets(
        "models: models/*.yaml, limits: {params: 1}",
        "models: resnet18, scope: stage, match: stage1, limits: {params: 1}",
    )
    assert models(check(read, only=["./models/b.yaml"])) == ["models/b.yaml"]
    with pytest.raises(UsageError, match=r"no budget of b\.yaml covers resnet50"):
        check(read, only=["models/b.yaml", "resnet50"])


# Growth, against a base

GROWTH = "models: models/*.yaml, growth: {params: 1%, macs: 20k}"
REF = "base: {ref: main}"


def test_growth_is_measured_against_the_base(repository: Repository) -> None:
    assert statuses(check(budgets(GROWTH, more=REF))) == [
        ("BN201", "params", "pass"),
        ("BN201", "macs", "pass"),
    ]
    repository.write("models/net.yaml", net(96))
    params, macs = check(budgets(GROWTH, more=REF)).checks
    old, new = PARAMS[64], PARAMS[96]
    assert (params.base, params.value, params.bound) == (old, new, old + old // 100)
    assert (params.status, macs.status) == ("fail", "fail")


def test_only_growth_asks_git(folder: Path) -> None:
    read = budgets("models: models/*.yaml, limits: {params: 1M}", more=REF)
    assert check(read).base is None  # and this is no repository
    with pytest.raises(SpecError, match=r"b\.yaml:2:13: error: base: .* not in a git repository"):
        check(budgets(GROWTH, more=REF))
    with pytest.raises(UsageError, match="give --base REF"):
        check(budgets(GROWTH))


@pytest.mark.parametrize(
    ("missing", "status"), [("pass", "skip"), ("warn", "warn"), ("fail", "fail")]
)
def test_a_new_model_has_no_base(repository: Repository, missing: str, status: str) -> None:
    repository.write("models/another.yaml", net(32, "another"))
    more = f"base: {{ref: main, missing: {missing}}}"
    new, _, old, _ = check(budgets(GROWTH, more=more)).checks
    assert (new.rule, new.status, new.bound, old.rule) == ("BN202", status, None, "BN201")
    assert new.reason.startswith("it is new: not in main@")


def test_a_change_can_mend_what_was_broken(repository: Repository) -> None:
    repository.write("models/net.yaml", "layers: 7")
    repository.commit()
    repository.git("branch", "--force", "main", "HEAD")
    repository.write("models/net.yaml", net())
    params, _ = check(budgets(GROWTH, more=REF)).checks
    assert (params.rule, params.status) == ("BN202", "skip")
    assert params.reason.startswith("it was broken in the base: main@")


def test_parts_grow_too(repository: Repository) -> None:
    repository.write("models/net.yaml", net(96))
    item = "models: models/net.yaml, scope: layer, growth: {params: 10%}"
    failed = [each for each in check(budgets(item, more=REF)).checks if each.status == "fail"]
    assert [(check.subject.path, check.base, check.value) for check in failed] == [
        ("head/conv", 2048, 3072),
        ("head/conv.norm", 128, 192),
        ("head/linear", 650, 970),
    ]


def test_new_only_forgives_what_the_base_broke_already(repository: Repository) -> None:
    limits = "models: models/net.yaml, limits: {params: {max: 6k, warn: 5k}}"
    assert one(check(budgets(limits, more=REF), new_only=True)).status == "skip"
    assert one(check(budgets(limits, more=REF))).status == "fail"
    repository.write("models/net.yaml", net(63))
    better = one(check(budgets(limits, more=REF), new_only=True))
    assert better.reason == "the base already broke it, with 6,106, and it has not got worse"
    repository.write("models/net.yaml", net(65))
    assert one(check(budgets(limits, more=REF), new_only=True)).status == "fail"


def test_new_only_does_not_forgive_what_was_only_warned_of(repository: Repository) -> None:
    limits = "models: models/net.yaml, limits: {params: {max: 6_200, warn: 5k}}"
    assert one(check(budgets(limits, more=REF), new_only=True)).status == "skip"
    repository.write("models/net.yaml", net(96))
    assert one(check(budgets(limits, more=REF), new_only=True)).status == "fail"


def test_a_base_given_by_hand_shows_what_a_number_was(repository: Repository) -> None:
    repository.write("models/net.yaml", net(96))
    verdict = check(budgets("models: models/net.yaml, limits: {params: 1M}"), base="main")
    assert (one(verdict).base, one(verdict).value) == (PARAMS[64], PARAMS[96])
    assert (verdict.base or "").startswith("main@")


# Places


BOTTLENECK, HEAD = 7, 11
"""The lines of `net()`."""


def lines(verdict: Verdict) -> list[int]:
    assert all(check.location.path == "models/net.yaml" for check in verdict.checks)
    return [check.location.line for check in verdict.checks]


def test_training_memory_has_growth_a_place_and_fixes(repository: Repository) -> None:
    repository.write("models/net.yaml", net(256))
    item = "models: models/net.yaml, limits: {training: 3 MB}, growth: {training: 1%}"
    verdict = check(budgets(item, more=f"{REF}\nassume: {{optimizer: adam}}"))
    limit, growth = verdict.checks
    report = measure(bncalc.load("models/net.yaml")[0], Assumptions(optimizer="adam"), ["training"])
    assert limit.value == report.result(Training).total
    assert (limit.status, growth.status) == ("fail", "fail")
    assert limit.fixes
    assert lines(verdict) == [HEAD, HEAD]


def test_alternatives_are_found_in_the_base_one_by_one(repository: Repository) -> None:
    text = "input: [8, 8, 8]\nblocks: {a: {plain: {out: 8}}, b: {plain: {out: 16}}}\n"
    repository.write("models/net.yaml", text)
    repository.commit()
    repository.git("branch", "--force", "main", "HEAD")
    repository.write("models/net.yaml", text.replace("16", "17"))
    checks = check(budgets("models: models/net.yaml, growth: {params: 1%}", more=REF)).checks
    assert [(each.subject.design, each.base, each.value) for each in checks] == [
        ("a", 576, 576),
        ("b", 1152, 1224),
    ]


def test_without_a_base_a_finding_stands_at_the_largest_layer(repository: Repository) -> None:
    repository.write("models/net.yaml", net(8))
    item = "models: models/net.yaml, limits: {params: 1k, peak: 1 B}"
    assert lines(check(budgets(item))) == [BOTTLENECK, BOTTLENECK]
    assert lines(check(budgets(item.replace("params: 1k", "params: 10k")))) == [0, BOTTLENECK]


def test_with_a_base_a_finding_stands_where_most_was_added(repository: Repository) -> None:
    repository.write("models/net.yaml", net(8))
    repository.commit()
    repository.git("branch", "--force", "main", "HEAD")
    repository.write("models/net.yaml", net(9))
    item = "models: models/net.yaml, limits: {params: 1k}"
    more = "models: models/net.yaml, scope: stage, match: head, limits: {params: 100}"
    assert lines(check(budgets(item, more), base="main")) == [HEAD, HEAD]


def test_a_finding_of_a_shipped_model_has_no_file_of_ours() -> None:
    single = one(check(budgets("models: resnet50, limits: {params: 1}")))
    assert single.location == Location("resnet50")


@pytest.mark.parametrize(
    ("out", "left"),
    [
        ("!nets.yaml#small", ["nets.yaml#large", "net.yaml"]),
        ("!nets.yaml", ["net.yaml"]),
        ("!net*", []),
        ("!net.*", ["nets.yaml#small", "nets.yaml#large"]),
    ],
)
def test_a_pattern_takes_out_a_design_or_all_of_a_file(
    out: str, left: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("nets.yaml").write_text(FAMILY)
    Path("net.yaml").write_text(net())
    named = f"[nets.yaml#small, nets.yaml#large, net.yaml, resnet18, '{out}']"
    verdict = check(budgets(f"models: {named}, limits: {{params: 1}}"))
    assert sorted(models(verdict)) == sorted([*left, "resnet18"])
