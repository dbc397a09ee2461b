"""Presence, typing and unread badges, updated live in every tab."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.person import unique_name
from tests.server import BEN, NOK

DESKTOP = {"width": 1280, "height": 800}


@pytest.fixture
def room(nok, ben) -> str:
    """Open a new room on both screens. Returns its URL."""
    address = nok.create_room(unique_name("r").lower())
    ben.goto(address)
    return address


def test_viewers_of_a_list_are_shown(nok, ben):
    address = nok.create_list(unique_name("Shop "))
    presence = nok.page.locator(".presence")
    expect(presence).to_be_hidden()
    ben.goto(address)
    expect(presence).to_contain_text("Ben")
    expect(presence.locator("[data-looking]:visible")).to_have_count(1)
    nok.add_items("2 melons")  # re-renders the list
    ben.expect_pending("Melons", "2")
    expect(presence).to_contain_text("Ben")
    ben.goto("chat/")
    expect(presence).to_be_hidden()


def test_two_tabs_of_one_person_show_one_avatar(nok, ben, open_browser):
    address = nok.create_list(unique_name("Shop "))
    ben.goto(address)
    second_tab = open_browser(BEN)
    second_tab.goto(address)
    avatars = nok.page.locator("[data-looking]:visible")
    expect(avatars).to_have_count(1)
    second_tab.page.close()
    expect(ben.page.locator("[data-looking]:visible")).to_have_count(1)
    expect(avatars).to_have_count(1)


def test_typing_indicator_disappears_when_the_message_is_sent(nok, ben, room):
    nok.page.locator("#text-message").press_sequentially("Hel")
    typing = ben.page.locator(".typing")
    expect(typing).to_contain_text("Nok is typing…")
    expect(nok.page.locator(".typing")).to_be_hidden()
    nok.send_message("Hello")
    expect(ben.message("Hello")).to_be_visible()
    expect(typing).to_be_hidden()


def test_typing_indicator_times_out(nok, ben, room):
    nok.page.locator("#text-message").press_sequentially("Hm")
    expect(ben.page.locator(".typing")).to_be_visible()
    expect(ben.page.locator(".typing")).to_be_hidden()


@pytest.fixture
def all_read(visitor) -> None:
    """Mark the messages of other tests as read by Ben."""
    ben = visitor(BEN)
    rooms = f"/api/homes/{ben.home}/channels"
    for room in ben.get(rooms, params={"limit": 200}).raise_for_status().json()["results"]:
        ben.post(f"{rooms}/{room['id']}/read", json={"seq": 2**53}).raise_for_status()


def test_unread_badges_are_updated_in_every_tab(nok, ben, open_browser, room, all_read):
    other_tab, desktop = open_browser(BEN), open_browser(BEN, viewport=DESKTOP)
    other_tab.goto("lists/")
    desktop.goto("chat/")
    ben.goto("money/")
    nok.send_message("Who is home?")
    name = nok.page.locator("#t-channel").inner_text()
    room_badge = desktop.page.locator(".channel").filter(has_text=name).locator(".badge")
    expect(room_badge).to_contain_text("1 unread")
    for tab in (ben, other_tab):
        expect(tab.page.locator("#unread .badge")).to_be_visible()
    desktop.page.locator(".channel").filter(has_text=name).click()
    expect(desktop.message("Who is home?")).to_be_visible()
    for tab in (ben, other_tab):
        expect(tab.page.locator("#unread .badge")).to_have_count(0)


def test_single_viewer_sees_no_presence(open_browser):
    alone = open_browser(NOK)
    alone.create_list(unique_name("Shop "))
    expect(alone.page.locator("live-home")).to_be_hidden()
    expect(alone.page.locator(".presence")).to_be_hidden()


def test_opening_a_room_without_a_socket_clears_its_badge(nok, open_browser, all_read):
    name = unique_name("r").lower()
    address = nok.create_room(name)
    ben = open_browser(BEN)
    ben.goto("chat/")
    nok.send_message("Soup is ready.")
    offline = open_browser(BEN, offline=True)
    offline.page.route_web_socket(re.compile("/ws/"), lambda socket: socket.close())
    with offline.page.expect_request(lambda request: request.url.endswith("/read") and request.method == "POST"):
        offline.goto(address)
    expect(ben.page.locator(".channel").filter(has_text=name).locator(".badge")).to_have_count(0)
