"""Reading: what is asked of a reader of models, and what it gives.

A reader is a function `(Request) -> tuple[Reading, ...]`, one reading for each variant where the
request wants every one. The language has one; those of other people's formats are listed, a line
each, in `bncalc.opening.kinds`. A reader

- opens files by `request.files` alone, which bounds what is read and knows commits too;
- gives designs whose origins it knows, or none; layers it cannot count it says are not counted;
- raises SpecError for what is wrong in a file, and UsageError for a setting that it does not
  know and for sizes that it must be given, NoDesign for a part that there is not;
- executes nothing (`torch`, which must, has a word of its own before every name, and no file may
  say it).
"""

from collections.abc import Callable, Mapping

from bncalc.disk import DISK
from bncalc.errors import Problem, UsageError
from bncalc.files import Files
from bncalc.model.origin import Design
from bncalc.model.shape import Shape
from bncalc.named import NamedTuple


class NoDesign(UsageError):
    """A model holds no design of the name that is asked for."""


class InputNeeded(UsageError):
    """A model that leaves its input open was not given it."""


class Request(NamedTuple):
    """A model that is asked for.

    `part` names one alternative or variant, or is empty. Values of `settings` are read as YAML
    scalars, a list is a tuple. `input` is the channels and the size of each axis, or one number
    for every axis with the channels of the model; `defaults` are those of `Defaults` to replace.
    `include` names files of ours that define blocks, for a model that has words of its own.
    `called` is what the model is called to people, where that is not its file.
    """

    path: str
    part: str = ""
    settings: Mapping[str, object] = {}
    input: Shape | None = None
    defaults: Mapping[str, object] = {}
    files: Files = DISK
    every: bool = False
    """Whether all variants are wanted where `part` names none, or the model as it stands."""
    include: tuple[str, ...] = ()
    called: str = ""


class Reading(NamedTuple):
    """One model: its designs in the file's order, and which of them is the baseline.

    `alternatives` says whether they are alternatives to compare, and not one network. `warnings`
    are about what is written and may be meant otherwise; `notes` are sentences about the reading.
    """

    designs: tuple[Design, ...]
    baseline: str
    alternatives: bool = False
    variant: str | None = None
    warnings: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


ModelReader = Callable[[Request], tuple[Reading, ...]]
