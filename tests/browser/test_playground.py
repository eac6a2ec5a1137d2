"""The playground in a real browser: bncalc runs in it, and answers as the command line does."""

from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from tests.browser.conftest import ROOT, Tab
from tests.program import run

pytestmark = pytest.mark.browser
EXAMPLES = sorted((ROOT / "playground/examples").glob("*.yaml"))
STATUS = "return document.getElementById('status').textContent"


def settled(tab: Tab) -> str:
    """Wait until nothing is worked on and nothing waits; return what the status line says."""
    idle = "return document.body.dataset.idle === 'true'"
    WebDriverWait(tab.driver, 120).until(lambda _: tab.ask(idle))
    status: str = tab.ask(STATUS)
    return status


def answer_to(tab: Tab, words: str) -> str:
    """Type a command and return the text of its answer."""
    box = tab.driver.find_element("id", "words")
    box.clear()
    box.send_keys(words, Keys.ENTER)
    assert settled(tab).startswith("Answered"), tab.ask(STATUS)
    text: str = tab.ask("return document.querySelector('#answer pre').textContent")
    return text


def write(tab: Tab, text: str) -> None:
    """Type over the model."""
    editor = tab.driver.find_element("css selector", ".cm-content")
    editor.send_keys(Keys.CONTROL, "a")
    editor.send_keys(Keys.CONTROL, Keys.NULL, Keys.DELETE)
    tab.driver.execute_cdp_cmd("Input.insertText", {"text": text})
    settled(tab)


def test_the_playground(
    tab: Tab, site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One visit, since Python takes seconds to start: all that a visitor does, in a row."""
    monkeypatch.chdir(tmp_path)
    tab.driver.get(f"{site}/play/")
    settled(tab)
    assert not any("pyodide" in url for url in tab.requests()), "it starts on first use"

    tab.ask("document.querySelector('#views button').click()")
    assert settled(tab).startswith("Answered")
    assert "÷8.47" in tab.ask("return document.querySelector('#answer table').textContent")
    assert tab.ask("return document.querySelectorAll('#answer figure svg').length") == 2

    _fits_everybody(tab)
    _answers_as_the_command_line_does(tab, tmp_path)
    _shows_what_commands_write(tab)
    _says_what_is_wrong_and_where(tab, tmp_path)
    _completes(tab)
    _is_linked_to(tab, site)


def _answers_as_the_command_line_does(tab: Tab, folder: Path) -> None:
    questions = [
        "show resnet50 --format json",
        "compare mobilenet_v2 efficientnet_b0 --format json --as fvcore",
        "conventions mobilenet_v1 --format json",
        "memory resnet18 --format json --dtype int8",
        "formula bottleneck --vary cin,mid --format json",
    ]
    for words in questions:
        assert answer_to(tab, words) == run(*words.split()).stdout, words
    for example in EXAMPLES:
        text = example.read_text(encoding="utf-8")
        (folder / "net.yaml").write_text(text, encoding="utf-8")
        write(tab, text)
        words = "compare net.yaml --format json"
        assert answer_to(tab, words) == run(*words.split()).stdout, example.name


def _shows_what_commands_write(tab: Tab) -> None:
    answer_to(tab, "export resnet18 -o net.py")
    assert tab.ask("return document.querySelector('#answer a').download") == "net.py"
    assert "class Resnet18" in tab.ask("return document.querySelector('#answer pre').textContent")
    tab.driver.find_element("id", "words").clear()
    tab.driver.find_element("id", "words").send_keys("report resnet18 -o page.html", Keys.ENTER)
    assert settled(tab).startswith("Answered")
    tab.driver.switch_to.frame(tab.driver.find_element("css selector", "#answer iframe"))
    assert "resnet18" in tab.ask("return document.querySelector('h1').textContent")
    tab.driver.switch_to.default_content()


def _says_what_is_wrong_and_where(tab: Tab, folder: Path) -> None:
    text = "input: [3, 8, 8]\nlayers:\n- conv: {out: 4, kernal: 3}"
    write(tab, text)
    (folder / "net.yaml").write_text(text, encoding="utf-8")
    problem = tab.ask("return document.querySelector('#problems li').textContent")
    said = run("compare", "net.yaml").stderr
    assert said.startswith("net.yaml:3:18: error: conv has no argument 'kernal'")
    assert problem == said.splitlines()[0].removeprefix("net.yaml:").replace(" error:", "")
    assert tab.ask("return document.querySelectorAll('.cm-lintRange-error').length") == 1


def _completes(tab: Tab) -> None:
    write(tab, "input: [3, 8, 8]\nlayers:\n- ")
    tab.driver.find_element("css selector", ".cm-content").send_keys("bottlen")
    shown = "return [...document.querySelectorAll('.cm-completionLabel')].map(e => e.textContent)"
    WebDriverWait(tab.driver, 10).until(lambda _: "bottleneck" in tab.ask(shown))
    tab.driver.find_element("css selector", ".cm-content").send_keys(Keys.ESCAPE)


def _is_linked_to(tab: Tab, site: str) -> None:
    text = "# größer\ninput: [3, 8, 8]\nlayers:\n- conv: {out: 5}\n"
    write(tab, text)
    tab.ask("document.getElementById('share').click()")
    WebDriverWait(tab.driver, 10).until(lambda _: tab.ask("return location.hash.length > 9"))
    link = tab.driver.current_url
    tab.driver.get("about:blank")
    tab.driver.get(link)
    lines = "return [...document.querySelectorAll('.cm-line')].map(e => e.textContent).join('\\n')"
    assert tab.ask(lines) == text


def _fits_everybody(tab: Tab) -> None:
    for scheme in ("light", "dark"):
        for width in (1280, 390):
            tab.emulate(width, scheme)
            settled(tab)
            assert tab.findings() == [], (width, scheme)
            assert tab.ask("return document.documentElement.scrollWidth") <= width
    tab.emulate()
