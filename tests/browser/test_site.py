"""The site in a real browser: its pages ask nobody, fit a phone, and can be read by everybody."""

import pytest
from tests.browser.conftest import Tab

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", ["", "why/", "zh/why/", "playground/", "reference/metrics/"])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_page_of_the_site(path: str, width: int, scheme: str, tab: Tab, site: str) -> None:
    tab.emulate(width, scheme)
    tab.driver.get(f"{site}/{path}")
    assert tab.ask("return document.documentElement.scrollWidth") <= width
    # What is looked at is ours: the article, and not the theme's own header and drawer.
    theirs = "header, .md-sidebar, footer, .md-top"
    tab.ask(f"document.querySelectorAll('{theirs}').forEach(element => element.remove())")
    assert tab.findings() == []
