"""Files that nobody vouches for: only what is a file is read, and no more of it than a limit."""

import errno
import os
import stat
import sys
from typing import NoReturn, Protocol

from bncalc.errors import Location, Problem, SpecError

MAX_BYTES = 4 * 1024 * 1024

_HANDED_OVER = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
"""What a shell hands over for `<(…)`: a pipe that the call itself names."""


def read_bounded(path: str, most: int) -> bytes:
    """Return the bytes of a file; one byte more than `most` where it holds more.

    A device, a socket or a named pipe is refused, for it may be endless or never answer. Raises
    OSError, whose `strerror` says why, and ValueError for a path that cannot be one.
    """
    named_by_call = path.startswith(_HANDED_OVER)
    flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    if not named_by_call:
        flags |= getattr(os, "O_NONBLOCK", 0)  # or a named pipe waits for somebody who writes
    with os.fdopen(os.open(path, flags), "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, "it is a directory", path)
        if not (stat.S_ISREG(mode) or named_by_call):
            raise OSError(errno.EINVAL, f"it is a {_kind(mode)} and not a file", path)
        return file.read(most + 1)


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISFIFO, "named pipe"), (stat.S_ISSOCK, "socket"))
    return next((word for is_kind, word in kinds if is_kind(mode)), "device")


class Files(Protocol):
    """Where files are read from: the disk, or one commit."""

    def exists(self, path: str) -> bool:
        """Return whether there is a file of that name."""
        ...

    def called(self, path: str) -> str:
        """Return what a file is called in messages."""
        ...

    def read(self, path: str, most: int = MAX_BYTES) -> bytes:
        """Return all of a file; raise SpecError where it is larger or cannot be read."""
        ...


class Disk:
    """The files of this machine."""

    def exists(self, path: str) -> bool:
        return os.path.exists(path)  # noqa: PTH110 - pathlib takes as long to load as a command

    def called(self, path: str) -> str:
        return "<stdin>" if path == "-" else path

    def read(self, path: str, most: int = MAX_BYTES) -> bytes:
        """Return all of a file, or of standard input for `-`; raise SpecError where it cannot."""
        name = self.called(path)
        try:
            data = _standard_input(most) if path == "-" else read_bounded(path, most)
        except FileNotFoundError:
            refuse(name, "there is no such file")
        except IsADirectoryError:
            refuse(name, "this is a directory; name a file in it")
        except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path
            refuse(name, f"cannot read the file: {getattr(error, 'strerror', error)}")
        if len(data) > most:
            refuse(name, f"the file is larger than {most // 1024**2} MiB")
        return data


DISK = Disk()


def refuse(path: str, message: str) -> NoReturn:
    """Raise SpecError about a file as a whole."""
    raise SpecError([Problem(Location(path), message)])


def leads_out(path: str) -> bool:
    """Return whether a path leads out of the repository, or of its folder where there is none.

    What is wrong in such a file is not to be shown: who reads the message may not read the file.
    """
    folder = os.path.dirname(os.path.abspath(path))  # noqa: PTH100, PTH120 - pathlib is slow to load
    return is_outside(path, folder)


def is_outside(path: str, folder: str) -> bool:
    """Return whether a file lies outside of the repository that a folder is in, links followed."""
    top = os.path.realpath(_top(os.path.abspath(folder)))  # noqa: PTH100
    real = os.path.realpath(path)
    return os.path.commonpath((top, real)) != top


def _top(folder: str) -> str:
    """Return the top of the repository of a folder; the folder itself where there is none."""
    at = folder
    while not os.path.lexists(os.path.join(at, ".git")):  # noqa: PTH118
        above = os.path.dirname(at)  # noqa: PTH120
        if above == at:
            return folder
        at = above
    return at


def _standard_input(most: int) -> bytes:
    if sys.stdin is None:  # closed by whoever started us
        refuse("<stdin>", "standard input is closed")
    return sys.stdin.buffer.read(most + 1)
