"""What a model was in a base, for tests."""

from pathlib import Path

from bncalc.analysis.assumptions import STANDARD, Assumptions
from bncalc.change.pairing import open_versions, snapshot
from bncalc.change.snapshot import Snapshot
from bncalc.change.version import Version
from bncalc.opening.model import NO_OVERRIDES, Overrides
from bncalc.opening.name import parse


def base_of(name: str) -> Snapshot:
    """Return a base as it is named from here."""
    return snapshot(name, Path())


def was(
    base: str | Snapshot,
    model: str = "models/net.yaml",
    overrides: Overrides = NO_OVERRIDES,
    assumptions: Assumptions = STANDARD,
) -> Version:
    """Return what the first design of a model of the work tree was in a base."""
    known = base_of(base) if isinstance(base, str) else base
    now = open_versions(model, overrides, assumptions).versions[0]
    return known.before(parse(model), now)


def head_of(base: str | Snapshot, model: str = "models/net.yaml") -> int:
    """Return how wide the head of a model was."""
    layers = was(base, model).report.layers
    return next(layer.output.channels for layer in layers if layer.path == "head/conv")
