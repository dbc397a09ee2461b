"""The aisles are put in order by dragging, and by the keyboard."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def aisles(nok):
    nok.goto("aisles/")
    return nok.page.locator("[data-aisle]")


def names(aisles):
    return [text.strip() for text in aisles.locator(".row__title").all_inner_texts()]


def drag(page, handle, target, *, release=True):
    start, end = handle.bounding_box(), target.bounding_box()
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(start["x"], end["y"] + end["height"] * 0.6, steps=8)
    if release:
        page.mouse.up()


def test_dragged_aisle_stays_where_it_was_dropped_and_undo_brings_it_back(nok, aisles):
    before = names(aisles)
    drag(nok.page, aisles.nth(0).locator("[data-drag]"), aisles.nth(2))
    moved = [*before[1:3], before[0], *before[3:]]
    toast = nok.page.locator("#toasts .toast", has_text="new order")
    expect(toast).to_be_visible()
    assert names(aisles) == moved
    toast.get_by_role("button", name="Undo").click()
    expect(nok.page.locator("#toasts .toast", has_text="Undone.")).to_be_visible()
    assert names(aisles) == before


def test_escape_puts_a_dragged_aisle_back(nok, aisles):
    before = names(aisles)
    drag(nok.page, aisles.nth(0).locator("[data-drag]"), aisles.nth(3), release=False)
    assert names(aisles) != before
    nok.page.keyboard.press("Escape")
    assert names(aisles) == before
    nok.page.mouse.up()
    nok.page.reload()
    assert names(aisles) == before


def test_enter_moves_an_aisle_step_by_step(nok, aisles):
    before = names(aisles)
    nok.page.get_by_role("button", name=f"Move {before[0]} down").focus()
    for place in (1, 2):
        nok.page.keyboard.press("Enter")
        expect(aisles.nth(place).locator(".row__title")).to_have_text(before[0])
        expect(nok.page.get_by_role("button", name=f"Move {before[0]} down")).to_be_focused()
    for place in (1, 0):
        nok.page.get_by_role("button", name=f"Move {before[0]} up").press("Enter")
        expect(aisles.nth(place).locator(".row__title")).to_have_text(before[0])
    assert names(aisles) == before
