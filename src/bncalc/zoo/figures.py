"""What shipped networks come to, so that a list of them need not build a hundred."""

from pathlib import Path

from bncalc.named import NamedTuple


class Figures(NamedTuple):
    """Params and MACs of a network as it is published, at its own input."""

    params: int
    macs: int


def figures() -> dict[str, Figures]:
    """Return the figures of every shipped name, which `docs/make.py` works out and writes."""
    text = Path(__file__).with_suffix(".csv").read_text(encoding="utf-8")
    rows = [line.split(",") for line in text.splitlines()[1:]]
    return {name: Figures(int(params), int(macs)) for name, params, macs in rows}
