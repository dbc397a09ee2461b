"""Rooms, threads, reactions and direct messages on two screens."""

import re
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.e2e.person import unique_name
from tests.server import MAI, NOK, Visitor

DESKTOP = {"width": 1280, "height": 800}


@pytest.fixture
def room(nok, ben) -> str:
    """Open a new room on both screens. Returns its URL."""
    address = nok.create_room(unique_name("r").lower())
    ben.goto(address)
    return address


def open_message_menu(person, text: str):
    """Open the menu of a message."""
    menu = person.message(text).locator(".message__menu")
    menu.locator("summary").click()
    return menu


def test_message_appears_on_the_other_screen(nok, ben, room):
    nok.send_message("The lift works again.")
    expect(ben.message("The lift works again.")).to_contain_text("Nok")
    ben.send_message("At last!")
    expect(nok.message("At last!")).to_contain_text("Ben")


def test_new_room_appears_in_the_other_list(nok, ben):
    ben.goto("chat/#channels")
    name = unique_name("r").lower()
    nok.create_room(name)
    ben.page.locator(".channel").filter(has_text=name).click()
    expect(ben.page.locator("#t-channel")).to_have_text(name)


def test_private_room_appears_after_being_added(nok, ben):
    name = unique_name("secret").lower()
    address = nok.create_room(name, is_private=True)
    nok.send_message("Not a word to Ben.")

    ben.goto("chat/#channels")
    expect(ben.page.locator(".channel").filter(has_text="general")).to_be_visible()
    expect(ben.page.locator(".channel").filter(has_text=name)).to_have_count(0)
    assert ben.page.request.get(address).status == 404

    nok.goto(f"{address}people/")
    expect(nok.page).to_have_title(f"{name} · Pantry Pixie")
    nok.page.locator(".row").filter(has_text="Ben").get_by_role("button", name="Add").click()
    ben.page.locator(".channel").filter(has_text=name).click()
    expect(ben.message("Not a word to Ben.")).to_be_visible()


def test_thread_replies_appear_on_both_screens(nok, ben, room):
    nok.send_message("Who cooks on Sunday?")
    open_message_menu(ben, "Who cooks on Sunday?").get_by_role("link", name="Reply in a thread").click()
    ben.send_message("I do.", field="reply")
    thread = nok.message("Who cooks on Sunday?").locator(".thread")
    expect(thread).to_contain_text("1 reply")
    thread.click()
    expect(nok.page.locator("#reply-list")).to_contain_text("I do.")
    nok.send_message("Then I wash up.", field="reply")
    expect(ben.page.locator("#reply-list")).to_contain_text("Then I wash up.")
    ben.page.locator("#thread").get_by_role("link", name=re.compile("^(Back to|Close)")).first.click()
    expect(ben.message("Who cooks on Sunday?").locator(".thread")).to_contain_text("2 replies")


def test_reaction_is_added_and_removed_on_both_screens(nok, ben, room):
    nok.send_message("The plants are watered.")
    open_message_menu(ben, "The plants are watered.").get_by_role("button", name="🎉").click()
    reaction = nok.message("The plants are watered.").locator(".reaction")
    expect(reaction).to_contain_text("🎉 1")
    reaction.click()
    expect(ben.message("The plants are watered.").locator(".reaction")).to_contain_text("🎉 2")
    ben.message("The plants are watered.").locator(".reaction").click()
    expect(reaction).to_contain_text("🎉 1")
    expect(reaction).to_have_attribute("aria-pressed", "true")


def test_edited_and_deleted_message_is_updated_live(nok, ben, room):
    nok.send_message("See you at seven")
    open_message_menu(nok, "See you at seven").get_by_role("link", name="Edit").click()
    nok.page.get_by_label("Message").fill("See you at eight")
    nok.press("Save")
    expect(ben.message("See you at eight")).to_contain_text("edited")
    open_message_menu(nok, "See you at eight").get_by_role("button", name="Delete").click()
    expect(ben.page.locator("#message-list .message").last).to_contain_text("Deleted")
    expect(ben.page.locator("#message-list")).not_to_contain_text("See you at")


