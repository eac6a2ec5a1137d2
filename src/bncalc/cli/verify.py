"""`bncalc verify`: the count held against a real framework, or one model against another."""

from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.cli.options import Altered, ModelArgument, Shown
from bncalc.cli.sharing import sharing
from bncalc.errors import UsageError

if TYPE_CHECKING:
    from bncalc.opening.model import Overrides
    from bncalc.opening.name import ModelName
    from bncalc.render.table import Table
    from bncalc.writers.verification import Verification


def _two(names: "list[ModelName]") -> "tuple[ModelName, ModelName]":
    """Return two names; raise UsageError where a pattern means more."""
    if len(names) > 2:
        raise UsageError(f"verify takes one model or two, not {len(names)}")
    return names[0], names[1]


@sharing
def verify(
    model: ModelArgument,
    other: Annotated[
        str | None,
        typer.Argument(
            metavar="[OTHER]", help="Another model; without it, a framework.", show_default=False
        ),
    ] = None,
    *,
    altered: Altered,
    shown: Shown,
) -> None:
    """Check a count against a framework, or one model against another; exit 1 if they differ.

    Without OTHER the network is rebuilt in PyTorch, layer by layer, without memory for weights (on
    the meta device): params, MACs by its own FLOP counter and every shape are compared. This needs
    the extra `bncalc[torch]`. An ONNX file is run by onnxruntime, on ones; the shape of every
    tensor is compared, and params and MACs of every layer with a plain count of the file's nodes.
    This needs the extra `bncalc[onnxruntime]`. A PyTorch model itself runs on the meta device, and
    both totals are compared; beside another model it takes that one's inputs if it names none.

    Examples:
    bncalc verify net.yaml
    bncalc verify net.yaml net.onnx
    bncalc verify net.yaml torch:net:Net
    """
    from bncalc.cli.answer import write

    if other is None:
        verification = _by_framework(altered.model(model), altered.overrides())
    else:
        names = _two(altered.models([model, other]))
        verification = _by_each_other(names, altered.overrides())

    def document() -> str:
        from bncalc.render.verification import verification_document

        return verification_document(verification)

    def view() -> "Table":
        from bncalc.render.verification import verification_view

        return verification_view(verification)

    write(shown, document, view)
    if not verification.agrees:
        raise typer.Exit(1)


def _by_each_other(names: "tuple[ModelName, ModelName]", overrides: "Overrides") -> "Verification":
    from bncalc.analysis.measurement import measure
    from bncalc.cli.designs import open_both, open_one
    from bncalc.writers.verification import against_model

    graphs = open_both(names, lambda name: open_one(name, overrides), lambda graph: graph)
    return against_model(*[measure(graph) for graph in graphs])


def _by_framework(name: "ModelName", overrides: "Overrides") -> "Verification":
    """Hold a model against the framework that runs it as it is, else against its twin."""
    from bncalc.analysis.measurement import measure
    from bncalc.cli.designs import open_one
    from bncalc.opening.kinds import kind_of
    from bncalc.opening.model import request_of

    graph = open_one(name, overrides)
    if kind_of(name.path) == "onnx":
        from bncalc.writers.onnx.runtime import against_runtime

        return against_runtime(request_of(name, overrides), graph.name)
    report = measure(graph)
    if name.is_torch:
        from bncalc.writers.pytorch.counter import against_counter

        return against_counter(request_of(name, overrides), report)
    from bncalc.writers.pytorch.twin import twin
    from bncalc.writers.verification import against_twin

    return against_twin(report, twin(graph), "PyTorch")
