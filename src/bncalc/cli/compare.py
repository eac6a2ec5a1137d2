"""`bncalc compare`: alternatives side by side."""

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

ModelsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="MODEL...",
        help="YAML files, FILE#name, globs, shipped names, or - for standard input.",
        show_default=False,
    ),
]


def compare(
    models: ModelsArgument,
    baseline: Annotated[
        str | None, typer.Option(help="The design that ratios refer to.", show_default=False)
    ] = None,
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
    """Compare designs: params, MACs, memory, each with its ratio to the baseline.

    A file with `blocks:` gives all its alternatives, a file with `variants:` all its variants.
    """
    from bncalc.analysis.comparison import compare as side_by_side
    from bncalc.analysis.report import measure
    from bncalc.cli.analyses import analysed, chosen_device, default_columns, require_device
    from bncalc.cli.answer import answer
    from bncalc.cli.designs import baseline_of, open_designs

    timed_on = chosen_device(device)
    shown = chosen_columns(columns, "designs")
    require_device(shown, timed_on)
    designs = open_designs(models, overrides(set_, input))
    assumed = assumptions(batch, dtype, activation_dtype, policy)
    reports = tuple(
        [analysed(measure(graph, assumed), graph, shown, timed_on) for graph in designs.graphs]
    )
    comparison = side_by_side(reports, baseline_of(designs, baseline))

    def view() -> "Table":
        from bncalc.render.metrics import COMPARED
        from bncalc.render.views import comparison_view

        return comparison_view(comparison, shown or default_columns(COMPARED, timed_on))

    answer(format, output, comparison, view)
