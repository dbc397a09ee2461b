"""Quick replies in the browser: buttons under Pixie's newest answer."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE
from tests.e2e.offline.phone import go_offline, go_online
from tests.e2e.person import unique_name
from tests.server import NOK

DESKTOP = {"width": 1280, "height": 900}
SCREENSHOTS = os.environ.get("SCREENSHOTS")  # a folder, to look at what the tests see
LONG = "Pickled gherkins from the small shop behind the station that has the crunchy ones"


def buttons(person):
    return person.page.locator(".quick-replies button")


def sent(person, text):
    return person.page.locator(".message--mine .bubble").get_by_text(text, exact=True)


def look(person, name):
    """Expect no horizontal overflow and buttons of a size for fingers. Store a screenshot if asked to."""
    if SCREENSHOTS:
        person.page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")
    assert person.page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    for button in buttons(person).all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_examples_are_buttons_that_can_be_read_and_reached(open_browser, size, scheme):
    nok = open_browser(NOK, viewport=size, color_scheme=scheme)
    nok.create_list(unique_name("Shop "))
    nok.add_items(LONG)
    expect(nok.page.locator(".entry").filter(has_text=LONG[:30])).to_have_count(1)
    nok.open_pixie_chat()
    nok.ask_pixie("help", "Tell me what you need")
    expect(buttons(nok)).to_have_count(6)
    look(nok, f"help-{size['width']}-{scheme}")
    nok.ask_pixie("I got it", "What did you get?")
    expect(buttons(nok).filter(has_text=LONG[:30])).to_have_count(1)
    look(nok, f"long-{size['width']}-{scheme}")
    nok.goto("")
    expect(buttons(nok).filter(has_text=LONG[:30])).to_have_count(1)
    look(nok, f"today-{size['width']}-{scheme}")


@pytest.fixture
def bread(nok) -> str:
    """Have one item on the list, and Pixie's chat open. Returns the item's name."""
    name = unique_name("Bread")
    nok.create_list(unique_name("Shop "))
    nok.add_items(name)
    nok.expect_pending(name, "1")
    nok.open_pixie_chat()
    nok.ask_pixie("help", "Tell me what you need")  # so that “it” is nothing that was spoken of before
    return name


def test_second_tap_sends_nothing_and_the_draft_stays(nok, bread):
    nok.ask_pixie("I got it", "What did you get?")
    nok.page.locator("#text-message").fill("half a thought")
    buttons(nok).filter(has_text=bread).dblclick()
    expect(sent(nok, bread)).to_have_count(1)
    expect(nok.page.locator(".message--pixie .bubble").last).to_contain_text(f"In the basket: {bread}.")
    expect(buttons(nok)).to_have_count(0)
    expect(sent(nok, bread)).to_have_count(1)
    expect(nok.page.locator("#text-message")).to_have_value("half a thought")


def test_reply_is_sent_with_the_keyboard(nok, bread):
    nok.ask_pixie("I got it", "What did you get?")
    group = nok.page.get_by_role("list", name="Answers you can send")
    expect(group.get_by_role("button", name=bread, exact=True)).to_be_visible()
    nok.page.locator("#text-message").focus()
    for _press in range(80):
        nok.page.keyboard.press("Shift+Tab")
        if nok.page.evaluate("() => document.activeElement.value") == bread:
            break
    nok.page.keyboard.press("Enter")
    expect(sent(nok, bread)).to_have_count(1)
    expect(nok.page.locator("#text-message")).to_be_focused()


def test_reply_from_today_is_sent_to_the_chat_once(nok, bread):
    nok.ask_pixie("I got it", "What did you get?")
    nok.goto("")
    buttons(nok).filter(has_text=bread).dblclick()
    nok.page.wait_for_url("**/chat/**")
    expect(nok.page.locator(".message--pixie .bubble").last).to_contain_text(f"In the basket: {bread}.")
    expect(sent(nok, bread)).to_have_count(1)


def test_reply_tapped_offline_waits_and_is_sent_once(open_browser):
    nok = open_browser(NOK, offline=True, viewport=PHONE)
    name = unique_name("Bread")
    nok.create_list(unique_name("Shop "))
    nok.add_items(name)
    nok.expect_pending(name, "1")
    nok.open_pixie_chat()
    nok.ask_pixie("help", "Tell me what you need")
    nok.ask_pixie("I got it", "What did you get?")
    go_offline(nok)
    buttons(nok).filter(has_text=name).click()
    waiting = nok.page.locator(".message--mine").filter(has_text=name)
    expect(waiting.locator(".waits")).to_be_visible()
    expect(buttons(nok).first).to_be_hidden()
    go_online(nok)
    expect(nok.page.locator(".message--pixie .bubble").last).to_contain_text(f"In the basket: {name}.")
    expect(sent(nok, name)).to_have_count(1)
