"""Messages over the rate limit wait on the device."""

import time

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE
from tests.e2e.offline.phone import expect_waiting, go_offline, go_online, wait_for_cached_page, wait_until_saved
from tests.e2e.person import unique_name
from tests.server import NOK, Server

BANNER = "That was a lot at once. The rest will be sent soon."
RETRY_AFTER_SECONDS = 10


@pytest.fixture(scope="module")
def limiting_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("limit") / "data"
    with Server(folder, settings={"RATE_CHAT": "3/5s/user"}) as limiting_server:
        yield limiting_server


def record_requests(person):
    """Return a list that grows by the time of each request that sends intents."""
    sent_at: list[float] = []
    person.page.on("request", lambda request: request.url.endswith("/intents") and sent_at.append(time.monotonic()))
    return sent_at


def write(person, text):
    person.page.locator("#text-message").fill(text)
    person.page.locator("#text-message").press("Enter")
    expect(person.page.locator("#message-list .message--mine").filter(has_text=text)).to_have_count(1)


@pytest.mark.slow
def test_offline_messages_over_the_limit_are_sent_in_order(open_browser, limiting_server):
    nok = open_browser(NOK, at=limiting_server, offline=True, viewport=PHONE)
    nok.create_room(unique_name("r").lower())
    wait_for_cached_page(nok)
    go_offline(nok)
    texts = ["one", "two", "three", "four", "five"]
    for text in texts:
        write(nok, text)
    expect_waiting(nok, 5)
    go_online(nok)
    nok.expect_text(BANNER)
    wait_until_saved(nok)
    nok.page.reload()
    expect(nok.page.locator("#message-list .message--mine .bubble")).to_have_text(texts)


def test_queue_waits_for_retry_after_across_pages(nok):
    nok.create_room(unique_name("r").lower())
    refusal = {"error": {"code": "throttled", "message": "Too many."}}
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    nok.page.route("**/intents", lambda route: route.fulfill(status=429, headers=headers, json=refusal), times=1)
    sent_at = record_requests(nok)
    write(nok, "one")
    nok.expect_text(BANNER)
    nok.page.reload()
    nok.expect_text(BANNER)
    write(nok, "two")
    expect(nok.page.locator(".connection")).to_contain_text("2 changes waiting.")
    expect(nok.page.locator("#message-list .message--mine .waits")).to_have_count(2)
    assert len(sent_at) == 1
    expect(nok.page.locator(".connection")).to_be_hidden()
    expect(nok.page.locator("#message-list .message--mine .bubble")).to_have_text(["one", "two"])
    assert len(sent_at) == 2
    assert sent_at[1] - sent_at[0] >= RETRY_AFTER_SECONDS
