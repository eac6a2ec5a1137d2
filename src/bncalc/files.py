"""Files that nobody vouches for: only what is a file is read, and no more of it than a limit."""

import errno
import os
import stat

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
