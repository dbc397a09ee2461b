"""With scripts turned off everything works; it only takes another page."""

import re
from time import monotonic

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import sign_in
from tests.e2e.people import own_word
from tests.server import BEN


@pytest.fixture
def plain(meet):
    """Ben, whose browser runs no scripts."""
    return meet(BEN, java_script_enabled=False)


@pytest.fixture
def shop(plain) -> str:
    return plain.begins_list(own_word("Shop "))


def add(person, text: str) -> None:
    person.field.fill(text)
    person.page.locator("#add").get_by_role("button", name="Add").click()


def test_sign_in(meet):
    stranger = meet(java_script_enabled=False)
    sign_in(stranger.page, stranger.server, BEN)
    expect(stranger.page.locator("h1")).to_contain_text("Ben")


def test_add_tick_and_put_back(plain, shop):
    add(plain, "2 kg rice and 3 eggs")
    plain.sees_to_get("Rice", "2 kg")
    plain.sees_to_get("Eggs", "3")
    expect(plain.field).to_have_value("")
    plain.ticks("Rice")
    plain.sees_got("Rice")
    plain.puts_back("Rice")
    plain.sees_to_get("Rice", "2 kg")
    expect(plain.page).to_have_url(shop)


def test_edit_and_remove(plain, shop):
    add(plain, "2 kg rice")
    plain.to_get("Rice").locator(".qty__value").click()
    plain.page.get_by_label("How much").fill("3")
    plain.presses("Save")
    plain.sees_to_get("Rice", "3 kg")
    plain.to_get("Rice").locator(".qty__value").click()
    plain.presses("Remove from the list")
    plain.sees_nothing_of("Rice")
    plain.page.locator(".toast").get_by_role("button", name="Undo").click()
    plain.sees_to_get("Rice", "3 kg")


def test_what_was_refused_is_still_in_the_field(plain, shop):
    too_long = "x" * 150
    add(plain, too_long)
    plain.reads("That name is too long")
    expect(plain.field).to_have_value(too_long)


def test_complete_and_start_the_next(plain, shop):
    add(plain, "rice")
    plain.chooses("Complete list")
    plain.reads("1 item carries over")
    plain.presses("Start next list")
    plain.sees_to_get("Rice", "1")
    assert plain.page.url != shop


def test_talk(plain):
    plain.opens_room(own_word("r").lower())
    plain.says("Hello from the terminal")
    message = plain.message("Hello from the terminal")
    message.locator(".message__menu summary").click()
    message.locator(".message__menu").get_by_role("button", name="👍").click()
    expect(plain.message("Hello from the terminal").locator(".reaction")).to_contain_text("👍 1")


def test_tell_pixie(plain, shop):
    plain.goes_to("")
    plain.page.locator("#tell-text").fill("we need 4 tomatoes")
    plain.page.locator("#tell").get_by_role("button", name="Send").click()
    expect(plain.page.locator("#t-channel")).to_have_text("Pixie")
    plain.goes_to(shop)
    row = plain.to_get("Tomatoes")
    deadline = monotonic() + 60
    while not row.count():
        assert monotonic() < deadline, "Pixie did not add them"
        plain.page.reload()
    plain.sees_to_get("Tomatoes", "4")


def test_invite(meet):
    nok = meet("nok@apartment42.example", java_script_enabled=False)
    nok.goes_to("home/")
    nok.presses("Create link")
    link = nok.page.get_by_label("Send it to the person you're inviting").input_value()
    guest = meet(java_script_enabled=False)
    guest.goes_to(link)
    guest.reads("Nok invited you to join")
    guest.follows("Create an account")
    expect(guest.page.locator("h1")).to_have_text(re.compile("Create an account"))


def test_marking_a_room_as_read_clears_the_badge(plain, nok):
    address = nok.opens_room(own_word("r").lower())
    nok.says("Soup is ready.")
    plain.goes_to(address)
    plain.presses("Mark as read")
    expect(plain.page.get_by_role("button", name="Mark as read")).to_have_count(0)
    expect(plain.message("Soup is ready.")).to_be_visible()
