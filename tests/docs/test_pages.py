"""Pages that show answers: each is what the command says, and so is each number beside it."""

import re
from pathlib import Path

import pytest
from tests.docs.walk import FENCE, PAGES, ROOT, fenced, walk
from tests.program import run

COMPUTED = ["docs/why.md", "docs/zh/why.md"]
IN_CHINESE = {
    "docs/guide.md": "docs/zh/guide.md",
    "docs/why.md": "docs/zh/why.md",
    "README.md": "README.zh-CN.md",
}
QUANTITY = re.compile(r"÷?\d[\d,]*(?:\.\d+)?(?:[×%](?!\d))?")
TERM = r"(?:\(\d+/\d+\)|\d[\d,]*)"
SUM = re.compile(rf"{TERM}(?: ?[·+] ?{TERM})+ = \d[\d,]*")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_what_the_commands_say(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(tmp_path)
    page = ROOT / name
    walked = walk(page, tmp_path)
    if request.config.getoption("--golden"):
        page.write_text(walked, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == walked, "if this is meant: pytest --golden"


def test_the_sums_of_the_pages_are_right() -> None:
    sums = [written for name in COMPUTED for written in SUM.findall(_prose(name))]
    assert len(sums) >= 4 * len(COMPUTED)
    for written in sums:
        left, right = written.replace(",", "").replace("·", "*").split(" = ")
        assert eval(left) == int(right), written


@pytest.mark.parametrize("name", COMPUTED)
def test_the_numbers_of_a_page_are_in_its_answers(name: str) -> None:
    prose = _prose(name)
    known = " ".join([*fenced(name, "console"), *SUM.findall(prose)])
    numbers = {text for text in QUANTITY.findall(prose) if re.search(r"[,.÷]\d|[×%]", text)}
    assert len(numbers) >= 8
    answers = set(QUANTITY.findall(known))
    assert {number for number in numbers if number.strip(",") not in answers} == set()


@pytest.mark.parametrize(("english", "chinese"), IN_CHINESE.items())
def test_the_chinese_page_shows_what_the_english_one_shows(
    english: str, chinese: str, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--golden"):
        shown = iter(fenced(english, "console"))
        text = (ROOT / chinese).read_text(encoding="utf-8")
        taken = FENCE.sub(
            lambda m: f"```console\n{next(shown)}```" if m[1] == "console" else m[0], text
        )
        (ROOT / chinese).write_text(taken, encoding="utf-8")
    for language in ("console", "yaml", "sh", "python"):
        assert fenced(chinese, language) == fenced(english, language)


def test_every_command_has_its_place_on_the_page_of_commands() -> None:
    listed = re.findall(r"^## (\w+)$", (ROOT / "docs/commands.md").read_text("utf-8"), re.M)
    commands = re.findall(r"^  (\w+) {2,}", run("--help").stdout.partition("Commands")[2], re.M)
    assert sorted(listed) == sorted(commands)


def test_every_page_is_in_the_navigation() -> None:
    listed = set(re.findall(r"^ +- .+: (\S+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.M))
    assert listed == {str(page.relative_to(ROOT / "docs")) for page in ROOT.glob("docs/**/*.md")}


def _prose(name: str) -> str:
    """Return a page without its fences, links and pictures."""
    text = FENCE.sub("", (ROOT / name).read_text(encoding="utf-8"))
    return re.sub(r"!?\[[^\]]*\]\([^)]*\)(\{[^}]*\})?", "", text).replace("\n", " ")
