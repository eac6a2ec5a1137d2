"""Running: other people's code runs, and whatever it does, what bncalc says is its own."""

from __future__ import annotations

import ctypes
import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from pathlib import Path
from traceback import extract_tb

from bncalc.errors import BncalcError, UsageError


@contextmanager
def running(path: str) -> Iterator[None]:
    """Run other people's code: what it prints is no answer, and however it ends is one error.

    Afterwards the working folder is the one that it was.
    """
    folder = Path.cwd()
    try:
        with _written_aside(), warnings.catch_warnings():
            yield
    except (BncalcError, KeyboardInterrupt):
        raise
    except BaseException as error:  # SystemExit, for one
        text = _text(error)
        hints = [hint for pattern, hint in _HINTS.items() if re.search(pattern, text)]
        words = f"{_place_of(error)}{in_words(error)}{''.join(hints)}"
        raise UsageError(f"{path} does not run: {words}") from error
    finally:
        os.chdir(folder)


@contextmanager
def _written_aside() -> Iterator[None]:
    """Send to standard error what anybody writes to standard output, be it C or another program."""
    _flush()
    with ExitStack() as stack:
        with suppress(OSError):  # one of them is closed
            answers = os.dup(_OUTPUT)
            stack.callback(os.close, answers)
            os.dup2(_ERRORS, _OUTPUT)
            stack.callback(os.dup2, answers, _OUTPUT)
        stack.callback(_flush)
        with redirect_stdout(sys.stderr):
            yield


def _flush() -> None:
    """Write what Python and C have not yet written to standard output."""
    with suppress(OSError, ValueError, AttributeError):  # it is closed, or there is none
        sys.stdout.flush()
    with suppress(OSError, TypeError, AttributeError):  # C has no such function here
        ctypes.CDLL(None).fflush(None)


_OUTPUT, _ERRORS = 1, 2
"""The streams of a process, as the operating system counts them."""


def _place_of(error: BaseException) -> str:
    """Return the file and line that other people's code had come to, as a prefix; or nothing."""
    packages = [sys.modules[name] for name in ("bncalc", "torch") if name in sys.modules]
    ours = [str(Path(str(each.__file__)).parent) + os.sep for each in packages]
    for frame in reversed(extract_tb(error.__traceback__)):
        if Path(frame.filename).is_file() and not frame.filename.startswith(tuple(ours)):
            return f"{_short(frame.filename)}:{frame.lineno}: "
    return ""


def _short(path: str) -> str:
    """Return the path of a file from the folder that it was looked for in."""
    folders = [each for each in (str(Path.cwd()), *sys.path) if path.startswith(f"{each}{os.sep}")]
    return path[len(max(folders, key=len, default="")) :].removeprefix(os.sep) if folders else path


_HINTS = {
    "scalar types: Long|used as indices|index tensor": (
        "; give an input of whole numbers with its type, as in @NAME=int64,128"
    ),
    r"item\(\) cannot|local_scalar_dense|no data|data-dependent|to numpy|by numbers|__format__": (
        "; its code asks for the numbers in a tensor, but tensors have only shapes here"
    ),
    r"\(unbatched\)|expected \dD (or \dD )?input|values to unpack": (
        "; sizes are those of one image, without the batch, as in @3,224,224"
    ),
    r"converted to an index": (
        "; a number is given as such where its parameter says so, as in `times: int` or `times=1`"
    ),
    r"fake impl": "; PyTorch cannot work out the result of this from shapes alone",
    r"SparseTensorImpl|NestedTensorImpl": "; sparse and nested tensors are not read",
}
"""What to say of errors that come of how the model is run here."""


def in_words(error: BaseException) -> str:
    """Return what an error says, to the end of a sentence if it says much, and what it adds."""
    text = _text(error)
    first = text.partition(". ")[0]
    notes = "".join([f" ({note})" for note in getattr(error, "__notes__", ())])
    said = text if len(text) < _LONG else first
    return f"{type(error).__name__}{': ' if said else ''}{said}"[:300] + notes


def _text(error: BaseException) -> str:
    """Return what an error says in a line; it is other people's code that says it."""
    try:
        return " ".join(str(error).split())
    except Exception:
        return ""


_LONG = 150
