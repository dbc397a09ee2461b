"""Changes made while offline."""

import re
import signal

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import sign_in, wait_for_result
from tests.e2e.conftest import PHONE
from tests.e2e.offline.phone import (
    COUNT_INTENTS,
    add_with_enter,
    expect_waiting,
    go_offline,
    go_online,
    record_connection_texts,
    remove_entry,
    wait_for_cached_page,
    wait_for_cached_text,
    wait_until_saved,
)
from tests.e2e.person import Person, unique_name
from tests.server import NOK


def test_offline_changes_survive_reload_and_are_sent(nok, ben, shop):
    nok.add_items("bread, jam, 2 melons, salt")
    nok.expect_pending("Salt", "1")
    wait_for_cached_text(nok, "Salt")
    go_offline(nok)
    add_with_enter(nok, "6 eggs")
    expect_waiting(nok, 1)
    nok.tick("Bread")
    nok.expand_entry("Melons").get_by_role("button", name="More").click()
    expect(nok.pending_entry("Melons").locator(".qty__value")).to_have_text("3")
    remove_entry(nok, "Jam")
    expect(nok.pending_entry("Jam")).to_be_hidden()
    nok.expand_entry("Salt").get_by_role("link", name="Edit", exact=True).click()
    nok.page.locator("#change").get_by_label("Note").fill("the coarse one")
    nok.press("Save")
    expect_waiting(nok, 5)

    for _ in range(2):
        expect(nok.page.locator("#waiting .entry__name")).to_have_text("6 eggs")
        expect(nok.page.locator(".entry--got").filter(has_text="Bread")).to_have_count(1)
        expect(nok.pending_entry("Melons").locator(".qty__value")).to_have_text("3")
        expect(nok.pending_entry("Jam")).to_be_hidden()
        expect(nok.pending_entry("Salt").locator(".waits")).to_be_visible()
        nok.page.reload()

    go_online(nok)
    wait_until_saved(nok)
    for person in (nok, ben):
        person.expect_pending("Eggs", "6")
        person.expect_in_basket("Bread")
        person.expect_pending("Melons", "3")
        person.expect_no_entry("Jam")
        expect(person.pending_entry("Salt")).to_contain_text("the coarse one")
    expect(nok.page.locator(".waits")).to_have_count(0)


def test_ticks_and_amounts_are_undone_offline(nok, ben, shop):
    nok.add_items("bread, 2 melons")
    nok.expect_pending("Melons", "2")
    wait_for_cached_text(nok, "Melons")
    go_offline(nok)
    nok.tick("Bread")
    undo = nok.page.locator(".toast").get_by_role("button", name="Undo")
    undo.click()
    nok.expand_entry("Melons").get_by_role("button", name="More").click()
    undo.click()
    expect_waiting(nok, 4)
    nok.expect_pending("Bread", "1")
    nok.expect_pending("Melons", "2")
    go_online(nok)
    wait_until_saved(nok)
    for person in (nok, ben):
        person.expect_pending("Bread", "1")
        person.expect_pending("Melons", "2")


def test_going_shopping_works_offline(nok, ben, shop):
    nok.add_items("bread, jam")
    nok.expect_pending("Jam", "1")
    wait_for_cached_text(nok, "Jam")
    wait_for_result(nok.page, "async (url) => Boolean(await caches.match(url))", f"{shop}shop")
    go_offline(nok)
    nok.press("Go shopping")
    expect(nok.page).to_have_url(f"{shop}shop")
    nok.expect_pending("Jam", "1")
    nok.tick("Bread")
    nok.follow_link("Done")
    nok.page.get_by_label("Total of the receipt").fill("96")
    nok.page.get_by_role("dialog", name="Done shopping").get_by_role("button", name="Done").click()
    expect(nok.page).to_have_url(shop)
    expect_waiting(nok, 3)
    go_online(nok)
    wait_until_saved(nok)
    for person in (nok, ben):
        person.expect_in_basket("Bread")
        expect(person.page.locator("#basket")).to_contain_text("฿96")


def test_waiting_items_can_be_ticked_and_cancelled(nok, ben, shop):
    go_offline(nok)
    add_with_enter(nok, "6 eggs\n2 l milk")
    expect(nok.page.locator("#waiting .entry")).to_have_count(2)
    nok.page.locator("#waiting .entry").filter(has_text="6 eggs").locator(".entry__tick").click()
    nok.page.locator("#waiting .entry").filter(has_text="2 l milk").get_by_role("button", name="Cancel").click()
    expect_waiting(nok, 2)
    go_online(nok)
    ben.expect_in_basket("Eggs")
    nok.expect_in_basket("Eggs")
    nok.expect_no_entry("Milk")
    ben.expect_no_entry("Milk")


