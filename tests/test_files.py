"""Files are read up to a limit, and nothing that is not a file is read."""

import os
import sys
import threading
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.problems import problems_of

from bncalc.disk import DISK
from bncalc.files import read_bounded

POSIX = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")


def test_a_file_is_read_up_to_one_byte_beyond_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    sizes = [(0, 4), (4, 4), (5, 4), (50, 4), (2**16, 2**20), (2**17, 2**20), (2**17, 2**16)]
    for size, most in sizes:
        path.write_bytes(b"x" * size)
        assert read_bounded(str(path), most) == b"x" * min(size, most + 1)


@POSIX
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/dev/zero", "a device"),
        ("pipe", "a named pipe"),
        ("zero.yaml", "a device"),
        ("pipe.yaml", "a named pipe"),
        ("stdin.yaml", "a (device|named pipe)"),
    ],
)
def test_a_device_or_a_pipe_is_refused_at_once(
    tmp_path: Path, path: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    for link, target in (("zero", "/dev/zero"), ("pipe", "pipe"), ("stdin", "/dev/null")):
        Path(f"{link}.yaml").symlink_to(target)
    with pytest.raises(OSError, match=f"it is {said} and not a file"):
        read_bounded(path, 10)


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        read_bounded(str(tmp_path), 10)


@POSIX
def test_a_pipe_of_the_call_is_read() -> None:
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as file:
            file.write(b"from a shell")

    threading.Thread(target=write).start()
    assert read_bounded(f"/dev/fd/{reading}", 1000) == b"from a shell"
    os.close(reading)


def message(path: str, most: int = 100) -> str:
    return problems_of(DISK.read, path, most)[0].message


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert DISK.read(str(tmp_path / "a"), 5) == b"12345"
    assert message(str(tmp_path / "a"), 4) == "the file is larger than 0 MiB"


def test_standard_input_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    disk = type(DISK)()
    for content in (b"one", b"two"):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=BytesIO(content)))
        assert [disk.read("-"), disk.read("-")] == [content] * 2


def test_a_closed_standard_input_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert message("-") == "standard input is closed"
