"""Parts: the paths of layers become parts that lie in each other."""

from bncalc.model.net import Net
from bncalc.readers.parts import PartPath, Parts

PATHS: list[PartPath] = [
    ("a", "b", "x"),
    ("a", "b", "y"),
    ("a", "c", "x"),
    ("a", "z"),
    ("d", "e", "f", "x"),
    ("d", "e", "g", "x"),
    ("a", "b", "w"),
    ("h",),
    ("h",),
    (),
]


def test_a_layer_lies_in_the_parts_of_its_path() -> None:
    net = Net((4, 8, 8))
    parts = Parts(net, PATHS, {("a",): "stage", ("a", "b"): "block"})
    x = net.input
    for path in PATHS:
        x = net.op("relu", x, name=parts.enter(path))
    parts.close()
    graph = net.graph("net")
    assert [node.path for node in graph.nodes[1:]] == [
        *("a/b/x", "a/b/y", "a/c/x", "a/z", "d/e/f/x", "d/e/g/x"),
        *("a_2/b/w", "h/relu1", "h/relu2", "relu"),
    ]
    assert [(part.path, part.word, part.start, part.stop) for part in graph.parts] == [
        ("a", "stage", 1, 5),
        ("a/b", "block", 1, 3),
        ("a/c", "module", 3, 4),
        ("d", "module", 5, 7),
        ("d/e", "module", 5, 7),
        ("d/e/f", "module", 5, 6),
        ("d/e/g", "module", 6, 7),
        ("a_2", "stage", 7, 8),
        ("a_2/b", "block", 7, 8),
        ("h", "module", 8, 10),
    ]
