"""Fixtures for tests of offline use."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.e2e.browser import CHROMIUM, CHROMIUM_OPTIONS
from tests.e2e.conftest import PHONE, TIMEOUT_MS
from tests.e2e.offline.phone import wait_for_cached_page
from tests.e2e.person import Person, unique_name
from tests.server import NOK, Server


@pytest.fixture
def nok(open_browser) -> Person:
    """Nok, in a new browser context that can go offline."""
    return open_browser(NOK, offline=True, viewport=PHONE)


@pytest.fixture
def shop(nok, ben) -> str:
    """Open a new list on both phones, cached on Nok's. Returns its URL."""
    address = nok.create_list(unique_name("Shop "))
    ben.goto(address)
    wait_for_cached_page(nok)
    return address


@pytest.fixture
def device(tmp_path: Path, browser, server) -> Iterator[Callable[[], BrowserContext]]:
    """Return a function that (re)starts a browser with a persistent profile."""
    contexts: list[BrowserContext] = []

    def start() -> BrowserContext:
        for running in contexts:
            running.close()
        folder = tmp_path / "device"
        context = browser.browser_type.launch_persistent_context(
            folder, executable_path=CHROMIUM, args=CHROMIUM_OPTIONS, viewport=PHONE, locale="en-GB"
        )
        context.set_default_timeout(TIMEOUT_MS)
        contexts[:] = [context]
        return context

    yield start
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def crashing_server(tmp_path_factory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("offline") / "data") as crashing_server:
        yield crashing_server
