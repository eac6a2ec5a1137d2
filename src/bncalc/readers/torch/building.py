"""Building: a model is made on the meta device, in evaluation, with what it is called with."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import torch
from torch.nn.parameter import is_lazy

from bncalc.named import NamedTuple
from bncalc.readers.torch.arguments import ModelArguments, arguments
from bncalc.readers.torch.meta import MetaMode, on_meta, on_one_device
from bncalc.readers.torch.module import Loaded


class Built(NamedTuple):
    """A model on the meta device, what it is called with, and what drew numbers for its layers.

    Of libraries random numbers are what weights begin with.
    """

    model: Any
    given: ModelArguments
    drawn: tuple[str, ...]


def built(loaded: Loaded) -> Built:
    """Return a model in evaluation on the meta device.

    Lazy modules see their input once.
    """
    try:
        with on_meta() as draws:
            made = loaded.build()
    except Exception:  # its constructor looks at a number, for one
        with on_one_device() as draws:
            made = loaded.build()
    model = made.model.to("meta")
    with suppress(NotImplementedError):  # an exported program is in evaluation or not
        model.eval()
    given = arguments(made._replace(model=model), loaded)
    if any(map(is_lazy, (*model.parameters(), *model.buffers()))):
        with torch.no_grad(), on_meta(), MetaMode():
            model(*given.by_place, **given.by_name)
    return Built(model, given, tuple([each for each in draws.modules if each == "random"]))
