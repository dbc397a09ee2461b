"""Rooms, threads, signs and talks between two, on both screens."""

import re
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.e2e.people import own_word
from tests.server import MAI, NOK, Visitor

DESK = {"width": 1280, "height": 800}


@pytest.fixture
def room(nok, ben) -> str:
    """A new room, open on both screens. Its address."""
    address = nok.opens_room(own_word("r").lower())
    ben.goes_to(address)
    return address


def menu_of(person, text: str):
    """Opens what can be done with a message."""
    menu = person.message(text).locator(".message__menu")
    menu.locator("summary").click()
    return menu


def test_what_one_says_the_other_reads(nok, ben, room):
    nok.says("The lift works again.")
    expect(ben.message("The lift works again.")).to_contain_text("Nok")
    ben.says("At last!")
    expect(nok.message("At last!")).to_contain_text("Ben")


def test_a_new_room_shows_up_in_the_others_list(nok, ben):
    ben.goes_to("chat/#channels")
    name = own_word("r").lower()
    nok.opens_room(name)
    ben.page.locator(".channel").filter(has_text=name).click()
    expect(ben.page.locator("#t-channel")).to_have_text(name)


def test_a_private_room_is_for_those_inside(nok, ben):
    name = own_word("secret").lower()
    address = nok.opens_room(name, is_private=True)
    nok.says("Not a word to Ben.")

    ben.goes_to("chat/#channels")
    expect(ben.page.locator(".channel").filter(has_text="general")).to_be_visible()
    expect(ben.page.locator(".channel").filter(has_text=name)).to_have_count(0)
    assert ben.page.request.get(address).status == 404

    nok.goes_to(f"{address}people/")
    expect(nok.page).to_have_title(f"{name} · Pantry Pixie")
    nok.page.locator(".row").filter(has_text="Ben").get_by_role("button", name="Add").click()
    ben.page.locator(".channel").filter(has_text=name).click()
    expect(ben.message("Not a word to Ben.")).to_be_visible()


def test_a_thread_beside_the_talk(nok, ben, room):
    nok.says("Who cooks on Sunday?")
    menu_of(ben, "Who cooks on Sunday?").get_by_role("link", name="Reply in a thread").click()
    ben.says("I do.", field="reply")
    thread = nok.message("Who cooks on Sunday?").locator(".thread")
    expect(thread).to_contain_text("1 reply")
    thread.click()
    expect(nok.page.locator("#talk-thread")).to_contain_text("I do.")
    nok.says("Then I wash up.", field="reply")
    expect(ben.page.locator("#talk-thread")).to_contain_text("Then I wash up.")
    ben.page.locator("#thread").get_by_role("link", name=re.compile("^(Back to|Close)")).first.click()
    expect(ben.message("Who cooks on Sunday?").locator(".thread")).to_contain_text("2 replies")


def test_a_sign_is_given_and_taken_back(nok, ben, room):
    nok.says("The plants are watered.")
    menu_of(ben, "The plants are watered.").get_by_role("button", name="🎉").click()
    on_hers = nok.message("The plants are watered.").locator(".reaction")
    expect(on_hers).to_contain_text("🎉 1")
    on_hers.click()
    expect(ben.message("The plants are watered.").locator(".reaction")).to_contain_text("🎉 2")
    ben.message("The plants are watered.").locator(".reaction").click()
    expect(on_hers).to_contain_text("🎉 1")
    expect(on_hers).to_have_attribute("aria-pressed", "true")


def test_what_was_said_is_changed_and_deleted(nok, ben, room):
    nok.says("See you at seven")
    menu_of(nok, "See you at seven").get_by_role("link", name="Edit").click()
    nok.page.get_by_label("Message").fill("See you at eight")
    nok.presses("Save")
    expect(ben.message("See you at eight")).to_contain_text("edited")
    menu_of(nok, "See you at eight").get_by_role("button", name="Delete").click()
    expect(ben.page.locator("#talk .message").last).to_contain_text("Deleted")
    expect(ben.page.locator("#talk")).not_to_contain_text("See you at")


def test_between_two(nok, ben):
    text = own_word("Present for Ploy: ")
    nok.goes_to("chat/#channels")
    nok.page.locator("#channels .channel", has=nok.page.get_by_text("Ben", exact=True)).click()
    nok.reads("Only the two of you can read this")
    ben.goes_to("chat/#channels")
    ben.page.locator("#channels .channel", has=ben.page.get_by_text("Nok", exact=True)).click()
    nok.says(text)
    expect(ben.message(text)).to_be_visible()


