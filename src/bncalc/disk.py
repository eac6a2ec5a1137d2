"""The disk: the files of this machine, as a person names them."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bncalc.errors import suggest
from bncalc.files import (
    LONGEST_POINTER,
    MAX_BYTES,
    Content,
    is_pointer,
    open_file,
    read_bounded,
    refuse,
)


class Disk:
    """The files of this machine; standard input is read once, however often it is named."""

    def __init__(self) -> None:
        self._heard: tuple[object, bytes] | None = None

    def exists(self, path: str) -> bool:
        return os.path.exists(path)  # noqa: PTH110 - pathlib takes as long to load as a command

    def called(self, path: str) -> str:
        return "<stdin>" if path == "-" else path

    def read(self, path: str, most: int = MAX_BYTES) -> bytes:
        """Return all of what `open` opens, or of standard input for `-`; raise SpecError."""
        name = self.called(path)
        with _refusing(name):
            data = self._standard_input(most) if path == "-" else read_bounded(path, most)
        if is_pointer(data):
            from bncalc.lfs import keeper, whole

            data = whole(data, most, keeper(path), name)
        if len(data) > most:
            refuse(name, f"the file is larger than {most // 1024**2} MiB")
        return data

    def _standard_input(self, most: int) -> bytes:
        if sys.stdin is None:  # closed by whoever started us
            refuse("<stdin>", "standard input is closed")
        if self._heard is None or self._heard[0] is not sys.stdin:
            self._heard = (sys.stdin, sys.stdin.buffer.read(most + 1))
        return self._heard[1]

    def open(self, path: str) -> Content:
        """Open a file of any size, or what a Git LFS pointer stands for; raise SpecError."""
        with _refusing(path):
            file = open_file(path)
            content = Content(file, os.fstat(file.fileno()).st_size, file.fileno())
        if content.size > LONGEST_POINTER:
            return content
        with file:
            from bncalc.lfs import answered, keeper

            return answered(file.read(), keeper(path), path)


DISK = Disk()


def write_whole(path: str, content: bytes) -> None:
    """Write a file beside its place and rename it: whatever happens, one or the other is whole.

    A link goes on leading to the file, and the file keeps who may read it. Raises OSError, also for
    a file that may not be written though its folder may.
    """
    place = os.path.realpath(path)
    folder, name = os.path.split(place)
    aside = os.path.join(folder, f".{name}.{os.getpid()}")  # noqa: PTH118 - see `exists`
    with suppress(FileNotFoundError):
        os.unlink(aside)  # noqa: PTH108 - of a run that was killed
    try:
        with open(aside, "xb") as file:  # noqa: PTH123
            file.write(content)
        with suppress(FileNotFoundError), open(place, "r+b") as old:  # noqa: PTH123
            os.chmod(aside, os.fstat(old.fileno()).st_mode & 0o7777)  # noqa: PTH101
        os.replace(aside, place)  # noqa: PTH105
    finally:
        with suppress(OSError):
            os.unlink(aside)  # noqa: PTH108 - there only if it could not be written


@contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Say of a file that cannot be read why."""
    try:
        yield
    except FileNotFoundError:
        from bncalc.submodule import hint

        refuse(name, f"there is no such file{hint(name) or nearest_file(name)}")
    except IsADirectoryError:
        refuse(name, "this is a directory; name a file in it")
    except OSError as error:
        refuse(name, f"cannot read the file: {error.strerror}")
    except ValueError:  # a null byte, a half of a character: Python words it as it pleases
        refuse(name, "cannot read the file: no path can hold such a character")


def nearest_file(name: str) -> str:
    """Return ` (did you mean 'net.yaml'?)` for the file of the folder with the nearest name."""
    folder, word = os.path.split(name)
    try:
        return suggest(word, os.listdir(folder or "."))  # noqa: PTH208
    except OSError:
        return ""
