"""A second tap does no harm, and every tick and amount can be undone where it was made."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE
from tests.e2e.person import Person, unique_name
from tests.server import NOK

UNDER_DOCK = """row => {
  const dock = document.querySelector(".app__dock").getBoundingClientRect();
  return row.getBoundingClientRect().bottom > dock.top;
}"""
SIDES = """() => Object.fromEntries([...document.querySelectorAll(".aisles > .stack")].flatMap(
  (stack, side) => [...stack.querySelectorAll("[id^='a-'] .tier__title")].map((title) => [title.textContent, side])
))"""


@pytest.fixture
def paused(open_browser) -> Person:
    """Nok, on a phone whose clock stands still unless the test moves it."""
    person = open_browser(NOK, viewport=PHONE)
    person.page.clock.install()
    return person


def open_list(person: Person, items: str) -> str:
    address = person.create_list(unique_name("Shop "))
    person.add_items(items)
    expect(person.page.locator(".entry:not(.entry--got)")).to_have_count(items.count(",") + 1)
    return address


def stop_clock(person: Person) -> None:
    """Stop the clock when all rows can be tapped."""
    person.page.clock.fast_forward(2000)
    person.page.clock.pause_at(person.page.evaluate("Date.now() / 1000 + 1"))


def tap(person: Person, name: str) -> None:
    """Tap where the row is, whether or not it takes the tap."""
    box = person.page.locator(".entry").filter(has_text=name).bounding_box()
    assert box is not None
    person.page.mouse.click(box["x"] + 24, box["y"] + box["height"] / 2)


def toast(person: Person, text: str):
    return person.page.locator(".toast").filter(has_text=text)


def test_double_tap_ticks_one_entry(nok):
    open_list(nok, "grapes, melons")
    nok.pending_entry("Grapes").locator(".entry__tick").dblclick()
    nok.expect_in_basket("Grapes")
    nok.expect_pending("Melons", "1")


def test_ticked_row_stays_for_a_moment_in_which_another_tap_unticks_it(paused):
    open_list(paused, "grapes, melons")
    stop_clock(paused)
    with paused.page.expect_response("**/intents"):
        tap(paused, "Grapes")
    row = paused.page.locator(".entry").filter(has_text="Grapes")
    expect(row).to_have_class(re.compile("entry--got"))
    expect(paused.page.locator("#basket")).to_have_count(0)
    paused.page.clock.run_for(1000)
    expect(paused.page.locator("#basket")).to_have_count(0)
    with paused.page.expect_response("**/intents"):
        tap(paused, "Grapes")
    expect(row).not_to_have_class(re.compile("entry--got"))
    paused.page.clock.run_for(1600)
    paused.expect_pending("Grapes", "1")
    paused.expect_pending("Melons", "1")


def test_tap_on_a_row_that_has_just_moved_is_ignored(paused, ben):
    ben.goto(open_list(paused, "rice, salt"))
    stop_clock(paused)
    ben.add_items("3 limes")  # an aisle above
    expect(paused.pending_entry("Limes")).to_have_count(1)
    paused.page.clock.run_for(50)
    expect(paused.page.locator(".entry").filter(has_text="Rice")).to_have_css("pointer-events", "none")
    tap(paused, "Rice")
    paused.page.clock.run_for(700)
    expect(paused.page.locator(".entry").filter(has_text="Rice")).to_have_css("pointer-events", "auto")
    paused.expect_pending("Rice", "1")
    tap(paused, "Rice")
    expect(paused.page.locator(".entry--got").filter(has_text="Rice")).to_have_count(1)


def test_aisles_stay_on_their_side(nok, ben):
    nok.page.set_viewport_size({"width": 1280, "height": 800})
    address = open_list(nok, "limes, milk, rice, dish soap")
    assert nok.page.evaluate(SIDES) == {"Produce": 0, "Dairy": 0, "Staple": 0, "Household": 1}
    ben.goto(address)
    ben.add_items("apples, bananas, grapes, cherries, plums, chicken")
    nok.expect_pending("Chicken", "1")
    nok.tick("Dish soap")
    nok.expect_in_basket("Dish soap")
    assert nok.page.evaluate(SIDES) == {"Produce": 0, "Dairy": 0, "Staple": 0, "Protein": 1}


def test_open_row_is_above_the_field_and_its_chips(nok):
    open_list(nok, ", ".join(unique_name() for _ in range(14)))
    nok.field.fill(", ".join(f"2 kg {unique_name()}" for _ in range(6)))
    expect(nok.page.locator(".understood__item")).to_have_count(6)
    last = nok.page.locator(".entry").last
    last.scroll_into_view_if_needed()
    last.locator(".qty__value").click()
    expect(last.locator(".entry__actions")).to_be_visible()
    assert not last.evaluate(UNDER_DOCK)


def test_ticks_and_amounts_are_undone_at_their_toasts(nok, ben):
    ben.goto(open_list(nok, "bread, 2 melons"))
    nok.tick("Bread")
    toast(nok, "Got Bread.").get_by_role("button", name="Undo").click()
    expect(toast(nok, "Undone: Bread.")).to_be_visible()
    nok.expect_pending("Bread", "1")
    row = nok.expand_entry("Melons")
    for amount in ("3", "4"):
        row.get_by_role("button", name="More").click()
        nok.expect_pending("Melons", amount)
    ben.expect_pending("Melons", "4")
    toast(nok, "Melons: 4 now.").get_by_role("button", name="Undo").click()
    for person in (nok, ben):
        person.expect_pending("Melons", "2")
        person.expect_pending("Bread", "1")


def test_smallest_amount_has_nothing_to_undo(nok):
    open_list(nok, "150 g ham")
    row = nok.expand_entry("Ham")
    row.get_by_role("button", name="Less").click()
    nok.expect_pending("Ham", "100 g")
    toast(nok, "Ham: 100 g now.").get_by_role("button", name="Undo").click()
    nok.expect_pending("Ham", "150 g")


def test_edited_amount_is_undone_on_the_list(nok, ben):
    ben.goto(open_list(nok, "2 melons"))
    nok.expand_entry("Melons").get_by_role("link", name="Edit", exact=True).click()
    nok.page.get_by_label("Quantity").fill("1,5")
    nok.page.get_by_label("Unit").fill("kg")
    nok.press("Save")
    ben.expect_pending("Melons", "1.5 kg")
    toast(nok, "Changed Melons.").get_by_role("button", name="Undo").click()
    for person in (nok, ben):
        person.expect_pending("Melons", "2")
