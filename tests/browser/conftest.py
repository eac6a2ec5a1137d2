"""A real browser, pages of this machine, and what holds for each: no error, no request out."""

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from selenium import webdriver

if find_spec("selenium") is None:
    collect_ignore_glob = ["test_*.py"]
ROOT = Path(__file__).parents[2]
SITE = ROOT / "build/site"
AXE = ROOT / "playground/node_modules/axe-core/axe.min.js"
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


class Tab:
    """The browser as a test uses it."""

    def __init__(self, driver: "webdriver.Chrome") -> None:
        self.driver = driver
        self.ask = driver.execute_script

    def emulate(self, width: int = 1280, scheme: str = "light", media: str = "") -> None:
        """Set how wide the screen is, its colour scheme, and screen or print."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        wanted = {"media": media, "features": features}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", wanted)

    def requests(self) -> set[str]:
        """Return what the page has asked for since the last time, data within the page left out."""
        messages = [json.loads(e["message"])["message"] for e in self.driver.get_log("performance")]
        urls = {
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        }
        return {url for url in urls if not url.startswith(("data:", "blob:", "chrome:"))}

    def errors(self) -> list[str]:
        """Return what the browser's log calls severe."""
        return [e["message"] for e in self.driver.get_log("browser") if e["level"] == "SEVERE"]

    def findings(self) -> list[str]:
        """Return what axe finds serious or critical, with the first place of each."""
        self.ask(AXE.read_text(encoding="utf-8"))
        violations = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']})"
            ".then(({violations}) => done(violations.map(v => [v.impact, v.id, v.nodes[0].html])))"
        )
        return [
            f"{rule}: {place}"
            for impact, rule, place in violations
            if impact in ("serious", "critical")
        ]


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[webdriver.Chrome]":
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    started.set_script_timeout(60)
    yield started
    started.quit()


@pytest.fixture
def tab(driver: "webdriver.Chrome") -> Iterator[Tab]:
    """A tab whose page, at the end, has logged no error and asked no other machine for anything."""
    opened = Tab(driver)
    driver.get("about:blank")
    opened.emulate()
    opened.errors()
    opened.requests()
    yield opened
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert opened.errors() == []
    asked = opened.requests()
    assert {url for url in asked if not url.startswith(("file:", "http://127.0.0.1:"))} == set()


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """Serve the site that `make site` has built, and return its address."""
    assert (SITE / "play/main.js").exists(), "there is no site in build/: run `make site`"
    handler = functools.partial(_Quiet, directory=str(SITE))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of each request."""
