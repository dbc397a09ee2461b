"""Somebody pulls the plug. What was shown as done is done, and what was asked is answered, once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.people import own_word
from tests.server import BEN, NOK, Server, Visitor


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own, for its plug is pulled."""
    with Server(tmp_path_factory.mktemp("machine") / "data") as machine:
        yield machine


@pytest.fixture
def lone(machine) -> Server:
    """It, running, whatever the test before did to it."""
    if machine.process is None:
        machine.start()
    return machine


@pytest.fixture
def her(meet, lone):
    """Nok, at that server."""
    return meet(NOK, at=lone, offline=True)


def cut_and_start(server: Server) -> None:
    server.kill()
    server.start()


def test_nothing_that_was_shown_is_lost(her, lone):
    address = her.begins_list(own_word("Shop "))
    her.adds("2 kg rice, 6 eggs")
    her.ticks("Eggs")
    her.sees_got("Eggs")
    her.sees_to_get("Rice", "2 kg")

    cut_and_start(lone)

    her.goes_to(address)  # still signed in: the secret key is the same
    her.sees_got("Eggs")
    her.sees_to_get("Rice", "2 kg")


def test_the_open_page_finds_back_by_itself(her, lone):
    address = her.begins_list(own_word("Shop "))
    her.adds("2 kg rice")
    her.sees_to_get("Rice", "2 kg")
    her.field.press_sequentially("half a sent")
    banner = her.page.get_by_text("Offline. What you see may be out of date. Reconnecting…")
    expect(banner).to_be_hidden()

    lone.kill()
    expect(banner).to_be_visible()
    her.field.press_sequentially("ence")
    her.to_get("Rice").locator(".entry__tick").click()
    expect(her.page.get_by_text("1 change waiting.")).to_be_visible()
    expect(her.page.locator(".toast")).to_have_count(0)

    lone.start()
    with closing(Visitor(lone, BEN)) as ben:
        ben.post(f"{address}add", data={"text": "3 lemons", "op_id": str(uuid4())})
    expect(banner).to_be_hidden(timeout=45_000)
    her.sees_to_get("Lemons", "3")
    expect(her.field).to_have_value("half a sentence")
    her.sees_got("Rice")
    expect(her.page.get_by_text("1 change waiting.")).to_be_hidden()


def test_what_pixie_was_told_before_the_cut_is_done_once_after_it(her, lone):
    address = her.begins_list(own_word("Shop "))
    told = {"plums": "3", "pears": "4", "leeks": "5", "limes": "6"}

    def tell(thing: str) -> str:
        form = {"body": f"add {told[thing]} {thing}", "op_id": str(uuid4())}
        try:
            answer = visitor.post(f"/h/{her.home}/tell", data=form, follow_redirects=False)
        except httpx.TransportError:
            return ""  # the plug was out by then: nobody promised anything
        return thing if answer.status_code == httpx.codes.FOUND else ""

    with closing(Visitor(lone, NOK)) as visitor, ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(tell, thing) for thing in told]
        assert answers[0].result() == "plums"
        lone.kill()
        accepted = [thing for answer in answers if (thing := answer.result())]
    lone.start()

    her.goes_to_pixie()
    for thing in accepted:
        said = her.page.locator("#talk .message--mine").filter(has_text=f"add {told[thing]} {thing}")
        expect(said).to_have_count(1)
    heard = her.page.locator("#talk .message--pixie:not(#awaited)")
    for thing in accepted:
        expect(heard.filter(has_text=thing.title())).to_have_count(1)
    her.goes_to(address)
    for thing in accepted:
        her.sees_to_get(thing.title(), told[thing])


def test_the_second_start_keeps_everything(her, lone):
    address = her.begins_list(own_word("Shop "))
    her.adds("2 kg rice")
    secret = sorted(path for path in lone.folder.rglob("*") if "secret" in path.name)
    before = [path.read_bytes() for path in secret]

    lone.stop()
    lone.start()

    assert secret and [path.read_bytes() for path in secret] == before
    her.goes_to(address)
    her.sees_to_get("Rice", "2 kg")
    expect(her.page.locator("h1")).not_to_have_text("Sign in")
