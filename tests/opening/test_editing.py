"""Editing: the values that fit are written where they stand, and nothing else of the file."""

from pathlib import Path

import pytest
from tests.program import run

from bncalc.errors import UsageError
from bncalc.opening.editing import write_values
from bncalc.opening.name import parse
from bncalc.search.subject import subject_of

NET = (
    "# a net; nichts für Fußnoten\r\ninput: [3, 64, 64]\r\nvars:\r\n"
    "  width: 32        # wide\r\n  depths: [2, 0x3]  # stages\r\n  half: =width//2\r\n"
    "variants:\r\n  small: {width: 16}\r\n  deep: {depths: [2, 8]}\r\n"
    "layers:\r\n  - {conv: {out: =width}, repeat: '=depths[0]'}\r\n  - conv: {out: =half}\r\n"
)


@pytest.fixture
def net(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_bytes(NET.encode())
    path.chmod(0o640)
    return path


@pytest.mark.parametrize(
    ("part", "values", "old", "new"),
    [
        ("", {"width": 48}, "width: 32 ", "width: 48 "),
        ("#small", {"width": 17}, "{width: 16}", "{width: 17}"),
        ("#deep", {"width": 31}, "width: 32 ", "width: 31 "),
        ("", {"depths[1]": 5}, "[2, 0x3]", "[2, 5]"),
        ("", {"depths": (4, 3)}, "[2, 0x3]", "[4, 0x3]"),
        ("#deep", {"depths": (4, 3)}, "[2, 8]", "[4, 3]"),
        ("", {"size": 48}, "[3, 64, 64]", "[3, 48, 48]"),
        ("", {"w": 32, "cin": 1}, "[3, 64, 64]", "[1, 64, 32]"),
        ("", {"input": (1, 8, 9)}, "[3, 64, 64]", "[1, 8, 9]"),
    ],
)
def test_a_value_is_written_in_its_place(
    part: str, values: dict[str, object], old: str, new: str, net: Path
) -> None:
    model = f"{net}{part}"
    write_values(parse(model), subject_of(model).written(values))
    assert net.read_bytes() == NET.replace(old, new, 1).encode()
    assert net.stat().st_mode & 0o777 == 0o640
    assert list(net.parent.iterdir()) == [net]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"width": 8, "half": 3}, "has no number 'half' to replace"),
        ({"width": 8, "depths": (1,)}, r"depths has more items in .* than \[1\]"),
        ({"width": 8, "depths": (1, 2, 3)}, r"has no number 'depths\[2\]' to replace"),
    ],
)
def test_nothing_is_written_if_a_value_cannot_be(
    values: dict[str, object], reason: str, net: Path
) -> None:
    with pytest.raises(UsageError, match=reason):
        write_values(parse(str(net)), values)
    assert net.read_bytes() == NET.encode()


def test_what_cannot_be_written_is_refused_before_the_search(net: Path) -> None:
    link = net.with_name("link.yaml")
    link.symlink_to(net)
    for model, axis, reason in (
        (str(link), "width=8,16", "is a link; name the file that it leads to"),
        (str(net), "batch=1,2", "batch is an assumption, not a value in the model's file"),
        ("resnet18", "width=8,16", "resnet18 is not a YAML file of yours"),
    ):
        done = run("fit", model, "--vary", axis, "--max", "params=1G", "--write")
        assert (done.returncode, done.stdout) == (2, "")
        assert f"error: --write: {reason}" in done.stderr.replace(f"{link} ", "")
    assert link.is_symlink()
    assert net.read_bytes() == NET.encode()
