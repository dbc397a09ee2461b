"""One list on two phones: what one does, the other sees, without loading the page again."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import uuid4

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

from tests.e2e.people import own_word
from tests.server import BEN, NOK, PLOY


@pytest.fixture
def shop(nok, ben) -> str:
    """A new list, open on both phones. Its address."""
    address = nok.begins_list(own_word("Shop "))
    ben.goes_to(address)
    return address


def test_what_is_typed_is_understood_before_it_is_sent(nok, ben, shop):
    nok.field.press_sequentially("2 kg rice, 3 l milk")
    chips = nok.page.locator(".understood__item")
    expect(chips).to_have_count(2)
    expect(chips.first).to_contain_text(re.compile(r"rice\s+2 kg", re.I))
    expect(ben.page.locator(".entry")).to_have_count(0)

    nok.field.press("Enter")
    for person in (nok, ben):
        person.sees_to_get("Rice", "2 kg")
        person.sees_to_get("Milk", "3 liters")
    expect(nok.field).to_have_value("")
    expect(nok.field).to_be_focused()
    expect(chips).to_have_count(0)


def test_more_and_less(nok, ben, shop):
    nok.adds("2 melons")
    nok.opens_row("Melons").get_by_role("button", name="More").click()
    ben.sees_to_get("Melons", "3")
    nok.sees_to_get("Melons", "3")
    expect(nok.to_get("Melons")).to_have_class(re.compile("entry--open"))
    nok.to_get("Melons").get_by_role("button", name="Less").click()
    ben.sees_to_get("Melons", "2")


def test_the_amount_is_changed_on_its_page(nok, ben, shop):
    nok.adds("2 melons")
    nok.opens_row("Melons").get_by_role("link", name="Edit", exact=True).click()
    expect(nok.page).to_have_title(re.compile("^Melons · "))
    nok.page.get_by_label("How much").fill("1,5")
    nok.page.get_by_label("Unit").fill("kg")
    nok.page.get_by_label("Note").fill("ripe ones")
    nok.presses("Save")
    for person in (nok, ben):
        person.sees_to_get("Melons", "1.5 kg")
        expect(person.to_get("Melons")).to_contain_text("ripe ones")


def test_into_the_basket_and_out_again(nok, ben, shop):
    nok.adds("bread, jam")
    ben.ticks("Bread")
    nok.sees_got("Bread")
    ben.sees_got("Bread")
    nok.puts_back("Bread")
    ben.sees_to_get("Bread", "1")
    expect(ben.got("Bread")).to_have_count(0)


def test_the_price_is_written_down_in_the_basket(nok, ben, shop):
    nok.adds("bread")
    nok.ticks("Bread")
    nok.got("Bread").locator(".entry__price").click()
    nok.page.get_by_label("Price").fill("฿1,240.50")
    nok.presses("Save")
    expect(ben.got("Bread").locator(".entry__price")).to_contain_text("1,240.50")


def test_a_removal_reaches_the_other_and_can_be_undone(nok, ben, shop):
    nok.adds("bread, jam")
    nok.opens_row("Bread").get_by_role("button", name="Remove").click()
    ben.sees_nothing_of("Bread")
    nok.sees_nothing_of("Bread")
    toast = nok.page.locator(".toast").filter(has_text="Removed Bread.")
    toast.get_by_role("button", name="Undo").click()
    nok.sees_to_get("Bread", "1")
    ben.sees_to_get("Bread", "1")


def test_from_draft_to_done_to_the_next_list(nok, ben, shop):
    nok.adds("bread, jam")
    nok.chooses("Approve list")
    expect(ben.page.locator(".status")).to_contain_text("Approved")
    nok.ticks("Bread")
    ben.sees_got("Bread")
    ben.chooses("Complete list")
    for person in (nok, ben):
        person.reads("1 item carries over to the next list.")
        expect(person.field).to_have_count(0)
    nok.presses("Start next list")
    expect(nok.page).not_to_have_url(shop)
    nok.sees_to_get("Jam", "1")
    nok.sees_nothing_of("Bread")
    ben.presses("Start next list")
    expect(ben.page).to_have_url(nok.page.url)


def test_two_eggs_and_three_eggs_are_five(nok, ben, shop):
    nok.adds("2 eggs")
    ben.sees_to_get("Eggs", "2")
    ben.adds("3 eggs")
    nok.sees_to_get("Eggs", "5")
    ben.sees_to_get("Eggs", "5")


def test_eight_milks_at_once_are_eight(nok, ben, shop, visitor):
    members = [visitor(email) for email in (NOK, BEN, PLOY)]

    def add(index: int) -> int:
        form = {"text": "1 bottle milk", "op_id": str(uuid4())}
        return members[index % 3].post(f"{shop}add", data=form, follow_redirects=False).status_code

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(add, range(8))) == [302] * 8
    nok.sees_to_get("Milk", "8 bottles")
    ben.sees_to_get("Milk", "8 bottles")


def test_what_pixie_adds_shows_on_the_open_list(nok, ben, shop, visitor):
    visitor(PLOY).post(f"/h/{nok.home}/tell", data={"body": "add 7 mangoes", "op_id": str(uuid4())})
    nok.sees_to_get("Mangoes", "7")
    ben.sees_to_get("Mangoes", "7")


def test_a_double_click_adds_once(nok, ben, shop):
    nok.field.fill("2 eggs")
    nok.page.locator("#add").get_by_role("button", name="Add").dblclick()
    nok.sees_to_get("Eggs", "2")
    nok.adds("bread")  # by then a second press has been answered, too
    nok.sees_to_get("Eggs", "2")
    ben.sees_to_get("Bread", "1")
    ben.sees_to_get("Eggs", "2")


def test_the_same_tick_by_both_at_once_is_harmless(nok, ben, shop, visitor):
    nok.adds("bread")
    address = f"{shop}{nok.to_get('Bread').get_attribute('id')[2:]}/purchase"
    ticks = [visitor(email) for email in (NOK, BEN, PLOY)]
    with ThreadPoolExecutor(3) as pool:
        answers = pool.map(lambda one: one.post(address, follow_redirects=False).status_code, ticks)
        assert list(answers) == [302] * 3
    nok.sees_got("Bread")
    ben.sees_got("Bread")


def test_two_phones_tick_the_same_thing(nok, ben, shop):
    nok.adds("bread")
    ben.sees_to_get("Bread", "1")
    nok.to_get("Bread").locator(".entry__tick").click(no_wait_after=True)
    with suppress(PlaywrightTimeout):  # by now the row may lie in Ben's basket: then there is nothing for him to tick
        ben.to_get("Bread").locator(".entry__tick").dispatch_event("click", timeout=1000)
    nok.sees_got("Bread")
    ben.sees_got("Bread")


def test_what_is_being_typed_survives_what_somebody_else_does(nok, ben, shop):
    nok.field.press_sequentially("3 bottles of fi")
    ben.adds("bread")
    nok.sees_to_get("Bread", "1")
    expect(nok.field).to_have_value("3 bottles of fi")
    expect(nok.field).to_be_focused()
    nok.field.press_sequentially("sh sauce")
    nok.field.press("Enter")
    ben.sees_to_get("Fish sauce", "3 bottles")


def test_what_was_typed_and_left_survives_too(nok, ben, shop):
    nok.field.press_sequentially("3 bottles of fi")
    nok.page.locator("h1").click()
    ben.adds("bread")
    nok.sees_to_get("Bread", "1")
    expect(nok.field).to_have_value("3 bottles of fi")


def test_an_open_row_stays_open(nok, ben, shop):
    nok.adds("bread, jam")
    nok.opens_row("Bread")
    ben.adds("salt")
    nok.sees_to_get("Salt", "1")
    expect(nok.to_get("Bread")).to_have_class(re.compile("entry--open"))
    expect(nok.to_get("Jam")).not_to_have_class(re.compile("entry--open"))
    ben.ticks("Jam")
    nok.sees_got("Jam")
    expect(nok.to_get("Bread")).to_have_class(re.compile("entry--open"))


def test_a_new_name_shows_on_both_screens(nok, ben, shop):
    name = own_word("Market ")
    nok.chooses("Rename")
    nok.page.get_by_label("Name of the list").fill(name)
    nok.presses("Save")
    expect(nok.page.locator("h1")).to_have_text(name)
    expect(ben.page.locator("h1")).to_have_text(name)
