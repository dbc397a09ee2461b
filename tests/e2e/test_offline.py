"""Without a signal: everything opens, nothing done is lost, and afterwards all have the same list."""

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from tests.e2e.browser import CHROMIUM, sign_in
from tests.e2e.conftest import PATIENCE, PHONE
from tests.e2e.people import Person, own_word
from tests.server import BEN, NOK, PASSWORD, Server, Visitor

KEPT = "async () => Boolean(await caches.match(location.href)) && Boolean(navigator.serviceWorker.controller)"
KEPT_WITH = "async (word) => (await (await caches.match(location.href))?.text())?.includes(word)"
STILL_THERE = 'new Promise(done => indexedDB.open("pantry").onsuccess = ({target: {result}}) => '
STILL_THERE += 'result.transaction("intents").objectStore("intents").count().onsuccess = (e) => done(e.target.result))'


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


def kept(person: Person) -> None:
    """The page that is open could be opened without a signal."""
    person.page.wait_for_function(KEPT)


def kept_with(person: Person, word: str) -> None:
    """… and this would stand in it."""
    person.page.wait_for_function(KEPT_WITH, arg=word)


def goes_down(person: Person) -> None:
    person.page.context.set_offline(True)
    person.reads(re.compile("^No signal"))


def watch(person: Person) -> None:
    """Remember what the line says, for some of it is said for a moment only."""
    person.page.evaluate(
        """() => {
          const line = document.querySelector(".connection");
          window.said = [];
          new MutationObserver(() => said.push(line.textContent.trim())).observe(line, { childList: true });
        }"""
    )


def comes_up(person: Person) -> None:
    watch(person)
    person.page.context.set_offline(False)


def waiting(person: Person, count: int) -> None:
    what = "1 change waiting." if count == 1 else f"{count} changes waiting."
    expect(person.page.locator(".connection")).to_contain_text(what)
    person.page.wait_for_function(f"async () => (await {STILL_THERE}) === {count}")


def saved(person: Person) -> None:
    """All that waited has arrived, and it was said."""
    person.page.wait_for_function("() => said.includes('All saved.')")
    person.page.wait_for_function(f"async () => (await {STILL_THERE}) === 0")


def adds(person: Person, text: str) -> None:
    person.field.fill(text)
    person.field.press("Enter")
    expect(person.field).to_have_value("")


def removes(person: Person, name: str) -> None:
    person.opens_row(name).get_by_role("button", name="Remove").click()


def notice(person: Person) -> Locator:
    return person.page.locator(".outbox__notices .notice")


# Reading


def test_the_pages_that_were_open_open_without_a_signal(nok, shop):
    nok.adds("2 kg rice")
    nok.sees_to_get("Rice", "2 kg")
    kept_with(nok, nok.to_get("Rice").get_attribute("id"))
    goes_down(nok)
    nok.page.reload()
    nok.sees_to_get("Rice", "2 kg")
    nok.reads("No signal. What you see may be old; trying again.")
    nok.page.goto(f"{nok.server.url}/")
    expect(nok.page.locator("h1")).to_have_count(1)
    assert f"/h/{nok.home}/" in nok.page.url
    nok.page.goto(f"{nok.server.url}/list/")
    expect(nok.page).to_have_url(shop)


def test_a_page_that_was_never_open_says_so_kindly(nok, shop):
    goes_down(nok)
    nok.goes_to("money/")
    expect(nok.page.locator("h1")).to_have_text("No signal")
    nok.follows("To what is here")
    assert f"/h/{nok.home}/" in nok.page.url
    expect(nok.page.locator("h1")).not_to_have_text("No signal")


def test_it_is_the_last_state_that_is_kept(nok, ben, shop):
    ben.adds("bread")
    nok.sees_to_get("Bread", "1")
    kept_with(nok, nok.to_get("Bread").get_attribute("id"))
    goes_down(nok)
    nok.page.reload()
    nok.sees_to_get("Bread", "1")


def test_a_form_that_needs_the_signal_keeps_what_was_typed(nok, shop):
    nok.chooses("Rename")
    goes_down(nok)
    nok.page.get_by_label("Name of the list").fill("Market")
    nok.presses("Save")
    nok.reads("No signal. It was not sent; try again.")
    expect(nok.page.get_by_label("Name of the list")).to_have_value("Market")


def test_what_was_typed_on_a_page_that_is_gone_is_shown(nok, shop):
    nok.page.goto(f"{nok.server.url}/join/")
    nok.page.context.set_offline(True)
    nok.page.locator("[name=invitation]").fill("the link <b>")
    nok.page.locator("[name=invitation]").press("Enter")
    expect(nok.page.locator("h1")).to_have_text("No signal")
    expect(nok.page.locator("main li").first).to_have_text("the link <b>")
    nok.reads("It was not sent. This is what you wrote:")


