"""Arguments: which values of equal classes differ, and what they are called."""

from __future__ import annotations

from bncalc.model.literal import Expression, literal
from bncalc.named import NamedTuple
from bncalc.writers.naming import unused
from bncalc.writers.pytorch.lines.line import USUAL, FieldValue, is_usual

_ROLES = {
    "StandardisedConv": ("in_channels", "out_channels", "kernel"),
    "nn.Conv": ("in_channels", "out_channels", "kernel"),
    "PartlyBiased": ("in_features", "out_features", "learned"),
    "nn.Linear": ("in_features", "out_features"),
    "IndexedBias": ("channels", "rows", "positions"),
    "FrozenNorm": ("channels",),
    "nn.Embedding": ("rows", "channels"),
    "nn.RMSNorm": ("channels", "eps"),
    "nn.": ("channels", "groups"),
    **dict.fromkeys(("buffer", "index", "mask"), ("size",) * 8),
    "constant": ("values",),
    "parameter": ("maps", "channels", *("size",) * 6),
}


class InitSlot(NamedTuple):
    """A value in a constructor or a call: which child has it, by what name, and what it is here.

    None stands in a part that has no such child.
    """

    child: str
    name: str
    value: FieldValue | None
    in_call: bool = False
    follows: bool = False
    """Whether it may be worked out from any argument: a size of a map or of a tensor."""

    @property
    def is_width(self) -> bool:
        return self.name.endswith(("channels", "features", "groups"))

    def may_give(self, other: InitSlot) -> bool:
        """Return whether a person would work another value out from this one."""
        return other.follows or (self.is_width and other.is_width)


class InitArgument(NamedTuple):
    """An argument of a class, its type, and the default that serves where nothing reads it."""

    name: str
    type: str
    default: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.type}" + (f" = {self.default}" if self.default else "")


ArgumentColumn = list[FieldValue | None]
"""The values of one argument in all parts of a class."""


class Source(NamedTuple):
    """The argument that gives a value, by its number, and the text that makes the value of it."""

    argument: int
    text: str = "{}"


def arguments_of(
    rows: list[list[InitSlot]], widths: ArgumentColumn, taken: set[str]
) -> tuple[list[InitArgument], dict[int, str], dict[str, ArgumentColumn]]:
    """Return the arguments, what gives each position its value, and their values in each part.

    Values that are equal everywhere share one argument; where a part has none, any will do. A
    width may be worked out from another, a size of a map from any argument. `widths` are the
    channels that each part puts out.
    """
    columns: list[ArgumentColumn] = []
    slots: list[InitSlot] = []
    of: dict[int, Source] = {}
    for at, slot in sorted(enumerate(rows[0]), key=lambda each: each[1].follows):
        column: ArgumentColumn = [row[at].value for row in rows]
        if len({repr(value) for value in column if value is not None}) > 1:
            source = _source(slot, column, slots, columns)
            if source is None:
                source = Source(len(columns))
                columns.append(column)
                slots.append(slot)
            elif source.text == "{}":
                pairs = zip(column, columns[source.argument], strict=True)
                columns[source.argument] = [b if a is None else a for a, b in pairs]
            of[at] = source
    for at, slot in enumerate(rows[0]):
        column = [row[at].value for row in rows]
        if at not in of and None in column:
            alike = [i for i, each in enumerate(slots) if each.name == slot.name]
            number = next((i for i in alike if _fits(column, columns[i])), None)
            if number is not None:
                of[at] = Source(number)
    names = _names(slots, [_fits(column, widths) for column in columns], taken)
    arguments = [
        _argument(name, slot.name, column)
        for name, slot, column in zip(names, slots, columns, strict=True)
    ]
    at_slot = {
        at: source.text.format(("self." if rows[0][at].in_call else "") + names[source.argument])
        for at, source in of.items()
    }
    return in_order(arguments), at_slot, dict(zip(names, columns, strict=True))


def _source(
    slot: InitSlot, column: ArgumentColumn, slots: list[InitSlot], columns: list[ArgumentColumn]
) -> Source | None:
    """Return which argument gives the values of a position, if one does."""
    for number, known in enumerate(columns):
        if _fits(column, known):
            return Source(number)
    for number, (other, known) in enumerate(zip(slots, columns, strict=True)):
        if other.may_give(slot) and (text := _worked_out(column, known)):
            return Source(number, text)
    return None


def _worked_out(column: ArgumentColumn, known: ArgumentColumn) -> str:
    """Return how all values follow from those of an argument: so many times, a part, a square."""
    given = [(a, b) for a, b in zip(column, known, strict=True) if a is not None]
    pairs = [(a, b) for a, b in given if isinstance(a, int) and isinstance(b, int) and a * b > 0]
    if len(pairs) < len(given):
        return ""
    times, part = pairs[0][0] // pairs[0][1], pairs[0][1] // pairs[0][0]
    if times > 1 and all(a == times * b for a, b in pairs):
        return f"{times} * {{}}"
    if part > 1 and all(part * a == b for a, b in pairs):
        return f"{{}} // {part}"
    return "{}**2" if all(a == b**2 for a, b in pairs) else ""


def in_order(arguments: list[InitArgument]) -> list[InitArgument]:
    """Return arguments as Python wants them: those with a default last."""
    return sorted(arguments, key=lambda argument: bool(argument.default))


def _fits(column: ArgumentColumn, known: ArgumentColumn) -> bool:
    pairs = zip(column, known, strict=True)
    return all(a is None or b is None or repr(a) == repr(b) for a, b in pairs)


def _argument(name: str, role: str, column: ArgumentColumn) -> InitArgument:
    """Return an argument; its default is what PyTorch takes, or serves where nothing reads it."""
    some = [value for value in column if value is not None]
    types = {_type_of(value) for value in some}
    default = ""
    if any(is_usual(role, value) for value in some):
        default = literal(USUAL[role])
    elif None in column:
        default = literal(some[0])
    return InitArgument(name, " | ".join(sorted(types)), default)


def _names(slots: list[InitSlot], puts_out: list[bool], taken: set[str]) -> list[str]:
    """Name arguments after their roles, with the layer's name where the role is taken.

    What a layer puts out is between the layers if it is not what the whole `puts_out`.
    """
    taken, names = set(taken), []
    for slot, is_last in zip(slots, puts_out, strict=True):
        own = slot.name.removeprefix("out_")
        name = slot.name if is_last or own == slot.name else f"mid_{own}"
        tried = (name, f"{slot.child}_{own}")
        short, longer = (f"layer_{each}" if each[0].isdigit() else each for each in tried)
        names.append(unused(longer if short in taken else short, taken, "_"))
    return names


def role(module: str, index: int) -> str:
    """Return what a value that stands by position is called."""
    known = [roles for start, roles in _ROLES.items() if module.startswith(start)]
    roles = known[0] if known else ("shape",)
    return roles[index] if index < len(roles) else f"value{index}"


def _type_of(value: FieldValue) -> str:
    if isinstance(value, Expression):
        return "Tensor"
    if isinstance(value, tuple):
        return f"tuple[{', '.join(['int'] * len(value))}]"
    return type(value).__name__
