"""Why: the layers that make a difference, the values to blame, and the line to say it at."""

import itertools
from pathlib import Path

import pytest
from tests.documents import document_text
from tests.readers.onnx.encoder import file, node
from tests.repository import Repository, net
from tests.rows import each_of

from bncalc.analysis.assumptions import STANDARD
from bncalc.analysis.report import Totals
from bncalc.change.explanation import blamed, changed, explain
from bncalc.change.pairing import before, open_versions, pair, snapshot
from bncalc.change.reasons import Cause
from bncalc.change.version import Version
from bncalc.errors import Location, UsageError
from bncalc.model.shape import Shape
from bncalc.opening.model import NO_OVERRIDES, Overrides
from bncalc.opening.name import parse

NET = "models/net.yaml"


def version_of(name: str, overrides: Overrides = NO_OVERRIDES) -> Version:
    return open_versions(name, overrides, STANDARD).versions[0]


def blame(repository: Repository, old: str, new: str) -> list[str]:
    """Return the causes between two texts of one file."""
    repository.write("old.yaml", old)
    repository.write("new.yaml", new)
    causes = blamed(version_of("old.yaml"), version_of("new.yaml"))
    assert {cause.location.path for cause in causes} <= {"new.yaml"}
    return told(causes)


def told(causes: tuple[Cause, ...]) -> list[str]:
    return [f"{cause.location.line}: {cause.field} {cause.old} -> {cause.new}" for cause in causes]


def line_of(text: str, part: str) -> int:
    return next(i for i, line in enumerate(text.splitlines(), start=1) if part in line)


# Causes


def test_a_written_value_that_changed_is_a_cause(repository: Repository) -> None:
    new = net(96).replace("repeat: 2", "repeat: 3").replace("act: relu", "act: silu")
    assert blame(repository, net(64), new) == [
        "3: defaults.act relu -> silu",
        "8: body.bottleneck.repeat 2 -> 3",
        "11: head.conv.out 64 -> 96",
    ]
    assert blame(repository, new, new) == []


def test_a_value_that_is_gone_says_where_it_was(repository: Repository) -> None:
    repository.write("old.yaml", net(64).replace("act: relu", "bias: true, act: relu"))
    repository.write("new.yaml", net(96))
    gone, changed = blamed(version_of("old.yaml"), version_of("new.yaml"))
    assert gone.field == "defaults.bias"
    assert (gone.location.path, gone.was and gone.was.path) == ("new.yaml", "old.yaml")
    assert changed.was is None


def test_an_inserted_entry_blames_no_other(repository: Repository) -> None:
    old = "input: [3, 8, 8]\nlayers:\n- conv: {out: 8}\n- conv: {out: 12, groups: 4}\n"
    new = old.replace("- conv: {out: 12", "- conv: {out: 8, kernel: 1}\n- conv: {out: 12")
    assert blame(repository, old, new) == ["4: conv2 absent -> out 8, kernel 1"]
    assert blame(repository, new, old) == ["4: conv2 out 8, kernel 1 -> absent"]


def test_a_value_that_is_no_longer_written_is_its_default(repository: Repository) -> None:
    old = "input: [8, 8, 8]\nlayers:\n- conv: {out: 8, kernel: 5}\n- relu\n"
    assert blame(repository, old, old.replace(", kernel: 5", "")) == ["3: conv.kernel 5 -> 3"]
    assert blame(repository, old, old.replace(", kernel", ", bias: true, kernel")) == [
        "3: conv.bias default -> true"
    ]


def test_what_is_no_longer_written_is_named_where_its_entry_is_now(repository: Repository) -> None:
    old = "input: [3, 8, 8]\ndefine:\n  a: {layers: [conv: {out: 4, kernel: 5}]}\nlayers: [a]\n"
    new = old.replace("a:", "b:").replace("[a]", "[b]")
    assert blame(repository, old, old.replace(", kernel: 5", "")) == [
        "3: define.a.conv.kernel 5 -> 3"
    ]
    assert blame(repository, old, new) == []


