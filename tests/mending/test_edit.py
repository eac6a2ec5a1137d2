"""An edit writes one value and nothing else, and none that is not there any more."""

from pathlib import Path

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


@each_of([(17, "32", "24"), (16, "64", "56"), (17, "64", "[1, 2]")])
def test_what_a_file_does_not_say_is_not_edited(
    tmp_path: Path, column: int, old: str, new: str
) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    with pytest.raises(UsageError, match=f"no longer says {old}"):
        apply(fix_in(path, column, old, new))
    assert path.read_text() == NET
