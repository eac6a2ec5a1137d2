"""The words that an option takes, for its help and for completion in shells, by its name.

Each is looked up when it is asked for: most commands need none of them.
"""

from collections.abc import Callable, Iterable


def _types() -> Iterable[str]:
    from bncalc.analysis.assumptions import DTYPES

    return DTYPES


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


def _kinds() -> Iterable[str]:
    from bncalc.model.registry import BLOCKS

    return BLOCKS


def _models() -> Iterable[str]:
    from bncalc.zoo import MODELS

    return MODELS


def _limited() -> Iterable[str]:
    from bncalc.analysis.metric import limitable

    return [metric.word for metric in limitable()]


def _verdicts() -> Iterable[str]:
    from bncalc.render.verdict import FORMATS

    return FORMATS


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
    "kind": _kinds,
    "model": _models,
    "limited": _limited,
    "verdict": _verdicts,
}
IN_HELP = ("dtype", "policy", "optimizer", "as_", "device", "by")
"""Options whose help lists the words; there are too many columns, and a type is said once."""
