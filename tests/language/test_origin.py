"""Every layer knows the line that placed it."""

from tests import shipped
from tests.texts import Texts

from bncalc.model.origin import Design, Origin
from bncalc.opening.model import open_model
from bncalc.zoo import MODELS

BLOCKS = """\
define:
  twice:
    args: {out: }
    layers:
      - conv: {out: =out}
      - conv: {out: =out, kernel: 1}
"""
NET = """\
input: [3, 32, 32]
include: blocks.yaml
defaults: {norm: batch}
define:
  body: {args: {width: 8}, layers: [{twice: {out: =width}}]}
layers:
  - conv: {out: 8}
  - bottleneck:
      mid: 4
      out: 16
    repeat: 3
    first: {stride: 2}
  - body:
      width: 24
  - concat:
      - []
      - [{conv: {out: 8}}]
  - stage:
      - global_avg_pool
    id: head
"""


def design(**files: str) -> Design:
    texts = Texts({f"{name}.yaml": text for name, text in files.items()})
    return open_model("net.yaml", files=texts).designs[0]


def origins() -> dict[str, Origin]:
    return design(net=NET, blocks=BLOCKS).by_path()


def test_a_layer_comes_from_the_line_of_its_entry() -> None:
    lines = {path: origin.top.line for path, origin in origins().items()}
    assert lines["conv"] == lines["conv.norm"] == 7
    assert {lines[f"bottleneck/{i}/conv2"] for i in range(3)} == {8}
    assert lines["concat/branch2/conv"] == 17
    assert lines["concat/concat"] == 15
    assert lines["head/global_avg_pool"] == 19


def test_a_layer_of_an_own_block_knows_the_calls_that_led_there() -> None:
    origin = origins()["body/twice/conv2"]
    assert [(call.word, str(call.location)) for call in origin.calls] == [
        ("conv", "blocks.yaml:6:9"),
        ("twice", "net.yaml:5:38"),
        ("body", "net.yaml:13:5"),
    ]
    assert origin.location("blocks.yaml").line == 6
    assert origin.location("net.yaml").line == 5
    assert origin.location("other.yaml") == origin.top


def test_arguments_have_their_own_lines_and_the_first_copy_its_own_arguments() -> None:
    placed = origins()
    first, second = (placed[f"bottleneck/{i}/conv1"].call.arguments for i in range(2))
    assert {name: argument.location.line for name, argument in first.items()} == {
        "mid": 9,
        "out": 10,
        "stride": 12,
    }
    assert "stride" not in second
    assert placed["body/twice/conv1"].callers[-1].arguments["width"].location.line == 14


def test_copies_of_one_entry_share_an_origin() -> None:
    text = "input: [8, 8, 8]\nlayers: [{conv: {out: 8}, repeat: 50}, {conv: {out: 8}}]\n"
    assert len(design(net=text).origins) == 2


def test_every_layer_of_every_shipped_network_has_an_origin() -> None:
    for family in sorted(set(MODELS.values())):
        name = next(model for model, file in MODELS.items() if file == family)
        placed = shipped.model(name).designs[0]
        nodes = placed.graph.nodes
        assert placed.origin(0) is None
        by_path = {nodes[i].path: placed.origin(i) for i in range(1, len(nodes))}
        assert placed.by_path() == by_path
        assert None not in by_path.values()
