"""`bncalc conventions`: what other tools print for the same network, and why."""

from typing import TYPE_CHECKING

from bncalc.cli.options import Altered, BatchOption, ModelArgument, Shown
from bncalc.cli.sharing import sharing

if TYPE_CHECKING:
    from bncalc.render.table import Table


@sharing
def conventions(
    model: ModelArgument,
    *,
    altered: Altered,
    batch: BatchOption = 1,
    shown: Shown,
) -> None:
    """Show the totals that other tools print for a network, and what each is made of.

    Examples:
    bncalc conventions resnet50
    bncalc conventions mobilenet_v2 --batch 8 --format csv
    """
    from bncalc.analysis.conventions import CONVENTIONS, account
    from bncalc.cli.answer import write
    from bncalc.cli.designs import open_one
    from bncalc.render.conventions import accounts_document, accounts_view

    graph = open_one(altered.model(model), altered.overrides())
    accounts = tuple([account(graph, tool, batch) for tool in CONVENTIONS.values()])

    def document() -> str:
        return accounts_document(graph.name, graph.input, batch, accounts)

    def view() -> "Table":
        return accounts_view(graph.name, graph.input, batch, accounts)

    write(shown, document, view)
