"""A device as Python names it."""

from os import PathLike

from bncalc.analysis.assumptions import DTYPES
from bncalc.calls import public
from bncalc.errors import text_of
from bncalc.language.device import open_device
from bncalc.model.device import Device


@public
def device(name: str | PathLike[str]) -> Device:
    """Return a shipped device, or that of a file, as `Assumptions` take it.

    Raises SpecError for what is wrong in the file and UsageError for a name that leads nowhere.
    """
    return open_device(text_of("device", name, "a100"), DTYPES)
