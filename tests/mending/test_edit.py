"""An edit writes one value and nothing else, and none that is not there any more."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.rows import each_of

from bncalc.errors import Location, UsageError
from bncalc.mending.edit import apply
from bncalc.mending.fix import Fix

NET = "input: [3, 8, 8]\nlayers:\n  - conv: {out: 64}  # wide\n"


def fix_in(path: Path, column: int, old: str, new: str) -> Fix:
    return Fix("layers[0].conv.out", old, new, "<=", Location(str(path), 3, column), ("params",))


def test_an_edit_leaves_all_else_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    apply(fix_in(path, 17, "64", "56"))
    assert path.read_text() == NET.replace("64", "56")


def test_an_edit_follows_a_link_keeps_the_mode_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path, link = tmp_path / "net.yaml", tmp_path / "link.yaml"
    path.write_text(NET)
    path.chmod(0o640)
    link.symlink_to(path)
    apply(fix_in(link, 17, "64", "56"))
    assert link.is_symlink()
    assert path.read_text() == NET.replace("64", "56")
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(tmp_path.iterdir()) == [link, path]


def test_an_edit_that_cannot_be_written_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(NET)

    def full(*paths: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(UsageError, match=r"cannot write .*: No space left"):
        apply(fix_in(path, 17, "64", "56"))
    assert path.read_text() == NET
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="no other user to write as")
def test_a_file_that_may_not_be_written_is_not_replaced() -> None:
    user = os.geteuid()
    with TemporaryDirectory() as folder:  # which others may enter, as they may not `tmp_path`
        path = Path(folder) / "net.yaml"
        path.write_text(NET)
        path.chmod(0o444)
        path.parent.chmod(0o777)
        os.seteuid(user or 65534)  # root may write everything
        try:
            with pytest.raises(UsageError, match=r"cannot write .*: Permission denied"):
                apply(fix_in(path, 17, "64", "56"))
        finally:
            os.seteuid(user)
        assert path.read_text() == NET
        assert list(path.parent.iterdir()) == [path]


@each_of([(17, "32", "24"), (16, "64", "56"), (17, "64", "[1, 2]")])
def test_what_a_file_does_not_say_is_not_edited(
    tmp_path: Path, column: int, old: str, new: str
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    with pytest.raises(UsageError, match=f"no longer says {old}"):
        apply(fix_in(path, column, old, new))
    assert path.read_text() == NET
