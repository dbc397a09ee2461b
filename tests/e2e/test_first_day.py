"""Sign-up, a new home, and invitations."""

import re

from playwright.sync_api import expect

from tests.e2e.person import unique_name


def unique_email() -> str:
    return f"{unique_name('p').lower()}@example.test"


def create_invitation_link(owner) -> str:
    owner.goto("home/")
    owner.press("Create link")
    link = owner.page.get_by_label("Send it to the person you're inviting").input_value()
    assert "/join/" in link
    return link


def test_sign_up_create_home_invite_and_share_a_list(open_browser):
    anna, bo, stranger = open_browser(), open_browser(), open_browser()
    home = unique_name("House ")

    anna.page.goto(anna.server.url)
    anna.follow_link("Create a home")
    anna.sign_up("Anna", unique_email())
    anna.page.get_by_label("Home name").fill(home)
    anna.press("Create home")
    expect(anna.page.locator("h1")).to_have_text("Groceries")
    expect(anna.page.locator(".head__over")).to_contain_text(home)
    expect(anna.page.locator("#add-text")).to_be_focused()
    anna.home = anna.page.url.split("/h/")[1].split("/")[0]

    link = create_invitation_link(anna)
    bo.goto(link)
    expect(bo.page.locator("h1")).to_have_text(home)
    bo.expect_text("Anna invited you to join")
    bo.follow_link("Create an account")
    bo.sign_up("Bo", unique_email())
    bo.press("Join home")
    bo.expect_text(f"Welcome to {home}.")
    expect(bo.page.locator("h1")).to_have_text(re.compile(r"Bo\s*$"))
    bo.home = anna.home

    shop = anna.create_list("First shop")
    bo.goto("list/")
    expect(bo.page.locator("h1")).to_have_text("First shop")
    anna.add_items("4 plates")
    bo.expect_pending("Plates", "4")
    bo.add_items("salt")
    anna.expect_pending("Salt", "1")
    assert bo.page.url == shop

    anna.goto("home/")
    expect(anna.page.locator("#members")).to_contain_text("Bo")

    stranger.goto(link)
    expect(stranger.page.locator("h1")).to_have_text("This link doesn't work")
    stranger.expect_text(re.compile("used"))


def test_revoked_invitation_link_shows_reason(nok, open_browser):
    visitor, friend = open_browser(), f"{unique_name('friend').lower()}@example.test"
    nok.goto("home/")
    nok.page.get_by_label("Their email").fill(friend)
    nok.press("Create link")
    link = nok.page.get_by_label("Send it to the person you're inviting").input_value()
    nok.page.locator("#invitations .row").filter(has_text=friend).get_by_role("button").click()
    nok.expect_text("Invitation revoked. Its link no longer works.")
    expect(nok.page.locator("#invitations")).not_to_contain_text(friend)

    visitor.goto(link)
    expect(visitor.page.locator("h1")).to_have_text("This link doesn't work")
    visitor.expect_text(re.compile("was revoked"))


def test_invalid_invitation_link_shows_error(open_browser):
    visitor = open_browser()
    visitor.page.goto(f"{visitor.server.url}/join/")
    visitor.page.get_by_label("Invitation link").fill("hello")
    visitor.press("Join home")
    visitor.expect_text(re.compile("isn.t a complete invitation link"))
    expect(visitor.page.get_by_label("Invitation link")).to_have_value("hello")


def test_last_owner_cannot_leave(nok):
    nok.goto("home/leave/")
    nok.press("Leave this home")
    nok.expect_text("A home needs an owner.")
    expect(nok.page.locator("#members")).to_contain_text("Nok")


def test_wrong_password_shows_error(open_browser):
    visitor = open_browser()
    visitor.page.goto(f"{visitor.server.url}/accounts/login/")
    visitor.page.get_by_label("Email").fill("nobody@example.test")
    visitor.page.get_by_label("Password").fill("wrong-password")
    visitor.press("Sign in")
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    expect(visitor.page.get_by_label("Email")).to_have_value("nobody@example.test")
