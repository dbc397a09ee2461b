"""Crashes of the server: shown changes survive, and accepted requests are answered once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.person import unique_name
from tests.server import BEN, NOK, Server, Visitor


@pytest.fixture(scope="module")
def crashing_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a separate server, which the tests kill."""
    with Server(tmp_path_factory.mktemp("crashing_server") / "data") as crashing_server:
        yield crashing_server


@pytest.fixture
def running_server(crashing_server) -> Server:
    """Return the server, started again if the previous test left it stopped."""
    if crashing_server.process is None:
        crashing_server.start()
    return crashing_server


@pytest.fixture
def nok(open_browser, running_server):
    """Nok, signed in at the server that is killed."""
    return open_browser(NOK, at=running_server, offline=True)


def crash_and_restart(server: Server) -> None:
    server.kill()
    server.start()


@pytest.mark.slow
def test_shown_changes_survive_a_crash(nok, running_server):
    address = nok.create_list(unique_name("Shop "))
    nok.add_items("2 kg rice, 6 eggs")
    nok.tick("Eggs")
    nok.expect_in_basket("Eggs")
    nok.expect_pending("Rice", "2 kg")

    crash_and_restart(running_server)

    nok.goto(address)  # still signed in, because the secret key is stored
    nok.expect_in_basket("Eggs")
    nok.expect_pending("Rice", "2 kg")


@pytest.mark.slow
def test_open_page_reconnects_after_a_crash(nok, running_server):
    address = nok.create_list(unique_name("Shop "))
    nok.add_items("2 kg rice")
    nok.expect_pending("Rice", "2 kg")
    nok.field.press_sequentially("half a sent")
    banner = nok.page.get_by_text("Offline. What you see may be out of date. Reconnecting…")
    expect(banner).to_be_hidden()

    running_server.kill()
    expect(banner).to_be_visible()
    nok.field.press_sequentially("ence")
    nok.pending_entry("Rice").locator(".entry__tick").click()
    expect(nok.page.get_by_text("1 change waiting.")).to_be_visible()
    expect(nok.page.locator(".toast")).to_have_count(0)

    running_server.start()
    with closing(Visitor(running_server, BEN)) as ben:
        ben.post(f"{address}add", data={"text": "3 lemons", "op_id": str(uuid4())})
    expect(banner).to_be_hidden(timeout=45_000)
    nok.expect_pending("Lemons", "3")
    expect(nok.field).to_have_value("half a sentence")
    nok.expect_in_basket("Rice")
    expect(nok.page.get_by_text("1 change waiting.")).to_be_hidden()


def test_accepted_requests_are_answered_once_after_a_crash(nok, running_server):
    address = nok.create_list(unique_name("Shop "))
    amounts = {"plums": "3", "pears": "4", "leeks": "5", "limes": "6"}

    def tell(thing: str) -> str:
        form = {"body": f"add {amounts[thing]} {thing}", "op_id": str(uuid4())}
        try:
            response = visitor.post(f"/h/{nok.home}/tell", data=form, follow_redirects=False)
        except httpx.TransportError:
            return ""  # the server was already killed, so it accepted nothing
        return thing if response.status_code == httpx.codes.FOUND else ""

    with closing(Visitor(running_server, NOK)) as visitor, ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(tell, thing) for thing in amounts]
        assert answers[0].result() == "plums"
        running_server.kill()
        accepted = [thing for answer in answers if (thing := answer.result())]
    running_server.start()

    nok.open_pixie_chat()
    for thing in accepted:
        message = nok.page.locator("#message-list .message--mine").filter(has_text=f"add {amounts[thing]} {thing}")
        expect(message).to_have_count(1)
    replies = nok.page.locator("#message-list .message--pixie:not(#awaited)")
    for thing in accepted:
        expect(replies.filter(has_text=thing.title())).to_have_count(1)
    nok.goto(address)
    for thing in accepted:
        nok.expect_pending(thing.title(), amounts[thing])


def test_restart_keeps_secrets_and_data(nok, running_server):
    address = nok.create_list(unique_name("Shop "))
    nok.add_items("2 kg rice")
    secret = sorted(path for path in running_server.folder.rglob("*") if "secret" in path.name)
    before = [path.read_bytes() for path in secret]

    running_server.stop()
    running_server.start()

    assert secret and [path.read_bytes() for path in secret] == before
    nok.goto(address)
    nok.expect_pending("Rice", "2 kg")
    expect(nok.page.locator("h1")).not_to_have_text("Sign in")