def test_what_is_no_longer_written_is_placed_at_the_first_value_that_is(
    repository: Repository,
) -> None:
    old = "input: [3, 8, 8]\nlayers:\n- conv:\n    out: 8\n    kernel: 3\n    bias: true\n"
    new = old.replace("    bias: true\n", "")
    assert blame(repository, old, new) == ["4: conv.bias true -> default"]


def test_entries_are_paired_by_the_arguments_that_they_have(repository: Repository) -> None:
    old = "input: [8, 8, 8]\nlayers:\n- conv: {out: 8, kernel: 5}\n- conv: {out: 16, groups: 4}\n"
    new = "input: [8, 8, 8]\nlayers:\n- conv: {out: 8, groups: 2}\n"
    assert blame(repository, old, new) == [
        "3: conv1 out 8, kernel 5 -> absent",
        "3: conv.out 16 -> 8",
        "3: conv.groups 4 -> 2",
    ]


def test_what_comes_first_and_is_new_is_a_cause(repository: Repository) -> None:
    old = "input: [3, 8, 8]\nlayers: [conv: {out: 8}]\n"
    assert blame(repository, old, f"defaults: {{act: relu}}\n{old}") == [
        "1: defaults.act absent -> relu"
    ]


def test_what_is_gone_from_a_file_without_anything_of_it_is_at_its_first_line(
    repository: Repository,
) -> None:
    old = "input: [3, 8, 8]\nlayers: [{conv: {out: 8}}]\n"
    new = "# all new\nname: other\ninputs: {a: [3, 9, 9]}\nlayers: [{from: a, linear: {out: 5}}]\n"
    causes = blame(repository, old, new)
    gone = [cause for cause in causes if cause.endswith("-> absent")]
    assert gone
    assert all(cause.startswith("1: ") for cause in gone)


def test_a_variant_counts_in_place_of_the_var_that_it_sets(repository: Repository) -> None:
    text = (
        "input: [3, 8, 8]\nvars: {width: 8, other: 1}\nvariants:\n  small: {width: 4}\n"
        "  large: {width: 16}\nlayers:\n- conv: {out: =width}\n"
    )
    repository.write("net.yaml", text)
    causes = blamed(version_of("net.yaml#small"), version_of("net.yaml#large"))
    assert [(cause.field, cause.old, cause.new, cause.location.line) for cause in causes] == [
        ("variants.large.width", "4", "16", 5)
    ]
    repository.write("later.yaml", text.replace("width: 8", "width: 9"))
    assert blamed(version_of("net.yaml#small"), version_of("later.yaml#small")) == ()
    assert blamed(version_of("net.yaml#small@width=5"), version_of("net.yaml#large@width=5")) == ()


def test_a_definition_in_an_included_file_is_to_blame(repository: Repository) -> None:
    blocks = "define:\n  head: {{args: {{out: 8}}, layers: [{{conv: {{out: {}}}}}]}}\n"
    repository.write("parts/blocks.yaml", blocks.format("=out"))
    text = "input: [3, 8, 8]\ninclude: ../parts/blocks.yaml\nlayers: [{head: {out: 4}}]\n"
    repository.write("models/including.yaml", text)
    repository.commit()
    repository.write("parts/blocks.yaml", blocks.format("=out*2"))
    (old,) = open_versions("HEAD:models/including.yaml", NO_OVERRIDES, STANDARD).versions
    (cause,) = blamed(old, version_of("models/including.yaml"))
    assert (cause.field, cause.old, cause.new) == ("define.head.conv.out", "=out", "=out*2")
    assert cause.location.path.endswith("parts/blocks.yaml")


def test_the_place_is_in_the_file_of_the_model_even_where_an_included_one_moves_more(
    repository: Repository,
) -> None:
    blocks = "define:\n  head: {{args: {{out: 8}}, layers: [{{conv: {{out: {}}}}}]}}\n"
    text = "input: [3, 8, 8]\ninclude: ../parts/blocks.yaml\nlayers:\n- head: {{out: {}}}\n"
    repository.write("parts/blocks.yaml", blocks.format("=out"))
    repository.write("models/including.yaml", text.format(4))
    repository.commit()
    repository.write("parts/blocks.yaml", blocks.format("=out*20"))
    repository.write("models/including.yaml", text.format(5))
    (old,) = open_versions("HEAD:models/including.yaml", NO_OVERRIDES, STANDARD).versions
    place = explain(version_of("models/including.yaml"), old, "params").location
    assert (place.path, place.line) == ("models/including.yaml", 4)
    repository.write("models/including.yaml", text.format(4))
    place = explain(version_of("models/including.yaml"), old, "params").location
    assert (place.path.endswith("parts/blocks.yaml"), place.line) == (True, 2)


