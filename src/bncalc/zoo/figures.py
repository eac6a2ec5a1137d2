"""What shipped networks come to, so that a list of them need not build a hundred."""

from bncalc.named import NamedTuple
from bncalc.zoo import index


class PublishedFigures(NamedTuple):
    """Params and MACs of a network as it is published, at its own input."""

    params: int
    macs: int


def figures() -> dict[str, PublishedFigures]:
    """Return the figures of every shipped name, as the index has them."""
    return {name: PublishedFigures(int(params), int(macs)) for name, _, params, macs in index()}
