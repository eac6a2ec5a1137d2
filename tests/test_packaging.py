"""What is installed is what the repository says: version, typing, dependencies, command, README."""

import re
import subprocess
from importlib.metadata import entry_points, metadata, requires, version
from importlib.resources import files
from pathlib import Path

import pytest

from bncalc._version import __version__

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "bncalc"


def commands_under(heading: str) -> list[str]:
    """Return the lines of the fenced blocks under a heading of the README."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.S | re.M)
    assert section, f"README.md has no section '{heading}'"
    blocks = re.findall(r"^```\w*\n(.*?)^```$", section[1], re.S | re.M)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def test_installed_version_is_the_one_in_the_source() -> None:
    assert version("bncalc") == __version__


def test_package_says_that_it_is_typed() -> None:
    assert (files("bncalc") / "py.typed").is_file()


def test_nothing_is_needed_at_run_time_but_two_packages() -> None:
    needed = [line for line in requires("bncalc") or () if "extra ==" not in line]
    assert sorted(re.split(r"[<>=!~ ;]", line)[0].lower() for line in needed) == ["pyyaml", "typer"]


def test_command_exists_and_can_be_loaded() -> None:
    (script,) = entry_points(group="console_scripts", name="bncalc")
    assert callable(script.load())


def test_every_folder_of_modules_is_a_package() -> None:
    """A folder without `__init__.py` would be invisible to the import contract."""
    folders = {module.parent for module in PACKAGE.rglob("*.py")} | {PACKAGE}
    bare = [folder.name for folder in folders if not (folder / "__init__.py").exists()]
    assert not bare


@pytest.mark.parametrize("heading", ["Run it", "Test it"])
def test_readme_gives_one_command_that_makes_its_own_environment(heading: str) -> None:
    (command,) = commands_under(heading)
    assert command.startswith("python3 -m venv .venv && .venv/bin/pip install ")


def test_the_citation_is_of_this_package() -> None:
    """Its authors and version are those of the package, and nobody and no number is invented."""
    lines = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    about = metadata("bncalc")
    assert f"version: {__version__}" in lines
    assert f"license: {about['License-Expression']}" in lines
    assert [line for line in lines if line.startswith("  - name: ")] == [
        f"  - name: {about['Author']}"
    ]
    assert not any(line.startswith(("doi", "url", "repository")) for line in lines)


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="an archive does not say what is tracked")
def test_the_repository_holds_only_text() -> None:
    """What was built or fetched is not part of it: wheels lay in it for a day."""
    listed = subprocess.run(
        ["git", "ls-files", "--eol"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    assert [line for line in listed if line.startswith("i/-text")] == []