# Layers and the place


@pytest.mark.parametrize("metric", Totals._fields)
def test_layers_sum_to_the_difference_largest_first(repository: Repository, metric: str) -> None:
    repository.write("new.yaml", net(96).replace("repeat: 2", "repeat: 3"))
    old, new = version_of(NET), version_of("new.yaml")
    layers = explain(new, old, metric).why.layers
    deltas = [abs(layer.delta) for layer in layers]
    assert deltas == sorted(deltas, reverse=True)
    grown = getattr(new.report.totals, metric) - getattr(old.report.totals, metric)
    assert sum(layer.delta for layer in layers) == grown
    assert all(layer.delta for layer in layers)


def test_what_shrank_counts_as_what_grew(repository: Repository) -> None:
    text = "input: [3, 8, 8]\nlayers: [{conv: {out: 9}}, {conv: {out: 9}}, {conv: {out: 9}}]\n"
    repository.write("old.yaml", text)
    repository.write("new.yaml", text.replace("{out: 9}}]", "{out: 1}}]").replace("9", "10", 1))
    layers = explain(version_of("new.yaml"), version_of("old.yaml"), "params").why.layers
    # 9·9·8 fewer; 9·9·9 → 10·9·9; and 3·9·9 → 3·10·9
    assert [layer.delta for layer in layers] == [-648, 81, 27]


def test_a_part_has_its_own_layers(repository: Repository) -> None:
    repository.write("new.yaml", net(96).replace("repeat: 2", "repeat: 3"))
    layers = explain(version_of("new.yaml"), version_of(NET), "params", "head").why.layers
    assert {layer.path.partition("/")[0] for layer in layers} == {"head"}


def test_the_place_is_the_changed_line_that_moves_most(repository: Repository) -> None:
    for head, changed_line in ((65, "repeat: 4"), (640, "out: 640")):
        text = net(head).replace("repeat: 2", "repeat: 4")
        repository.write("new.yaml", text)
        explanation = explain(version_of("new.yaml"), version_of(NET), "params")
        assert explanation.location.line == line_of(text, changed_line)


def test_what_follows_counts_for_what_it_follows(repository: Repository) -> None:
    old = (
        "input: [3, 8, 8]\nlayers:\n- conv: {out: 8, kernel: 1}\n- conv: {out: 64}\n"
        "- conv: {out: 4, kernel: 1, groups: 2}\n"
    )
    new = old.replace("{out: 8,", "{out: 16,").replace("groups: 2", "groups: 1")
    repository.write("old.yaml", old)
    repository.write("new.yaml", new)
    assert explain(version_of("new.yaml"), version_of("old.yaml"), "params").location.line == 3


def test_a_var_is_the_place_where_it_moves_the_layers(repository: Repository) -> None:
    old = (
        "input: [3, 8, 8]\nvars:\n  width: 8\n  kernel: 3\nlayers:\n"
        "- conv: {out: =width, kernel: =kernel}\n"
    )
    repository.write("old.yaml", old)
    repository.write("new.yaml", old.replace("width: 8", "width: 9"))
    assert explain(version_of("new.yaml"), version_of("old.yaml"), "params").location.line == 3


def test_without_a_base_the_largest_layers_and_the_line_of_the_first(
    repository: Repository,
) -> None:
    new = version_of(NET)
    explanation = explain(new, None, "params")
    assert explanation.why.causes == ()
    assert (explanation.why.layers[0].path, explanation.why.layers[0].new) == ("head/conv", 2048)
    assert all(layer.old is None for layer in explanation.why.layers)
    assert sum(layer.delta for layer in explanation.why.layers) == new.report.totals.params
    assert explanation.location.line == line_of(net(), "out: 64, kernel: 1")


