"""Without a signal: everything opens, nothing done is lost, and afterwards all have the same list."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.e2e.browser import CHROMIUM
from tests.e2e.conftest import PATIENCE, PHONE
from tests.e2e.offline.phone import kept
from tests.e2e.people import Person, own_word
from tests.server import NOK, Server


@pytest.fixture
def nok(meet) -> Person:
    """Nok with a phone of her own, which may lose its signal."""
    return meet(NOK, offline=True, viewport=PHONE)


@pytest.fixture
def shop(nok, ben) -> str:
    """A new list, open on both phones and kept on hers. Its address."""
    address = nok.begins_list(own_word("Shop "))
    ben.goes_to(address)
    kept(nok)
    return address


@pytest.fixture
def device(tmp_path: Path, browser, server) -> Iterator[Callable[[], BrowserContext]]:
    """`device()`: a browser that is started with what it knew when it was closed."""
    open_now: list[BrowserContext] = []

    def start() -> BrowserContext:
        for context in open_now:
            context.close()
        folder = tmp_path / "device"
        made = browser.browser_type.launch_persistent_context(
            folder, executable_path=CHROMIUM, args=["--no-sandbox"], viewport=PHONE, locale="en-GB"
        )
        made.set_default_timeout(PATIENCE)
        open_now[:] = [made]
        return made

    yield start
    for context in open_now:
        context.close()


@pytest.fixture(scope="module")
def machine(tmp_path_factory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("offline") / "data") as machine:
        yield machine
