"""Waiting changes and cached pages belong to one user."""

from contextlib import closing

from playwright.sync_api import expect

from tests.e2e.browser import sign_in
from tests.e2e.offline.phone import add_with_enter, expect_waiting, go_offline, go_online, wait_for_cached_page
from tests.e2e.person import Person, unique_name
from tests.pixie.providers import wait_until
from tests.server import BEN, NOK, PASSWORD, Visitor


def test_waiting_changes_are_sent_after_signing_in_again(nok, ben, shop):
    go_offline(nok)
    add_with_enter(nok, "6 eggs")
    expect_waiting(nok, 1)
    nok.page.context.clear_cookies(name="sessionid")
    go_online(nok)
    nok.follow_link("Sign in to send them")
    nok.page.locator("[name=login]").fill(NOK)
    nok.page.locator("[name=password]").fill(PASSWORD)
    nok.press("Sign in")
    nok.expect_pending("Eggs", "6")
    ben.expect_pending("Eggs", "6")
    assert nok.page.url == shop


def test_waiting_changes_are_sent_as_their_author_only(nok, ben, shop):
    go_offline(nok)
    add_with_enter(nok, "6 eggs")
    expect_waiting(nok, 1)
    nok.page.context.clear_cookies(name="sessionid")
    go_online(nok)
    sign_in(nok.page, nok.server, BEN)
    ben_on_the_device = Person(nok.page, nok.server, nok.home)
    ben_on_the_device.goto(shop)
    add_with_enter(ben_on_the_device, "bread")
    ben_on_the_device.expect_pending("Bread", "1")
    expect(ben_on_the_device.page.locator(".connection")).to_be_hidden()
    ben.expect_pending("Bread", "1")
    ben.expect_no_entry("Eggs")

    ben_on_the_device.page.context.clear_cookies(name="sessionid")
    sign_in(nok.page, nok.server, NOK)
    ben.expect_pending("Eggs", "6")


def test_old_tab_does_not_send_as_another_user(nok, ben, shop):
    go_offline(nok)
    add_with_enter(nok, "6 eggs")
    expect_waiting(nok, 1)
    with closing(Visitor(nok.server, BEN)) as ben_client:
        cookies = [{"name": name, "value": value, "url": nok.server.url} for name, value in ben_client.cookies.items()]
    nok.page.context.clear_cookies()
    nok.page.context.add_cookies(cookies)
    go_online(nok)
    expect(nok.page.locator(".connection")).to_contain_text("Sign in to send them")
    expect_waiting(nok, 1)
    ben.expect_no_entry("Eggs")


COUNT_CACHED_PAGES = "async () => (await caches.keys()).filter((name) => name.startsWith('pages:')).length"


def test_signing_out_clears_cached_pages(open_browser):
    nok = open_browser(offline=True)
    nok.home = sign_in(nok.page, nok.server, NOK)
    nok.goto("lists/")
    wait_for_cached_page(nok)
    address = nok.page.url
    assert nok.page.evaluate(COUNT_CACHED_PAGES) == 1
    nok.page.goto(f"{nok.server.url}/accounts/logout/")
    nok.press("Sign out")
    expect(nok.page.locator("h1")).to_have_text("Sign in")
    assert nok.page.evaluate(COUNT_CACHED_PAGES) == 0
    nok.page.context.set_offline(True)
    nok.page.goto(address)
    expect(nok.page.locator("h1")).to_have_text("You're offline")


def test_cached_pages_are_hidden_from_the_next_user(nok, shop):
    nok.page.context.clear_cookies(name="sessionid")
    sign_in(nok.page, nok.server, "mai@soi11.example")
    nok.page.context.set_offline(True)
    nok.page.goto(shop)
    expect(nok.page.locator("h1")).to_have_text("You're offline")


def test_signing_out_on_another_device_clears_cached_pages(nok, shop):
    nok.page.context.clear_cookies(name="sessionid")  # as if the session had ended on the server
    nok.page.reload()
    expect(nok.page.locator("h1")).to_have_text("Sign in")
    expect_copies(nok, [])
    nok.page.context.set_offline(True)
    nok.page.goto(shop)
    expect(nok.page.locator("h1")).to_have_text("You're offline")


def test_removed_member_keeps_no_copy_of_the_home(open_browser, nok, ben):
    som = open_browser(offline=True, refused=404)
    som.page.goto(f"{som.server.url}/accounts/signup/")
    som.sign_up("Som", f"{unique_name('som').lower()}@example.com")
    som.page.wait_for_url(lambda url: "/accounts/" not in url)
    with closing(Visitor(som.server, NOK)) as owner:
        api = f"/api/homes/{owner.home}"
        invited = owner.post(f"{api}/invitations", json={}).raise_for_status().json()
        som.page.goto(invited["url"])
        som.press("Join home")
        som.page.wait_for_url("**/h/**")
        som.home = owner.home
        for path in ("lists/", "chat/", "home/"):
            som.goto(path)
            wait_for_cached_page(som)
        som.page.goto("about:blank")  # an open page would reload itself
        members = owner.get(f"{api}/members").raise_for_status().json()["results"]
        (user_id,) = [member["user_id"] for member in members if member["name"] == "Som"]
        owner.delete(f"{api}/members/{user_id}").raise_for_status()
    som.goto("lists/")
    expect_copies(som, [])
    som.page.context.set_offline(True)
    som.goto("chat/")
    expect(som.page.locator("h1")).to_have_text("You're offline")


COPIES = """async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith("pages:"));
    const caches_ = await Promise.all(names.map((name) => caches.open(name)));
    const keys = await Promise.all(caches_.map((cache) => cache.keys()));
    return keys.flat().map((request) => new URL(request.url).pathname).filter((path) => path.startsWith("/h/"));
}"""


def expect_copies(person, paths):
    """Wait until only these pages of homes are kept."""
    wait_until(lambda: person.page.evaluate(COPIES) == paths)
