"""Arguments: which values of equal classes differ, and what they are called."""

from __future__ import annotations

from bncalc.named import NamedTuple
from bncalc.writers.pytorch.lines import Value

_ROLES = {
    "nn.Conv": ("in_channels", "out_channels", "kernel"),
    "nn.Linear": ("in_features", "out_features"),
    "nn.": ("channels", "groups"),
}


class Slot(NamedTuple):
    """A value in a constructor: which child has it, by what name, and what it is here."""

    child: str
    name: str
    value: Value


def arguments_of(rows: list[list[Slot]]) -> dict[int, str]:
    """Return a name for each position whose values differ; equal everywhere share one."""
    names: dict[tuple[Value, ...], str] = {}
    arguments: dict[int, str] = {}
    for at in range(len(rows[0])):
        values = tuple([row[at].value for row in rows])
        if len(set(map(repr, values))) > 1:
            if values not in names:
                names[values] = _argument(rows[0][at], set(names.values()))
            arguments[at] = names[values]
    return arguments


def _argument(slot: Slot, taken: set[str]) -> str:
    """Name an argument after its role, with its layer's name where the role is taken."""
    names = [slot.name, f"{slot.child}_{slot.name}"]
    names += [f"{names[1]}_{count}" for count in range(2, len(taken) + 3)]
    plain = [f"_{name}" if name[0].isdigit() else name for name in names]
    return next(name for name in plain if name not in taken)


def role(module: str, index: int) -> str:
    roles = (
        next(roles for start, roles in _ROLES.items() if module.startswith(start))
        if module.startswith("nn.")
        else ("shape",)
    )
    return roles[index] if index < len(roles) else f"value{index}"


def type_of(value: Value) -> str:
    return "int | tuple[int, ...]" if isinstance(value, tuple) else type(value).__name__