# Writing


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
    nok.opens_row("Salt").get_by_role("link", name="Change", exact=True).click()
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
    nok.page.locator("#waiting .entry").filter(has_text="2 l milk").get_by_role("button", name="Take back").click()
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


def test_the_queue_outlives_the_browser(device, machine):
    nok = Person(device().new_page(), machine)
    nok.home = sign_in(nok.page, machine, NOK)
    shop = nok.begins_list(own_word("Shop "))
    kept(nok)
    machine.kill()  # and not the signal of a browser: one that is started has it, and sends at once
    nok.reads(re.compile("^No signal"))
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
    nok.reads(re.compile("^No signal"))
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
    nok.reads("This browser keeps nothing for later: leave the page open until all is saved.")
    comes_up(nok)
    nok.sees_to_get("Eggs", "6")
    ben.sees_to_get("Eggs", "6")


# What others did meanwhile


def test_fault_3_what_was_added_after_a_removal_stays(nok, ben, shop):
    nok.adds("2 melons")
    ben.sees_to_get("Melons", "2")
    goes_down(nok)
    removes(nok, "Melons")
    waiting(nok, 1)
    ben.adds("3 melons")
    ben.sees_to_get("Melons", "5")

    comes_up(nok)
    expect(notice(nok)).to_contain_text("Remove: Melons")
    nok.sees_to_get("Melons", "3")
    ben.sees_to_get("Melons", "3")


def test_fault_5_a_removal_reaches_the_other_whoever_was_away(nok, ben, shop):
    nok.adds("bread, jam")
    ben.sees_to_get("Jam", "1")
    goes_down(nok)
    removes(nok, "Bread")
    removes(ben, "Jam")
    ben.sees_nothing_of("Jam")
    expect(nok.to_get("Jam")).to_be_visible()
    comes_up(nok)
    for person in (nok, ben):
        person.sees_nothing_of("Bread")
        person.sees_nothing_of("Jam")


def test_fault_8_a_phone_that_slept_hears_all_it_missed(nok, ben, shop, visitor):
    nok.adds("bread")
    ben.sees_to_get("Bread", "1")
    nok.sees_to_get("Bread", "1")
    goes_down(nok)
    adds(nok, "jam")
    them = visitor(BEN)
    things = [own_word() for _thing in range(12)]
    for thing in things:
        assert them.post(f"{shop}add", data={"text": thing}, follow_redirects=False).status_code == 302
    ben.ticks("Bread")
    ben.sees_got("Bread")
    comes_up(nok)
    nok.sees_got("Bread")
    for thing in [*things, "Jam"]:
        nok.sees_to_get(thing, "1")
        ben.sees_to_get(thing, "1")


def test_of_two_amounts_the_later_stands_and_the_other_is_told(nok, ben, shop):
    nok.adds("2 melons")
    ben.sees_to_get("Melons", "2")
    goes_down(nok)
    changes(nok, "Melons", "4")
    waiting(nok, 1)
    ben.opens_row("Melons").get_by_role("link", name="Change", exact=True).click()
    ben.page.get_by_label("How much").fill("7")
    ben.presses("Save")
    ben.sees_to_get("Melons", "7")

    comes_up(nok)
    nok.sees_to_get("Melons", "7")
    expect(notice(nok)).to_contain_text("Ben")
    expect(notice(nok)).to_contain_text("Melons: How much: 4")
    nok.page.reload()
    expect(notice(nok)).to_have_count(1)
    notice(nok).get_by_role("button", name="All right").click()
    expect(notice(nok)).to_have_count(0)
    nok.page.reload()
    nok.sees_to_get("Melons", "7")
    expect(notice(nok)).to_have_count(0)


def changes(person: Person, name: str, amount: str) -> None:
    person.opens_row(name).get_by_role("link", name="Change", exact=True).click()
    person.page.locator("#change").get_by_label("How much").fill(amount)
    person.presses("Save")


def test_different_fields_both_stand(nok, ben, shop):
    nok.adds("2 melons")
    ben.sees_to_get("Melons", "2")
    goes_down(nok)
    changes(nok, "Melons", "4")
    ben.opens_row("Melons").get_by_role("link", name="Change", exact=True).click()
    ben.page.get_by_label("Note").fill("ripe ones")
    ben.presses("Save")
    comes_up(nok)
    for person in (nok, ben):
        person.sees_to_get("Melons", "4")
        expect(person.to_get("Melons")).to_contain_text("ripe ones")
    expect(notice(nok)).to_have_count(0)


