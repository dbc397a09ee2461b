"""Shopping mode: two people with one list."""

import pytest
from playwright.sync_api import expect

from tests.e2e.person import unique_name
from tests.server import BEN


@pytest.fixture
def shop(nok, ben) -> str:
    address = nok.create_list(unique_name("Shop "))
    nok.add_items("milk, yoghurt, 2 kg rice, 3 limes")
    ben.goto(address)
    ben.expect_pending("Limes", "3")
    return address


def test_shopping_member_is_shown_until_done(nok, ben, shop):
    ben.press("Go shopping")
    shopping = nok.page.locator(".presence").filter(has_text="shopping")
    expect(shopping).to_contain_text("Ben is shopping")
    ben.tick("Milk")
    nok.expect_in_basket("Milk")
    ben.expect_in_basket("Milk")
    ben.follow_link("Done")
    dialog = ben.page.get_by_role("dialog", name="Done shopping")
    dialog.get_by_label("Total of the receipt").fill("cheap")
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_contain_text("Enter an amount, like 45 or 13.50.")
    dialog.get_by_label("Total of the receipt").fill("412.50")
    dialog.get_by_role("button", name="Done").click()
    expect(shopping).to_have_count(0)
    ben.expect_pending("Rice", "2 kg")
    expect(ben.field).to_be_visible()
    for person in (nok, ben):
        expect(person.page.locator("#basket")).to_contain_text("฿412.50")


def test_taken_aisles_are_shown_to_others(nok, ben, shop):
    for person in (nok, ben):
        person.press("Go shopping")
    dairy = ben.page.locator(".tier").filter(has_text="Dairy")
    dairy.get_by_role("button", name="I'll get these").click()
    expect(nok.page.locator(".tier").filter(has_text="Dairy").get_by_role("img", name="Ben")).to_be_visible()
    nok.page.locator(".tier").filter(has_text="Staple").get_by_role("button", name="I'll get these").click()
    expect(ben.page.locator(".tier").filter(has_text="Staple").get_by_role("img", name="Nok")).to_be_visible()
    dairy.get_by_role("button", name="Release").click()
    expect(nok.page.locator(".tier").filter(has_text="Dairy").get_by_role("img", name="Ben")).to_have_count(0)


def test_ticking_an_entry_somebody_else_ticked_shows_toast(nok, open_browser, shop):
    """Block Ben's socket, so that his page does not show Nok's tick yet."""
    ben = open_browser(BEN, offline=True)
    ben.page.route_web_socket("**/ws/**", lambda socket: None)
    ben.goto(shop)
    expect(ben.pending_entry("Milk")).to_be_visible()
    nok.tick("Milk")
    nok.expect_in_basket("Milk")
    ben.tick("Milk")
    ben.expect_text("Nok just took Milk.")
    ben.expect_in_basket("Milk")


def test_adding_while_shopping_stays_on_the_shopping_page(nok, ben, shop):
    ben.press("Go shopping")
    expect(ben.page).to_have_url(f"{shop}shop")
    ben.add_items("6 eggs")
    nok.expect_pending("Eggs", "6")
    ben.expect_pending("Eggs", "6")
    expect(ben.page).to_have_url(f"{shop}shop")


def test_ticking_keeps_scroll_position_and_focuses_the_next_entry(nok, shop):
    """Tick with the keyboard on a long list, where the ticked row moves far down."""
    nok.add_items(", ".join(unique_name() for _ in range(12)))
    expect(nok.page.locator(".entry:not(.entry--got)")).to_have_count(16)
    nok.pending_entry("Milk").get_by_role("button", name="Got").focus()
    nok.page.keyboard.press("Enter")
    nok.expect_in_basket("Milk")
    expect(nok.pending_entry("Yoghurt").get_by_role("button", name="Got")).to_be_focused()
    assert nok.page.evaluate("scrollY") < 200


def test_wake_lock_is_shown_while_shopping(open_browser, shop):
    nok = open_browser("nok@apartment42.example", permissions=["screen-wake-lock"])
    nok.goto(f"{shop}shop")
    expect(nok.page.get_by_text("The screen stays on.")).to_be_visible()
