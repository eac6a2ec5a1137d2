"""The words that an option takes, for its help and for completion in shells, by the option's name.

Each is looked up when it is asked for: most commands need none of them.
"""

from collections.abc import Callable, Iterable


def _types() -> Iterable[str]:
    from bncalc.analysis.assumptions import BYTES

    return BYTES


def _policies() -> Iterable[str]:
    from bncalc.analysis.assumptions import POLICIES

    return POLICIES


def _optimizers() -> Iterable[str]:
    from bncalc.analysis.assumptions import OPTIMIZERS

    return OPTIMIZERS


def _tools() -> Iterable[str]:
    from bncalc.analysis.conventions import CONVENTIONS

    return CONVENTIONS


def _devices() -> Iterable[str]:
    from bncalc.devices import DEVICES

    return DEVICES


def _columns() -> Iterable[str]:
    from bncalc.render.columns import COLUMNS

    return COLUMNS


def _sortable() -> Iterable[str]:
    from bncalc.render.columns import SORTABLE

    return SORTABLE


def _summed() -> Iterable[str]:
    from bncalc.analysis.metric import additive

    return [metric.word for metric in additive()]


CHOICES: dict[str, Callable[[], Iterable[str]]] = {
    "dtype": _types,
    "activation_dtype": _types,
    "policy": _policies,
    "optimizer": _optimizers,
    "as_": _tools,
    "device": _devices,
    "columns": _columns,
    "sort": _sortable,
    "by": _summed,
    "form": lambda: ("trained", "fused"),
}
IN_HELP = ("dtype", "policy", "optimizer", "as_", "device", "by")
"""Options whose help lists the words; there are too many columns, and a type is said once."""