def test_what_was_refused_is_shown_with_what_was_typed(nok, shop):
    text = "x" * 150
    goes_down(nok)
    adds(nok, text)
    nok.page.reload()
    waiting(nok, 1)
    comes_up(nok)
    expect(notice(nok)).to_contain_text("That name is too long")
    expect(notice(nok)).to_contain_text(text)
    goes_down(nok)
    notice(nok).get_by_role("button", name="Try again").click()
    waiting(nok, 1)
    expect(notice(nok)).to_have_count(0)
    comes_up(nok)
    expect(notice(nok).or_(nok.page.locator(".toast--error")).first).to_contain_text("That name is too long")


# Who is it?


def test_who_was_signed_out_meanwhile_signs_in_and_loses_nothing(nok, ben, shop):
    goes_down(nok)
    adds(nok, "6 eggs")
    waiting(nok, 1)
    nok.page.context.clear_cookies(name="sessionid")
    comes_up(nok)
    nok.follows("Sign in to send them")
    nok.page.locator("[name=login]").fill(NOK)
    nok.page.locator("[name=password]").fill(PASSWORD)
    nok.presses("Sign in")
    nok.sees_to_get("Eggs", "6")
    ben.sees_to_get("Eggs", "6")
    assert nok.page.url == shop


def test_two_people_share_a_device_and_not_what_waits(nok, ben, shop):
    goes_down(nok)
    adds(nok, "6 eggs")
    waiting(nok, 1)
    nok.page.context.clear_cookies(name="sessionid")
    comes_up(nok)
    sign_in(nok.page, nok.server, BEN)
    his = Person(nok.page, nok.server, nok.home)
    his.goes_to(shop)
    adds(his, "bread")
    his.sees_to_get("Bread", "1")
    expect(his.page.locator(".connection")).to_be_hidden()
    ben.sees_to_get("Bread", "1")
    ben.sees_nothing_of("Eggs")

    his.page.context.clear_cookies(name="sessionid")
    sign_in(nok.page, nok.server, NOK)
    ben.sees_to_get("Eggs", "6")


def test_an_old_tab_does_not_send_as_somebody_else(nok, ben, shop):
    goes_down(nok)
    adds(nok, "6 eggs")
    waiting(nok, 1)
    with closing(Visitor(nok.server, BEN)) as other:
        cookies = [{"name": name, "value": value, "url": nok.server.url} for name, value in other.cookies.items()]
    nok.page.context.clear_cookies()
    nok.page.context.add_cookies(cookies)
    comes_up(nok)
    expect(nok.page.locator(".connection")).to_contain_text("Sign in to send them")
    waiting(nok, 1)
    ben.sees_nothing_of("Eggs")


PAGES = "async () => (await caches.keys()).filter((name) => name.startsWith('pages:')).length"


def test_signing_out_leaves_no_pages_behind(meet):
    nok = meet(offline=True)
    nok.home = sign_in(nok.page, nok.server, NOK)
    nok.goes_to("lists/")
    kept(nok)
    address = nok.page.url
    assert nok.page.evaluate(PAGES) == 1
    nok.page.goto(f"{nok.server.url}/accounts/logout/")
    nok.presses("Sign out")
    expect(nok.page.locator("h1")).to_have_text("Come in")
    assert nok.page.evaluate(PAGES) == 0
    nok.page.context.set_offline(True)
    nok.page.goto(address)
    expect(nok.page.locator("h1")).to_have_text("No signal")


def test_nobody_reads_the_pages_of_who_was_here_before(nok, shop):
    nok.page.context.clear_cookies(name="sessionid")
    sign_in(nok.page, nok.server, "mai@soi11.example")
    nok.page.context.set_offline(True)
    nok.page.goto(shop)
    expect(nok.page.locator("h1")).to_have_text("No signal")


# As an app


def test_what_another_app_shares_is_in_the_field_and_on_the_list_after_a_yes(nok, ben, shop):
    nok.page.goto(f"{nok.server.url}/share/?title=Curry&text=2+kg+chicken&url=")
    expect(nok.field).to_have_value("Curry\n2 kg chicken")
    nok.field.fill("2 kg chicken")
    nok.field.press("Enter")
    nok.sees_to_get("Chicken", "2 kg")


def test_sharing_works_without_a_signal(nok, ben, shop):
    goes_down(nok)
    nok.page.goto(f"{nok.server.url}/share/?text=7+figs")
    expect(nok.page).to_have_url(shop)
    expect(nok.field).to_have_value("7 figs")
    nok.field.press("Enter")
    waiting(nok, 1)
    comes_up(nok)
    nok.sees_to_get("Figs", "7")
    ben.sees_to_get("Figs", "7")


def test_it_can_be_installed(device, server):
    page = device().new_page()
    sign_in(page, server, NOK)
    page.wait_for_function("() => Boolean(navigator.serviceWorker.controller)")
    devtools = page.context.new_cdp_session(page)
    assert devtools.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"] == f"{server.url}/manifest.webmanifest"
