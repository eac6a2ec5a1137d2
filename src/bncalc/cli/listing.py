"""`bncalc list`: what there is."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bncalc.cli.options import Shown, sharing

if TYPE_CHECKING:
    from bncalc.render.table import Table


class What(StrEnum):
    """What can be listed."""

    blocks = "blocks"
    ops = "ops"
    models = "models"
    devices = "devices"
    columns = "columns"


@sharing
def list_(
    what: Annotated[
        What, typer.Argument(metavar="WHAT", help=f"{', '.join(What)}.", show_default=False)
    ],
    *,
    shown: Shown,
) -> None:
    """List the kinds of block, the ops, the shipped models, the devices, or the columns.

    Examples:
    bncalc list blocks
    bncalc list models
    bncalc list columns --format csv
    """
    if what is What.models:
        _list_models(shown)
    elif what is What.devices:
        _list_devices(shown)
    elif what is What.columns:
        _list_columns(shown)
    else:
        _list_kinds(what.value, shown)


def _list_models(shown: Shown) -> None:
    from bncalc.cli.answer import write
    from bncalc.zoo import MODELS

    def document() -> str:
        from bncalc.render.listing import models_document

        return models_document(MODELS)

    def view() -> "Table":
        from bncalc.render.listing import models_view

        return models_view(MODELS)

    write(shown, document, view)


def _list_devices(shown: Shown) -> None:
    from bncalc.analysis.assumptions import BYTES
    from bncalc.cli.answer import write
    from bncalc.devices import DEVICES
    from bncalc.language.device import open_device

    devices = tuple([open_device(name, BYTES) for name in DEVICES])

    def document() -> str:
        from bncalc.render.listing import devices_document

        return devices_document(devices)

    def view() -> "Table":
        from bncalc.render.listing import devices_view

        return devices_view(devices)

    write(shown, document, view)


def _list_columns(shown: Shown) -> None:
    from bncalc.cli.answer import write
    from bncalc.render.listing import columns_document, columns_view

    write(shown, columns_document, columns_view)


def _list_kinds(what: str, shown: Shown) -> None:
    from bncalc.cli.answer import write
    from bncalc.model.registry import BLOCKS, OPS, find

    kinds = tuple([find(word) for word in (BLOCKS if what == What.blocks else OPS)])

    def document() -> str:
        from bncalc.render.listing import kinds_document

        return kinds_document(what, kinds)

    def view() -> "Table":
        from bncalc.render.listing import kinds_view

        return kinds_view(what, kinds)

    write(shown, document, view)
