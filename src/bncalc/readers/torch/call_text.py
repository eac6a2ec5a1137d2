"""Call texts: a function of PyTorch as source, with texts in the places of its tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bncalc.model.literal import literal
from bncalc.named import NamedTuple
from bncalc.readers.torch.trace import TracedCall, TracedTensor, Weight


class Unwritable(Exception):
    """Something of a call cannot be said in a line; the message says why, if it must be told."""


_SUMS, _TIMES = ("+", "-"), ("*", "/")


class Form(NamedTuple):
    """How a function is written: between its operands, of a module, or of its first tensor.

    One that `broadcasts` takes tensors with a further axis before their own; `axis` is the argument
    that counts axes.
    """

    owner: str = ""
    sign: str = ""
    name: str = ""
    broadcasts: bool = False
    axis: int = -1


class Text(NamedTuple):
    """Source of one value, and the sign between its operands if it is not closed in itself."""

    source: str
    sign: str = ""

    @property
    def operand(self) -> str:
        return f"({self.source})" if self.sign else self.source

    def beside(self, sign: str, *, first: bool = False) -> str:
        """Return it as an operand of another sign, in brackets if that would take it apart."""
        binds = self.sign in _TIMES if not first or sign in _TIMES else self.sign in _SUMS + _TIMES
        is_whole = binds and sign in (_SUMS + _TIMES if first else _SUMS)
        return self.source if is_whole else self.operand


class CallText:
    """What writes a call by its form; `tensor` writes each tensor.

    With `further`, tensors have the batch before all their axes.
    """

    def __init__(
        self,
        call: TracedCall,
        form: Form,
        tensor: Callable[[TracedTensor | Weight], Text],
        *,
        further: bool = False,
    ) -> None:
        self._call, self._form, self._tensor, self._further = call, form, tensor, further

    def text(self) -> Text:
        """Return the call; raise Unwritable for an argument that has no text."""
        call, form = self._call, self._form
        if form.sign:
            return self._joined()
        if call.word == "getitem":
            x = self._text(call.all[0]).operand  # first, as it is the first to run
            return Text(f"{x}[{', '.join([self._part(each) for each in self._keys(call.all[1])])}]")
        if call.word == "setitem":
            x, key, value = call.all[:3]
            before = self._text(x).source
            keys = [self._where(each) for each in self._keys(key)]
            where = f"({', '.join(keys)}{',' * (len(keys) == 1)})"
            change = f"({where}, {self._text(value).source})"
            if _is_changed(x) and before.startswith("replaced("):
                return Text(f"{before[:-1]}, {change})")
            return Text(f"replaced({before}, {change})")
        arguments = call.arguments[: _IN_PLACE.get(call.word)]
        given = [self._text(self._shifted(i, each)) for i, each in enumerate(arguments)]
        input = None if given else next(iter(call.named), None)
        given += [] if input is None else [self._text(call.named[input])]
        named = [
            f"{name}={self._text(self._shifted(name, each)).source}"
            for name, each in call.named.items()
            if each is not None and self._usual(name) != each and name not in (input, *_UNSAID)
        ]
        if form.owner:
            inner = ", ".join([*[each.source for each in given], *named])
            return Text(f"{form.owner}.{form.name or call.word}({inner})")
        if not given:
            raise Unwritable
        first, *others = given
        inner = ", ".join([*[each.source for each in others], *named])
        return Text(f"{first.operand}.{form.name or call.word}({inner})")

    def _usual(self, name: str) -> Any:
        """Return what the function takes for an argument that is not given."""
        return _USUAL.get((self._call.word, name), _USUAL.get(name))

    def _joined(self) -> Text:
        """Return what joins two operands: a sign, or a function that is told how."""
        call, given = self._call, self._call.all[:2]
        first, second = map(self._text, given)
        further = list(call.named.items())[max(2 - len(call.arguments), 0) :]
        told = [f"{name}={self._text(each).source}" for name, each in further if each is not None]
        of_tensors = all(isinstance(each, (TracedTensor, Weight)) for each in given)
        if told or (of_tensors and self._form.name):
            name = self._form.name or call.word
            return Text(f"torch.{name}({', '.join([first.source, second.source, *told])})")
        sign = self._form.sign
        is_negative = first.source.startswith("-")
        base = f"({first.source})" if is_negative else first.beside(sign, first=True)
        return Text(f"{base} {sign} {second.beside(sign)}", sign)

    def _shifted(self, place: int | str, value: Any) -> Any:
        """Return an argument; one that counts axes, from the front, counts the batch as well."""
        if not self._further or place not in (self._form.axis, "dim"):
            return value
        if value is None:  # an axis that depends on how many there are
            raise Unwritable
        if not isinstance(value, int):
            return value
        return value + 1 if value >= 0 else value

    def _keys(self, key: Any) -> list[Any]:
        """Return what stands in brackets; the batch of a map is not cut."""
        keys = (
            list(key)
            if isinstance(key, tuple) and not isinstance(key, (TracedTensor, Weight))
            else [key]
        )
        if self._further:
            keys.insert(0, slice(None))
        if self._is_mask(keys) or not self._call.values:
            return keys
        if keys[0] is not ... and keys[0] != slice(None):
            raise Unwritable
        return keys

    def _is_mask(self, keys: list[Any]) -> bool:
        """Return whether an index is one map that says of each element whether it is meant."""
        x, mask = self._call.all[0], keys[0]
        are_maps = isinstance(mask, TracedTensor) and isinstance(x, TracedTensor)
        return are_maps and len(keys) == 1 and mask.dims == x.dims

    def _where(self, key: Any) -> str:
        """Return a key as a value of its own."""
        if not isinstance(key, slice):
            return self._part(key)
        ends = [key.start, key.stop, *([] if key.step is None else [key.step])]
        return f"slice({', '.join(map(str, ends))})"

    def _part(self, key: Any) -> str:
        if isinstance(key, slice):
            ends = ["" if each is None else str(each) for each in (key.start, key.stop)]
            step = f":{key.step}" if key.step not in (None, 1) else ""
            return f"{':'.join(ends)}{step}"
        if type(key) is tuple:
            return f"[{', '.join(self._items(key))}]"
        return "..." if key is ... else self._text(key).source

    def _text(self, value: Any) -> Text:
        if isinstance(value, (TracedTensor, Weight)):
            return self._tensor(value)
        if isinstance(value, (tuple, list)):
            return Text(f"({', '.join(self._items(value))}{',' * (len(value) == 1)})")
        if value is None or isinstance(value, (bool, float, int, str)):
            return Text(literal(value))
        raise Unwritable

    def _items(self, values: Iterable[Any]) -> Iterator[str]:
        for value in values:
            yield self._text(value).source


def _is_changed(x: Any) -> bool:
    """Return whether a part of a weight was written over."""
    return isinstance(x, Weight) and x.made is not None and x.made.call.word == "setitem"


SIGNS = {"add": "+", "div": "/", "mul": "*", "pow": "**", "sub": "-"}
COMPARING = {
    "bitwise_and": "&",
    "bitwise_or": "|",
    "eq": "==",
    "ge": ">=",
    "gt": ">",
    "le": "<=",
    "lt": "<",
    "ne": "!=",
}
"""What stands between two operands, by the plain name of the function."""
_USUAL: dict[str | tuple[str, str], Any] = {
    "dilation": 1,
    "dropout_p": 0.0,
    "enable_gqa": False,
    "eps": 1e-5,
    ("normalize", "eps"): 1e-12,
    "is_causal": False,
    "keepdim": False,
    "mode": "constant",
    "norm_type": 2.0,
    "p": 2.0,
    "padding": 0,
}
"""What functions take for arguments that are not given, those of one by its word as well."""
_IN_PLACE = {"celu": 2, "hardtanh": 3, "rrelu": 4, "threshold": 3}
"""Which argument says that a function writes over its map, which an exported call never does."""
_UNSAID = {
    *("_stacklevel", "device", "dtype", "inplace", "layout", "memory_format", "pin_memory"),
    *("padding_idx", "scale_grad_by_freq", "sparse"),
}
"""Arguments that say nothing of the numbers that are put out."""
