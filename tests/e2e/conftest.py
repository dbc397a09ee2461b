"""The real product, a real browser, and people in front of it. No test may leave an error in the console or the log."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Response,
    ViewportSize,
    expect,
    sync_playwright,
)
from playwright.sync_api import Error as PlaywrightError

from tests.e2e.browser import CHROMIUM, sign_in
from tests.e2e.people import Person
from tests.server import BEN, NOK, Server, Visitor

PATIENCE = 60_000  # milliseconds; only a broken product ever waits so long
PHONE: ViewportSize = {"width": 390, "height": 844}
# Chromium reports an answer that says no (422, and 410 for a link that was used) as if it were a fault of the page.
# htmx does so of a question that a newer one replaced.
HARMLESS = re.compile(r"status of (410|422)\b|signal is aborted")
# … and a server that is gone, which is what a test of a power cut is about.
GONE = re.compile(
    r"ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INTERNET_DISCONNECTED|ERR_FAILED|"
    r"Failed to fetch|WebSocket connection to|status of 401"
)

Somebody = Callable[..., Person]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run a test in the browser once more when it fails. No other test is; `python -m tests` names those that were."""
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """What `make run` starts, with the demo household in it."""
    with Server(tmp_path_factory.mktemp("server") / "data") as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.fail(
            "These tests need Chromium, and there is none. Install it (on Debian and Ubuntu: apt-get install "
            "chromium), or name one: CHROMIUM=/path/to/chromium"
        )
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def signed_in(browser: Browser) -> Callable[[Server, str], tuple[BrowserContext, str]]:
    """The browser of a person, and the home they land in. Each has one, and signs in once, through the form."""
    known: dict[tuple[str, str], tuple[BrowserContext, str]] = {}

    def come_in(server: Server, email: str) -> tuple[BrowserContext, str]:
        if (server.url, email) not in known:
            context = browser.new_context(viewport=PHONE, locale="en-GB")
            page = context.new_page()
            known[server.url, email] = context, sign_in(page, server, email)
            page.close()
        return known[server.url, email]

    return come_in


@pytest.fixture
def meet(
    browser: Browser, request: pytest.FixtureRequest, signed_in: Callable[[Server, str], tuple[BrowserContext, str]]
) -> Iterator[Somebody]:
    """`meet()`: a stranger with a phone of their own. `meet(NOK)`: a member, signed in.

    An error in the console fails the test; `offline=True` allows that the server was gone. Other options make a
    browser context of their own.
    """
    leaving: list[Callable[[], None]] = []
    complaints: list[str] = []

    def somebody(email: str = "", *, at: Server | None = None, offline: bool = False, **options: Any) -> Person:
        where = at or request.getfixturevalue("server")
        context, home = signed_in(where, email) if email else (None, "")
        if context is None or options:
            state = context.storage_state() if context else None
            context = browser.new_context(**{"viewport": PHONE, "locale": "en-GB", "storage_state": state, **options})
            leaving.append(context.close)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        _listen(page, complaints, tolerated=GONE if offline else None)
        leaving.insert(0, lambda: _leave(page))
        return Person(page, where, home)

    yield somebody
    for leave in leaving:
        leave()
    assert complaints == []


# A browser keeps what was not sent or came out otherwise, and tells of it until it was seen: on the next test's page.
FORGET = """async () => {
  if (!globalThis.indexedDB?.databases || !(await indexedDB.databases()).some(({ name }) => name === "pantry")) return;
  await new Promise((done) => {
    const asked = indexedDB.open("pantry");
    asked.onerror = done;
    asked.onsuccess = () => {
      const change = asked.result.transaction("intents", "readwrite");
      change.objectStore("intents").clear();
      change.oncomplete = change.onabort = () => (asked.result.close(), done());
    };
  });
}"""


def _leave(page: Page) -> None:
    if not page.is_closed():
        with suppress(PlaywrightError):  # a page that shows nothing has nothing to forget
            page.evaluate(FORGET)
        page.close()


def _listen(page: Page, complaints: list[str], tolerated: re.Pattern[str] | None) -> None:
    def console(message: ConsoleMessage) -> None:
        text = message.text
        if message.type == "error" and not HARMLESS.search(text) and not (tolerated and tolerated.search(text)):
            complaints.append(f"console: {text} ({page.url})")

    def broke(error: PlaywrightError) -> None:
        if page.url != "about:blank":  # that one is not ours
            complaints.append(f"script: {error} ({page.url})")

    def answered(response: Response) -> None:
        if response.status >= 500:
            complaints.append(f"{response.status}: {response.request.method} {response.url}")

    def asked(dialog: Dialog) -> None:
        complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("console", console)
    page.on("pageerror", broke)
    page.on("response", answered)
    page.on("dialog", asked)


@pytest.fixture
def nok(meet: Somebody) -> Person:
    """At her phone, signed in."""
    return meet(NOK)


@pytest.fixture
def ben(meet: Somebody) -> Person:
    return meet(BEN)


@pytest.fixture(scope="session")
def visitor(server: Server) -> Iterator[Callable[[str], Visitor]]:
    """`visitor(MAI)`: the person over HTTP alone, signed in once."""
    known: dict[str, Visitor] = {}

    def somebody(email: str) -> Visitor:
        if email not in known:
            known[email] = Visitor(server, email)
        return known[email]

    yield somebody
    for client in known.values():
        client.close()


@pytest.fixture(autouse=True)
def clean_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing that the test did may have broken anything in the server."""
    if not {"server", "meet", "nok", "ben", "visitor"} & set(request.fixturenames):
        yield
        return
    server: Server = request.getfixturevalue("server")
    path = server.folder.parent / f"{server.folder.name}.log"
    before = path.stat().st_size
    yield
    told = path.read_text(errors="replace")[before:]
    assert "Traceback" not in told, told[-4000:]
