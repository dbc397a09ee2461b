"""The entries of an aisle are put in order by dragging, and by the keyboard."""

import pytest
from playwright.sync_api import expect

from tests.e2e.person import unique_name
from tests.e2e.test_aisles import drag
from tests.server import NOK


@pytest.fixture
def fruit(nok, ben):
    """The names of an aisle's entries, open on both phones."""
    address = nok.create_list(unique_name("Shop "))
    nok.add_items("grapes, melons, pears")
    nok.expect_pending("Pears", "1")
    ben.goto(address)
    return ["Grapes", "Melons", "Pears"]


def expect_order(person, *names):
    expect(person.page.locator("#entries .entry:not(.entry--got) [id^='n-']")).to_have_text(list(names))


def test_dragged_entry_stays_on_both_phones_and_undo_brings_it_back(nok, ben, fruit):
    nok.page.set_viewport_size({"width": 1280, "height": 800})
    rows = nok.page.locator("#entries .entry")
    rows.nth(0).hover()
    drag(nok.page, rows.nth(0).locator("[data-drag]"), rows.nth(2))
    for person in (nok, ben):
        expect_order(person, "Melons", "Pears", "Grapes")
    nok.page.reload()
    expect_order(nok, "Melons", "Pears", "Grapes")


def test_alt_and_an_arrow_move_the_entry_with_the_focus(nok, ben, fruit):
    tick = nok.pending_entry("Grapes").locator(".entry__tick")
    tick.focus()
    nok.page.keyboard.press("Alt+ArrowDown")
    for person in (nok, ben):
        expect_order(person, "Melons", "Grapes", "Pears")
    expect(tick).to_be_focused()
    toast = nok.page.locator("#toasts .toast", has_text="Moved Grapes.")
    toast.get_by_role("button", name="Undo").click()
    for person in (nok, ben):
        expect_order(person, *fruit)


def test_order_waits_without_a_network(open_browser, ben, fruit):
    nok = open_browser(NOK, offline=True)
    nok.goto(ben.page.url)
    nok.page.context.set_offline(True)
    nok.pending_entry("Pears").locator(".entry__tick").focus()
    nok.page.keyboard.press("Alt+ArrowUp")
    expect_order(nok, "Grapes", "Pears", "Melons")
    expect_order(ben, *fruit)
    nok.page.context.set_offline(False)
    expect_order(ben, "Grapes", "Pears", "Melons")
