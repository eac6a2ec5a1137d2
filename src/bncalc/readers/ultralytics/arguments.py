"""Arguments of a row: by position there, by name here; and what activations are called there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

from bncalc.errors import ShapeError
from bncalc.model.fields import describe
from bncalc.number import is_number
from bncalc.quantity import plural

ACTIVATIONS = {
    "SiLU": "silu",
    "ReLU": "relu",
    "ReLU6": "relu6",
    "LeakyReLU": "leaky_relu",
    "Hardswish": "hard_swish",
    "GELU": "gelu",
    "Mish": "mish",
    "Identity": "none",
}
"""Words of the language by the names of PyTorch's modules."""


def name_in(written: object) -> str:
    """Return the name of the module in what is written: ReLU in `nn.ReLU(inplace=True)`."""
    return str(written).partition("(")[0].rpartition(".")[2]


def is_activation(value: object) -> bool:
    return name_in(value) in ACTIVATIONS


class ArgumentError(ShapeError):
    """An argument of a row is not what its module takes, whatever arrives there.

    `field` is its position among the arguments.
    """


_FIELDS = {
    "kernel": "k",
    "stride": "s",
    "padding": "p",
    "groups": "g groups",
    "dilation": "d",
    "heads": "num_heads nh",
    "areas": "area",
    "out": "c2",
}
"""What fields of the ops and blocks that a module places are called among its arguments."""


class RowArguments:
    """The values of a row by the names that its module gives them.

    A text stands for a number that the file gives. None is as good as nothing.
    """

    def __init__(
        self, names: str, values: tuple[object, ...], numbers: Mapping[str, object]
    ) -> None:
        known = names.split()
        if len(values) > len(known):
            takes = ", ".join(known) or "nothing"
            raise ArgumentError(
                f"it takes {takes}, and {len(values)} are given", field=str(len(known))
            )
        given = [numbers.get(x, x) if isinstance(x, str) else x for x in values]
        self._values = dict(zip(known, given, strict=False))
        self._positions = {name: str(position) for position, name in enumerate(known)}

    def position(self, name: str) -> str:
        """Return where an argument stands, counted from 0, as text; empty for one of no row."""
        return self._positions.get(name, "")

    def position_of_field(self, field: str | None) -> str:
        """Return where the argument stands that a field of an op is made from; empty for none."""
        names = _FIELDS.get(field or "", "").split()
        return next((self._positions[name] for name in names if name in self._positions), "")

    def is_given(self, name: str) -> bool:
        return self._values.get(name) is not None

    def written(self) -> dict[str, object]:
        """Return what is given, by name."""
        return {name: value for name, value in self._values.items() if value is not None}

    def whole(self, name: str, default: int | None = None, *, least: int = 0) -> int:
        """Return a whole number of at least so much."""
        value = self._at(name, default)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(value) is int and value >= least:
            return value
        raise self._error(name, value, f"a whole number of at least {least}")

    def flag(self, name: str, default: bool) -> bool:
        """Return true or false; a number is true unless it is 0."""
        value = self._at(name, default)
        if isinstance(value, (bool, int, float)):
            return bool(value)
        raise self._error(name, value, "True or False")

    def ratio(self, name: str, default: float) -> float:
        """Return a number above 0."""
        value = self._at(name, default)
        if is_number(value) and value > 0:
            return value
        raise self._error(name, value, "a number above 0")

    def wholes(
        self, name: str, default: tuple[int, ...] | None = None, *, count: int | None = None
    ) -> tuple[int, ...]:
        """Return a list of whole numbers, of any length unless a count is given."""
        value = self._at(name, default)
        if _are_wholes(value) and value and count in (None, len(value)):
            return value
        some = "whole numbers" if count is None else plural(count, "whole number")
        raise self._error(name, value, f"a list of {some}")

    def sides(self, name: str) -> tuple[int, ...]:
        """Return a height and a width, of which one number is both."""
        value = self._values.get(name)
        return (value, value) if _is_whole(value) else self.wholes(name, count=2)

    def choice(self, name: str, default: str, known: tuple[str, ...]) -> str:
        """Return a text that is one of those known."""
        value = self._at(name, default)
        if isinstance(value, str) and value in known:
            return value
        raise self._error(name, value, f"one of {', '.join(known)}")

    def only(self, name: str, value: object) -> None:
        """Refuse any other value than the one that is known."""
        given = self._at(name, value)
        if given != value:
            raise self._error(name, given, f"{describe(value)}: nothing else is known here")

    def _at(self, name: str, default: object) -> object:
        value = self._values.get(name)
        return default if value is None else value

    def _error(self, name: str, value: object, right: str) -> ArgumentError:
        if value == name:  # the name of a number that the file does not give
            message = f"the file has no `{name}:`, which must be {right}"
            return ArgumentError(message, field=self.position(name))
        seen = "not given" if value is None else describe(value)
        return ArgumentError(f"{name} is {seen}; it must be {right}", field=self.position(name))


def _are_wholes(value: object) -> TypeGuard[tuple[int, ...]]:
    return isinstance(value, tuple) and all(_is_whole(x) for x in value)


def _is_whole(value: object) -> TypeGuard[int]:
    return type(value) is int and value >= 0
