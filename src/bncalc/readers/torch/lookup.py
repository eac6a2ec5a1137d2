"""Lookup: where code finds a function that it calls. What it took earlier no tool has replaced."""

from __future__ import annotations

import dis
from functools import cache
from types import CodeType, FrameType

from torch.nn import functional

_OF_MODES = ("torch.overrides", "torch._jit_internal")
"""Modules whose code stands between a caller and a function that a mode sees."""
_READS = ("LOAD_ATTR", "LOAD_METHOD")
_NAMES = ("LOAD_DEREF", "LOAD_FAST", "LOAD_GLOBAL", "LOAD_NAME")


def is_of_functional(frame: FrameType, word: str) -> bool:
    """Return whether a frame's code finds a function in `torch.nn.functional` as it calls it.

    Tools put others there. A name imported from it, or one kept in a model, is still PyTorch's.
    """
    caller: FrameType | None = caller_of(frame, word)
    while caller is not None:
        if caller.f_globals.get("__name__") == functional.__name__:
            return True
        owners = _owners(caller.f_code, caller.f_lasti, word)
        places = (caller.f_locals, caller.f_globals)
        found = [place.get(name) for name in owners for place in places]
        if "functional" in owners or any(each is functional for each in found):
            return True
        if owners or "getattr" in caller.f_code.co_names:
            return not owners
        is_outermost = caller.f_code.co_name == "forward"
        caller = None if is_outermost else caller.f_back  # one that was given it as an argument
    return False


def is_through(frame: FrameType, word: str, outer: str) -> bool:
    """Return whether a function is called by another of `torch.nn.functional`, itself found there.

    A tool that has put others in the place of both sees two calls.
    """
    caller = caller_of(frame, word)
    is_outer = caller.f_globals.get("__name__") == functional.__name__
    if not is_outer or caller.f_code.co_name != outer or caller.f_back is None:
        return False
    return is_of_functional(caller.f_back, outer)


def is_named(frame: FrameType, word: str) -> bool:
    """Return whether code finds a function where tools put another: in `torch`, or as a method.

    By an operator, `sum` or a name that was imported it comes to PyTorch's own.
    """
    owners = _owners(frame.f_code, frame.f_lasti, word) - {"operator"}
    return bool(owners) or "getattr" in frame.f_code.co_names


def caller_of(frame: FrameType, word: str) -> FrameType:
    """Return the frame that calls a function, past those of the function itself."""
    own = (word, f"_{word}", "fn")
    while frame.f_back is not None:
        name = frame.f_globals.get("__name__")
        is_own = name == functional.__name__ and frame.f_code.co_name in own
        if name not in _OF_MODES and not is_own:
            break
        frame = frame.f_back
    return frame


@cache
def _owners(code: CodeType, last: int, word: str) -> frozenset[str]:
    """Return the names that a function is an attribute of, in code up to where it calls it."""
    owners, before = set(), ""
    for instruction in dis.get_instructions(code):
        if instruction.offset > last:
            break
        if instruction.opname in _READS and instruction.argval == word:
            owners.add(before)
        if instruction.opname in (*_NAMES, *_READS):
            before = str(instruction.argval)
    return frozenset(owners)
