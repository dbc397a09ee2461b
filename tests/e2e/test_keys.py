"""The list by keyboard alone."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.person import Person, unique_name

ENTER_OF_A_COMPOSITION = """(field, event) => field.dispatchEvent(
  new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...event })
)"""
CLOSE_AND_PRESS_DOWN = """() => {
  document.getElementById("keys").close();
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
}"""


@pytest.fixture
def press(nok):
    """Open a list of four and return a function that presses keys."""
    nok.page.set_viewport_size({"width": 1280, "height": 800})
    nok.create_list(unique_name("Shop "))
    nok.add_items("grapes, melons, milk, rice")
    nok.expect_pending("Rice", "1")
    nok.page.evaluate("document.activeElement.blur()")

    def press_keys(*keys: str) -> None:
        for key in keys:
            nok.page.keyboard.press(key)

    return press_keys


def tick_of(person: Person, name: str) -> Locator:
    return person.pending_entry(name).locator(".entry__tick")


def test_slash_goes_to_the_field_and_escape_back(nok, press):
    press("ArrowDown", "/")
    expect(nok.field).to_be_focused()
    expect(nok.field).to_have_value("")
    press("Escape")
    expect(tick_of(nok, "Grapes")).to_be_focused()
    press("/", "1", "/", "2", "x", "Escape")
    expect(nok.field).to_have_value("1/2x")


def test_arrows_move_between_rows_and_x_or_space_tick(nok, press):
    press("ArrowDown", "ArrowDown", "ArrowDown")
    expect(tick_of(nok, "Milk")).to_be_focused()
    press("ArrowUp")
    expect(tick_of(nok, "Melons")).to_be_focused()
    assert tick_of(nok, "Melons").evaluate("tick => tick.matches(':focus-visible')")
    press("x")
    nok.expect_in_basket("Melons")
    expect(tick_of(nok, "Milk")).to_be_focused()
    press("Space")
    nok.expect_in_basket("Milk")
    expect(tick_of(nok, "Rice")).to_be_focused()


def test_ctrl_z_undoes_the_last_changes(nok, press):
    nok.add_items("salt")
    nok.expect_pending("Salt", "1")
    nok.tick("Grapes")
    nok.expect_in_basket("Grapes")
    press("Control+z")
    nok.expect_pending("Grapes", "1")
    press("Control+z")
    nok.expect_no_entry("Salt")
    nok.expect_text("Undone: salt.")


def test_e_edits_the_row(nok, press):
    press("ArrowDown", "e")
    expect(nok.page.locator("h1")).to_have_text("Grapes")


def test_question_mark_shows_the_keys_and_escape_returns_the_focus(nok, press):
    dialog = nok.page.get_by_role("dialog", name="Keyboard shortcuts")
    press("ArrowDown", "?")
    expect(dialog).to_be_visible()
    press("x", "Escape")
    expect(dialog).to_be_hidden()
    expect(tick_of(nok, "Grapes")).to_be_focused()
    nok.choose_from_menu("Keyboard shortcuts")
    expect(dialog).to_be_visible()
    press("Escape")
    expect(nok.page.locator("#list-menu summary")).to_be_focused()


def test_single_keys_can_be_switched_off(nok, press):
    press("?")
    switch = nok.page.get_by_role("checkbox", name="Use single-key shortcuts")
    expect(switch).to_be_checked()
    switch.uncheck()
    press("Escape", "ArrowDown", "x", "/")
    expect(tick_of(nok, "Grapes")).to_be_focused()
    nok.choose_from_menu("Keyboard shortcuts")
    switch.check()
    press("Escape", "/")
    expect(nok.field).to_be_focused()


def test_keys_work_at_once_when_a_dialog_closes(nok, press):
    """Before the browser has moved the focus out of it."""
    press("?")
    nok.page.get_by_role("checkbox", name="Use single-key shortcuts").focus()
    nok.page.evaluate(CLOSE_AND_PRESS_DOWN)
    expect(tick_of(nok, "Grapes")).to_be_focused()


def test_escape_closes_an_open_row_and_keeps_its_focus(nok, press):
    row = nok.expand_entry("Grapes")
    row.get_by_role("button", name="More").focus()
    press("Escape")
    expect(row.locator(".entry__actions")).to_be_hidden()
    expect(row.locator(".qty__value")).to_be_focused()


@pytest.mark.parametrize("event", [{"isComposing": True}, {"keyCode": 229}], ids=["composing", "229"])
def test_enter_of_a_composition_adds_nothing(nok, press, event):
    nok.field.fill("salt")
    nok.field.evaluate(ENTER_OF_A_COMPOSITION, event)
    expect(nok.field).to_have_value("salt")
    press("Enter")
    nok.expect_pending("Salt", "1")