def test_offline_message_is_shown_as_waiting_and_sent_once(nok, ben, shop):
    room = nok.create_room(unique_name("r").lower())
    wait_for_cached_page(nok)
    go_offline(nok)
    nok.page.locator("#text-message").fill("In the basement")
    nok.page.locator("#text-message").press("Enter")
    message = nok.page.locator("#message-list .message--mine").filter(has_text="In the basement")
    expect(message.locator(".waits")).to_be_visible()
    nok.page.reload()
    expect(message.locator(".waits")).to_be_visible()
    go_online(nok)
    wait_until_saved(nok)
    expect(message).to_have_count(1)
    expect(message.locator(".waits")).to_have_count(0)
    ben.goto(room)
    expect(ben.message("In the basement")).to_have_count(1)


def test_offline_request_to_pixie_is_sent_later(nok, ben, shop):
    nok.goto("")
    wait_for_cached_page(nok)
    go_offline(nok)
    nok.page.locator("#tell-text").fill("add 7 mangoes")
    nok.page.locator("#tell").get_by_role("button", name="Send").click()
    expect(nok.page.locator(".connection")).to_contain_text("1 change waiting.")
    go_online(nok)
    nok.goto(shop)
    nok.expect_pending("Mangoes", "7")
    ben.expect_pending("Mangoes", "7")


def test_lost_response_is_retried_without_duplicates(nok, ben, shop):
    statuses: list[int] = []

    def drop_response(route) -> None:
        statuses.append(route.fetch().status)
        route.abort()

    nok.page.route("**/intents", drop_response, times=1)
    add_with_enter(nok, "2 eggs")
    nok.expect_pending("Eggs", "2")
    add_with_enter(nok, "bread")
    nok.expect_pending("Bread", "1")
    assert statuses == [200]
    wait_for_result(nok.page, f"async () => (await {COUNT_INTENTS}) === 0")
    nok.expect_pending("Eggs", "2")
    ben.expect_pending("Eggs", "2")


def test_two_tabs_send_waiting_changes_once(nok, ben, shop):
    other = Person(nok.page.context.new_page(), nok.server, nok.home)
    other.goto(shop)
    go_offline(nok)
    add_with_enter(nok, "2 eggs")
    add_with_enter(other, "3 limes")
    expect_waiting(nok, 2)
    expect_waiting(other, 2)
    go_online(nok)
    for person in (nok, other, ben):
        person.expect_pending("Eggs", "2")
        person.expect_pending("Limes", "3")
    wait_until_saved(nok)
    other.page.close()


@pytest.mark.slow
def test_waiting_changes_survive_a_browser_restart(device, crashing_server):
    nok = Person(device().new_page(), crashing_server)
    nok.home = sign_in(nok.page, crashing_server, NOK)
    shop = nok.create_list(unique_name("Shop "))
    wait_for_cached_page(nok)
    crashing_server.kill()  # not set_offline, which a restarted browser would forget
    nok.expect_text(re.compile("^Offline"))
    add_with_enter(nok, "6 eggs")
    expect_waiting(nok, 1)

    nok.page = device().new_page()
    nok.page.goto(f"{crashing_server.url}/")  # like the app's icon
    nok.page.goto(shop)
    expect_waiting(nok, 1)
    expect(nok.page.locator("#waiting .entry__name")).to_have_text("6 eggs")
    record_connection_texts(nok)
    crashing_server.start()
    wait_until_saved(nok)
    nok.expect_pending("Eggs", "6")


@pytest.mark.slow
def test_unreachable_and_unresponsive_servers_count_as_offline(open_browser, crashing_server):
    if crashing_server.process is None:
        crashing_server.start()
    nok = open_browser(NOK, at=crashing_server, offline=True, viewport=PHONE)
    nok.create_list(unique_name("Shop "))
    wait_for_cached_page(nok)
    crashing_server.process.send_signal(signal.SIGSTOP)  # accepts connections, but does not answer
    try:
        nok.page.reload()
        add_with_enter(nok, "6 eggs")
        expect_waiting(nok, 1)
    finally:
        crashing_server.process.send_signal(signal.SIGCONT)
    nok.expect_pending("Eggs", "6")

    crashing_server.kill()
    nok.expect_text(re.compile("^Offline"))
    add_with_enter(nok, "2 limes")
    nok.page.reload()
    expect_waiting(nok, 1)
    crashing_server.start()
    nok.expect_pending("Limes", "2")
    nok.expect_pending("Eggs", "6")


def test_browser_without_storage_warns_and_still_sends(nok, ben, shop):
    nok.page.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('full') }")
    nok.page.reload()
    go_offline(nok)
    add_with_enter(nok, "6 eggs")
    nok.expect_text("This browser can't store changes. Keep this page open until everything is saved.")
    go_online(nok)
    nok.expect_pending("Eggs", "6")
    ben.expect_pending("Eggs", "6")
