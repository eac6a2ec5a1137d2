"""The designs that the arguments of a command stand for, each with a name of its own."""

from collections.abc import Callable
from typing import TypeVar

from bncalc.cli.messages import tell
from bncalc.disk import DISK
from bncalc.errors import Problem, SpecError, UsageError, refuse_unknown
from bncalc.files import Files
from bncalc.model.graph import Graph
from bncalc.model.reading import InputNeeded
from bncalc.named import NamedTuple
from bncalc.opening.model import Model, Overrides, open_model, open_models
from bncalc.opening.name import ModelName, setting_text

_Opened = TypeVar("_Opened")


class Designs(NamedTuple):
    """Designs in the order of the arguments, the one that ratios refer to, and their arguments."""

    graphs: tuple[Graph, ...]
    baseline: str
    arguments: tuple[str, ...]


def open_designs(names: list[ModelName], overrides: Overrides) -> Designs:
    """Open every model; raise one SpecError for the problems of all files together."""
    models: list[Model] = []
    problems: list[Problem] = []
    for name in names:
        try:
            models += open_models(*_where(name, overrides))
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError(problems)
    tell(models)
    graphs = [(model, graph) for model in models for graph in model.graphs]
    titles = [graph.name for _, graph in graphs]
    twice = {title for title in titles if titles.count(title) > 1}
    files = {model.name.file for model, graph in graphs if graph.name in twice}
    unique = [
        graph._replace(name=_with_file(model, graph)) if model.name.file in files else graph
        for model, graph in graphs
    ]
    called = [graph.name for graph in unique]
    unique = [
        graph._replace(name=f"{graph.name} ({i})") if called.count(graph.name) > 1 else graph
        for i, graph in enumerate(unique, 1)
    ]
    base = models[0].baseline
    at = titles.index(base) if base in titles else 0
    return Designs(tuple(unique), unique[at].name, tuple([str(model.name) for model, _ in graphs]))


def _with_file(model: Model, graph: Graph) -> str:
    """Return what a design is called beside one of the same name in another file."""
    name = str(model.name)
    is_one_of_several = (model.alternatives or model.variant is not None) and graph.name != name
    return f"{model.name.file}#{graph.name}" if is_one_of_several else name


def baseline_of(designs: Designs, asked: str | None) -> str:
    """Return the baseline's name; raise UsageError where the one asked for is not there."""
    if asked is None:
        return designs.baseline
    names = [graph.name for graph in designs.graphs]
    if asked not in names and designs.arguments.count(asked) == 1:
        return names[designs.arguments.index(asked)]
    refuse_unknown("--baseline: there is no design", asked, names)
    return asked


def open_one(name: ModelName, overrides: Overrides) -> Graph:
    """Open a model that is one design; raise UsageError where it holds alternatives."""
    model = open_model(*_where(name, overrides))
    tell([model])
    graphs = model.graphs
    if len(graphs) > 1:
        parts = [graph.name.removesuffix(name.echo) for graph in graphs[:4]]
        names = ", ".join(str(name._replace(part=part)) for part in parts)
        raise UsageError(
            f"{name} holds {len(graphs)} alternatives; "
            f"show one ({names}) or `bncalc compare {name}`"
        )
    return graphs[0]


def open_both(
    names: tuple[ModelName, ModelName],
    opened: Callable[[ModelName], _Opened],
    graph: Callable[[_Opened], Graph],
) -> tuple[_Opened, _Opened]:
    """Open two models, each once; a PyTorch model that says too few inputs takes the other's."""
    first, second = names
    try:
        before = opened(first)
    except InputNeeded:
        if not _takes_inputs(first, second):
            raise
        after = opened(second)
        return opened(_filled(first, graph(after))), after
    try:
        return before, opened(second)
    except InputNeeded:
        if not _takes_inputs(second, first):
            raise
        return before, opened(_filled(second, graph(before)))


def _takes_inputs(name: ModelName, other: ModelName) -> bool:
    return name.is_torch and name.input is None and not other.path.endswith(".json")


def _filled(name: ModelName, graph: Graph) -> ModelName:
    """Return a name with the inputs of a graph that it does not give."""
    inputs = [graph.nodes[index] for index in graph.inputs]
    if len(inputs) == 1:
        return name._replace(input=graph.input)
    left = [node for node in inputs if node.path not in name.settings]
    return name.having({node.path: setting_text(tuple(node.output)) for node in left})


def _where(name: ModelName, overrides: Overrides) -> tuple[ModelName, Overrides, Files]:
    """Return a name and the files that it is among: those of its git revision, or of the disk."""
    if not name.revision:
        return name, overrides, DISK
    from bncalc.change.pairing import at_revision

    within, commit = at_revision(name)
    return within, overrides, commit
