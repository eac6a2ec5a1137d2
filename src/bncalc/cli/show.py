"""`bncalc show`: a network as a tree with subtotals."""

from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.cli.options import (
    ActivationDtypeOption,
    BatchOption,
    ColumnsOption,
    DeviceOption,
    DtypeOption,
    Format,
    FormatOption,
    InputOption,
    OutputOption,
    PolicyOption,
    SetOption,
    assumptions,
    chosen_columns,
    overrides,
)

if TYPE_CHECKING:
    from bncalc.render.table import Table


def show(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="A YAML file, FILE#name, a shipped name, or - for standard input.",
            show_default=False,
        ),
    ],
    depth: Annotated[
        int | None, typer.Option(min=1, help="How many levels of parts to open.")
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="The costliest layers first, in place of the tree."),
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Show only the first N rows.")] = None,
    columns: ColumnsOption = None,
    set_: SetOption = None,
    input: InputOption = None,
    batch: BatchOption = 1,
    dtype: DtypeOption = "float32",
    activation_dtype: ActivationDtypeOption = None,
    policy: PolicyOption = "deploy",
    device: DeviceOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """Show a network layer by layer, with subtotals for its parts and what dominates."""
    from bncalc.analysis.comparison import compare
    from bncalc.analysis.report import measure
    from bncalc.cli.analyses import analysed, chosen_device, default_columns, require_device
    from bncalc.cli.answer import answer
    from bncalc.cli.designs import open_one

    timed_on = chosen_device(device)
    shown = chosen_columns(columns, "layers")
    if sort is not None:
        _require_sortable(sort)
    wanted = (*shown, sort) if sort else shown
    require_device(wanted, timed_on)
    graph = open_one(model, overrides(set_, input))
    report = measure(graph, assumptions(batch, dtype, activation_dtype, policy))
    report = analysed(report, graph, wanted, timed_on)

    def view() -> "Table":
        from bncalc.render.metrics import SHOWN
        from bncalc.render.views import Selection, network_view

        return network_view(
            report, shown or default_columns(SHOWN, timed_on), Selection(depth, sort, top)
        )

    answer(format, output, compare((report,), report.name), view)


def _require_sortable(column: str) -> None:
    from bncalc.errors import UsageError, suggest
    from bncalc.render.metrics import SORTABLE

    if column not in SORTABLE:
        hint = suggest(column, SORTABLE) or f"; there are {', '.join(SORTABLE)}"
        raise UsageError(f"--sort: cannot sort by {column!r}{hint}")
