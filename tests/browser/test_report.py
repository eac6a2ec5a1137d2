"""The page of `bncalc report`, opened from a file in a real browser."""

from pathlib import Path

import pytest
from tests.browser.conftest import Tab
from tests.program import run

pytestmark = pytest.mark.browser
ROWS = "[...document.querySelectorAll('table.layers tbody tr')].filter(row => !row.hidden)"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "page.html"
    done = run("report", "resnet50", "--diff", "resnet101", "-o", str(path))
    assert done.returncode == 0, done.stderr
    return path.as_uri()


def press(tab: Tab, label: str) -> None:
    buttons = "[...document.querySelectorAll('button')]"
    tab.ask(f"{buttons}.find(button => button.textContent === arguments[0]).click()", label)


def test_rows_open_and_shut(tab: Tab, page: str) -> None:
    tab.driver.get(page)
    tops = tab.ask(f"return {ROWS}.length")
    tab.ask("document.querySelector('.toggle').click()")
    assert tab.ask(f"return {ROWS}.length") > tops
    assert tab.ask("return document.querySelector('.toggle').ariaExpanded") == "true"
    press(tab, "all layers")
    assert tab.ask(f"return {ROWS}.length") == tab.ask(
        "return document.querySelectorAll('table.layers tbody tr').length"
    )
    press(tab, "parts")
    assert tab.ask(f"return {ROWS}.length") == tops


def test_rows_are_sorted_by_a_column(tab: Tab, page: str) -> None:
    tab.driver.get(page)
    press(tab, "MACs")
    macs = tab.ask(f"return {ROWS}.map(row => Number(row.dataset.macs))")
    assert len(macs) > 50
    assert macs == sorted(macs, reverse=True)
    press(tab, "MACs")
    assert tab.ask("return document.querySelector('th[aria-sort]')") is None


def test_rows_are_found_by_name(tab: Tab, page: str) -> None:
    tab.driver.get(page)
    tab.driver.find_element("css selector", ".tools input").send_keys("conv2")
    leaves = tab.ask(f"return {ROWS}.filter(r => r.className === 'layer').map(r => r.dataset.path)")
    assert len(leaves) >= 16
    assert all("conv2" in path for path in leaves)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_everybody_can_read_it(scheme: str, width: int, tab: Tab, page: str) -> None:
    tab.emulate(width, scheme)
    tab.driver.get(page)
    assert tab.findings() == []
    assert tab.ask("return document.documentElement.scrollWidth") <= width


def test_names_of_any_length_stay_on_a_phone(tab: Tab, tmp_path: Path) -> None:
    name = "a_name_that_a_program_has_made_of_all_that_it_knew_about_a_layer_and_of_its_parents"
    net = tmp_path / "net.yaml"
    net.write_text(f"name: {name}\ninput: [3, 8, 8]\nlayers: [{{id: {name}, basic: {{out: 8}}}}]\n")
    path = tmp_path / "page.html"
    assert run("report", str(net), "-o", str(path)).returncode == 0
    tab.emulate(390)
    tab.driver.get(path.as_uri())
    assert tab.ask("return document.documentElement.scrollWidth") <= 390


def test_it_prints_dark_on_light_without_buttons(tab: Tab, page: str) -> None:
    tab.emulate(scheme="dark", media="print")
    tab.driver.get(page)
    assert tab.ask("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    shown = "[...document.querySelectorAll('button, input')].filter(b => b.offsetParent).length"
    assert tab.ask(f"return {shown}") == 0


def test_without_javascript_all_of_it_is_there(tab: Tab, page: str) -> None:
    tab.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    tab.driver.get(page)
    text = tab.driver.find_element("tag name", "body").text
    assert "25,557,032" in text
    assert "4,089,184,256" in text
    assert text.count("conv2") >= 16
