"""Names of models: one grammar, in which a file that is really called so comes first."""

import pytest
from tests.rows import each_of

from bncalc.errors import UsageError
from bncalc.model.shape import Shape
from bncalc.opening.name import ModelName, parse

ROWS = [
    ("net.yaml", [], ModelName("net.yaml")),
    ("net.yaml#m", [], ModelName("net.yaml", "m")),
    ("resnet50@320", [], ModelName("resnet50", input=Shape(320))),
    ("resnet50@3,320,320", [], ModelName("resnet50", input=Shape(3, 320, 320))),
    ("resnet50@3x320x320", [], ModelName("resnet50", input=Shape(3, 320, 320))),
    ("net.yaml#m@width=0.9@depths=3,4,6,3@3,320,320", ["net.yaml"],
     ModelName("net.yaml", "m", {"width": "0.9", "depths": "3,4,6,3"}, Shape(3, 320, 320))),
    ("net.yaml@left=3,224,224", [], ModelName("net.yaml", settings={"left": "3,224,224"})),
    ("net@2.yaml@width=2", ["net@2.yaml"], ModelName("net@2.yaml", settings={"width": "2"})),
    ("a#b.yaml#m", ["a", "a#b.yaml"], ModelName("a#b.yaml", "m")),
    ("conv@8,16,16@act={prelu: {}}", [],
     ModelName("conv", settings={"act": "{prelu: {}}"}, input=Shape(8, 16, 16))),
    ("net.yaml#m", ["net.yaml#m"], ModelName("net.yaml#m")),
    ("HEAD:net.yaml", [], ModelName("net.yaml", revision="HEAD")),
    ("HEAD:net.yaml", ["HEAD:net.yaml"], ModelName("HEAD:net.yaml")),
    ("HEAD@{1}:net.yaml@width=2", [], ModelName("net.yaml", settings={"width": "2"},
     revision="HEAD@{1}")),
    ("HEAD@{1}:net.yaml@width=2", ["HEAD"],
     ModelName("net.yaml", settings={"width": "2"}, revision="HEAD@{1}")),
    ("HEAD:a#b.yaml#m", ["a#b.yaml"], ModelName("a#b.yaml", "m", revision="HEAD")),
    ("v1#2:net.yaml#m", [], ModelName("net.yaml", "m", revision="v1#2")),
    ("net.yaml@what=a:b", ["net.yaml"], ModelName("net.yaml", settings={"what": "a:b"})),
    ("gone.yaml#m@width=2", [], ModelName("gone.yaml", "m", {"width": "2"})),
    ("net.yaml:8@ 3,64,64 ", ["net.yaml:8"], ModelName("net.yaml:8", input=Shape(3, 64, 64))),
    ("-", [], ModelName("-")),
    ("-#m@width=2", [], ModelName("-", "m", {"width": "2"})),
    ("torch:package.module:callable@arg=value", [],
     ModelName("torch:package.module:callable", settings={"arg": "value"})),
    ("torch:timm:create_model@model_name=resnet50@3,288,288", ["torch"],
     ModelName("torch:timm:create_model", "", {"model_name": "resnet50"}, Shape(3, 288, 288))),
]  # fmt: skip


@each_of(ROWS, ids=[row[0] for row in ROWS])
def test_a_name_is_read(text: str, files: list[str], name: ModelName) -> None:
    assert parse(text, files.__contains__) == name


def test_what_a_call_sets_further_is_written_after_what_the_name_sets() -> None:
    name = ModelName("net.yaml", settings={"width": "1"}).having({"depth": "2"}, Shape(3, 8, 8))
    assert str(name) == "net.yaml@width=1@depth=2@3,8,8"


@each_of([row[2] for row in ROWS])
def test_a_name_is_written_as_it_is_read(name: ModelName) -> None:
    is_file = "." in name.path and (not name.revision or "#" in name.path)
    files = [name.path] if is_file else []
    assert parse(str(name), files.__contains__) == name


@each_of(
    [
        ("net.yaml@", "'@' sets nothing; @NAME=VALUE sets a variable and @C,H,W the input"),
        ("net.yaml@wide", "'@wide' sets nothing"),
        ("HEAD:", "'HEAD:' names no model; write it as in HEAD:net.yaml"),
        ("#a", "'#a' names no model; write it as in net.yaml#a"),
        ("", "'' names no model; write it as in net.yaml"),
        ("net.yaml@3,-1", "'@3,-1' sets nothing"),
        ("net.yaml@width=1@width=2", "sets 'width' twice"),
        ("net.yaml@320@3,320,320", "'@3,320,320' sets nothing"),
    ]
)
def test_what_sets_nothing_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse(text, ["net.yaml"].__contains__)
    assert message in str(raised.value)
