"""The real product, a real browser, and people in front of it. No test may leave an error in the console or the log."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, StorageState, expect, sync_playwright

from tests.e2e.browser import CHROMIUM, sign_in
from tests.e2e.people import Person
from tests.server import BEN, NOK, Server, Visitor

PATIENCE = 20_000  # milliseconds; only a broken product ever waits so long
PHONE = {"width": 390, "height": 844}
# Chromium reports an answer that says no (422, and 410 for a link that was used) as if it were a fault of the page.
SAID_NO = re.compile(r"status of (410|422)\b")
# … and a server that is gone, which is what a test of a power cut is about.
GONE = re.compile(r"ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket connection to")

Somebody = Callable[..., Person]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """What `make run` starts, with the demo household in it."""
    with Server(tmp_path_factory.mktemp("server") / "data") as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.fail(
            "These tests need Chromium, and there is none. Install it (on Debian and Ubuntu: apt-get install chromium), "
            "or name one: CHROMIUM=/path/to/chromium"
        )
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def signed_in(browser: Browser) -> Callable[[Server, str], tuple[StorageState, str]]:
    """The cookies of a person, and their home. Each signs in once, through the form; a new context begins with them."""
    known: dict[tuple[str, str], tuple[StorageState, str]] = {}

    def come_in(server: Server, email: str) -> tuple[StorageState, str]:
        if (server.url, email) not in known:
            context = browser.new_context(locale="en-GB")
            home = sign_in(context.new_page(), server, email)
            known[server.url, email] = context.storage_state(), home
            context.close()
        return known[server.url, email]

    return come_in


@pytest.fixture
def meet(
    browser: Browser, request: pytest.FixtureRequest, signed_in: Callable[[Server, str], tuple[StorageState, str]]
) -> Iterator[Somebody]:
    """`meet()`: a stranger with a phone. `meet(NOK)`: a member who is signed in. Whatever their browser complains
    of fails the test; `offline=True` allows that the server was gone."""
    met: list[tuple[Any, list[str]]] = []

    def somebody(email: str = "", *, at: Server | None = None, offline: bool = False, **options: Any) -> Person:
        where = at or request.getfixturevalue("server")
        state, home = signed_in(where, email) if email else (None, "")
        context = browser.new_context(**{"viewport": PHONE, "locale": "en-GB", "storage_state": state, **options})
        context.set_default_timeout(PATIENCE)
        page, complaints = context.new_page(), list[str]()
        _listen(page, complaints, tolerated=GONE if offline else None)
        met.append((context, complaints))
        return Person(page, where, home)

    yield somebody
    for context, _complaints in met:
        context.close()
    assert [complaint for _context, complaints in met for complaint in complaints] == []


def _listen(page: Page, complaints: list[str], tolerated: re.Pattern[str] | None) -> None:
    def console(message: ConsoleMessage) -> None:
        text = message.text
        if message.type == "error" and not SAID_NO.search(text) and not (tolerated and tolerated.search(text)):
            complaints.append(f"console: {text} ({page.url})")

    def answered(response: Response) -> None:
        if response.status >= 500:
            complaints.append(f"{response.status}: {response.request.method} {response.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: complaints.append(f"script: {error} ({page.url})"))
    page.on("response", answered)
    page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))


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
