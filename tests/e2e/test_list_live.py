"""One list on two phones, updated live."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import uuid4

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

from tests.e2e.person import unique_name
from tests.server import BEN, NOK, PLOY


@pytest.fixture
def shop(nok, ben) -> str:
    """Open a new list on both phones. Returns its URL."""
    address = nok.create_list(unique_name("Shop "))
    ben.goto(address)
    return address


def test_typed_items_are_previewed_before_adding(nok, ben, shop):
    nok.field.press_sequentially("2 kg rice, 3 l milk")
    chips = nok.page.locator(".understood__item")
    expect(chips).to_have_count(2)
    expect(chips.first).to_contain_text(re.compile(r"rice\s+2 kg", re.I))
    expect(ben.page.locator(".entry")).to_have_count(0)

    nok.field.press("Enter")
    for person in (nok, ben):
        person.expect_pending("Rice", "2 kg")
        person.expect_pending("Milk", "3 liters")
    expect(nok.field).to_have_value("")
    expect(nok.field).to_be_focused()
    expect(chips).to_have_count(0)


def test_suggestion_is_completed_and_added_with_a_tap(nok, ben, shop):
    nok.field.press_sequentially("2 kg tomato")
    suggestion = nok.page.get_by_role("group", name="Suggestions").get_by_role("button", name="Tomatoes", exact=True)
    suggestion.click()
    for person in (nok, ben):
        person.expect_pending("Tomatoes", "2 kg")
    expect(nok.field).to_have_value("")
    expect(suggestion).to_have_count(0)


def test_more_and_less_change_the_amount_on_both_phones(nok, ben, shop):
    nok.add_items("2 melons")
    nok.expand_entry("Melons").get_by_role("button", name="More").click()
    ben.expect_pending("Melons", "3")
    nok.expect_pending("Melons", "3")
    expect(nok.pending_entry("Melons")).to_have_class(re.compile("entry--open"))
    nok.pending_entry("Melons").get_by_role("button", name="Less").click()
    ben.expect_pending("Melons", "2")


def test_editing_an_entry_updates_both_phones(nok, ben, shop):
    nok.add_items("2 melons")
    nok.expand_entry("Melons").get_by_role("link", name="Edit", exact=True).click()
    expect(nok.page).to_have_title(re.compile("^Melons · "))
    nok.page.get_by_label("Quantity").fill("1,5")
    nok.page.get_by_label("Unit").fill("kg")
    nok.page.get_by_label("Note").fill("ripe ones")
    nok.press("Save")
    for person in (nok, ben):
        person.expect_pending("Melons", "1.5 kg")
        expect(person.pending_entry("Melons")).to_contain_text("ripe ones")


def test_ticking_and_unticking_update_both_phones(nok, ben, shop):
    nok.add_items("bread, jam")
    ben.tick("Bread")
    nok.expect_in_basket("Bread")
    ben.expect_in_basket("Bread")
    nok.untick("Bread")
    ben.expect_pending("Bread", "1")
    expect(ben.basket_entry("Bread")).to_have_count(0)


def test_price_appears_on_the_other_phone(nok, ben, shop):
    nok.add_items("bread")
    nok.tick("Bread")
    nok.basket_entry("Bread").locator(".entry__price").click()
    nok.basket_entry("Bread").locator(".entry__pay").fill("฿1,240.50")
    nok.page.keyboard.press("Enter")
    expect(ben.basket_entry("Bread").locator(".entry__price")).to_contain_text("1,240.50")


def test_removal_updates_both_phones_and_can_be_undone(nok, ben, shop):
    nok.add_items("bread, jam")
    nok.expand_entry("Bread").get_by_role("button", name="Remove").click()
    ben.expect_no_entry("Bread")
    nok.expect_no_entry("Bread")
    toast = nok.page.locator(".toast").filter(has_text="Removed Bread.")
    toast.get_by_role("button", name="Undo").click()
    nok.expect_pending("Bread", "1")
    ben.expect_pending("Bread", "1")


def test_list_is_approved_completed_and_carried_over(nok, ben, shop):
    nok.add_items("bread, jam")
    nok.choose_from_menu("Approve list")
    expect(ben.page.locator(".status")).to_contain_text("Approved")
    nok.tick("Bread")
    ben.expect_in_basket("Bread")
    ben.choose_from_menu("Complete list")
    for person in (nok, ben):
        person.expect_text("1 item carries over to the next list.")
        expect(person.field).to_have_count(0)
    nok.press("Start next list")
    expect(nok.page).not_to_have_url(shop)
    nok.expect_pending("Jam", "1")
    nok.expect_no_entry("Bread")
    ben.follow_link("Open next list")
    expect(ben.page).to_have_url(nok.page.url)


def test_adding_an_item_twice_sums_amounts(nok, ben, shop):
    nok.add_items("2 eggs")
    ben.expect_pending("Eggs", "2")
    ben.add_items("3 eggs")
    nok.expect_pending("Eggs", "5")
    ben.expect_pending("Eggs", "5")


def test_concurrent_additions_are_summed(nok, ben, shop, visitor):
    members = [visitor(email) for email in (NOK, BEN, PLOY)]

    def add(index: int) -> int:
        form = {"text": "1 bottle milk", "op_id": str(uuid4())}
        return members[index % 3].post(f"{shop}add", data=form, follow_redirects=False).status_code

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(add, range(8))) == [302] * 8
    nok.expect_pending("Milk", "8 bottles")
    ben.expect_pending("Milk", "8 bottles")


def test_items_added_by_pixie_appear_live(nok, ben, shop, visitor):
    visitor(PLOY).post(f"/h/{nok.home}/tell", data={"body": "add 7 mangoes", "op_id": str(uuid4())})
    nok.expect_pending("Mangoes", "7")
    ben.expect_pending("Mangoes", "7")


def test_double_click_on_add_adds_once(nok, ben, shop):
    nok.field.fill("2 eggs")
    nok.page.locator("#add").get_by_role("button", name="Add").dblclick()
    nok.expect_pending("Eggs", "2")
    nok.add_items("bread")  # by now the second click has been answered, too
    nok.expect_pending("Eggs", "2")
    ben.expect_pending("Bread", "1")
    ben.expect_pending("Eggs", "2")


def test_concurrent_ticks_are_idempotent(nok, ben, shop, visitor):
    nok.add_items("bread")
    address = f"{shop}{nok.pending_entry('Bread').get_attribute('id')[2:]}/purchase"
    clients = [visitor(email) for email in (NOK, BEN, PLOY)]
    with ThreadPoolExecutor(3) as pool:
        statuses = pool.map(lambda client: client.post(address, follow_redirects=False).status_code, clients)
        assert list(statuses) == [302] * 3
    nok.expect_in_basket("Bread")
    ben.expect_in_basket("Bread")


def test_two_phones_ticking_one_entry_put_it_in_the_basket(nok, ben, shop):
    nok.add_items("bread")
    ben.expect_pending("Bread", "1")
    nok.pending_entry("Bread").locator(".entry__tick").click(no_wait_after=True)
    with suppress(PlaywrightTimeout):  # the live update may already have moved the row to the basket
        ben.pending_entry("Bread").locator(".entry__tick").dispatch_event("click", timeout=1000)
    nok.expect_in_basket("Bread")
    ben.expect_in_basket("Bread")


def test_focused_field_survives_live_updates(nok, ben, shop):
    nok.field.press_sequentially("3 bottles of fi")
    ben.add_items("bread")
    nok.expect_pending("Bread", "1")
    expect(nok.field).to_have_value("3 bottles of fi")
    expect(nok.field).to_be_focused()
    nok.field.press_sequentially("sh sauce")
    nok.field.press("Enter")
    ben.expect_pending("Fish sauce", "3 bottles")


def test_unfocused_field_survives_live_updates(nok, ben, shop):
    nok.field.press_sequentially("3 bottles of fi")
    nok.page.locator("h1").click()
    ben.add_items("bread")
    nok.expect_pending("Bread", "1")
    expect(nok.field).to_have_value("3 bottles of fi")


def test_expanded_entry_survives_live_updates(nok, ben, shop):
    nok.add_items("bread, jam")
    nok.expand_entry("Bread")
    ben.add_items("salt")
    nok.expect_pending("Salt", "1")
    expect(nok.pending_entry("Bread")).to_have_class(re.compile("entry--open"))
    expect(nok.pending_entry("Jam")).not_to_have_class(re.compile("entry--open"))
    ben.tick("Jam")
    nok.expect_in_basket("Jam")
    expect(nok.pending_entry("Bread")).to_have_class(re.compile("entry--open"))


def test_renamed_list_updates_both_screens(nok, ben, shop):
    name = unique_name("Market ")
    nok.choose_from_menu("Rename")
    nok.page.get_by_label("Name of the list").fill(name)
    nok.press("Save")
    expect(nok.page.locator("h1")).to_have_text(name)
    expect(ben.page.locator("h1")).to_have_text(name)