def test_the_badge_counts_what_is_unread(nok, ben, room, meet):
    """On Ben's desk the list of rooms stands beside the talk."""
    desk = meet("ben@apartment42.example", viewport=DESK)
    name = room_name(nok)
    ben.goes_to("")  # away from the room, else he reads along
    other = nok.opens_room(own_word("r").lower())
    desk.goes_to(other)
    nok.goes_to(room)
    nok.says("one")
    nok.says("two")
    entry = desk.page.locator("#channels .channel").filter(has_text=name)
    expect(entry.locator(".badge")).to_contain_text("2")
    entry.click()
    expect(desk.message("two")).to_be_visible()
    expect(desk.page.locator("#channels .channel").filter(has_text=name).locator(".badge")).to_have_count(0)


def test_the_tab_counts_what_is_unread(nok, meet):
    ploy = meet("ploy@apartment42.example")
    name = own_word("r").lower()
    nok.opens_room(name)
    nok.says("anybody home?")
    ploy.goes_to("")
    badge = ploy.page.locator("#unread .badge")
    before = int(badge.locator("[aria-hidden]").inner_text())
    assert before >= 1
    nok.says("hello?")
    expect(badge.locator("[aria-hidden]")).to_have_text(str(before + 1))


def test_what_one_tells_pixie_from_wears_no_badge(server, meet):
    """The line on Today belongs to a talk, too."""
    ploy = meet("ploy@apartment42.example")
    with closing(Visitor(server, "ploy@apartment42.example")) as elsewhere:
        said = {"home_id": elsewhere.home, "message": "what's on the list?"}
        elsewhere.post("/api/chat", json=said).raise_for_status()
        ploy.goes_to("")
        talk = ploy.page.locator("#tell").get_attribute("data-channel")
        ploy.goes_to(f"chat/{talk}/")  # and has read it
        expect(ploy.page.locator(".message--pixie").last).to_be_visible()
        ploy.goes_to("")
        badge = ploy.page.locator("#unread .badge [aria-hidden]")
        before = int(badge.inner_text()) if badge.count() else 0
        ploy.page.evaluate(
            """() => {
              const line = document.getElementById("tell");
              window.badged = 0;
              new MutationObserver(() => { window.badged += line.querySelectorAll(".badge").length; })
                .observe(line, { childList: true, subtree: true });
            }"""
        )
        there = f"/api/homes/{elsewhere.home}/channels/{talk}/messages"
        elsewhere.post(there, json={"content": "and now?"}).raise_for_status()
        expect(badge).to_have_text(str(before + 1))
    assert ploy.page.evaluate("window.badged") == 0


def room_name(person) -> str:
    return person.page.locator("#t-channel").inner_text()


def test_what_is_being_written_survives_what_others_say(nok, ben, room):
    ben.page.locator("#text-message").press_sequentially("I wanted to s")
    nok.says("Dinner is ready!")
    expect(ben.message("Dinner is ready!")).to_be_visible()
    expect(ben.page.locator("#text-message")).to_have_value("I wanted to s")
    ben.page.locator("#text-message").press_sequentially("ay something")
    ben.page.locator("#text-message").press("Enter")
    expect(nok.message("I wanted to say something")).to_be_visible()


def test_enter_twice_says_it_once(nok, ben, room):
    nok.page.locator("#text-message").fill("Good morning")
    nok.page.locator("#say-message").get_by_role("button", name="Send").dblclick()
    expect(ben.message("Good morning")).to_be_visible()
    nok.says("That was once")
    expect(ben.message("That was once")).to_be_visible()
    expect(ben.page.locator("#talk .message").filter(has_text="Good morning")).to_have_count(1)


def test_another_home_finds_nothing_of_this_one(nok, room, visitor):
    nok.says("Only for us")
    thread = nok.message("Only for us").get_attribute("id").split("m-", 1)[1]
    mai = visitor(MAI)
    for address in (room, f"{room}{thread}/", f"{room}people/"):
        assert mai.get(address).status_code == 404
    for address in (f"{room}send", f"{room}{thread}/react", f"{room}{thread}/delete", f"{room}{thread}/edit"):
        assert mai.post(address, data={"body": "hello", "emoji": "🎉"}).status_code == 404
    assert "Only for us" in visitor(NOK).get(room).text
