"""Building: a model is made on the meta device, in evaluation, with what it is called with."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import torch
from torch.nn.parameter import is_lazy

from bncalc.readers.torch.arguments import ModelArguments, arguments
from bncalc.readers.torch.meta import MetaMode, OneDevice, on_meta
from bncalc.readers.torch.module import Loaded


def built(loaded: Loaded) -> tuple[Any, ModelArguments]:
    """Return a model in evaluation on the meta device, and what it is called with.

    Lazy modules see their input once.
    """
    try:
        with on_meta():
            made = loaded.build()
    except Exception:  # its constructor looks at a number, for one
        with OneDevice():
            made = loaded.build()
    model = made.model.to("meta")
    with suppress(NotImplementedError):  # an exported program is in evaluation or not
        model.eval()
    given = arguments(made._replace(model=model), loaded)
    if any(map(is_lazy, (*model.parameters(), *model.buffers()))):
        with torch.no_grad(), on_meta(), MetaMode():
            model(*given.by_place, **given.by_name)
    return model, given
