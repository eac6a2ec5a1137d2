"""`same_as` and `shared`: an entry again, or all copies, with the weights of the first."""

from pathlib import Path

from tests.typed import problems_of, written

import bncalc
from bncalc.analysis.training import Training

LEVELS = """
input: [16, 32, 32]
defaults: {bias: true}
layers:
  - {id: p3, conv: {out: 16}}
  - {id: p4, conv: {out: 16, stride: 2}}
  - id: head3
    from: p3
    stage:
      - {id: hidden, conv: {out: 16, norm: batch, act: relu}}
      - {conv: {out: 9}}
  - {id: head4, from: p4, same_as: head3}
  - {id: head5, from: head4, max_pool: {}}
  - {id: again, from: p4, same_as: head4}
"""


def test_an_entry_is_placed_again_with_its_weights(tmp_path: Path) -> None:
    graph = written(LEVELS, tmp_path)
    report = bncalc.measure(graph)
    own = {layer.path: layer.weights_of for layer in report.layers if layer.cost.macs}
    assert own == {
        "p3": None,
        "p4": None,
        "head3/hidden": None,
        "head3/conv": None,
        "head4/hidden": "head3/hidden",
        "head4/conv": "head3/conv",
        "again/hidden": "head3/hidden",
        "again/conv": "head3/conv",
    }
    head = (16 * 9 * 16 + 16) + 2 * 16 + (16 * 9 * 9 + 9)
    assert report.totals.params == 2 * (16 * 9 * 16 + 16) + head
    sections = {section.path: section.cost.params for section in report.sections}
    assert sections == {"head3": head, "head4": 0, "again": 0}


LINEAR = """
input: [1024]
layers:
  - {linear: {out: 1024, bias: true}, repeat: 100, shared: true}
"""


def test_a_linear_layer_a_hundred_times(tmp_path: Path) -> None:
    report = bncalc.measure(written(LINEAR, tmp_path), also=["training"])
    assert (report.totals.params, report.totals.macs) == (1_049_600, 104_857_600)
    assert report.result(Training).saved == 409_600
    assert report.layers[99].weights_of == "linear/0"


def test_copies_that_share_nothing_by_name(tmp_path: Path) -> None:
    report = bncalc.measure(written(LINEAR.replace("shared: true", "shared: false"), tmp_path))
    assert report.totals.params == 100 * 1_049_600


BLOCK = """
input: [8, 16, 16]
define:
  twice:
    args: {out: 8}
    layers:
      - {id: a, conv: {out: =out}}
      - {id: b, same_as: a}
layers:
  - {id: first, twice: {}}
  - {id: second, same_as: first}
  - {twice: {}, repeat: 2, shared: true}
"""


def test_a_block_that_shares_within_is_shared_as_a_whole(tmp_path: Path) -> None:
    report = bncalc.measure(written(BLOCK, tmp_path))
    assert report.totals.params == 2 * 8 * 9 * 8
    assert [layer.weights_of for layer in report.layers] == [
        *(None, "first/a", "first/a", "first/a"),
        *(None, "twice/0/a", "twice/0/a", "twice/0/a"),
    ]


WRONG = """
input: [16, 32, 32]
layers:
  - {id: a, conv: {out: 16}}
  - {id: b, conv: {out: 8}}
  - {from: b, same_as: a}
  - {from: b, same_as: c}
  - {from: a, same_as: a, repeat: 2}
  - {conv: {out: 8}, shared: true}
  - {conv: {out: 8}, repeat: 2, shared: maybe}
  - {from: a, conv: {out: 8}, repeat: 2, shared: true}
  - same_as
"""


def test_what_is_wrong_has_its_place(tmp_path: Path) -> None:
    assert problems_of(WRONG, tmp_path) == [
        "6:24: error: conv needs weights of 8·3·3·16; those to share are 16·3·3·16",
        "7:24: error: there is no earlier id 'c'; known here: a, b",
        "8:35: error: `repeat` cannot be used beside same_as",
        "9:30: error: `shared` without `repeat`",
        "10:41: error: shared is 'maybe'; it must be true or false",
        "11:50: error: conv needs weights of 8·3·3·8; those to share are 16·3·3·8",
        "12:5: error: same_as needs an earlier id: `same_as: id`",
    ]


def test_norms_whose_numbers_are_all_constants_differ_by_their_buffers(tmp_path: Path) -> None:
    norms = "layers: [{id: n, frozen_norm: }, {conv: {out: 8}}, {same_as: n}]"
    text = f"input: [4, 2, 2]\n{norms}\n"
    message = "frozen_norm needs 32 buffers; those to share are 16"
    assert problems_of(text, tmp_path) == [f"2:62: error: {message}"]


def test_what_follows_from_a_mistake_is_not_reported(tmp_path: Path) -> None:
    text = WRONG.partition("  - {from: b, same_as: a}")[0].replace("out: 16", "out: 16, groups: 3")
    assert len(problems_of(text + "  - {from: in, same_as: a}\n", tmp_path)) == 1
