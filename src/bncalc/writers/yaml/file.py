"""The file: a graph in our language, with its repeats folded and its own blocks found."""

from __future__ import annotations

from bncalc._version import __version__
from bncalc.errors import SpecError, UsageError
from bncalc.language import nodes
from bncalc.language.model import read_language
from bncalc.language.source import read
from bncalc.model.graph import Graph, Node
from bncalc.model.reading import Request
from bncalc.printable import printable
from bncalc.writers.tree import tree
from bncalc.writers.yaml.across import parts_across
from bncalc.writers.yaml.cuts import CUTS
from bncalc.writers.yaml.definitions import find_blocks
from bncalc.writers.yaml.drafting import draft
from bncalc.writers.yaml.network import Network
from bncalc.writers.yaml.text import definition_of, entries_of, lines
from bncalc.writers.yaml.views import with_own_views
from bncalc.writers.yaml.words import NamedLayer, Words, defaults_of


def model_file(graph: Graph) -> str:
    """Return a graph as a file of the language.

    It is read again before it is given: UsageError where it would not be the same network, and of
    one without layers, which is none of the language.
    """
    if len(graph.nodes) == len(graph.inputs):
        raise UsageError(f"{graph.name} cannot be written: it has no layers")
    graph = with_own_views(graph)
    root = tree(graph)
    ways = [Network(graph, Words(each), root) for each in defaults_of(_layers(graph))]
    network = max(ways, key=lambda way: way.blocks_in(root))  # the first where they are alike
    network.inlined = parts_across(network)
    words, body = network.words, draft(network, root, graph.name)
    blocks, lists = find_blocks(graph, body)
    file: dict[str, object] = {"name": printable(root.name)}
    shapes = [list(graph.nodes[index].output) for index in graph.inputs]
    inputs = dict(zip(body.inputs, shapes, strict=True))
    if list(inputs) == ["in"]:
        file["input"] = inputs["in"]
    else:
        file["inputs"] = inputs
    if body.outputs:
        file["outputs"] = list(body.outputs)
    if words.header():
        file["defaults"] = words.header()
    if lists:
        file["vars"] = {name: list(values) for name, values in lists.items()}
    if blocks:
        file["define"] = {block.word: definition_of(block) for block in blocks}
    head = f"# {printable(graph.name)}, written by bncalc {__version__}"
    layers = lines(entries_of(body.entries), 2)
    text = "\n".join([head, *lines(file), "layers:", *layers]) + "\n"
    _hold(graph, text)
    return text


def _layers(graph: Graph) -> list[NamedLayer]:
    """Return the layers with what is named after them, to see what most have in common."""
    after = {node.path: node.op for node in graph.nodes}
    return [
        NamedLayer(node, after.get(f"{node.path}.norm"), after.get(f"{node.path}.act"))
        for node in graph.nodes
    ]


def _hold(graph: Graph, text: str) -> None:
    """Raise UsageError unless a file is read as the graph that it was written for."""

    def parsed(path: str) -> nodes.YamlNode:
        return read(text, path)

    try:
        (reading,) = read_language(Request(graph.name), parsed)
    except SpecError as error:
        raise UsageError(f"{graph.name} cannot be written: {error.problems[0].message}") from None
    other = reading.designs[0].graph
    for ours, theirs in zip(graph.nodes, other.nodes, strict=False):
        if _figures(graph, ours) != _figures(other, theirs):
            raise UsageError(f"{graph.name} cannot be written: {ours.path} would be another layer")
    if len(graph.nodes) != len(other.nodes):
        raise UsageError(f"{graph.name} cannot be written: it would have other layers")


def _figures(graph: Graph, node: Node) -> tuple[object, ...]:
    cost = node.op.cost(graph.input_shapes(node), node.output)
    trains, owner = node.training_only, node.weights_of
    word = "slice" if node.op.word in CUTS else node.op.word
    return word, node.output, cost.params, cost.macs, trains, owner
