"""Edited files: what is read and placed in part is what the whole file would be."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.mending.networks import files
from tests.rows import each_of

from bncalc.errors import BncalcError, SpecError
from bncalc.language.edits import Edits
from bncalc.language.model import read_language
from bncalc.language.source import read
from bncalc.language.written_values import WrittenValue, rewritten, written
from bncalc.model.reading import Request

WHOLE = """\
input: [8, 16, 16]
defaults: {norm: batch, bias: true}
vars: {width: 16, depths: [2, 3], word: conv, scale: 1}
variants: {large: {scale: 2}}
define:
  pair: {args: {wide: , narrow: =width}, layers: [{conv: {out: =narrow}}, {conv: {out: =wide}}]}
  nest: {layers: [{pair: {wide: 8}}, {pair: {wide: =width*scale}}]}
layers:
  - {id: stem, conv: {out: 8, stride: 2}}
  - {pair: {wide: 24}, repeat: '=depths[0]'}
  - nest
  - {id: head, stage: [{basic: {out: 32}, repeat: 3, id: deep}, {'=word': {out: 8}}]}
  - {same_as: stem, from: in}
  - {add: {}, from: [stem, head]}
  - {if: =width > 12, bottleneck: {mid: 8, out: 8}, else: [conv: {out: 4}]}
  - {concat: [[], [conv: {out: 4}]]}
  - {id: pool, max_pool: {kernel: 3, stride: 1}, repeat: 2}
  - {concat: {from: pool.*}}
"""
ALTERNATIVES = """\
input: [8, 16, 16]
vars: {width: 16}
blocks:
  one: [{conv: {out: =width}}, {basic: {out: 16}}]
  two: {bottleneck: {mid: 8, out: 16}}
"""


def outcome(make):
    """Return all that is known of a design, or what is wrong with it."""
    try:
        design = make()
    except SpecError as error:
        return [str(problem) for problem in error.problems]
    except BncalcError as error:
        return str(error)
    return design.graph, [(o.start, o.call.word, len(o.callers)) for o in design.origins]


def compared(text: str, part: str, edits) -> int:
    """Hold designs by edits to those of the rewritten text; return how many there were."""
    request = Request("f", part)
    edited = Edits("f", lambda path: read(text, path))
    try:
        edited.design(request)
    except BncalcError:
        return 0
    for old, value in edits:
        after = rewritten(text, old, value)
        whole = outcome(
            lambda after=after: read_language(request, lambda path: read(after, path))[0].designs[0]
        )
        in_part = outcome(lambda old=old, value=value: edited.design(request, old, value))
        if isinstance(whole, tuple):
            assert in_part == whole, (old.name, value)
        else:
            assert not isinstance(in_part, tuple), (old.name, value, whole)
    return len(edits)


@each_of([(WHOLE, ""), (WHOLE, "large"), (ALTERNATIVES, "one"), (ALTERNATIVES, "two")])
def test_every_value_of_a_file_edited_alone_is_the_file_read_anew(text, part):
    edits: list[tuple[WrittenValue, object]] = []
    for old in written(read(text, "f")):
        if isinstance(old.value, bool):
            edits.append((old, not old.value))
        elif isinstance(old.value, int):
            edits += [(old, old.value * 2), (old, 5)]
    assert compared(text, part, edits) > 15 * (text == WHOLE)


@given(files(), st.randoms(use_true_random=False))
@settings(max_examples=8)
def test_random_edits_of_random_files_are_the_files_read_anew(text, random):
    values = [old for old in written(read(text, "f")) if type(old.value) is int]
    edits = [(old, random.randint(1, 40)) for old in random.sample(values, min(6, len(values)))]
    assume(compared(text, "", edits))


def test_only_what_an_edit_changes_is_placed_anew(monkeypatch):
    from bncalc.model.net import Net

    text = "input: [8, 16, 16]\nvars: {n: 5}\nlayers:\n" + "".join(
        f"  - bottleneck: {{mid: {mid}, out: 16}}\n  - conv: {{out: 16, act: relu}}\n"
        for mid in range(8, 28)
    )
    built: list[str] = []
    build = Net.build

    def counted(self, kind, *inputs, **name):
        built.append(kind.word)
        return build(self, kind, *inputs, **name)

    monkeypatch.setattr(Net, "build", counted)
    edits, request = Edits("f", lambda path: read(text, path)), Request("f")
    edits.design(request)
    values = {old.name: old for old in written(edits.root)}
    all_of_it = len(built)
    built.clear()
    edits.design(request, values["bottleneck7.mid"], 99)
    assert built.count("bottleneck") == 1
    assert len(built) * 10 < all_of_it
    built.clear()
    edits.design(request, values["vars.n"], 6)  # nothing depends on it
    assert built == []
