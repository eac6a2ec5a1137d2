"""Wildcards: what they match, which files they find, and that a hostile one answers at once."""

from glob import glob
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rows import each_of
from tests.work import calls

from bncalc.wildcard import find, matches


def test_files_are_found_in_order_of_name(tmp_path: Path) -> None:
    for name in (
        "m/b.yaml",
        "m/a.yaml",
        "m/.hidden.yaml",
        "m/in/c.yaml",
        ".git/d.yaml",
        "m/[x].yaml",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    def found(pattern: str) -> list[str]:
        return find(pattern, str(tmp_path))

    assert found("m/*.yaml") == ["m/[x].yaml", "m/a.yaml", "m/b.yaml"]
    assert found("**/*.yaml") == ["m/[x].yaml", "m/a.yaml", "m/b.yaml", "m/in/c.yaml"]
    assert found("m/[x]*") == ["m/[x].yaml"]
    assert found("*") == []


@each_of(
    [
        ("*a" * 40 + "*b", "a" * 200),
        ("**/" * 12 + "x", "/".join("a" * 60)),
        ("**/*a*a*/" * 12 + "x", "/".join(["a" * 20] * 60)),
        ("?" * 100 + "*" * 100 + "b", "a" * 250),
    ],
)
def test_no_pattern_takes_long(tmp_path: Path, pattern: str, path: str) -> None:
    assert calls(lambda: matches(pattern, path)) < 100_000
    assert not matches(pattern, path)
    (tmp_path / ("a/" * 20)).mkdir(parents=True)
    (tmp_path / "a/a/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").touch()
    assert calls(lambda: find(pattern, str(tmp_path))) < 100_000
    assert find(pattern, str(tmp_path)) == []


def test_a_link_that_leads_back_is_not_followed_for_ever(tmp_path: Path) -> None:
    (tmp_path / "m/in").mkdir(parents=True)
    (tmp_path / "m/in/a.yaml").touch()
    (tmp_path / "m/in/back").symlink_to("..")
    assert find("**/*.yaml", str(tmp_path)) == ["m/in/a.yaml"]
    assert find("m/*/back/in/*.yaml", str(tmp_path)) == ["m/in/back/in/a.yaml"]


def test_files_above_and_from_the_root_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "m/in").mkdir(parents=True)
    (tmp_path / "m/a.yaml").touch()
    monkeypatch.chdir(tmp_path / "m/in")
    assert find("../*.yaml") == ["../a.yaml"]
    assert find(f"{tmp_path}/**/*.yaml") == [f"{tmp_path}/m/a.yaml"]


SHORT = st.text(alphabet="ab.", min_size=1, max_size=3).filter(lambda name: name.strip("."))


@given(
    st.lists(SHORT | st.sampled_from(["*", "**", "?", "a*", ".*"]), min_size=1, max_size=4),
    st.lists(st.lists(SHORT, max_size=3), max_size=5),
)
def test_files_are_those_that_glob_finds(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str], paths: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    for path in paths:
        inner = folder.joinpath("d", *path)
        inner.mkdir(parents=True, exist_ok=True)
        (inner / "file").touch()
    pattern = "/".join(["d", *steps])
    expected = glob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207 - relative paths
    files = sorted({path for path in expected if (folder / path).is_file()})
    assert find(pattern, str(folder)) == files
    assert all(matches(pattern, path, hidden=False) for path in files)
