"""Fixtures for browser tests. A test fails if it leaves an error in the browser's console or the server's log."""

import re
from collections import defaultdict
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

from tests.e2e.browser import CHROMIUM, CHROMIUM_OPTIONS, sign_in
from tests.e2e.person import Person
from tests.server import BEN, NOK, Server, Visitor

TIMEOUT_MS = 60_000
PHONE: ViewportSize = {"width": 390, "height": 844}
# Chromium logs refused requests (422, and 410 for a used link) as errors; so does htmx for replaced requests.
EXPECTED_ERRORS = re.compile(r"status of (410|422)\b|signal is aborted")
# Errors of a page whose server or network is gone, which some tests cause on purpose.
OFFLINE_ERRORS = re.compile(
    r"ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INTERNET_DISCONNECTED|ERR_FAILED|"
    r"Failed to fetch|WebSocket connection to|status of (401|429)"
)

OpenBrowser = Callable[..., Person]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run a test in the browser once more when it fails. No other test is; `python -m tests` names those that were."""
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run the server that `make run` starts, with the demo home."""
    with Server(tmp_path_factory.mktemp("server") / "data") as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.fail(
            "These tests need Chromium. Install it (on Debian and Ubuntu: apt-get install chromium), "
            "or set CHROMIUM=/path/to/chromium"
        )
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def signed_in(browser: Browser) -> Callable[[Server, str], tuple[BrowserContext, str]]:
    """Return a function that gives a person's browser context and home id. Each person signs in once."""
    sessions: dict[tuple[str, str], tuple[BrowserContext, str]] = {}

    def get_context(server: Server, email: str) -> tuple[BrowserContext, str]:
        if (server.url, email) not in sessions:
            context = browser.new_context(viewport=PHONE, locale="en-GB")
            page = context.new_page()
            sessions[server.url, email] = context, sign_in(page, server, email)
            page.close()
        return sessions[server.url, email]

    return get_context


@pytest.fixture(scope="session")
def idle_pages() -> dict[BrowserContext, list[Page]]:
    """Blank pages to use again, because opening and closing one costs Chromium as much as a short test."""
    return defaultdict(list)


@pytest.fixture
def open_browser(
    browser: Browser,
    request: pytest.FixtureRequest,
    signed_in: Callable[[Server, str], tuple[BrowserContext, str]],
    idle_pages: dict[BrowserContext, list[Page]],
) -> Iterator[OpenBrowser]:
    """Return a function that opens a page: `open_browser()` for a stranger, `open_browser(NOK)` for a member.

    Errors on the page fail the test; `offline=True` tolerates those of a lost connection,
    `refused=400` responses with that status. Other options are those of
    a Playwright context, which is then a new one. Without any of these, a member's page is one that other tests use,
    too, so it must get no init script and no route of its sockets.
    """
    cleanups: list[Callable[[], None]] = []
    errors: list[str] = []

    def open_page(
        email: str = "", *, at: Server | None = None, offline: bool = False, refused: int = 0, **options: Any
    ) -> Person:
        target = at or request.getfixturevalue("server")
        context, home = signed_in(target, email) if email else (None, "")
        if context is None or options:
            state = context.storage_state() if context else None
            context = browser.new_context(**{"viewport": PHONE, "locale": "en-GB", "storage_state": state, **options})
            cleanups.append(context.close)
        is_shared = bool(email) and not (at or offline or refused or options)
        page = idle_pages[context].pop() if is_shared and idle_pages[context] else context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        tolerated = [OFFLINE_ERRORS.pattern] * offline + [rf"status of {refused}\b"] * bool(refused)
        ignore_errors = _collect_errors(page, errors, re.compile("|".join(tolerated)) if tolerated else None)

        def put_away() -> None:
            _clear_intents(page)
            if is_shared and not page.is_closed():
                ignore_errors()
                _reset(page)
                idle_pages[page.context].append(page)
            else:
                page.close()

        cleanups.insert(0, put_away)
        return Person(page, target, home)

    yield open_page
    for cleanup in cleanups:
        cleanup()
    assert errors == []


# Unsent changes and notices stay in the browser, and would be shown on the page of the next test.
CLEAR_INTENTS = """async () => {
  if (!globalThis.indexedDB?.databases || !(await indexedDB.databases()).some(({ name }) => name === "pantry")) return;
  await new Promise((done) => {
    const request = indexedDB.open("pantry");
    request.onerror = done;
    request.onsuccess = () => {
      const change = request.result.transaction("intents", "readwrite");
      change.objectStore("intents").clear();
      change.oncomplete = change.onabort = () => (request.result.close(), done());
    };
  });
}"""


def _clear_intents(page: Page) -> None:
    if not page.is_closed():
        with suppress(PlaywrightError):  # a blank page has no database
            page.evaluate(CLEAR_INTENTS)


def _reset(page: Page) -> None:
    """Make the page like a new one."""
    page.unroute_all()
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="light")
    page.goto("about:blank")


def _collect_errors(page: Page, errors: list[str], tolerated: re.Pattern[str] | None) -> Callable[[], None]:
    """Add what goes wrong on the page to the errors, until the returned function is called."""

    def on_console(message: ConsoleMessage) -> None:
        text = message.text
        if message.type == "error" and not EXPECTED_ERRORS.search(text) and not (tolerated and tolerated.search(text)):
            errors.append(f"console: {text} ({page.url})")

    def on_page_error(error: PlaywrightError) -> None:
        if page.url != "about:blank":  # not one of our pages
            errors.append(f"script: {error} ({page.url})")

    def on_response(response: Response) -> None:
        if response.status >= 500 and not (tolerated and tolerated.search(f"status of {response.status}")):
            errors.append(f"{response.status}: {response.request.method} {response.url}")

    def on_dialog(dialog: Dialog) -> None:
        errors.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    listeners: dict[Any, Callable[[Any], None]] = {
        "console": on_console, "pageerror": on_page_error, "response": on_response, "dialog": on_dialog,
    }  # fmt: skip
    for event, listener in listeners.items():
        page.on(event, listener)

    def stop() -> None:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)

    return stop


@pytest.fixture
def nok(open_browser: OpenBrowser) -> Person:
    """Nok, signed in on a phone."""
    return open_browser(NOK)


@pytest.fixture
def ben(open_browser: OpenBrowser) -> Person:
    return open_browser(BEN)


@pytest.fixture(scope="session")
def visitor(server: Server) -> Iterator[Callable[[str], Visitor]]:
    """Return a function that gives a person's HTTP client, signed in once."""
    clients: dict[str, Visitor] = {}

    def get_client(email: str) -> Visitor:
        if email not in clients:
            clients[email] = Visitor(server, email)
        return clients[email]

    yield get_client
    for client in clients.values():
        client.close()


@pytest.fixture(autouse=True)
def clean_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail if the test left a traceback in the server's log."""
    if not {"server", "open_browser", "nok", "ben", "visitor"} & set(request.fixturenames):
        yield
        return
    server: Server = request.getfixturevalue("server")
    path = server.folder.parent / f"{server.folder.name}.log"
    before = path.stat().st_size
    yield
    log = path.read_text(errors="replace")[before:]
    assert "Traceback" not in log, log[-4000:]
