"""Prices, typed where the basket is, and corrected later."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.person import Person, unique_name


@pytest.fixture
def shop(nok, ben) -> str:
    """Open a list of bread, jam and salt on both phones. Nok has bread and jam in the basket."""
    address = nok.create_list(unique_name("Shop "))
    ben.goto(address)
    nok.add_items("bread, jam, salt")
    for name in ("Jam", "Bread"):
        nok.tick(name)
        nok.expect_in_basket(name)
    return address


def price(person: Person, name: str) -> Locator:
    return person.basket_entry(name).locator(".entry__price")


def field(person: Person, name: str) -> Locator:
    return person.basket_entry(name).locator(".entry__pay")


def test_enter_leads_to_the_next_row_without_a_price(nok, ben, shop):
    price(nok, "Bread").click()
    expect(field(nok, "Bread")).to_be_focused()
    assert field(nok, "Bread").get_attribute("inputmode") == "decimal"
    nok.page.keyboard.type("35")
    nok.page.keyboard.press("Enter")
    expect(field(nok, "Jam")).to_be_focused()
    nok.page.keyboard.type("12.50")
    nok.page.keyboard.press("Enter")
    expect(price(nok, "Jam")).to_be_focused()
    for person in (nok, ben):
        expect(price(person, "Bread")).to_have_text("฿35")
        expect(price(person, "Jam")).to_have_text("฿12.50")
        expect(person.page.locator("#basket .tier__count")).to_have_text("2, ฿47.50")


def test_half_a_price_survives_live_updates(nok, ben, shop):
    price(nok, "Bread").click()
    nok.page.keyboard.type("12")
    ben.add_items("sugar")
    nok.expect_pending("Sugar", "1")
    expect(field(nok, "Bread")).to_be_focused()
    nok.page.keyboard.type("0")
    nok.page.keyboard.press("Enter")
    expect(price(ben, "Bread")).to_have_text("฿120")


def test_price_is_undone_at_its_toast(nok, ben, shop):
    price(nok, "Bread").click()
    field(nok, "Bread").fill("3500")
    nok.page.keyboard.press("Enter")
    expect(price(ben, "Bread")).to_have_text("฿3,500")
    nok.page.locator(".toast").get_by_role("button", name="Undo").click()
    for person in (nok, ben):
        expect(price(person, "Bread")).to_have_text("Price")


def test_what_is_no_price_is_refused(nok, shop):
    price(nok, "Bread").click()
    field(nok, "Bread").fill("cheap")
    nok.page.keyboard.press("Enter")
    nok.expect_text("Enter an amount, like 45 or 13.50.")
    expect(price(nok, "Bread")).to_have_text("Price")


def test_price_is_corrected_on_a_completed_list_and_from_the_spending(nok, ben, shop):
    nok.choose_from_menu("Complete list")
    nok.expect_text(re.compile("carries over"))
    price(nok, "Bread").click()
    field(nok, "Bread").fill("35")
    nok.page.keyboard.press("Enter")
    expect(price(ben, "Bread")).to_have_text("฿35")
    nok.goto("money/")
    nok.page.get_by_role("link", name="Price of Jam").first.click()
    expect(nok.page.locator("h1")).to_have_text("Jam")
    nok.page.get_by_label("Price").fill("12.50")
    nok.press("Save")
    expect(nok.page.get_by_role("link", name="Price of Jam").first).to_have_text("฿12.50")
