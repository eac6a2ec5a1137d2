"""The file: a graph in our language, with its repeats folded and its own blocks found."""

from __future__ import annotations

from typing import Self

from bncalc._version import __version__
from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.memory import liveness
from bncalc.errors import SpecError, UsageError
from bncalc.language import nodes
from bncalc.language.model import read_language
from bncalc.language.source import read
from bncalc.model.graph import Graph, Node
from bncalc.model.ops.foreign import Foreign
from bncalc.model.reading import Request
from bncalc.named import NamedTuple
from bncalc.printable import printable
from bncalc.writers.tree import tree
from bncalc.writers.yaml.across import parts_across
from bncalc.writers.yaml.counting import counts_only
from bncalc.writers.yaml.definitions import Blocks, find_blocks
from bncalc.writers.yaml.drafting import draft
from bncalc.writers.yaml.entry import Body
from bncalc.writers.yaml.grouping import better_as_groups
from bncalc.writers.yaml.network import Network
from bncalc.writers.yaml.single import with_single_layers
from bncalc.writers.yaml.text import definition_of, entries_of, lines, scalar
from bncalc.writers.yaml.views import CUTS, with_own_views
from bncalc.writers.yaml.words import NamedLayer, Words, defaults_of

_ROUNDS = 8
"""So often blocks are looked for again once some are groups."""


def imported_file(graph: Graph) -> str:
    """Return a graph that was read from another form as a file of the language, as `model_file`.

    Equal parts among others are copies of one as well, and a layer that is all of a part has its
    name: that gives layers other paths.
    """
    graph = with_single_layers(graph)
    try:
        return _file(graph, has_runs=True)
    except UsageError:  # what reads one of several equal parts, say
        return _file(graph, has_runs=False)


def model_file(graph: Graph) -> str:
    """Return a graph as a file of the language, with the paths that it has.

    It is read again before it is given: UsageError where it would not be the same network, and of
    one without layers, which is none of the language.
    """
    return _file(graph, has_runs=False)


def _file(graph: Graph, *, has_runs: bool) -> str:
    if len(graph.nodes) == len(graph.inputs):
        raise UsageError(f"{graph.name} cannot be written: it has no layers")
    graph = with_own_views(graph)
    root = tree(graph)
    ways = [Network(graph, Words(each), root) for each in defaults_of(_layers(graph))]
    network = max(ways, key=lambda way: way.blocks_in(root))  # the first where they are alike
    network.inlined = parts_across(network)
    network.has_runs = has_runs
    plain = _Draft.of(network)
    try:
        return _text(network, _with_groups(network, plain))
    except UsageError:  # a name that another list has as well, say
        return _text(network, plain)


class _Draft(NamedTuple):
    """The entries of a network, and the own blocks that they call."""

    body: Body
    found: Blocks

    @classmethod
    def of(cls, network: Network) -> Self:
        body = draft(network, network.root, network.graph.name)
        return cls(body, find_blocks(network.graph, body))


def _with_groups(network: Network, plain: _Draft) -> _Draft:
    """Return a draft in which blocks that are no gain are groups where they are called."""
    drafted = plain
    for _ in range(_ROUNDS):
        parts = better_as_groups(drafted.found.blocks, drafted.body, network.grouped)
        unlike = drafted.found.unlike - network.listed if network.has_runs else set()
        if not parts and not unlike:
            break
        network.grouped |= parts
        network.listed |= unlike
        network.listed.update(id(part) for part in drafted.found.parts())
        drafted = _Draft.of(network)
    return drafted


def _text(network: Network, drafted: _Draft) -> str:
    """Return a draft as a file; raise UsageError where that would not be the same network."""
    graph, words = network.graph, network.words
    body, (blocks, lists, _) = drafted
    file: dict[str, object] = {"name": printable(network.root.name)}
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
    layers = lines(entries_of(body.entries), 2)
    text = "\n".join([*lines(file), "layers:", *layers]) + "\n"
    other = _read_again(graph, text)
    lost = [f"  - {scalar(printable(each))}" for each in counts_only(graph, other)]
    said = ["counts_only:", *lost] if lost else []
    return "\n".join([*_head(graph, other), *said, text])


def _head(graph: Graph, other: Graph) -> list[str]:
    """Return what a file says first: what wrote it, and what it cannot say of a model."""
    head = [f"# {printable(graph.name)}, written by bncalc {__version__}"]
    ours, theirs = (
        liveness(each, Assumptions(policy="eager")).peak if graph.lifetimes else 0
        for each in (other, graph)
    )
    if ours != theirs:
        head.append(f"# Its eager peak is {ours:,} bytes, by its modules; PyTorch, which ran the")
        head.append(f"# model's own code, held {theirs:,} bytes at most.")
    if any(node.weight_bits is not None for node in graph.nodes):
        head.append(
            "# The model says how many bits its weights have; here they are as wide as --dtype."
        )
    if any(isinstance(node.op, Foreign) for node in other.nodes):
        head.append(
            "# If you change what a `custom` operation reads, its numbers stay as they are:"
        )
        head.append("# set those by hand that are not formulas.")
    return head


def _layers(graph: Graph) -> list[NamedLayer]:
    """Return the layers with what is named after them, to see what most have in common."""
    after = {node.path: node.op for node in graph.nodes}
    return [
        NamedLayer(node, after.get(f"{node.path}.norm"), after.get(f"{node.path}.act"))
        for node in graph.nodes
    ]


def _read_again(graph: Graph, text: str) -> Graph:
    """Return what a file is read as; raise UsageError unless that is what it was written for."""

    def parsed(path: str) -> nodes.YamlNode:
        return read(text, path)

    try:
        (reading,) = read_language(Request(graph.name), parsed)
    except SpecError as error:
        raise UsageError(f"{graph.name} cannot be written: {error.problems[0].message}") from None
    other = reading.designs[0].graph
    if difference := _difference(graph, other):
        raise UsageError(f"{graph.name} cannot be written: {difference}")
    return other


def _difference(graph: Graph, other: Graph) -> str:
    """Return what the first difference of two graphs is, layer by layer; nothing of alike ones."""
    for ours, theirs in zip(graph.nodes, other.nodes, strict=False):
        if _figures(graph, ours) != _figures(other, theirs):
            return f"{ours.path} would be another layer"
        if ours.inputs != theirs.inputs:
            wanted, read = [
                ", ".join([graph.nodes[source].path for source in inputs]) or "none"
                for inputs in (ours.inputs, theirs.inputs)
            ]
            return f"the inputs of {ours.path} would be {read}, not {wanted}"
    if len(graph.nodes) != len(other.nodes):
        return "it would have other layers"
    put_out = [[output.node for output in each.outputs] for each in (graph, other)]
    return "" if put_out[0] == put_out[1] else "it would put out other maps"


def _figures(graph: Graph, node: Node) -> tuple[object, ...]:
    cost = node.op.cost(graph.input_shapes(node), node.output)
    cost = cost._replace(weights=cost.params, biases=0)  # a custom operation says their sum
    trains, owner = node.training_only, node.weights_of
    word = "slice" if node.op.word in CUTS else node.op.word
    return word, node.output, cost, trains, owner
