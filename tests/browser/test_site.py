"""The site in a real browser: its pages ask nobody, fit a phone, and can be read by everybody."""

import pytest
from tests.browser.conftest import Tab

pytestmark = pytest.mark.browser


PAGES = ("", "why/", "zh/why/", "playground/", "reference/ops/")
SCREENS = ((1280, "light"), (390, "dark"))


@pytest.mark.parametrize(
    ("path", "width", "scheme"),
    [*[(page, *screen) for page in PAGES for screen in SCREENS], ("why/", 1280, "dark")],
)
def test_a_page_of_the_site(path: str, width: int, scheme: str, tab: Tab, site: str) -> None:
    tab.emulate(width, scheme)
    tab.driver.get(f"{site}/{path}")
    assert tab.ask("return document.documentElement.scrollWidth") <= width
    assert tab.findings() == []
