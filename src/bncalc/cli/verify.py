"""`bncalc verify`: the count held against a real framework, or one model against another."""

from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.cli.ignored_options import named, refuse_ignored
from bncalc.cli.options import Altered, FoldNormOption, ModelArgument, Shown
from bncalc.cli.sharing import sharing
from bncalc.errors import UsageError

if TYPE_CHECKING:
    from bncalc.opening.model import Overrides
    from bncalc.opening.name import ModelName
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
    fold_norm: FoldNormOption = False,
    *,
    altered: Altered,
    shown: Shown,
) -> None:
    """Check a count against a framework, or one model against another; exit 1 if they differ.

    With OTHER, the layers that have params or MACs, the activations, and which layer reads which
    are compared. A difference that only follows from another is counted but not shown; JSON has
    them all. A PyTorch model named without inputs takes those of the other model.

    Without OTHER, the network is rebuilt in PyTorch, layer by layer, on the meta device, which
    allocates no weights. Params, MACs by PyTorch's own FLOP counter, and every shape are compared.
    This needs the extra `bncalc[torch]`. It tests how layers are counted, not how a file was read:
    for a .tflite or Ultralytics file, only OTHER, another source of the same network, tests that.
    An ONNX file is run by onnxruntime, on inputs of ones: the shape of every tensor is compared,
    and the params and MACs of every layer are compared with a plain count of the file's nodes. This
    needs the extra `bncalc[onnxruntime]`. A PyTorch model itself runs on the meta device, and the
    params and MACs of each of its modules are compared.

    Examples:
    bncalc verify net.yaml
    bncalc verify net.yaml net.onnx
    bncalc verify net.yaml torch:net:Net
    """
    from bncalc.cli.answer import write
    from bncalc.render import verification as rendering

    if other is None:
        refuse_ignored("a check against a framework", named(fold_norm=fold_norm))
        verification = _by_framework(altered.model(model), altered.overrides())
    else:
        names = _two(altered.models([model, other]))
        verification = _by_each_other(names, altered.overrides(), fold_norm=fold_norm)
    write(
        shown,
        lambda: rendering.verification_document(verification),
        lambda: rendering.verification_view(verification),
    )
    if not verification.agrees:
        raise typer.Exit(1)


def _by_each_other(
    names: "tuple[ModelName, ModelName]", overrides: "Overrides", *, fold_norm: bool
) -> "Verification":
    from bncalc.cli.designs import open_both, open_one
    from bncalc.writers.model_comparison import against_model

    graphs = open_both(names, lambda name: open_one(name, overrides), lambda graph: graph)
    plain = {graph.name.removesuffix(name.echo) for graph, name in zip(graphs, names, strict=True)}
    if len(plain) == 1:
        ours, theirs = graphs
        graphs = ours._replace(name=str(names[0])), theirs._replace(name=str(names[1]))
    return against_model(*graphs, fold_norm=fold_norm)


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
        from bncalc.writers.pytorch.module_comparison import against_counter

        return against_counter(request_of(name, overrides), report)
    from bncalc.writers.pytorch.twin import twin
    from bncalc.writers.verification import against_twin

    notes = () if _is_read_by_us(name) else (_READING.format(name=name),)
    return against_twin(report, twin(graph))._replace(notes=notes)


def _is_read_by_us(name: "ModelName") -> bool:
    """Return whether a model is in the language, or a block of it."""
    from bncalc.language.source import reading
    from bncalc.opening.kinds import LANGUAGE, is_ours, kind_of
    from bncalc.opening.model import NO_OVERRIDES, request_of

    if name.revision or name.path == "-":
        return kind_of(name.path) == LANGUAGE
    request = request_of(name, NO_OVERRIDES)
    return kind_of(request.path) == "block" or is_ours(request.path, reading(request.files))


_READING = (
    "this tests how layers are counted, not how the file was read; to test that, compare it with "
    "another source of the network: bncalc verify {name} OTHER"
)
