"""A kind of block as a model: `bottleneck@mid=64@256,56,56` is one block and what arrives at it."""

from bncalc.errors import ShapeError, UsageError
from bncalc.model.building import Defaults, kind_of
from bncalc.model.net import graph_of
from bncalc.model.origin import Design
from bncalc.model.reading import NoDesign, Reading, Request
from bncalc.opening.name import BLOCK


def read(request: Request) -> tuple[Reading, ...]:
    """Return the one design of a kind with its fields set.

    Raises UsageError for fields that it has not, or whose values cannot be, and without an input.
    """
    word = request.path.removeprefix(BLOCK)
    if request.part:
        raise NoDesign(f"{word} is a kind of block and holds no design {request.part!r}")
    if request.input is None or len(request.input) == 1:
        raise UsageError(
            f"{word!r} is a kind of block, not a network; write the input map after it, "
            f"as in {word}@256,56,56 (`bncalc list blocks {word}` shows what it takes)"
        )
    try:
        kind = kind_of(word, request.settings)(**request.settings)
        graph = graph_of(kind, request.input, Defaults(**request.defaults))  # type: ignore[arg-type]
    except ShapeError as error:
        raise UsageError(f"{word}: {error}") from None
    return (Reading((Design(graph),), word),)
