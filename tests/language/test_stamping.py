"""What is placed again is what would have been built; and work is bounded, not only the result."""

import re

import pytest
from tests.problems import told
from tests.rows import each_of
from tests.texts import Texts
from tests.work import calls

import bncalc
from bncalc.language import bounding
from bncalc.language.model import LanguageFile
from bncalc.language.source import read
from bncalc.language.stamping import KeptStamps
from bncalc.model.building import Defaults
from bncalc.model.origin import Design
from bncalc.model.reading import Request
from bncalc.opening.model import open_model


def design(text: str) -> Design:
    return open_model("f.yaml", files=Texts({"f.yaml": text})).designs[0]


ENTRIES = {
    "op": "{conv: {out: 8, norm: batch, act: relu}}",
    "block": "{bottleneck: {mid: 4, out: 8}}",
    "stage": "{stage: [{conv: {out: 8}}, {add: [[relu], []]}]}",
    "join": "{add: [[{conv: {out: 8}}, relu], []]}",
    "outer id": "{stage: [{conv: {out: 8}}, {add: {from: [stem, skip]}}, {conv: {out: 8}}]}",
    "own": "{own: {out: 8}}",
    "twice": "{stage: [{own: {out: 8}}, {own: {out: 8}}, {own: {out: 8, k: 1}}]}",
    "auxiliary": "{stage: [{conv: {out: 8}}, {auxiliary: [global_avg_pool, {linear: {out: 3}}]}]}",
    "auxiliary alone": "{stage: [{auxiliary: [global_avg_pool, {linear: {out: 3}}]}]}",
    "nothing": "{stage: [{relu: , if: false}]}",
    "nested": "{stage: [{basic: {out: 8}, repeat: 3}]}",
    "again": "{stage: [{id: first, conv: {out: 8}}, {same_as: first}]}",
    "again of before": "{stage: [{same_as: skip}, relu, {same_as: stem}]}",
    "shared": "{stage: [{own: {out: 8}, repeat: 4, shared: true}]}",
    "shared copies": "{stage: [{stage: [{own: {out: 8}, repeat: 4}], repeat: 3, shared: true}]}",
}
FILE = """\
input: [8, 16, 16]
define:
  own:
    args: {{out: , k: 3}}
    layers: [{{conv: {{out: =out, kernel: =k}}}}, {{deep: {{out: =out}}}}]
  deep: {{args: {{out: }}, layers: [{{basic: {{out: =out}}}}, relu]}}
layers:
  - {{conv: {{out: 8}}, id: stem}}
  - {{conv: {{out: 8}}, id: skip}}
  - stage:
      - {entry}
{numbered}    repeat: 5
    index: k
  - {entry}
  - {entry}
"""
NUMBERED = "      - {relu: , if: =k < 0}\n"
"""Places nothing, and lets no copy be like another: each is built."""


@each_of(ENTRIES.values(), ids=ENTRIES)
def test_copies_are_what_they_would_be_built_as(entry: str) -> None:
    stamped = design(FILE.format(entry=entry, numbered=""))
    built = design(FILE.format(entry=entry, numbered=NUMBERED))
    assert stamped.graph == built.graph
    assert _places(stamped, 0) == _places(built, len(NUMBERED.splitlines()))


def _places(design: Design, further: int) -> dict[str, list[int]]:
    """Return the lines that led to each layer, in a file with so many lines more after the 11th."""
    return {
        path: [
            call.location.line - (further if call.location.line > 11 else 0)
            for call in origin.calls
        ]
        for path, origin in design.by_path().items()
    }


def test_shapes_that_change_from_copy_to_copy_are_worked_out() -> None:
    text = "input: [3, 64, 64]\nlayers: [{conv: {out: =cin*2, stride: 2}, repeat: 5}]\n"
    report = bncalc.measure(design(text).graph)
    assert (report.output, report.totals.params) == ((96, 2, 2), 162 * (1 + 4 + 16 + 64 + 256))
    # Four times the weights at a quarter of the positions, copy by copy.
    assert [layer.cost.macs for layer in report.layers] == [3 * 6 * 9 * 32 * 32] * 5


def test_copies_take_what_the_one_before_gives_and_the_other_maps_themselves() -> None:
    wired = "{add: {from: [stem, skip]}, repeat: 5}"
    ids = "{conv: {out: 8}, id: stem}, {conv: {out: 8}, id: skip}"
    graph = design(f"input: [8, 8, 8]\nlayers: [{ids}, {wired}]\n").graph
    assert [node.inputs for node in graph.nodes[3:]] == [(1, 2), (3, 2), (4, 2), (5, 2), (6, 2)]


