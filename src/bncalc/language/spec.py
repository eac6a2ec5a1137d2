"""A spec: what a file says, checked as far as it can be without knowing any shape."""

from typing import TYPE_CHECKING

from bncalc.errors import Location
from bncalc.model.op import Block
from bncalc.named import NamedTuple

if TYPE_CHECKING:
    from bncalc.language.expression import Expression  # loaded for files that hold one


class Formula(NamedTuple):
    """An expression where a value may stand; `location` is that of its first character."""

    expression: "Expression"
    location: Location


GATHERED = ".*"
"""What follows an id to mean the maps of all copies of its entry."""
UNREADABLE = object()
"""Stands where an expression could not be parsed, which has been reported."""


class Argument(NamedTuple):
    """A value as written: a literal, or a list or formula that has yet to be evaluated."""

    value: object
    location: Location
    literal: bool = True


class Definition(NamedTuple):
    """A block of the user's own. An argument without a default must be given.

    Without names for its `inputs` it takes one; without `outputs` it puts out what its last layer
    does.
    """

    name: str
    arguments: dict[str, Argument | None]
    layers: tuple["Entry", ...]
    file: "Spec"
    location: Location
    inputs: tuple[str, ...] = ()
    outputs: tuple["Reference", ...] = ()


class Call(NamedTuple):
    """A kind, or a block defined in the file that `kind` names, with its arguments.

    A word that is worked out has a formula for a kind.
    `ready` is the finished block where all arguments are literals. A call is `broken` when a
    problem has been reported for it: it stands in so that what follows can still be checked. One
    that `gathers` takes the maps of all copies of an entry, however few there are.
    """

    word: str
    kind: "type[Block] | Spec | Formula | None"
    arguments: dict[str, Argument]
    location: Location
    ready: Block | None = None
    broken: bool = False
    gathers: bool = False


class Join(NamedTuple):
    """Several branches from the same input, and the op that joins their ends."""

    word: str
    branches: tuple[tuple["Entry", ...], ...]
    location: Location


class Group(NamedTuple):
    """Entries with a name of their own; an `auxiliary` group runs in training only."""

    word: str
    layers: tuple["Entry", ...]
    location: Location


class SameAs(NamedTuple):
    """The entry of an id once more, with the same weights; `word` is that of the grammar."""

    word: str
    id: str
    location: Location


class Reference(NamedTuple):
    """An id that an entry takes its input from; `layer.*` are the maps of all its copies."""

    id: str
    location: Location

    @property
    def copies_of(self) -> str | None:
        """The id of the entry whose copies are all meant, if they are."""
        return self.id.removesuffix(GATHERED) if self.id.endswith(GATHERED) else None


class Entry(NamedTuple):
    """One line of a list of layers: what to place, and its wiring."""

    what: "EntryContent"
    location: Location
    first: Call | None = None
    id: str | None = None
    sources: tuple[Reference, ...] | None = None
    repeat: Argument | None = None
    number: str = "i"
    """What expressions call the number of a copy."""
    condition: Argument | None = None
    otherwise: tuple["Entry", ...] = ()
    """What takes the place of the entry where the condition does not hold."""
    shared: Location | None = None
    """Where it says that its copies have the weights of the first, if it does."""
    gathered: bool = False
    """Whether something reads the maps of all its copies."""


EntryContent = Call | Join | Group | SameAs
"""What an entry places."""


class Spec:
    """One file. Alternatives stand in `blocks`, a network in `layers`; never both.

    A single input without a name of its own is called `in`.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.called = path  # in messages
        self.name = ""
        self.description = ""
        self.source = ""
        self.inputs: dict[str, Argument] = {}
        self.outputs: tuple[Reference, ...] = ()
        self.counts_only: tuple[str, ...] = ()
        self.baseline: str | None = None
        self.defaults: dict[str, Argument] = {}
        self.vars: dict[str, Argument] = {}
        self.variants: dict[str, dict[str, Argument]] = {}
        self.definitions: dict[str, Definition] = {}
        self.doubted: set[str] = set()  # blocks whose problems are told, and no calls of them
        self.incomplete = False  # what it includes could not be read, and may define any word
        self.blocks: dict[str, tuple[Entry, ...]] = {}
        self.layers: tuple[Entry, ...] | None = None

    def take_over(self, included: "Spec") -> None:
        """Know the blocks that another file defines."""
        self.definitions.update(included.definitions)
        self.doubted |= included.doubted
        self.incomplete |= included.incomplete
