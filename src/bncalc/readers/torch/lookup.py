"""Lookup: where code finds a function that it calls. What it took earlier no tool has replaced."""

from __future__ import annotations

import dis
from functools import cache
from itertools import pairwise, takewhile
from types import CodeType, FrameType

from torch.nn import functional

_OF_MODES = ("torch.overrides", "torch._jit_internal")
"""Modules whose code stands between a caller and a function that a mode sees."""
_READS = ("LOAD_ATTR", "LOAD_METHOD")
_VARIABLES = ("LOAD_DEREF", "LOAD_FAST")
_NAMES = ("LOAD_DEREF", "LOAD_FAST", "LOAD_GLOBAL", "LOAD_NAME")


def is_of_functional(frame: FrameType, word: str) -> bool:
    """Return whether a frame's code finds a function in `torch.nn.functional` as it calls it.

    Tools put others there. A name imported from it, or one kept in a model, is still PyTorch's.
    """
    word = word.removesuffix("_with_indices")  # of pools, which a mode sees within the others
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
    """Return the names that a function is an attribute of, as code finds it for a call.

    The call begins with it, or hands it to another function; else it was found before, and is a
    variable now. Where Python was told to keep no places in the text, all before the call count.
    """
    done = list(takewhile(lambda each: each.offset <= last, dis.get_instructions(code)))
    reads = [
        (each.positions, str(before.argval) if before.opname in (*_NAMES, *_READS) else "")
        for before, each in pairwise(done)
        if each.opname in _READS and each.argval == word
    ]
    call = done[-1].positions
    if call is None or call.col_offset is None:
        return frozenset([owner for _, owner in reads])
    first = [owner for read, owner in reads if _start(read) == _start(call)]
    if first:
        return frozenset(first[-1:])
    called = {_start(each.positions) for each in done if each.opname.startswith("CALL")}
    among = [
        owner for read, owner in reads if _start(read) > _start(call) and _start(read) not in called
    ]
    is_variable = any(
        each.opname in _VARIABLES and _start(each.positions) == _start(call) for each in done
    )
    return frozenset([owner for _, owner in reads] if is_variable and not among else among)


def _start(place: dis.Positions | None) -> tuple[int, int]:
    """Return where something begins in the text, by its line."""
    return ((place and place.lineno) or 0, (place and place.col_offset) or 0)
