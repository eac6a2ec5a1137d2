"""Device limits: the RAM and flash of a microcontroller as the limits of a budget."""

from __future__ import annotations

import os
from fractions import Fraction

from bncalc.analysis.assumptions import DTYPES
from bncalc.budget.budgets import Limit
from bncalc.disk import DISK
from bncalc.errors import Location, Problem, SpecError, UsageError
from bncalc.files import Files
from bncalc.language.device import open_chip
from bncalc.model.device import Device
from bncalc.quantity import Quantity, size_text
from bncalc.work_tree import leads_out


def device_of(
    name: str, folder: str, location: Location, files: Files
) -> tuple[str | None, Device]:
    """Return the device that a budget names: a shipped one, or a file seen from its folder.

    The path is that of the file, if it is one.

    Raises SpecError for what is wrong in that file, for a file out of the repository, and for a
    device without RAM.
    """
    path = os.path.normpath(os.path.join(folder, name))  # noqa: PTH118 - as in `locate`
    is_file = files.exists(path)
    if is_file and files is DISK and leads_out(path, folder or os.curdir):
        message = (
            f"{path} is outside the repository; a budget can name a device file inside it only"
        )
        raise SpecError([Problem(location, message)])
    try:
        device = open_chip(path if is_file else name, DTYPES, files)
    except UsageError as error:
        raise SpecError([Problem(location, str(error))]) from None
    return (path if is_file else None), device


def device_limits(device: Device, location: Location) -> tuple[Limit, ...]:
    """Return the most RAM and flash that a network may take on a device."""
    return tuple(
        [
            Limit("max", word, Quantity(Fraction(size), False, size_text(size)), None, location)
            for word, size in device.sizes
        ]
    )
