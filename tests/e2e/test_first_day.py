"""The first day: an account, a home, and the others come in."""

import re

from playwright.sync_api import expect

from tests.e2e.people import own_word


def email() -> str:
    return f"{own_word('p').lower()}@example.test"


def make_link(owner) -> str:
    owner.goes_to("home/")
    owner.presses("Create link")
    link = owner.page.get_by_label("Send it to the person you're inviting").input_value()
    assert "/join/" in link
    return link


def test_two_people_found_a_home_and_shop_together(meet):
    anna, bo, stranger = meet(), meet(), meet()
    home = own_word("House ")

    anna.page.goto(anna.server.url)
    anna.follows("Create a home")
    anna.signs_up("Anna", email())
    anna.page.get_by_label("Home name").fill(home)
    anna.presses("Create home")
    expect(anna.page.locator("h1")).to_have_text(re.compile("Anna$"))
    expect(anna.page.locator(".head__over")).to_contain_text(home)
    anna.home = anna.page.url.split("/h/")[1].strip("/")

    link = make_link(anna)
    bo.goes_to(link)
    expect(bo.page.locator("h1")).to_have_text(home)
    bo.reads("Anna invited you to join")
    bo.follows("Create an account")
    bo.signs_up("Bo", email())
    bo.presses("Join home")
    bo.reads(f"Welcome to {home}.")
    expect(bo.page.locator("h1")).to_have_text(re.compile("Bo$"))
    bo.home = anna.home

    shop = anna.begins_list("First shop")
    bo.goes_to("list/")
    expect(bo.page.locator("h1")).to_have_text("First shop")
    anna.adds("4 plates")
    bo.sees_to_get("Plates", "4")
    bo.adds("salt")
    anna.sees_to_get("Salt", "1")
    assert bo.page.url == shop

    anna.goes_to("home/")
    expect(anna.page.locator("#members")).to_contain_text("Bo")

    stranger.goes_to(link)
    expect(stranger.page.locator("h1")).to_have_text("This link doesn't work")
    stranger.reads(re.compile("used"))


def test_a_link_that_was_taken_back_says_so(nok, meet):
    guest, friend = meet(), f"{own_word('friend').lower()}@example.test"
    nok.goes_to("home/")
    nok.page.get_by_label("Their email").fill(friend)
    nok.presses("Create link")
    link = nok.page.get_by_label("Send it to the person you're inviting").input_value()
    nok.page.locator("#invitations .row").filter(has_text=friend).get_by_role("button").click()
    nok.reads("Invitation revoked.")
    expect(nok.page.locator("#invitations")).not_to_contain_text(friend)

    guest.goes_to(link)
    expect(guest.page.locator("h1")).to_have_text("This link doesn't work")
    guest.reads(re.compile("was revoked"))


def test_a_link_that_is_none_says_so(meet):
    guest = meet()
    guest.page.goto(f"{guest.server.url}/join/")
    guest.page.get_by_label("Invitation link").fill("hello")
    guest.presses("Join home")
    guest.reads(re.compile("This is not all of an invitation link"))
    expect(guest.page.get_by_label("Invitation link")).to_have_value("hello")


def test_the_last_owner_cannot_leave(nok):
    nok.goes_to("home/leave/")
    nok.presses("Leave this home")
    nok.reads("A home needs an owner.")
    expect(nok.page.locator("#members")).to_contain_text("Nok")


def test_the_wrong_password_lets_nobody_in(meet):
    guest = meet()
    guest.page.goto(f"{guest.server.url}/accounts/login/")
    guest.page.get_by_label("Email").fill("nobody@example.test")
    guest.page.get_by_label("Password").fill("wrong-password")
    guest.presses("Sign in")
    expect(guest.page.get_by_role("alert")).to_be_visible()
    expect(guest.page.get_by_label("Email")).to_have_value("nobody@example.test")
