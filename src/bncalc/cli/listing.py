"""`bncalc list`: what there is."""

from collections.abc import Collection
from enum import StrEnum
from typing import Annotated

import typer

from bncalc.analysis.assumptions import DTYPES
from bncalc.cli.options import Shown
from bncalc.cli.sharing import sharing
from bncalc.errors import UsageError, suggest


class ListingKind(StrEnum):
    """What can be listed."""

    blocks = "blocks"
    ops = "ops"
    models = "models"
    devices = "devices"
    columns = "columns"


@sharing
def list_(
    what: Annotated[
        ListingKind,
        typer.Argument(metavar="WHAT", help=f"{', '.join(ListingKind)}.", show_default=False),
    ],
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Show only these, in full.", show_default=False),
    ] = None,
    *,
    shown: Shown,
) -> None:
    """List the kinds of block, the ops, the shipped models, the devices, or the columns.

    Examples:
    bncalc list models
    bncalc list models mobilenet_v2
    bncalc list blocks bottleneck fire
    bncalc list columns --format csv
    """
    _LISTS[what](what, tuple(names or ()), shown)


def _list_models(what: ListingKind, names: tuple[str, ...], shown: Shown) -> None:
    from bncalc.cli.answer import write
    from bncalc.render import listing
    from bncalc.zoo.figures import figures

    known = figures()
    if names:
        from bncalc.opening.about import about

        models = tuple([about(name) for name in _chosen(what, names, known)])
        write(
            shown,
            lambda: listing.models_about_document(models, known),
            lambda: listing.models_about_view(models, known),
        )
    else:
        write(shown, lambda: listing.models_document(known), lambda: listing.models_view(known))


def _list_devices(what: ListingKind, names: tuple[str, ...], shown: Shown) -> None:
    from bncalc.cli.answer import write
    from bncalc.devices import DEVICES
    from bncalc.language.device import open_device
    from bncalc.render import listing

    devices = tuple([open_device(name, DTYPES) for name in _chosen(what, names, DEVICES)])
    write(shown, lambda: listing.devices_document(devices), lambda: listing.devices_view(devices))


def _list_columns(what: ListingKind, names: tuple[str, ...], shown: Shown) -> None:
    from bncalc.cli.answer import write
    from bncalc.render import listing
    from bncalc.render.columns import COLUMNS

    words = _chosen(what, names, COLUMNS)
    write(shown, lambda: listing.columns_document(words), lambda: listing.columns_view(words))


def _list_kinds(what: ListingKind, names: tuple[str, ...], shown: Shown) -> None:
    from bncalc.cli.answer import write
    from bncalc.model.registry import BLOCKS, OPS, find
    from bncalc.render import listing

    words = _chosen(what, names, BLOCKS if what is ListingKind.blocks else OPS)
    kinds = tuple([find(word) for word in words])
    write(
        shown, lambda: listing.kinds_document(what, kinds), lambda: listing.kinds_view(what, kinds)
    )


def _chosen(what: ListingKind, names: tuple[str, ...], known: Collection[str]) -> tuple[str, ...]:
    """Return the names of a call, or all; raise UsageError for one that there is not."""
    for name in names:
        if name not in known:
            hint = suggest(name, known) or f"; `bncalc list {what}` shows all"
            raise UsageError(f"there is no {name!r} among the {what}{hint}")
    return tuple(dict.fromkeys(names)) or tuple(known)


_LISTS = {
    ListingKind.blocks: _list_kinds,
    ListingKind.ops: _list_kinds,
    ListingKind.models: _list_models,
    ListingKind.devices: _list_devices,
    ListingKind.columns: _list_columns,
}
