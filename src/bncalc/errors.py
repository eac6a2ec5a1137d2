"""Everything that can be wrong with what a person gave us, and where it was written.

    BncalcError                 catch this to catch all of them
    ├── SpecError(problems)     a file: every problem in it, sorted by place
    ├── UsageError(message)     a call: a name, an option or a path that cannot be used
    ├── ShapeError(message)     the model lane: knows the field, never the file
    └── ExpressionError(message) an expression: knows the offset, never the file

A `Problem` prints as `path:line:col: error: message`. Over budget is a result, not an error.
"""

from collections.abc import Collection, Iterable
from os import PathLike
from typing import Literal, NoReturn

from bncalc.named import NamedTuple
from bncalc.printable import printable


class Location(NamedTuple):
    """A place in a text: `line` and `column` count from 1; line 0 means the file as a whole."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        path = printable(self.path)
        return f"{path}:{self.line}:{self.column}" if self.line else path


CALL = Location("the command line")
"""The place of what a call says."""
_MOST_CALLS = 6
_MOST_LISTED = 50


class Problem(NamedTuple):
    """One thing that is wrong: where, what, and the calls that led there (innermost first)."""

    location: Location
    message: str
    via: tuple[tuple[str, Location], ...] = ()
    level: Literal["error", "warning"] = "error"
    """A warning is about what is written and may be meant otherwise."""

    def __str__(self) -> str:
        place = "" if self.location == CALL else f"{self.location}: "
        return f"{place}{self.level}: {self.text}"

    @property
    def text(self) -> str:
        """The message, followed by the calls."""
        calls = [f" (in '{name}', used at {at.line}:{at.column})" for name, at in self.via]
        if len(calls) > _MOST_CALLS:
            calls = [*calls[:3], f" (in {len(calls) - 4} more)", calls[-1]]
        return printable(self.message + "".join(calls))


class BncalcError(Exception):
    """The root of all errors that bncalc raises on purpose."""


class SpecError(BncalcError):
    """A file cannot be used; `problems` holds every reason, sorted by place, none twice."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(_once(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def _once(problems: Iterable[Problem]) -> Iterable[Problem]:
    """Leave out what was said of the same place before, with other numbers or for another call.

    Of an entry that is placed several times the first copy says what is wrong.
    """
    from re import sub  # only ever needed by someone who made a mistake

    first: dict[tuple[object, ...], Problem] = {}
    for problem in problems:
        words = sub(r"[0-9]+(\.[0-9]+)?", "0", problem.message)
        first.setdefault((problem.location, words), problem)
    return first.values()


class UsageError(BncalcError):
    """A call cannot be carried out: an unknown name, a missing file, an option out of place.

    `details` are lines below the message, one for each of several reasons.
    """

    def __init__(self, message: str, details: Collection[str] = ()) -> None:
        super().__init__("\n  ".join([message, *details]))
        self.message, self.details = message, details


def text_of(function: str, name: object, example: str) -> str:
    """Return a name or path that a function of Python was given as text.

    Raises UsageError for anything else; the `example` says what would be right.
    """
    if isinstance(name, PathLike):
        name = name.__fspath__()
    if not isinstance(name, str):
        refuse_other(function, f"a name or a path, such as {example!r}", name)
    return name


def refuse_other(function: str, expected: str, given: object) -> NoReturn:
    """Raise UsageError for a value of another type than a function takes."""
    kind = type(given)
    seen = (
        f"{kind.__name__} {given!r:.60}" if kind.__module__ == "builtins" else f"a {kind.__name__}"
    )
    raise UsageError(f"{function} takes {expected}, not {seen}")


def words_of(function: str, what: str, given: Iterable[str]) -> tuple[str, ...]:
    """Return the words that a function of Python was given as a list; raise UsageError for one."""
    if isinstance(given, str):
        raise UsageError(f"{function} takes a list of {what}; write [{given!r}]")
    words = tuple(given)
    for word in words:
        if not isinstance(word, str):
            refuse_other(function, f"{what} as text", word)
    return words


class ShapeError(BncalcError):
    """A kind does not fit what arrives; `field` names the argument to mend, if one is to blame.

    `about` says which part of the shapes the statement rests on, so that a reader who already
    knows that part to be in doubt can keep quiet about what merely follows from it.
    """

    def __init__(self, message: str, *, field: str | None = None, about: str = "channels") -> None:
        self.field = field
        self.about = about
        super().__init__(message)


class ExpressionError(BncalcError):
    """An expression cannot be read or has no value; `offset` counts from 0 into its text."""

    def __init__(self, message: str, offset: int) -> None:
        self.message = message
        self.offset = offset
        super().__init__(message)


def likeliest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that an unknown one means or is nearest to, if there is one."""
    from bncalc.spelling import nearest  # only ever needed by someone who made a mistake
    from bncalc.synonyms import near

    words = sorted(known)
    return near(word, words) or nearest(word, words)


def suggest(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean 'kernel'?)` for the word that is meant or nearest, or nothing."""
    meant = likeliest(word, known)
    if not meant:
        return ""
    foreign = next((letter for letter in word if letter.isalpha() and not letter.isascii()), "")
    which = f" '{foreign}' is U+{ord(foreign):04X}" if foreign and meant.isascii() else ""
    return f" (did you mean '{meant}'?{which})"


def hint_for(word: str, known: Collection[str]) -> str:
    """Return what there is in place of an unknown word: the nearest, or else all of them."""
    there = "there is only" if len(known) == 1 else "there are"
    return suggest(word, known) or f"; {there} {some_of(known) or 'none'}"


def some_of(known: Collection[str]) -> str:
    """Write known words as a list; of very many, which a file may define, only the first."""
    more = f" and {len(known) - _MOST_LISTED:,} more" if len(known) > _MOST_LISTED else ""
    return ", ".join([*known][:_MOST_LISTED]) + more


def refuse_unknown(what: str, word: object, known: Collection[str]) -> None:
    """Raise UsageError for a word that is not among those known; `what` is said before it."""
    if not isinstance(word, str) or word not in known:
        raise UsageError(f"{what} {word!r}{hint_for(str(word), known)}")
