"""`bncalc conventions`: what other tools print for the same networks, and why."""

from bncalc.cli.options import Altered, BatchOption, ModelsArgument, Shown
from bncalc.cli.sharing import sharing


@sharing
def conventions(
    models: ModelsArgument, *, altered: Altered, batch: BatchOption = 1, shown: Shown
) -> None:
    """Show the totals that other tools print for networks, and what each total counts.

    Examples:
    bncalc conventions resnet50
    bncalc conventions resnet50 mobilenet_v2 --batch 8 --format csv
    """
    from bncalc.analysis.conventions import accounts
    from bncalc.cli.answer import write
    from bncalc.cli.designs import open_designs
    from bncalc.render.conventions import accounts_document, accounts_view

    designs = open_designs(altered.models(models), altered.overrides())
    counted = [accounts(graph, batch) for graph in designs.graphs]
    write(shown, lambda: accounts_document(counted), lambda: accounts_view(counted))