def test_direct_message_appears_on_the_other_screen(nok, ben):
    text = unique_name("Present for Ploy: ")
    nok.goto("chat/#channels")
    nok.page.locator("#channels .channel", has=nok.page.get_by_text("Ben", exact=True)).click()
    nok.expect_text("Only the two of you can read this")
    ben.goto("chat/#channels")
    ben.page.locator("#channels .channel", has=ben.page.get_by_text("Nok", exact=True)).click()
    nok.send_message(text)
    expect(ben.message(text)).to_be_visible()


def test_room_badge_counts_unread_messages(nok, ben, room, open_browser):
    desktop = open_browser("ben@apartment42.example", viewport=DESKTOP)
    name = normalize_room_name(nok)
    ben.goto("")  # leave the room, else its messages are read
    other = nok.create_room(unique_name("r").lower())
    desktop.goto(other)
    nok.goto(room)
    nok.send_message("one")
    nok.send_message("two")
    entry = desktop.page.locator("#channels .channel").filter(has_text=name)
    expect(entry.locator(".badge")).to_contain_text("2")
    entry.click()
    expect(desktop.message("two")).to_be_visible()
    expect(desktop.page.locator("#channels .channel").filter(has_text=name).locator(".badge")).to_have_count(0)


def test_tab_badge_counts_unread_messages(nok, open_browser):
    ploy = open_browser("ploy@apartment42.example")
    name = unique_name("r").lower()
    nok.create_room(name)
    nok.send_message("anybody home?")
    ploy.goto("")
    badge = ploy.page.locator("#unread .badge")
    before = int(badge.locator("[aria-hidden]").inner_text())
    assert before >= 1
    nok.send_message("hello?")
    expect(badge.locator("[aria-hidden]")).to_have_text(str(before + 1))


def test_message_form_on_today_has_no_badge(server, open_browser):
    """The form on Today belongs to a chat with Pixie, which has unread messages."""
    ploy = open_browser("ploy@apartment42.example")
    with closing(Visitor(server, "ploy@apartment42.example")) as api:
        payload = {"home_id": api.home, "message": "what's on the list?"}
        api.post("/api/chat", json=payload).raise_for_status()
        ploy.goto("")
        channel_id = ploy.page.locator("#tell").get_attribute("data-channel")
        ploy.goto(f"chat/{channel_id}/")  # marks it as read
        expect(ploy.page.locator(".message--pixie").last).to_be_visible()
        ploy.goto("")
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
        url = f"/api/homes/{api.home}/channels/{channel_id}/messages"
        api.post(url, json={"content": "and now?"}).raise_for_status()
        expect(badge).to_have_text(str(before + 1))
    assert ploy.page.evaluate("window.badged") == 0


def normalize_room_name(person) -> str:
    return person.page.locator("#t-channel").inner_text()


def test_draft_survives_incoming_messages(nok, ben, room):
    ben.page.locator("#text-message").press_sequentially("I wanted to s")
    nok.send_message("Dinner is ready!")
    expect(ben.message("Dinner is ready!")).to_be_visible()
    expect(ben.page.locator("#text-message")).to_have_value("I wanted to s")
    ben.page.locator("#text-message").press_sequentially("ay something")
    ben.page.locator("#text-message").press("Enter")
    expect(nok.message("I wanted to say something")).to_be_visible()


def test_double_click_on_send_sends_one_message(nok, ben, room):
    nok.page.locator("#text-message").fill("Good morning")
    nok.page.locator("#say-message").get_by_role("button", name="Send").dblclick()
    expect(ben.message("Good morning")).to_be_visible()
    nok.send_message("That was once")
    expect(ben.message("That was once")).to_be_visible()
    expect(ben.page.locator("#message-list .message").filter(has_text="Good morning")).to_have_count(1)


def test_room_returns_404_for_another_home(nok, room, visitor):
    nok.send_message("Only for us")
    thread = nok.message("Only for us").get_attribute("id").split("m-", 1)[1]
    mai = visitor(MAI)
    for address in (room, f"{room}{thread}/", f"{room}people/"):
        assert mai.get(address).status_code == 404
    for address in (f"{room}send", f"{room}{thread}/react", f"{room}{thread}/delete", f"{room}{thread}/edit"):
        assert mai.post(address, data={"body": "hello", "emoji": "🎉"}).status_code == 404
    assert "Only for us" in visitor(NOK).get(room).text
