"""Every value of a file under a name of its own, and one of them rewritten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import shipped
from tests.rows import each_of

from bncalc.errors import SpecError
from bncalc.language.nodes import MappingNode, ScalarNode, SequenceNode, YamlNode
from bncalc.language.source import read
from bncalc.language.written_values import WrittenValue, rewritten, with_value, written
from bncalc.zoo import MODELS, file_of

FILE = """\
name: not a value
input: [3, =size, =size]
defaults: {norm: batch, bias: false}
vars: {size: 224, depths: [2, 3], own: {deep: 1}}
variants:
  small: {size: 96}
include: others.yaml
define:
  gated:
    args: {out: , share: 0.25}
    layers:
      - {id: y, conv: {out: =out}}
      - squeeze_excitation: {mid: 8}
layers:
  - {id: stem, conv: {out: 32, kernel: [3, 5]}}
  - relu
  - conv: {out: 64}
  - max_pool
  - conv: {out: 65}
  - {id: stage1, bottleneck: {mid: 16, out: 64}, repeat: 3, first: {stride: 2}}
  - gated: {out: 32}
    repeat: =depths[0]
  - add:
      - [{conv: {out: 32}}, {conv: {out: 33}}]
      - []
  - {id: body, stage: [{conv: {out: 9, act: 'relu'}}], repeat: 2}
  - {id: a.b, linear: {out: 10}}
  - concat: {from: [stem, stage1]}
