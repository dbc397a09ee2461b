"""A server whose database is busy, or that gets too many requests."""

from playwright.sync_api import expect

from tests.e2e.person import unique_name
from tests.server import BEN, NOK


def test_form_that_a_busy_server_refused_says_so(open_browser):
    nok = open_browser(NOK, refused=503)
    nok.create_list(unique_name("Shop "))
    nok.add_items("4 plates")
    tries = []

    def refuse(route):
        tries.append(route.request.method)
        route.fulfill(status=503, body="Busy", headers={"Retry-After": "1"})

    nok.page.route("**/state", refuse)
    nok.choose_from_menu("Approve list")
    nok.expect_text("The server is busy, so nothing was saved. Try again in a moment.")
    expect(nok.page.locator(".status")).to_contain_text("Draft")
    assert tries == ["POST"] * 3


def test_form_that_a_busy_server_refused_is_sent_again(open_browser):
    nok = open_browser(NOK, refused=503)
    nok.create_list(unique_name("Shop "))
    nok.add_items("4 plates")
    refusals = ["1", "2"]

    def refuse(route):
        if refusals:
            route.fulfill(status=503, body="Busy", headers={"Retry-After": refusals.pop()})
        else:
            route.continue_()

    nok.page.route("**/state", refuse)
    nok.choose_from_menu("Approve list")
    expect(nok.page.locator(".status")).to_contain_text("Approved")
    assert not refusals


def test_form_that_was_one_too_many_is_sent_again(open_browser):
    nok = open_browser(NOK, refused=429)
    nok.create_list(unique_name("Shop "))
    nok.add_items("4 plates")
    headers = {"Retry-After": "1", "HX-Reswap": "none"}
    nok.page.route("**/state", lambda route: route.fulfill(status=429, headers=headers, body="Too many"), times=1)
    nok.choose_from_menu("Approve list")
    expect(nok.page.locator(".status")).to_contain_text("Approved")


def test_refresh_that_was_one_too_many_is_made_up_for(open_browser):
    nok, ben = open_browser(NOK, refused=429), open_browser(BEN)
    address = nok.create_list(unique_name("Shop "))
    ben.goto(address)
    refused = []

    def refuse(route):
        refused.append(route.request.headers["hx-request"])
        route.fulfill(status=429, headers={"Retry-After": "2", "HX-Reswap": "none"}, body="Too many")

    nok.page.route(f"**{address}", refuse, times=1)
    ben.add_items("4 plates")
    nok.expect_pending("Plates", "4")
    assert refused == ["true"]
