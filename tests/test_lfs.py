"""Git LFS pointers: the object that one stands for, and which files are none."""

import hashlib
from pathlib import Path

import pytest
from tests.documents import document_text
from tests.repository import FAMILY, Repository

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.measurement import measure
from bncalc.budget.reader import is_budgets
from bncalc.change.revision import revision
from bncalc.change.saved_report import read_document
from bncalc.disk import DISK
from bncalc.errors import SpecError
from bncalc.files import LONGEST_POINTER, Content
from bncalc.language.selection import is_model
from bncalc.lfs import answered
from bncalc.opening.model import open_model

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


def point(repository: Repository, path: str, text: str) -> Path:
    """Write a pointer; return where git is to keep what it stands for."""
    oid = hashlib.sha256(text.encode()).hexdigest()
    named = f"oid sha256:{oid}\nsize {len(text)}\n"
    repository.write(path, f"version https://git-lfs.github.com/spec/v1\n{named}")
    return repository.folder / ".git/lfs/objects" / oid[:2] / oid[2:4] / oid


def test_whatever_is_read_whole_may_be_a_pointer_too(repository: Repository) -> None:
    net = open_model(str(repository.write("net.yaml", FAMILY))).graphs[0]
    report = document_text(measure(net))
    texts = {"net.yaml": FAMILY, "report.json": report, "blocks.yaml": "define:\n  a: {}\n"}
    texts["limits.yaml"] = "budgets:\n  - {model: net.yaml, max: {params: 1}}\n"
    objects = {path: point(repository, path, text) for path, text in texts.items()}
    repository.commit()
    head = revision(Path(), "HEAD")
    for files in (DISK, head):
        with pytest.raises(SpecError, match="its object is not here; run `git lfs pull`"):
            open_model("net.yaml", files=files)
    for path, text in texts.items():
        objects[path].parent.mkdir(parents=True)
        objects[path].write_text(text)
        for files in (DISK, head):
            assert files.read(path) == text.encode()
    for files in (DISK, head):
        with pytest.raises(SpecError, match="the file is larger than 0 MiB"):
            files.read("report.json", len(report) - 1)
    assert open_model("net.yaml", files=head).graphs[0] == net
    assert list(read_document("report.json", Assumptions())) == [net.name]
    assert [is_model(path) for path in texts] == [True, False, False, False]
    assert [is_budgets(path) for path in texts] == [False, False, False, True]


def test_pointer_that_names_no_object_is_said(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_bytes(POINTER[:60])
    for read_or_open in (DISK.read, DISK.open):
        with pytest.raises(SpecError, match="its object is not here"):
            read_or_open(str(path))
