"""What is done without a signal."""

import re
import signal

from playwright.sync_api import expect

from tests.e2e.browser import sign_in
from tests.e2e.conftest import PHONE
from tests.e2e.offline.phone import (
    STILL_THERE,
    adds,
    comes_up,
    goes_down,
    kept,
    kept_with,
    removes,
    saved,
    waiting,
    watch,
)
from tests.e2e.people import Person, own_word
from tests.server import NOK


def test_fault_6_what_is_done_in_the_basement_stays_done(nok, ben, shop):
    nok.adds("bread, jam, 2 melons, salt")
    nok.sees_to_get("Salt", "1")
    kept_with(nok, "Salt")
    goes_down(nok)
    adds(nok, "6 eggs")
    waiting(nok, 1)
    nok.ticks("Bread")
    nok.opens_row("Melons").get_by_role("button", name="More").click()
    expect(nok.to_get("Melons").locator(".qty__value")).to_have_text("3")
    removes(nok, "Jam")
    expect(nok.to_get("Jam")).to_be_hidden()
    nok.opens_row("Salt").get_by_role("link", name="Edit", exact=True).click()
    nok.page.locator("#change").get_by_label("Note").fill("the coarse one")
    nok.presses("Save")
    waiting(nok, 5)

    for _again in range(2):
        expect(nok.page.locator("#waiting .entry__name")).to_have_text("6 eggs")
        expect(nok.page.locator(".entry--got").filter(has_text="Bread")).to_have_count(1)
        expect(nok.to_get("Melons").locator(".qty__value")).to_have_text("3")
        expect(nok.to_get("Jam")).to_be_hidden()
        expect(nok.to_get("Salt").locator(".waits")).to_be_visible()
        nok.page.reload()

    comes_up(nok)
    saved(nok)
    for person in (nok, ben):
        person.sees_to_get("Eggs", "6")
        person.sees_got("Bread")
        person.sees_to_get("Melons", "3")
        person.sees_nothing_of("Jam")
        expect(person.to_get("Salt")).to_contain_text("the coarse one")
    expect(nok.page.locator(".waits")).to_have_count(0)


def test_what_was_added_without_a_signal_can_be_ticked_and_taken_back(nok, ben, shop):
    goes_down(nok)
    adds(nok, "6 eggs, 2 l milk")
    expect(nok.page.locator("#waiting .entry")).to_have_count(2)
    nok.page.locator("#waiting .entry").filter(has_text="6 eggs").locator(".entry__tick").click()
    nok.page.locator("#waiting .entry").filter(has_text="2 l milk").get_by_role("button", name="Cancel").click()
    waiting(nok, 2)
    comes_up(nok)
    ben.sees_got("Eggs")
    nok.sees_got("Eggs")
    nok.sees_nothing_of("Milk")
    ben.sees_nothing_of("Milk")


def test_a_message_waits_where_it_will_stand(nok, ben, shop):
    room = nok.opens_room(own_word("r").lower())
    kept(nok)
    goes_down(nok)
    nok.page.locator("#text-message").fill("In the basement")
    nok.page.locator("#text-message").press("Enter")
    said = nok.page.locator("#talk .message--mine").filter(has_text="In the basement")
    expect(said.locator(".waits")).to_be_visible()
    nok.page.reload()
    expect(said.locator(".waits")).to_be_visible()
    comes_up(nok)
    saved(nok)
    expect(said).to_have_count(1)
    expect(said.locator(".waits")).to_have_count(0)
    ben.goes_to(room)
    expect(ben.message("In the basement")).to_have_count(1)


def test_what_pixie_is_told_without_a_signal_is_done_after_it(nok, ben, shop):
    nok.goes_to("")
    kept(nok)
    goes_down(nok)
    nok.page.locator("#tell-text").fill("add 7 mangoes")
    nok.page.locator("#tell").get_by_role("button", name="Send").click()
    expect(nok.page.locator(".connection")).to_contain_text("1 change waiting.")
    comes_up(nok)
    nok.goes_to(shop)
    nok.sees_to_get("Mangoes", "7")
    ben.sees_to_get("Mangoes", "7")


def test_an_answer_that_was_lost_is_asked_for_again_and_nothing_done_twice(nok, ben, shop):
    cut: list[int] = []

    def lose(route) -> None:
        cut.append(route.fetch().status)
        route.abort()

    nok.page.route("**/intents", lose, times=1)
    adds(nok, "2 eggs")
    nok.sees_to_get("Eggs", "2")
    adds(nok, "bread")
    nok.sees_to_get("Bread", "1")
    assert cut == [200]
    nok.page.wait_for_function(f"async () => (await {STILL_THERE}) === 0")
    nok.sees_to_get("Eggs", "2")
    ben.sees_to_get("Eggs", "2")


def test_two_tabs_send_once(nok, ben, shop):
    other = Person(nok.page.context.new_page(), nok.server, nok.home)
    other.goes_to(shop)
    goes_down(nok)
    adds(nok, "2 eggs")
    adds(other, "3 limes")
    waiting(nok, 2)
    waiting(other, 2)
    comes_up(nok)
    for person in (nok, other, ben):
        person.sees_to_get("Eggs", "2")
        person.sees_to_get("Limes", "3")
    saved(nok)
    other.page.close()


def test_the_queue_outlives_the_browser(device, machine):
    nok = Person(device().new_page(), machine)
    nok.home = sign_in(nok.page, machine, NOK)
    shop = nok.begins_list(own_word("Shop "))
    kept(nok)
    machine.kill()  # and not the signal of a browser: one that is started has it, and sends at once
    nok.reads(re.compile("^Offline"))
    adds(nok, "6 eggs")
    waiting(nok, 1)

    nok.page = device().new_page()
    nok.page.goto(f"{machine.url}/")  # as the icon on the phone does
    nok.page.goto(shop)
    waiting(nok, 1)
    expect(nok.page.locator("#waiting .entry__name")).to_have_text("6 eggs")
    watch(nok)
    machine.start()
    saved(nok)
    nok.sees_to_get("Eggs", "6")


def test_a_server_that_is_gone_and_one_that_is_slow_are_no_signal_either(meet, machine):
    if machine.process is None:
        machine.start()
    nok = meet(NOK, at=machine, offline=True, viewport=PHONE)
    nok.begins_list(own_word("Shop "))
    kept(nok)
    machine.process.send_signal(signal.SIGSTOP)  # it takes what comes, and does not answer
    try:
        nok.page.reload()
        adds(nok, "6 eggs")
        waiting(nok, 1)
    finally:
        machine.process.send_signal(signal.SIGCONT)
    nok.sees_to_get("Eggs", "6")

    machine.kill()
    nok.reads(re.compile("^Offline"))
    adds(nok, "2 limes")
    nok.page.reload()
    waiting(nok, 1)
    machine.start()
    nok.sees_to_get("Limes", "2")
    nok.sees_to_get("Eggs", "6")


def test_a_browser_that_keeps_nothing_says_so_and_sends_all_the_same(nok, ben, shop):
    nok.page.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('full') }")
    nok.page.reload()
    goes_down(nok)
    adds(nok, "6 eggs")
    nok.reads("This browser can't store changes. Keep this page open until everything is saved.")
    comes_up(nok)
    nok.sees_to_get("Eggs", "6")
    ben.sees_to_get("Eggs", "6")
