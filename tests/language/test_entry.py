"""Entries: what is placed, how often, whether at all, and by which word."""

import pytest
from tests.problems import told
from tests.rows import each_of
from tests.texts import Texts

import bncalc
from bncalc.model.graph import Graph
from bncalc.opening.model import open_model

VGG16 = """\
input: [3, 224, 224]
vars: {widths: [64, 128, 256, 512, 512], depths: [2, 2, 3, 3, 3]}
defaults: {bias: true, act: relu}
layers:
  - stage:
      - {conv: {out: "=widths[stage]"}, repeat: "=depths[stage]"}
      - max_pool
    repeat: 5
    index: stage
"""


def graph(text: str) -> Graph:
    return open_model("f.yaml", files=Texts({"f.yaml": text})).graphs[0]


def layers(text: str) -> list[str]:
    """Return the layers after the input, each with its channels."""
    return [f"{node.path} {node.output.channels}" for node in graph(text).nodes[1:]]


def problems(text: str) -> list[str]:
    return told(graph, text, of="f.yaml:")


def entries(text: str, head: str = "input: [8, 16, 16]\n") -> str:
    return f"{head}layers: [{text}]"


# Copies


def test_the_number_of_an_outer_copy_has_a_name() -> None:
    assert bncalc.measure(graph(VGG16)).totals.params == 14_714_688


def test_a_number_that_could_be_that_of_two_repeats_is_refused() -> None:
    text = "{stage: [{conv: {out: =8*(i+1)}, repeat: 2}], repeat: 3}"
    assert problems(entries(text)) == [
        "2:36: error: `i` could count either of two repeats here; name one of them: `index: stage`"
    ]


def test_a_named_outer_number_leaves_i_to_the_inner_copy() -> None:
    text = "{stage: [{conv: {out: =8*(i+1)+s}, repeat: 2}], repeat: 2, index: s}"
    assert [line.split()[1] for line in layers(entries(text))] == ["8", "16", "9", "17"]


def test_a_repeat_of_zero_omits_its_entry_with_its_wiring() -> None:
    head = "input: [3, 8, 8]\nvars: {n: 0}\n"
    text = "{conv: {out: 8}}, {from: in, conv: {out: 16}, repeat: =n}, identity"
    assert layers(entries(text, head)) == ["conv 8", "identity 8"]


def test_a_literal_repeat_of_zero_is_a_mistake() -> None:
    assert "repeat is 0" in problems(entries("{conv: {out: 8}, repeat: 0}"))[0]


# Conditions


@pytest.mark.parametrize(
    ("s", "expected"), [(1, ["down 16", "relu 16"]), (2, ["down 8", "relu 8"])]
)
def test_one_entry_or_another_is_placed(s: int, expected: list[str]) -> None:
    head = f"input: [8, 16, 16]\nvars: {{s: {s}}}\n"
    down = "{id: down, conv: {out: 16}, if: =s == 1, else: {max_pool: {kernel: 2}}}"
    text = f"{down}, {{relu: , from: down}}"
    assert layers(entries(text, head)) == expected


def test_without_an_else_what_comes_next_follows_the_entry_before() -> None:
    text = "{conv: {out: 4}}, {conv: {out: 9}, from: in, if: =cin > 9}, relu"
    assert layers(entries(text)) == ["conv 4", "relu 4"]


def test_a_condition_sees_what_arrives_from_elsewhere() -> None:
    text = """
  - {id: wide, conv: {out: 32}}
  - {id: small, conv: {out: 4, stride: 2}}
  - {from: wide, if: =cin > 8 and h == 16, conv: {out: 5}}
  - {if: =h > 16, from: gone, conv: {out: 6}}
"""
    (net,) = [graph("input: [8, 16, 16]\nlayers:" + text)]
    report = bncalc.measure(net)
    assert (report.output, report.totals.params) == ((5, 16, 16), 9 * (8 * 32 + 32 * 4 + 32 * 5))


def test_an_else_may_be_a_list() -> None:
    text = "{conv: {out: 4}, if: false, else: [relu, {conv: {out: 5}}]}"
    assert layers(entries(text)) == ["relu 8", "conv 5"]


@each_of(
    [
        ("relu", ["relu 8"]),
        ("[relu, {conv: {out: 5}}]", ["relu 8", "conv 5"]),
        ("{relu: , from: small}", ["relu 4"]),
        ("{relu: , if: =cin == 8}", ["relu 8"]),
        ("[{conv: {out: 9}, if: false}, relu]", ["relu 8"]),
    ]
)
def test_what_takes_the_place_of_an_entry_begins_where_that_would(
    otherwise: str, placed: list[str]
) -> None:
    left_out = f"{{conv: {{out: 9}}, from: in, if: false, else: {otherwise}}}"
    text = f"{{id: small, conv: {{out: 4}}}}, {left_out}"
    assert layers(entries(text)) == ["small 4", *placed]


@each_of(
    [
        ("{conv: {out: 4}, if: 3}", "if is 3; it must be true or false"),
        ("{conv: {out: 4}, if: =cin}", "if is 8 (=cin); it must be true or false"),
        ("{conv: {out: 4}, else: relu}", "`else` without `if`"),
        ("{conv: {out: 4}, index: n}", "`index` without `repeat`"),
        ("{conv: {out: 4}, repeat: 2, index: cin}", "index is 'cin'; it must be a name"),
    ]
)
def test_wrong_wiring_is_said(text: str, message: str) -> None:
    (problem,) = problems(entries(text))
    assert message in problem


# Words


