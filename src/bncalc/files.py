"""Files that nobody vouches for: only what is a file is read, and no more of it than a limit."""

import errno
import os
import stat
from typing import BinaryIO, NoReturn, Protocol

from bncalc.errors import Location, Problem, SpecError
from bncalc.named import NamedTuple

MAX_BYTES = 4 * 1024 * 1024
LONGEST_POINTER = 1024
"""No file that stands for another is longer, as Git LFS has it."""

_POINTER = b"version https://git-lfs.github.com/spec/v1\n"
_USUAL = 64 * 1024
"""Most files hold fewer bytes."""
_HANDED_OVER = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
"""What a shell hands over for `<(…)`: a pipe that the call itself names."""


def read_bounded(path: str, most: int) -> bytes:
    """Return the bytes of a file; one byte more than `most` where it holds more.

    Raises what `open_file` does.
    """
    with open_file(path) as file:
        data = file.read(min(_USUAL, most + 1))  # room for all that is asked for is made at once
        return data + file.read(most + 1 - len(data)) if len(data) == _USUAL else data


def open_file(path: str) -> BinaryIO:
    """Open a file to be read.

    A device, a socket or a named pipe is refused, for it may be endless or never answer. Raises
    OSError, whose `strerror` says why, and ValueError for a path that cannot be one.
    """
    named_by_call = path.startswith(_HANDED_OVER)
    flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    if not named_by_call:
        flags |= getattr(os, "O_NONBLOCK", 0)  # or a named pipe waits for somebody who writes
    file = os.fdopen(os.open(path, flags), "rb")
    mode = os.fstat(file.fileno()).st_mode
    if stat.S_ISREG(mode) or named_by_call:
        return file
    file.close()
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a directory", path)
    raise OSError(errno.EINVAL, f"it is a {_kind(mode)} and not a file", path)


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISFIFO, "named pipe"), (stat.S_ISSOCK, "socket"))
    return next((word for is_kind, word in kinds if is_kind(mode)), "device")


def is_pointer(data: bytes) -> bool:
    """Return whether a whole file stands for another one, as Git LFS has it."""
    return data.startswith(_POINTER) and len(data) <= LONGEST_POINTER


class Files(Protocol):
    """Where files are read from: the disk, or one commit."""

    def exists(self, path: str) -> bool:
        """Return whether there is a file of that name."""
        ...

    def called(self, path: str) -> str:
        """Return what a file is called in messages."""
        ...

    def read(self, path: str, most: int = MAX_BYTES) -> bytes:
        """Return all of what `open` opens; raise SpecError where it is larger or cannot be read."""
        ...

    def open(self, path: str) -> "Content":
        """Open a file of any size, or what a Git LFS pointer stands for; raise SpecError."""
        ...


class Stream(Protocol):
    """What is read once, from its beginning."""

    def read(self, size: int = -1, /) -> bytes: ...
    def close(self) -> None: ...


class Content(NamedTuple):
    """An open file: to be mapped where it is one of the disk, else to be read in pieces."""

    stream: BinaryIO | Stream
    size: int
    file: int | None = None
    """The number by which the system knows a file of the disk."""


def refuse(path: str, message: str) -> NoReturn:
    """Raise SpecError about a file as a whole."""
    raise SpecError([Problem(Location(path), message)])
