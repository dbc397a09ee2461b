"""Who is here, who is typing, and how much is unread: on both screens and in every tab, with no page loaded again."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.people import own_word
from tests.server import BEN, NOK

DESK = {"width": 1280, "height": 800}


@pytest.fixture
def room(nok, ben) -> str:
    """A new room, open on both screens. Its address."""
    address = nok.opens_room(own_word("r").lower())
    ben.goes_to(address)
    return address


def test_who_has_the_same_list_open_is_shown(nok, ben):
    address = nok.begins_list(own_word("Shop "))
    here = nok.page.locator(".presence")
    expect(here).to_be_hidden()
    ben.goes_to(address)
    expect(here).to_contain_text("Ben")
    expect(here.locator("[data-looking]:visible")).to_have_count(1)
    nok.adds("2 melons")  # the list is drawn anew
    ben.sees_to_get("Melons", "2")
    expect(here).to_contain_text("Ben")
    ben.goes_to("chat/")
    expect(here).to_be_hidden()


def test_two_tabs_of_one_person_are_one_face(nok, ben, meet):
    address = nok.begins_list(own_word("Shop "))
    ben.goes_to(address)
    again = meet(BEN)
    again.goes_to(address)
    faces = nok.page.locator("[data-looking]:visible")
    expect(faces).to_have_count(1)
    again.page.close()
    expect(ben.page.locator("[data-looking]:visible")).to_have_count(1)
    expect(faces).to_have_count(1)


def test_who_is_typing_is_shown_until_it_is_said(nok, ben, room):
    nok.page.locator("#text-message").press_sequentially("Hel")
    typing = ben.page.locator(".typing")
    expect(typing).to_contain_text("Nok is typing…")
    expect(nok.page.locator(".typing")).to_be_hidden()
    nok.says("Hello")
    expect(ben.message("Hello")).to_be_visible()
    expect(typing).to_be_hidden()


def test_who_stops_typing_is_shown_no_more(nok, ben, room):
    nok.page.locator("#text-message").press_sequentially("Hm")
    expect(ben.page.locator(".typing")).to_be_visible()
    expect(ben.page.locator(".typing")).to_be_hidden()


@pytest.fixture
def all_read(visitor) -> None:
    """Ben has read what was said in other tests."""
    ben = visitor(BEN)
    rooms = f"/api/homes/{ben.home}/channels"
    for room in ben.get(rooms, params={"limit": 200}).raise_for_status().json()["results"]:
        ben.post(f"{rooms}/{room['id']}/read", json={"seq": 2**53}).raise_for_status()


def test_what_is_unread_is_right_in_every_tab(nok, ben, meet, room, all_read):
    elsewhere, rooms = meet(BEN), meet(BEN, viewport=DESK)
    elsewhere.goes_to("lists/")
    rooms.goes_to("chat/")
    ben.goes_to("money/")
    nok.says("Who is home?")
    name = nok.page.locator("#t-channel").inner_text()
    of_room = rooms.page.locator(".channel").filter(has_text=name).locator(".badge")
    expect(of_room).to_contain_text("1 unread")
    for tab in (ben, elsewhere):
        expect(tab.page.locator("#unread .badge")).to_be_visible()
    rooms.page.locator(".channel").filter(has_text=name).click()
    expect(rooms.message("Who is home?")).to_be_visible()
    for tab in (ben, elsewhere):
        expect(tab.page.locator("#unread .badge")).to_have_count(0)


def test_a_list_that_nok_alone_looks_at_shows_nobody(meet):
    alone = meet(NOK)
    alone.begins_list(own_word("Shop "))
    expect(alone.page.locator("live-home")).to_be_hidden()
    expect(alone.page.locator(".presence")).to_be_hidden()


def test_opening_a_room_without_a_socket_clears_its_badge(nok, meet, all_read):
    name = own_word("r").lower()
    address = nok.opens_room(name)
    ben = meet(BEN)
    ben.goes_to("chat/")
    nok.says("Soup is ready.")
    offline = meet(BEN, offline=True)
    offline.page.route_web_socket(re.compile("/ws/"), lambda socket: socket.close())
    with offline.page.expect_request(lambda request: request.url.endswith("/read") and request.method == "POST"):
        offline.goes_to(address)
    expect(ben.page.locator(".channel").filter(has_text=name).locator(".badge")).to_have_count(0)