def test_of_a_number_that_has_not_changed_nothing_is_to_blame(repository: Repository) -> None:
    text = "input: [3, 32, 32]\nlayers: [{conv: {out: 64}}, max_pool, {conv: {out: 8}}]\n"
    repository.write("old.yaml", text)
    repository.write("new.yaml", text.replace("out: 8", "out: 9"))
    new, old = version_of("new.yaml"), version_of("old.yaml")
    explanation = explain(new, old, "peak")
    assert explanation == explain(new, None, "peak")
    assert explanation.why.causes == ()
    assert sum(layer.delta for layer in explanation.why.layers) == new.report.memory.peak
    assert explain(new, old, "params").why.causes


def test_a_report_has_layers_and_no_causes(repository: Repository) -> None:
    old = version_of(NET)
    text = document_text(old.report)
    repository.write("base.json", text)
    repository.write("new.yaml", net(96))
    explanation = explain(version_of("new.yaml"), version_of("base.json"), "params")
    assert explanation.why.causes == ()
    assert explanation.why.layers[0].path == "head/conv"
    assert explanation.location.line == line_of(net(96), "out: 96, kernel: 1")
    peak = explain(version_of("new.yaml"), version_of("base.json"), "peak_activation_bytes")
    assert peak.location.line >= 1


@each_of(
    [
        ("resnet50", "resnet50@width=32", ["vars.width 64 → 32"]),
        ("resnet50@width=16", "resnet50", ["vars.width 16 → 64"]),
        ("resnet50@width=16", "resnet50@width=32", ["vars.width 16 → 32"]),
        ("resnet50", "wide_resnet50_2@width=64", []),
        ("resnet50", "resnet50@depths=3,4,23,3", ["vars.depths[2] 6 → 23"]),
        ("resnet50@160", "resnet50@224", ["input[1] 160 → 224", "input[2] 160 → 224"]),
        ("resnet50", "resnet50@1,224,224", ["input[0] 3 → 1"]),
    ]
)
def test_what_a_call_sets_is_a_cause_beside_what_is_written(
    old: str, new: str, causes: list[str]
) -> None:
    between = blamed(version_of(old), version_of(new))
    assert [f"{cause.field} {cause.old} → {cause.new}" for cause in between] == causes


TWO_INPUTS = """\
inputs: {left: [4, 8, 8], right: [4, 8, 8]}
outputs: [last, b]
layers:
  - {id: a, conv: {out: 4}, repeat: 2, shared: true}
  - {id: b, from: right, conv: {out: 4}}
  - {id: c, from: right, conv: {out: 4}}
  - {id: last, from: a, same_as: b}
"""


@each_of(
    [
        ("left: [4, 8, 8]", "left: [4, 8, 9]", "1: inputs.left[2] 8 -> 9"),
        ("[last, b]", "[last, c]", "2: outputs[1] b -> c"),
        ("shared: true", "shared: false", "4: a.shared true -> false"),
        ("same_as: b", "same_as: c", "7: last.same_as b -> c"),
    ]
)
def test_inputs_outputs_and_shared_weights_are_written_values(
    tmp_path: Path, old: str, new: str, cause: str
) -> None:
    before, after = tmp_path / "old.yaml", tmp_path / "new.yaml"
    before.write_text(TWO_INPUTS)
    after.write_text(TWO_INPUTS.replace(old, new))
    assert told(blamed(version_of(str(before)), version_of(str(after)))) == [cause]


def test_an_input_of_all_models_takes_the_place_of_what_is_written() -> None:
    old, new = (version_of("resnet18", Overrides(input=Shape(3, 64, w))) for w in (64, 96))
    assert [cause.field for cause in blamed(old, new)] == ["input[2]"]


