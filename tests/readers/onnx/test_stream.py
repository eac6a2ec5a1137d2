"""Files that come from git: read once in pieces, weights skipped, and Git LFS pointers answered."""

from __future__ import annotations

import hashlib
import subprocess
import tracemalloc
from io import BytesIO
from pathlib import Path
from struct import pack

import pytest
from tests.readers.onnx.encoder import floating, graph, model, node, tensor, varint
from tests.rows import each_of

from bncalc.change.repository import repository_at
from bncalc.change.revision import revision
from bncalc.errors import SpecError, UsageError
from bncalc.opening.model import open_model
from bncalc.readers.binary import Damaged
from bncalc.readers.onnx.stream import KEPT, LARGE, without_weights

CONV = model(
    graph([node("Conv", "x w", "y")], [tensor("w", [64, 64, 3, 3])], {"x": [1, 64, 8, 8]}, "y")
)


FIXED = floating(98, 0.5) + varint(99 << 3 | 1) + pack("<d", 0.25)
"""Fields of four bytes and of eight, which nobody knows."""


class Pieces(BytesIO):
    """A stream that gives few bytes at a time, as a pipe may."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 999))


def test_map_of_a_stream_has_every_byte_but_those_of_weights_between_their_ends():
    file = FIXED + CONV
    whole = without_weights(Pieces(file), len(file))
    at = file.index(bytes(LARGE))
    assert whole[:at] == file[:at]
    size = 64 * 64 * 9 * 4
    marked = file.replace(bytes(size), b"\1" * size)
    ends = file.replace(bytes(size), b"\1" * KEPT + bytes(size - 2 * KEPT) + b"\1" * KEPT)
    assert without_weights(Pieces(marked), len(marked))[:] == ends


def test_map_of_a_large_stream_takes_little_memory():
    tracemalloc.start()
    big = model(graph([node("Conv", "x w", "y")], [tensor("w", [4096, 64, 8, 8])], {"x": [1]}, "y"))
    stream = BytesIO(big)
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    without_weights(stream, len(big))
    assert tracemalloc.get_traced_memory()[1] - before < 4 * 1024**2
    tracemalloc.stop()


@each_of([1, 20, len(CONV) // 2, len(CONV) - 1])
def test_stream_that_ends_early_says_where(kept):
    with pytest.raises(Damaged):
        without_weights(Pieces(CONV[:kept]), len(CONV))


@pytest.fixture
def repository(tmp_path):
    """A repository with a model in its last commit and another in the work tree."""
    git(tmp_path, "init", "--quiet")
    (tmp_path / "net.onnx").write_bytes(CONV)
    commit(tmp_path)
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    settings = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *settings, *arguments], cwd=folder, check=True)


def commit(folder: Path) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "model")


def test_model_of_a_commit_is_the_same_as_that_of_the_file(repository):
    before = open_model("net.onnx", files=revision(repository, "HEAD")).graphs
    assert before == open_model(str(repository / "net.onnx")).graphs


def pointer(data: bytes) -> tuple[bytes, str]:
    oid = hashlib.sha256(data).hexdigest()
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(data)}\n"
    return text.encode(), oid


def test_pointer_stands_for_the_object_that_git_keeps(repository):
    text, oid = pointer(CONV)
    (repository / "net.onnx").write_bytes(text)
    commit(repository)
    kept = repository / ".git" / "lfs" / "objects" / oid[:2] / oid[2:4]
    for name in (repository / "net.onnx", "net.onnx"):
        files = {"files": revision(repository, "HEAD")} if name == "net.onnx" else {}
        with pytest.raises(SpecError, match="Git LFS pointer and its object is not here; run `git"):
            open_model(str(name), **files)  # type: ignore[arg-type]
    kept.mkdir(parents=True)
    (kept / oid).write_bytes(CONV)
    work_tree = open_model(str(repository / "net.onnx")).graphs
    assert work_tree == open_model("net.onnx", files=revision(repository, "HEAD")).graphs
    assert work_tree[0].nodes[1].op.word == "conv"


def test_pointer_outside_of_a_repository_is_answered_too(tmp_path):
    (tmp_path / "net.onnx").write_bytes(pointer(CONV)[0])
    with pytest.raises(SpecError, match="run `git lfs pull`"):
        open_model(str(tmp_path / "net.onnx"))


def test_object_that_git_lacks_is_said(repository):
    here = repository_at(repository)
    assert here is not None
    with pytest.raises(UsageError, match="git has no content for the object"):
        here.blob("0" * 40)
