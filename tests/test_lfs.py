"""Git LFS pointers: the object that one stands for, and which files are none."""

from pathlib import Path

import pytest

from bncalc.disk import DISK
from bncalc.errors import SpecError
from bncalc.files import LONGEST_POINTER, Content
from bncalc.lfs import answered

OID = "0123456789abcdef" * 4
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize 3\n".encode()


def read(content: Content) -> bytes:
    data = content.stream.read()
    content.stream.close()
    return data


def test_an_object_lies_in_folders_of_its_first_letters_that_worktrees_share(
    tmp_path: Path,
) -> None:
    worktree = tmp_path / ".git/worktrees/other"
    folder = tmp_path / ".git/lfs/objects/01/23"
    for path in (worktree, folder):
        path.mkdir(parents=True)
    (folder / OID).write_bytes(b"abc")
    (worktree / "commondir").write_text("../..\n")
    for storage in (tmp_path / ".git", worktree):
        content = answered(POINTER, lambda storage=storage: storage, "m.onnx")  # type: ignore[misc]
        assert (content.size, read(content)) == (3, b"abc")


@pytest.mark.parametrize(("longer", "is_pointer"), [(0, True), (1, False)])
def test_a_pointer_has_so_many_bytes_at_most(tmp_path: Path, longer: int, is_pointer: bool) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(POINTER.ljust(LONGEST_POINTER + longer, b"\n"))
    if is_pointer:
        with pytest.raises(SpecError, match="run `git lfs pull`"):
            DISK.open(str(path))
    else:
        assert len(read(DISK.open(str(path)))) == LONGEST_POINTER + 1