def test_copies_that_share_weights_still_do() -> None:
    text = "input: [8, 8, 8]\nlayers: [{conv: {out: 8}, repeat: 6, shared: true}]\n"
    assert bncalc.measure(design(text).graph).totals.params == 576


@each_of(["", "  b: {layers: [relu]}"], ids=["", "own blocks"])
def test_layers_of_networks_that_are_kept_are_made_once(define: str) -> None:
    text = f"input: [8, 8, 8]\nvars: {{n: 8}}\ndefine:\n{define}\nlayers: [{{conv: {{out: =n}}}}]\n"
    file = LanguageFile.read("f.yaml", lambda path: read(text, path))
    kept = KeptStamps()
    ops = [file.reading(Request("f"), kept=kept).designs[0].graph.nodes[1].op for _ in "ab"]
    assert ops[0] is ops[1]


def test_an_entry_again_lets_copies_be_counted_as_one() -> None:
    text = (
        "input: [8, 8, 8]\nlayers: [{conv: {out: 8}, id: a}, {stage: [{same_as: a}], repeat: 9}]\n"
    )
    file = LanguageFile.read("f.yaml", lambda path: read(text, path))
    counted = file.reading(Request("f"), counting=True).designs[0].graph
    assert (len(counted.nodes), bncalc.measure(counted).totals.macs) == (4, 10 * 8 * 8 * 9 * 64)


def test_what_a_thousand_networks_have_made_is_kept_at_once() -> None:
    kept = KeptStamps()
    made = [kept.under(Defaults(), {}, {}).kinds for _ in range(2001)]
    assert [k for k in range(1, 2001) if made[k] is not made[k - 1]] == [1000, 2000]


@each_of(
    [
        ("{basic: {out: 8}, repeat: 300}", 25),
        ("{stage: [{basic: {out: 8}}], repeat: 300}", 65),
        ("{basic: {out: 8}, repeat: 300, shared: true}", 250),
        ("{stage: [{basic: {out: 8}, repeat: 150}], repeat: 2, shared: true}", 200),
    ],
)
def test_a_long_row_of_copies_is_little_work(entry: str, most: int) -> None:
    text = f"input: [8, 8, 8]\nlayers: [{entry}]\n"
    designs = []
    assert calls(lambda: designs.append(design(text))) < most * 300
    assert len(designs[0].graph.nodes) == 1 + 300 * 3


def test_copies_for_which_there_are_not_enough_weights_are_said_at_their_place() -> None:
    text = (
        "input: [8, 8, 8]\nlayers:\n"
        "  - {stage: [{conv: {out: 8}, repeat: =6 - k}], repeat: 2, index: k, shared: true}\n"
    )
    assert bncalc.measure(design(text).graph).totals.params == 6 * 576
    with pytest.raises(bncalc.SpecError, match=r"f\.yaml:3.*no more weights to share"):
        design(text.replace("6 - k", "6 + k"))


# Bounds


def chain(length: int, layers: str = "") -> str:
    """Return a file in which each block calls the one before, and the first places a layer."""
    lines = [f"  b{k}: {{layers: [{layers}b{k - 1}]}}" for k in range(1, length)]
    head = "input: [8, 8, 8]\ndefine:\n  b0: {layers: [{conv: {out: 8}}]}\n"
    return head + "\n".join(lines) + f"\nlayers: [b{length - 1}]\n"


def doubling(leaf: str, times: int = 40, call: str = "{0}, {0}") -> str:
    """Return a file in which each block calls the one before twice."""
    lines = [
        f"  b{k}: {{args: {{n: 0}}, layers: [{call.format(f'b{k - 1}')}]}}"
        for k in range(1, times + 1)
    ]
    head = f"input: [8, 8, 8]\ndefine:\n  b0: {{args: {{n: 0}}, layers: [{leaf}]}}\n"
    return head + "\n".join(lines) + f"\nlayers: [b{times}]\n"


def nested(inner: str, times: int = 4) -> str:
    for k in range(times):
        inner = f"{{stage: [{inner}], repeat: 1000, index: k{k}}}"
    return f"input: [8, 8, 8]\nlayers: [{inner}]\n"


def problems(text: str) -> list[str]:
    """Return what is wrong with a file; a bound that does not hold is a test that does not end."""
    return told(design, text)


