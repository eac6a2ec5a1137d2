"""The tree of modules: parts and layers of a graph as they nest, and the maps that each takes."""

from __future__ import annotations

import keyword
import re

from bncalc.model.graph import Graph, Part
from bncalc.named import NamedTuple


class Leaf(NamedTuple):
    """A layer, by its name within the part around it."""

    name: str
    node: int


class Branch(NamedTuple):
    """A part: the nodes `start` up to `stop`, what lies within, the maps in and the maps out."""

    name: str
    word: str
    start: int
    stop: int
    children: tuple[Leaf | Branch, ...]
    takes: tuple[int, ...]
    gives: tuple[int, ...]
    """Of a part for training alone what it would give: its last map."""


def tree(graph: Graph) -> Branch:
    """Return a graph as one branch that takes the network's inputs and gives its outputs."""
    inputs = tuple(i for i, node in enumerate(graph.nodes) if node.op.word == "input")
    parts = list(graph.parts)
    children = _children(graph, parts, 1, len(graph.nodes), "")
    outputs = tuple(output.node for output in graph.outputs)
    return Branch(graph.name, graph.name, 1, len(graph.nodes), children, inputs, outputs)


def _children(
    graph: Graph, parts: list[Part], start: int, stop: int, path: str
) -> tuple[Leaf | Branch, ...]:
    """Return what lies in a stretch of nodes, in running order; parts are used up in order."""
    children: list[Leaf | Branch] = []
    taken: set[str] = set()
    at = start
    while at < stop:
        if parts and parts[0].start == at and parts[0].stop <= stop:
            part = parts.pop(0)
            inner = _children(graph, parts, part.start, part.stop, part.path)
            name = _named(part.path.removeprefix(f"{path}/" if path else ""), taken)
            takes, gives = _borders(graph, part.start, part.stop)
            children.append(Branch(name, part.word, part.start, part.stop, inner, takes, gives))
            at = part.stop
        else:
            node = graph.nodes[at]
            if node.op.word != "input":
                name = _named(node.path.removeprefix(f"{path}/" if path else ""), taken)
                children.append(Leaf(name, at))
            at += 1
    return tuple(children)


def _borders(graph: Graph, start: int, stop: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    inside = range(start, stop)
    running = [i for i in inside if not graph.nodes[i].training_only]
    trains = not running
    running = running or list(inside)
    takes = dict.fromkeys(
        source for i in running for source in graph.nodes[i].inputs if source not in inside
    )
    read = {source for node in graph.nodes[stop:] for source in node.inputs}
    read |= {output.node for output in graph.outputs}
    gives = running[-1:] if trains else [i for i in running if i in read]
    return tuple(takes), tuple(gives)


def _named(name: str, taken: set[str]) -> str:
    """Return a name that Python takes, unlike those taken."""
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)
    if not plain or (plain[0].isdigit() and not plain.isdigit()) or keyword.iskeyword(plain):
        plain = f"_{plain}"
    unique, count = plain, 1
    while unique in taken:
        count += 1
        unique = f"{plain}_{count}"
    taken.add(unique)
    return unique
