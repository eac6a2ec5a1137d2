"""The designs that the arguments of a command stand for, each with a name of its own."""

from typing import NamedTuple

from bncalc.errors import Problem, SpecError, UsageError, instead
from bncalc.language.model import Model, Overrides, expand, open_model, open_models
from bncalc.model.graph import Graph


class Designs(NamedTuple):
    """Designs in the order of the arguments, and the one that ratios refer to."""

    graphs: tuple[Graph, ...]
    baseline: str


def open_designs(names: list[str], overrides: Overrides) -> Designs:
    """Open every argument; raise one SpecError for the problems of all files together."""
    models: list[tuple[str, Model]] = []
    problems: list[Problem] = []
    for name in expand(names):
        try:
            models += [(name, model) for model in open_models(name, overrides)]
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError(problems)
    graphs = [(name, graph) for name, model in models for graph in model.graphs]
    titles = [graph.name for _, graph in graphs]
    unique = []
    for (name, graph), title in zip(graphs, titles, strict=True):
        twice = titles.count(title) > 1
        unique.append(graph._replace(name=f"{name.partition('#')[0]}#{title}") if twice else graph)
    if len({graph.name for graph in unique}) < len(unique):
        unique = [one._replace(name=f"{one.name} ({i})") for i, one in enumerate(unique, start=1)]
    base = models[0][1].baseline
    at = titles.index(base) if base in titles else 0
    return Designs(tuple(unique), unique[at].name)


def baseline_of(designs: Designs, asked: str | None) -> str:
    """Return the baseline's name; raise UsageError where the one asked for is not there."""
    if asked is None:
        return designs.baseline
    names = [graph.name for graph in designs.graphs]
    if asked not in names:
        hint = instead(asked, names)
        raise UsageError(f"--baseline: there is no design {asked!r}{hint}")
    return asked


def open_one(name: str, overrides: Overrides) -> Graph:
    """Open a model that is one design; raise UsageError where it holds alternatives."""
    graphs = open_model(name, overrides).graphs
    if len(graphs) > 1:
        names = ", ".join(f"{name}#{graph.name}" for graph in graphs[:4])
        raise UsageError(
            f"{name} holds {len(graphs)} alternatives; "
            f"show one ({names}) or `bncalc compare {name}`"
        )
    return graphs[0]