@pytest.mark.parametrize("layers", ["", "{stage: [relu]}, "])
def test_a_thousand_blocks_may_call_each_other(layers: str) -> None:
    report = bncalc.measure(design(chain(1000, layers)).graph)
    assert (report.output, report.totals.params) == ((8, 8, 8), 8 * 9 * 8)
    assert len(report.layers) == (1_000 if layers else 1)


def test_more_are_refused_at_their_place() -> None:
    (problem,) = problems(chain(1001))
    assert problem.startswith("f.yaml:4:17: error: blocks of blocks are nested more than 1,000")
    assert problem.endswith("(in 996 more) (in 'b1000', used at 1004:10)")


def test_entries_one_after_another_are_not_nested() -> None:
    assert len(design(f"input: [8]\nlayers: [{'relu, ' * 3_001}]\n").graph.nodes) == 3_002


def test_parts_within_parts_have_a_limit() -> None:
    text = chain(188, "relu, ")  # each call in 15 stages: 3,008 parts, one in the other
    inner = re.sub(r"b\d+\]", lambda call: f"{'{stage: [' * 15}{call[0]}{'}]' * 15}", text)
    (problem,) = problems(inner)
    assert "the parts of the network are nested more than 3,000 deep" in problem


TOO_MANY = "error: the network has more than 300,000 layers"


@pytest.mark.parametrize("call", ["{0}, {0}", "{{{0}: {{n: =2*n}}}}, {{{0}: {{n: =2*n+1}}}}"])
@pytest.mark.parametrize("leaf", ["relu", "{conv: {out: =1/0}}", "{conv: {out: =cin*2}}"])
def test_blocks_that_double_are_refused_before_they_are_built(leaf: str, call: str) -> None:
    (problem,) = problems(doubling(leaf, call=call))
    assert problem.startswith("f.yaml:22:")
    assert problem.endswith(TOO_MANY)


def test_a_mistake_in_the_leaf_is_said_besides() -> None:
    leaf, bound = problems(doubling("{conv: {outt: 8}}"))
    assert "conv has no argument 'outt'" in leaf
    assert bound.endswith(TOO_MANY)


@each_of(["", "{relu: , if: false}", "{relu: , repeat: =cin*0}"])
def test_blocks_of_nothing_that_double_are_nothing(leaf: str) -> None:
    assert len(design(doubling(leaf)).graph.nodes) == 1


@pytest.mark.parametrize(
    "text",
    [
        nested("{relu: , if: =k0 + k1 + k2 + k3 < 0}"),
        nested("{relu: , repeat: =0*k3}"),
        doubling("{relu: , if: =n < 0}", call="{{{0}: {{n: =2*n}}}}, {{{0}: {{n: =2*n+1}}}}"),
    ],
)
def test_rounds_of_nothing_are_counted(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounding, "MAX_IDLE", 2_000)
    (problem,) = problems(text)
    assert "more than 2,000 entries and copies that place nothing" in problem


def test_each_layer_that_is_placed_allows_some_entries_and_copies_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bounding, "MAX_IDLE", 0)
    text = f"input: [8, 8, 8]\nlayers: [{', '.join(['relu'] * 9)}]\n"
    assert len(design(text).graph.nodes) == 10
    monkeypatch.setattr(bounding, "MAX_LOOKS", 0)
    (problem,) = problems(text)
    assert problem.endswith("more than 0 entries and copies that place nothing")


def test_repeats_that_multiply_are_refused_before_they_are_built() -> None:
    assert problems(nested("{conv: {out: 8}}"))[0].endswith(TOO_MANY)


POOL = "max_pool: {kernel: =1 + 2*(i//3), stride: 1}"


@each_of(
    [
        ("{relu: , if: =i > 2}", [1, 1, 1, 2, 2]),
        ("{relu: , repeat: '=max(i - 2, 0)'}", [1, 1, 1, 2, 3]),
        (f"{{{POOL}}}", [2, 2, 2, 10, 10]),
        (f"{{relu: , if: false, else: {{{POOL}}}}}", [2, 2, 2, 10, 10]),
        ("{stage: [{relu: , if: =i > 2}]}", [1, 1, 1, 2, 2]),
    ]
)
def test_copies_whose_parts_ask_for_their_number_are_all_built(
    entries: str, positions: list[int]
) -> None:
    """The first three are alike; a copy has so many positions in the windows of its ops."""
    text = f"input: [4, 8, 8]\nlayers: [{{stage: [{entries}, relu], repeat: 5}}]\n"
    copies = [0] * 5
    for node in design(text).graph.nodes[1:]:
        kernel, _ = getattr(node.op, "kernel", (1, 1))
        copies[int(node.path.split("/")[1])] += kernel**2
    assert copies == positions
