"""Whose it is that waits."""

from contextlib import closing

from playwright.sync_api import expect

from tests.e2e.browser import sign_in
from tests.e2e.offline.phone import adds, comes_up, goes_down, kept, waiting
from tests.e2e.people import Person
from tests.server import BEN, NOK, PASSWORD, Visitor


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
    expect(nok.page.locator("h1")).to_have_text("Sign in")
    assert nok.page.evaluate(PAGES) == 0
    nok.page.context.set_offline(True)
    nok.page.goto(address)
    expect(nok.page.locator("h1")).to_have_text("You're offline")


def test_nobody_reads_the_pages_of_who_was_here_before(nok, shop):
    nok.page.context.clear_cookies(name="sessionid")
    sign_in(nok.page, nok.server, "mai@soi11.example")
    nok.page.context.set_offline(True)
    nok.page.goto(shop)
    expect(nok.page.locator("h1")).to_have_text("You're offline")