def test_the_block_and_the_activation_can_be_arguments() -> None:
    text = """\
input: [8, 16, 16]
define:
  body:
    args: {block: , act: relu, out: =cin}
    layers:
      - =block: {out: =out}
        repeat: 2
      - =act
      - conv: {out: 4, act: =act}
  gated:
    args: {out: , share: 0.5}
    layers: [{squeeze_excitation: {mid: "=floor(out*share)"}}]
layers:
  - body: {block: basic}
  - body: {block: gated, act: {prelu: {slopes: channel}}}
  - body: {block: {gated: {share: 0.25}}, act: none, out: 8}
"""
    nodes = graph(text).nodes
    paths = [node.path for node in nodes]
    assert "body1/block/1/conv2" in paths
    assert "body1/relu" in paths
    assert [path for path in paths if path.startswith("body3/") and "block" not in path] == [
        "body3/conv"
    ]
    assert next(node.output.channels for node in nodes if node.path.startswith("body3")) == 4
    widths = [node.output.channels for node in nodes if node.path.endswith("reduce")]
    assert widths == [2, 2, 2, 2]


@each_of(
    [
        ("{=b: {out: 4}}", "there is no block or op 'convv' (did you mean 'conv'?)"),
        ("{=c: {outt: 4}}", "conv has no argument 'outt' (did you mean 'out'?)"),
        ("=c", "conv needs 'out'"),
        ("{=g: {}}", "own needs 'out'"),
        ("{=d: {}}", "unknown name 'd'"),
        ("{=c-: {}}", "expected a value, not the end"),
    ]
)
def test_a_computed_word_that_cannot_be_is_said(text: str, message: str) -> None:
    head = "input: [8, 16, 16]\nvars: {b: convv, c: conv, g: own}\n"
    head += "define: {own: {args: {out: }, layers: [relu]}}\n"
    (problem,) = problems(entries(text, head))
    assert message in problem


def test_a_files_own_words_come_first() -> None:
    define = "define: {osa: {args: {out: 3}, layers: [{conv: {out: =out}}]}}\n"
    assert layers(entries("osa", f"input: [8, 16, 16]\n{define}")) == ["osa/conv 3"]


@each_of(["id", "repeat", "if", "stage", "concat"])
def test_words_of_the_grammar_are_reserved(word: str) -> None:
    head = f"input: [8, 16, 16]\ndefine: {{{word}: {{layers: [relu]}}}}\n"
    assert f"'{word}' is a word of the language" in problems(entries("relu", head))[0]


# Other people's words


@each_of(
    [
        (
            "{Conv2d: {filters: 16, kernel_size: 5, activation: Swish, padding: valid, norm: bn}}",
            "{conv: {out: 16, kernel: 5, act: silu, padding: 0, norm: batch}}",
        ),
        ("{DepthwiseConv2D: {kernel_size: 5}}", "{depthwise: {kernel: 5}}"),
        ("{transpose_conv: {filters: 4}}", "{conv_transpose: {out: 4}}"),
        ("{upsample: {scale_factor: 4}}", "{upsample: {scale: 4}}"),
        ("{cat: [[], [{conv: {out: 4}}]]}", "{concat: [[], [{conv: {out: 4}}]]}"),
        ("{Mul: [[], [{sigmoid: }]]}", "{multiply: [[], [{sigmoid: }]]}"),
        ("{cat: {from: [in, in]}}", "{concat: {from: [in, in]}}"),
    ]
)
def test_other_peoples_words_are_understood_where_they_mean_one_thing(
    theirs: str, ours: str
) -> None:
    assert graph(entries(theirs)) == graph(entries(ours))


@each_of(
    [
        ("mbconv", "unknown block or op 'mbconv' (did you mean 'inverted_residual'?)"),
        ("{conv: {out: 4, k: 3}}", "conv has no argument 'k' (did you mean 'kernel'?)"),
        ("{conv: {out: 4, filters: 5}}", "'filters' is 'out', which is given already"),
        # a word that is alike in letters and another thing
        ("{dwconv: {kernel: 3}}", "(did you mean 'depthwise'?)"),
        ("{residual_block: {out: 4}}", "(did you mean 'basic'?)"),
        ("{sepconv: {out: 4}}", "(did you mean 'depthwise_separable'?)"),
        ("{mhsa: {heads: 2}}", "(did you mean 'attention'?)"),
        ("{dropout: {p: 0.5}}", "(did you mean 'rate'?)"),
        ("{add: [[]]}", "add has 1 branch; it needs two or more"),
        ("{sum: [[], []]}", "`add: [[…], […]]` joins branches"),
        # what other formats write in place of a stage, or of a key that is the kind
        ("{repeat: 2, layers: [relu]}", "unknown block or op 'layers' (did you mean 'stage'?)"),
        ("{type: conv, out: 4}", "unknown key 'type'; write `conv: {…}`, its arguments in the"),
        # an argument beside its block, wiring among arguments, an id that cannot be one
        ("{conv: {out: 4}, stride_: 2}", "'stride_' beside conv; write `conv: {stride: …}`"),
        ("{conv: {out: 4, name: a}}", "write `id:` beside conv, not among its arguments"),
        ("{conv: {out: 4}, name: a}", "unknown key 'name' beside conv (did you mean 'id'?)"),
        ("{conv: {out: 4}, id: a/b}", "id 'a/b' has a slash, which separates the parts"),
        ("{conv: {out: 4}, id: ' a'}", "id ' a' begins or ends with a space"),
    ]
)
def test_other_words_are_suggested(text: str, message: str) -> None:
    assert any(message in problem for problem in problems(entries(text)))


def test_what_is_beside_a_block_hides_none_of_its_own_mistakes() -> None:
    beside, *own = problems(entries("{stride_: 2, conv: {outt: 4}}"))
    assert "'stride_' beside conv" in beside
    assert any("conv has no argument 'outt'" in problem for problem in own)
