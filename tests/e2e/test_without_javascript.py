"""The product with JavaScript turned off."""

import re
from time import monotonic

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import sign_in
from tests.e2e.person import unique_name
from tests.server import BEN


@pytest.fixture
def plain(open_browser):
    """Ben, in a browser without JavaScript."""
    return open_browser(BEN, java_script_enabled=False)


@pytest.fixture
def shop(plain) -> str:
    return plain.create_list(unique_name("Shop "))


def add(person, text: str) -> None:
    person.field.fill(text)
    person.page.locator("#add").get_by_role("button", name="Add").click()


def test_sign_in_without_javascript(open_browser):
    visitor = open_browser(java_script_enabled=False)
    sign_in(visitor.page, visitor.server, BEN)
    expect(visitor.page.locator("h1")).to_contain_text("Ben")


def test_items_are_added_ticked_and_unticked_without_javascript(plain, shop):
    add(plain, "2 kg rice and 3 eggs")
    plain.expect_pending("Rice", "2 kg")
    plain.expect_pending("Eggs", "3")
    expect(plain.field).to_have_value("")
    plain.tick("Rice")
    plain.expect_in_basket("Rice")
    plain.untick("Rice")
    plain.expect_pending("Rice", "2 kg")
    expect(plain.page).to_have_url(shop)


def test_entry_is_edited_removed_and_restored_without_javascript(plain, shop):
    add(plain, "2 kg rice")
    plain.pending_entry("Rice").locator(".qty__value").click()
    plain.page.get_by_label("Quantity").fill("3")
    plain.press("Save")
    plain.expect_pending("Rice", "3 kg")
    plain.pending_entry("Rice").locator(".qty__value").click()
    plain.press("Remove from the list")
    plain.expect_no_entry("Rice")
    plain.page.locator(".toast").get_by_role("button", name="Undo").click()
    plain.expect_pending("Rice", "3 kg")


def test_rejected_item_stays_in_the_field_without_javascript(plain, shop):
    too_long = "x" * 150
    add(plain, too_long)
    plain.expect_text("That name is too long")
    expect(plain.field).to_have_value(too_long)


def test_list_is_completed_without_javascript(plain, shop):
    add(plain, "rice")
    plain.choose_from_menu("Complete list")
    plain.expect_text("1 item carries over")
    plain.press("Start next list")
    plain.expect_pending("Rice", "1")
    assert plain.page.url != shop


def test_message_and_reaction_are_sent_without_javascript(plain):
    plain.create_room(unique_name("r").lower())
    plain.send_message("Hello from the terminal")
    message = plain.message("Hello from the terminal")
    message.locator(".message__menu summary").click()
    message.locator(".message__menu").get_by_role("button", name="👍").click()
    expect(plain.message("Hello from the terminal").locator(".reaction")).to_contain_text("👍 1")


def test_pixie_is_asked_without_javascript(plain, shop):
    plain.goto("")
    plain.page.locator("#tell-text").fill("we need 4 tomatoes")
    plain.page.locator("#tell").get_by_role("button", name="Send").click()
    expect(plain.page.locator("#t-channel")).to_have_text("Pixie")
    plain.goto(shop)
    row = plain.pending_entry("Tomatoes")
    deadline = monotonic() + 60
    while not row.count():
        assert monotonic() < deadline, "Pixie did not add them"
        plain.page.reload()
    plain.expect_pending("Tomatoes", "4")


def test_invitation_works_without_javascript(open_browser):
    nok = open_browser("nok@apartment42.example", java_script_enabled=False)
    nok.goto("home/")
    nok.press("Create link")
    link = nok.page.get_by_label("Send it to the person you're inviting").input_value()
    visitor = open_browser(java_script_enabled=False)
    visitor.goto(link)
    visitor.expect_text("Nok invited you to join")
    visitor.follow_link("Create an account")
    expect(visitor.page.locator("h1")).to_have_text(re.compile("Create an account"))


def test_marking_a_room_as_read_works_without_javascript(plain, nok):
    address = nok.create_room(unique_name("r").lower())
    sent = nok.send_message("Soup is ready.")
    expect(sent.locator(".message__menu")).to_be_attached()  # the server has it: Nok's page shows it before that
    plain.goto(address)
    plain.press("Mark as read")
    expect(plain.page.get_by_role("button", name="Mark as read")).to_have_count(0)
    expect(plain.message("Soup is ready.")).to_be_visible()