def test_an_input_that_a_call_sets_takes_the_place_of_the_one_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(TWO_INPUTS)
    old, new = (version_of(f"{tmp_path}/net.yaml@right=4,{sizes}") for sizes in ("8,8", "9,8"))
    assert told(blamed(old, new)) == ["1: inputs.right[1] 8 -> 9"]
    wide = version_of(f"{tmp_path}/net.yaml@left=16")
    assert told(blamed(old, wide)) == ["1: inputs.left[1] 8 -> 16", "1: inputs.left[2] 8 -> 16"]


def test_a_saved_report_has_its_first_line_as_the_place() -> None:
    new, old = (Version(version_of(name).report) for name in ("resnet18", "resnet34"))
    assert explain(new, old, "params").location == Location("resnet18", 1, 1)


# Opening


def test_designs_are_paired_by_name_and_single_ones_whatever_they_are_called() -> None:
    resnet, mobile, vgg = (version_of(name) for name in ("resnet18", "mobilenet_v2", "vgg11"))
    assert pair((resnet,), (mobile,)) == [(resnet, mobile)]
    assert pair((resnet, vgg), (mobile, vgg)) == [(None, mobile), (vgg, vgg), (resnet, None)]
    assert {change.mark for change in changed(None, vgg).difference.changes} == {"+"}


def test_a_path_in_a_revision_is_found_from_the_top_and_from_here(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository.folder / "models")
    for name in ("HEAD:models/net.yaml", "HEAD:./net.yaml", "HEAD:net.yaml"):
        assert version_of(name).report.name == "small"
    repository.write("net.yaml", net(80, "at the top"))
    repository.commit()
    assert version_of("HEAD:net.yaml").report.name == "at the top"
    assert version_of("HEAD:./net.yaml").report.name == "small"
    with pytest.raises(UsageError, match=r"other\.yaml is not in HEAD@"):
        version_of("HEAD:other.yaml")
    with pytest.raises(UsageError, match="'nowhere' is not a revision"):
        version_of("nowhere:net.yaml")


def test_variants_and_alternatives_are_found_in_the_base(repository: Repository) -> None:
    text = "input: [3, 8, 8]\nvars: {n: 8}\nvariants: {a: {n: 4}}\nlayers: [{conv: {out: =n}}]\n"
    repository.write("models/family.yaml", text)
    blocks = "input: [8, 8, 8]\nblocks:\n  plain: {plain: {out: 8}}\n"
    repository.write("models/blocks.yaml", blocks)
    repository.commit()
    repository.write("models/family.yaml", text.replace("{n: 4}", "{n: 6}, b: {n: 9}"))
    repository.write("models/blocks.yaml", blocks + "  basic: {basic: {out: 8}}\n")
    base = snapshot("HEAD", Path())
    for name, known, new in (("family", "a", "b"), ("blocks", "plain", "basic")):
        path = f"models/{name}.yaml"
        sides = open_versions(path, NO_OVERRIDES, STANDARD).versions
        assert [side.report.name for side in sides] == [known, new]
        assert [version.report.name for version in before(base, parse(path), sides)] == [known]


def test_a_report_takes_no_settings(repository: Repository) -> None:
    report = version_of(NET).report
    repository.write("base.json", document_text(report))
    assert version_of("base.json", Overrides(input=Shape(3, 32, 32))).report.totals == report.totals
    for name in ("base.json@width=1", "base.json@3,9,9"):
        with pytest.raises(UsageError, match=r"base\.json"):
            version_of(name)


def test_causes_are_found_between_all_pairs_of_shipped_families() -> None:
    names = ("resnet50", "mobilenet_v2", "yolov5s", "inception_v3")
    for old, new in itertools.permutations(names, 2):
        causes = blamed(version_of(old), version_of(new))
        assert causes
        assert all(cause.old != cause.new and cause.location.line for cause in causes)


def test_a_model_of_another_format_has_layers_and_no_causes(
    repository: Repository, tmp_path: Path
) -> None:
    path = file(tmp_path, [node("Conv", "x w", "y")], {"w": (4, 3, 1, 1)})
    for new, old in ((NET, path), (path, NET)):
        explanation = explain(version_of(new), version_of(old), "params")
        assert explanation.why.causes == ()
        assert explanation.why.layers
    assert explanation.location == Location(path, 1, 1)
