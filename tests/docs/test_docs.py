"""The documents say what is so: examples run, made pages are current, links lead somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import bncalc
from bncalc.model.registry import BLOCKS, OPS

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def fenced(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.S | re.M)


@pytest.mark.parametrize("example", fenced("docs/language.md", "yaml"))
def test_every_example_of_the_language_is_a_file(example: str, tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(example)
    for graph in bncalc.load(str(path)):
        assert bncalc.measure(graph).totals.macs > 0


def test_the_readme_shows_what_python_can_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (example,) = fenced("README.md", "python")
    monkeypatch.chdir(ROOT)
    exec(compile(example, "README.md", "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["25557032 4089184256", "69632"]
    assert lines[2].startswith("configs/resnet256.yaml:")


def test_the_readme_names_every_public_name() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = re.search(r"The public names: (.*?)\.\n", text, re.S)
    assert listed
    assert re.findall(r"`(\w+)`", listed[1]) == bncalc.__all__
    assert all(getattr(bncalc, name) for name in bncalc.__all__)


@pytest.mark.parametrize("example", fenced("README.md", "console"))
def test_every_command_of_the_readme_works(example: str) -> None:
    for line in example.splitlines():
        command = [sys.executable, "-m", "bncalc", *line.removeprefix("$ bncalc ").split()]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_what_is_made_from_the_code_is_current() -> None:
    done = subprocess.run(
        [sys.executable, "docs/make.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_word_has_its_place_in_the_reference() -> None:
    for page, words in (("ops", OPS), ("blocks", BLOCKS)):
        text = (ROOT / f"docs/reference/{page}.md").read_text(encoding="utf-8")
        assert re.findall(r"^## (\w+)$", text, re.M) == list(words)
