"""Arguments: which values of equal classes differ, and what they are called."""

from __future__ import annotations

from bncalc.model.literal import Expression, literal
from bncalc.named import NamedTuple
from bncalc.writers.naming import unused
from bncalc.writers.pytorch.lines.line import USUAL, FieldValue, is_usual
from bncalc.writers.pytorch.shelves import steps_to

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

    @property
    def is_count(self) -> bool:
        return self.name == "count"

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
    """The first position that an argument is of, and the text that makes a value of it."""

    position: int
    text: str = "{}"


def arguments_of(
    rows: list[list[InitSlot]], widths: ArgumentColumn, taken: set[str]
) -> tuple[list[InitArgument], dict[int, str], dict[str, ArgumentColumn]]:
    """Return the arguments, what gives each position its value, and their values in each part.

    Values that are equal everywhere share one argument; where a part has none, any will do. A
    width may be worked out from another, a size of a map from any argument. `widths` are the
    channels that each part puts out.
    """
    slots = rows[0]
    table = [[row[at].value for row in rows] for at in range(len(slots))]
    known: dict[int, ArgumentColumn] = {}  # those of arguments, by the position that they are of
    of: dict[int, Source] = {}
    for at in sorted(range(len(slots)), key=lambda at: (slots[at].follows, None in table[at])):
        column = table[at]
        if len({repr(value) for value in column if value is not None}) > 1:
            source = _source(slots, at, column, known) or Source(at)
            if source.text == "{}":
                pairs = zip(column, known.get(source.position, column), strict=True)
                known[source.position] = [b if a is None else a for a, b in pairs]
            of[at] = source
    for at, column in enumerate(table):
        if at not in of and None in column:
            alike = [i for i in known if slots[i].name == slots[at].name]
            first = next((i for i in alike if _fits(column, known[i])), None)
            if first is not None:
                of[at] = Source(first)
    puts_out = [_fits(column, widths) for column in known.values()]
    names = dict(zip(known, _names([slots[at] for at in known], puts_out, taken), strict=True))
    arguments = [_argument(names[at], slots[at].name, known[at]) for at in sorted(known)]
    texts = {
        at: source.text.format(("self." if slots[at].in_call else "") + names[source.position])
        for at, source in of.items()
    }
    return in_order(arguments), texts, {names[at]: column for at, column in known.items()}


def _source(
    slots: list[InitSlot], at: int, column: ArgumentColumn, known: dict[int, ArgumentColumn]
) -> Source | None:
    """Return which argument gives the values of a position, if one does."""
    for position, values in known.items():
        are_counts = slots[position].is_count, slots[at].is_count
        if any(are_counts) == all(are_counts) and _fits(column, values):
            return Source(position)
    for position, values in known.items():
        if slots[position].may_give(slots[at]) and (text := _worked_out(column, values)):
            return Source(position, text)
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
        tried = (name, "_".join([*steps_to(slot.child), own]))
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
        return "type[nn.Module]"
    if isinstance(value, tuple):
        return f"tuple[{', '.join(['int'] * len(value))}]"
    return type(value).__name__