"""
NAMES = """
input[0] 3 | input[1] =size | input[2] =size | defaults.norm batch | defaults.bias false
vars.size 224 | vars.depths[0] 2 | vars.depths[1] 3 | vars.own.deep 1 | variants.small.size 96
define.gated.args.share 0.25 | define.gated.y.conv.out =out
define.gated.squeeze_excitation.mid 8
stem.conv.out 32 | stem.conv.kernel[0] 3 | stem.conv.kernel[1] 5 | conv1.out 64 | conv2.out 65
stage1.bottleneck.mid 16 | stage1.bottleneck.out 64 | stage1.repeat 3 | stage1.first.stride 2
gated.out 32 | gated.repeat =depths[0] | add.branch1.conv1.out 32 | add.branch1.conv2.out 33
body.conv.out 9 | body.conv.act relu | body.repeat 2 | 'a.b'.linear.out 10
concat.from[0] stem | concat.from[1] stage1
"""


def values(text: str) -> dict[str, WrittenValue]:
    return {value.name: value for value in written(read(text, "f"))}


def bare(node: YamlNode) -> object:
    if isinstance(node, ScalarNode):
        return (node.value, node.plain)
    if isinstance(node, SequenceNode):
        return [bare(item) for item in node.items]
    return {key.text: bare(value) for key, value in node.entries}


def test_every_value_has_its_name_in_written_order():
    expected = [name.strip() for name in re.split(r"[|\n]", NAMES.strip())]
    assert [f"{value.name} {value.text}" for value in values(FILE).values()] == expected


def test_each_alternative_has_its_values():
    text = "blocks:\n  one: {plain: {out: 2}}\n  two: [{conv: {out: 3}}, {conv: {out: 4}}]\n"
    numbers = {name: each.value for name, each in values(text).items()}
    assert numbers == {
        "blocks.one.plain.out": 2,
        "blocks.two.conv1.out": 3,
        "blocks.two.conv2.out": 4,
    }


def test_a_value_knows_its_place_and_the_field_of_its_kind():
    written_values = values(FILE)
    mid = written_values["stage1.bottleneck.mid"]
    assert str(mid.location) == "f:20:36"
    assert mid.field is not None
    assert (mid.field.name, mid.field.required) == ("mid", False)
    assert written_values["stage1.first.stride"].field is not None
    assert written_values["stage1.repeat"].field is not None
    assert written_values["defaults.bias"].field is not None
    assert written_values["gated.out"].field is None
    assert written_values["vars.size"].field is None


def test_names_differ_where_a_block_of_ones_own_has_an_argument_called_repeat():
    text = (
        "layers:\n- {mine: {repeat: 3}, repeat: 2}\n- {id: same, conv: {out: 1}, first: {out: 2}}\n"
    )
    numbers = {name: each.value for name, each in values(text).items()}
    assert numbers == {
        "mine.repeat": 3, "mine.repeat#2": 2, "same.conv.out": 1, "same.first.out": 2,
    }  # fmt: skip


@pytest.mark.parametrize(("defined", "field"), [("mine", "out"), ("dense", None)])
def test_a_word_that_a_file_defines_is_none_that_other_people_use(defined, field):
    text = f"define:\n  {defined}: {{args: {{out: }}}}\nlayers:\n- dense: {{out: 3}}\n"
    known = values(text)["dense.out"].field
    assert (None if known is None else known.name) == field


def test_what_an_alias_repeats_counts_once():
    text = "layers:\n- conv: &same {out: 8}\n- conv: *same\n- conv: {<<: *same, kernel: 5}\n"
    assert {name: each.value for name, each in values(text).items()} == {
        "conv1.out": 8, "conv3.kernel": 5,
    }  # fmt: skip


@each_of({file_of(name): name for name in MODELS}.values())
def test_entries_are_called_as_their_layers_are(name):
    written_values = values(Path(file_of(name)).read_text(encoding="utf-8"))
    paths = {re.split("[/.]", node.path)[0] for node in shipped.graph(name).nodes[1:]}
    called = {
        name.split(".")[0] for name in written_values if name.endswith((".out", ".mid", ".kernel"))
    }
    left_away = {
        name.removesuffix(".repeat") for name in written_values if name.endswith(".repeat")
    } - paths
    assert called - {"define"} - left_away <= paths
    assert len({value.location for value in written_values.values()}) == len(written_values)


@each_of(
    [
        (FILE, "conv2.out", 128, FILE.replace("65", "128")),
        (FILE, "stage1.first.stride", 1, FILE.replace("{stride: 2}", "{stride: 1}")),
        (FILE, "defaults.bias", True, FILE.replace("false", "true")),
        (FILE, "define.gated.args.share", 0.1, FILE.replace("0.25", "0.1")),
        ("\ufefflayers: [conv: {out: 0x40}]", "conv.out", 7, "\ufefflayers: [conv: {out: 7}]"),
        ("# é\r\nlayers:\r- é: {x: 1,y: 2}\n", "é.y", 3, "# é\r\nlayers:\r- é: {x: 1,y: 3}\n"),
        ("layers: [conv: {out: &o 64}]", "conv.out", 9, "layers: [conv: {out: &o 9}]"),
    ]
)
def test_one_value_is_rewritten_and_nothing_else(text, name, new, after):
    value = values(text)[name]
    assert rewritten(text, value, new) == after
    assert bare(with_value(read(text, "f"), value, new)) == bare(read(after, "f"))


def test_what_does_not_stand_at_its_place_is_not_rewritten():
    value = values(FILE)["conv2.out"]
    with pytest.raises(ValueError, match="f:19:17: there is no 65 here"):
        rewritten(FILE.replace("65", "66"), value, 1)
    with pytest.raises(ValueError, match="the file has fewer lines"):
        rewritten("layers: []", value, 1)
    with pytest.raises(ValueError, match="there is no relu here"):
        rewritten(FILE, values(FILE)["body.conv.act"], 1)


@given(st.sampled_from(sorted({file_of(name) for name in MODELS})), st.data())
@settings(max_examples=30)
def test_rewriting_changes_one_value_of_the_tree(path, data):
    text = Path(path).read_text(encoding="utf-8")
    root = read(text, "f")
    numbers = [value for value in written(root) if value.literal]
    one = data.draw(st.sampled_from(numbers))
    new = data.draw(st.integers(1, 5000) | st.floats(0.01, 100))
    after = read(rewritten(text, one, new), "f")
    assert bare(after) == bare(with_value(root, one, new))
    changed = [
        (old.name, now.value)
        for old, now in zip(written(root), written(after), strict=True)
        if old.value != now.value
    ]
    assert changed in ([(one.name, new)], [])
    assert isinstance(root, MappingNode)


def test_the_values_of_a_file_without_meaning_are_none():
    assert written(read("[1, 2]", "f")) == ()
    with pytest.raises(SpecError):
        read("", "f")
