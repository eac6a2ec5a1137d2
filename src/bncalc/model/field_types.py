"""Types of fields: what each accepts, in canonical form, and what it says would be right."""

from __future__ import annotations

import math
from typing import Any, Protocol

from bncalc.named import NamedTuple
from bncalc.number import is_number, is_whole
from bncalc.synonyms import meant

LARGEST = 10**9
"""No width, size or count that a person means is larger; a larger one is a slip of the keyboard."""


_MOST_WORDS = 20
"""Of a choice with more words, a message and a page name so many."""


class FieldType(Protocol):
    """What every type of field can say about itself."""

    def accept(self, value: object) -> object:
        """Return the value in canonical form; raise ValueError when it is not acceptable."""
        ...

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the accepted values."""
        ...

    def __str__(self) -> str:
        """Say what would be right: `a whole number of at least 1`."""
        ...


class TooLarge(ValueError):
    """A whole number above the limit, which the message says."""


class Within(ValueError):
    """A mistake within a value, which the message describes."""


class Integer(NamedTuple):
    """A whole number in a range; 2.0 is one too."""

    least: int = 1
    most: int = LARGEST

    def accept(self, value: object) -> object:
        if type(value) is int or is_whole(value):
            least, most = self
            if least <= value <= most:
                return value
            if value > most:
                raise TooLarge(f"at most {most:,}")
        elif is_number(value) and value % 1 == 0:
            return self.accept(math.trunc(value))
        raise ValueError

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def __str__(self) -> str:
        return f"a whole number of at least {self.least}"


class Number(NamedTuple):
    """A number within limits, both included; 2.0 is the whole number 2, and 1e30 is no count."""

    least: float = 0.0
    most: float = float(LARGEST)

    def accept(self, value: object) -> object:
        if is_number(value) and self.least <= value <= self.most:  # nan is not, either
            is_count = type(value) is float and value.is_integer() and abs(value) <= LARGEST
            return int(value) if is_count else value
        raise ValueError

    def schema(self) -> dict[str, Any]:
        limits = {"minimum": self.least, "maximum": self.most}
        return {"type": "number", **{key: at for key, at in limits.items() if math.isfinite(at)}}

    def __str__(self) -> str:
        if math.isinf(self.most - self.least):
            return "a number"
        return f"a number from {self.least:g} to {self.most:g}"


class Boolean:
    """true or false, and nothing that merely looks like it."""

    def accept(self, value: object) -> object:
        if isinstance(value, bool):
            return value
        raise ValueError

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def __str__(self) -> str:
        return "true or false"


class Choice(NamedTuple):
    """One of a few words, or what others call it; null is `none` where that is one of them."""

    words: tuple[str, ...]

    def accept(self, value: object) -> object:
        word = "none" if value is None else value
        if isinstance(word, str):
            if word in self.words:
                return word
            if (ours := meant(word, self.words)) is not None:
                return ours
        raise ValueError

    def schema(self) -> dict[str, Any]:
        words: list[str | None] = list(self.words)
        return {"enum": [*words, None] if "none" in self.words else words}

    def __str__(self) -> str:
        if len(self.words) == 1:
            return self.words[0]
        shown, more = ", ".join(self.words[:_MOST_WORDS]), len(self.words) - _MOST_WORDS
        return f"one of {shown} and {more} more" if more > 0 else f"one of {shown}"


class Text(NamedTuple):
    """A name of someone's own, of at most so many characters."""

    most: int = 100

    def accept(self, value: object) -> object:
        if isinstance(value, str) and 1 <= len(value) <= self.most:
            return value
        raise ValueError

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.most}

    def __str__(self) -> str:
        return f"a name of at most {self.most} characters"


class Standing(NamedTuple):
    """A word that stands for a value of another type: `valid` for no padding."""

    word: str
    value: object

    def accept(self, value: object) -> object:
        if isinstance(value, str) and value.lower() == self.word:
            return self.value
        raise ValueError

    def schema(self) -> dict[str, Any]:
        return {"enum": [self.word]}

    def __str__(self) -> str:
        return self.word


class Many(NamedTuple):
    """A list of values of one type."""

    of: FieldType
    least: int = 1
    most: int = 10_000

    def accept(self, value: object) -> object:
        if isinstance(value, (list, tuple)) and self.least <= len(value) <= self.most:
            return tuple(self.of.accept(item) for item in value)
        raise ValueError

    def schema(self) -> dict[str, Any]:
        limits = {"minItems": self.least, "maxItems": self.most}
        return {"type": "array", "items": self.of.schema(), **limits}

    def __str__(self) -> str:
        return f"a list, each item {self.of}"


class Either(NamedTuple):
    """What the first of several types accepts."""

    types: tuple[FieldType, ...]

    def accept(self, value: object) -> object:
        reason = ValueError()
        for member in self.types:
            try:
                return member.accept(value)
            except ValueError as error:
                reason = error if isinstance(error, TooLarge) else reason
        raise reason

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [member.schema() for member in self.types]}

    def __str__(self) -> str:
        # What may be null is left out by whoever wants nothing: nobody writes it.
        return ", or ".join([str(each) for each in self.types if not isinstance(each, Nothing)])


class Nothing:
    """The absence of a value: YAML's null."""

    def accept(self, value: object) -> object:
        if value is None:
            return None
        raise ValueError

    def schema(self) -> dict[str, Any]:
        return {"type": "null"}

    def __str__(self) -> str:
        return "nothing"
