"""Conversations with Pixie: its answers match what changed, and changes can be undone."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.e2e.person import unique_name
from tests.server import NOK


@pytest.fixture
def shop(nok) -> str:
    """Create the list that Pixie adds to, and open Nok's chat with Pixie. Returns the list's URL."""
    address = nok.create_list(unique_name("Shop "))
    nok.open_pixie_chat()
    return address


@pytest.fixture
def general(nok) -> str:
    nok.goto("chat/#channels")
    nok.page.locator(".channel").filter(has_text="general").click()
    expect(nok.page.locator("#t-channel")).to_have_text("general")
    return nok.page.url.split("#")[0]


def test_asking_for_eggs_adds_and_ticks_them(nok, ben, shop):
    ben.goto(shop)
    nok.ask_pixie("We need 6 eggs", "Eggs")
    ben.expect_pending("Eggs", "6")
    nok.ask_pixie("what's on the list?", re.compile(r"1 item is on Shop \w+: Eggs \(6\)\."))
    nok.ask_pixie("I got the eggs", "In the basket: Eggs.")
    ben.expect_in_basket("Eggs")
    nok.ask_pixie("what's on the list?", "There's nothing left to get")


def test_asking_to_remove_milk_removes_it(nok, ben, shop):
    ben.goto(shop)
    nok.ask_pixie("add 2 liters of milk", "Milk")
    ben.expect_pending("Milk", "2 liters")
    nok.ask_pixie("take milk off", "Off the list: Milk.")
    ben.expect_no_entry("Milk")


def test_undo_on_the_receipt_removes_added_items(nok, ben, shop):
    ben.goto(shop)
    answer = nok.ask_pixie("add 3 lemons and 2 onions", "Both are on")
    receipt = answer.locator(".receipt")
    expect(receipt.locator(".receipt__lines li")).to_have_count(2)
    ben.expect_pending("Lemons", "3")
    receipt.get_by_role("button", name="Undo").click()
    expect(receipt).to_contain_text("Undone")
    expect(receipt.get_by_role("button")).to_have_count(0)
    ben.expect_no_entry("Lemons")
    ben.expect_no_entry("Onions")


def test_monthly_request_creates_a_recurring_item(nok, shop):
    nok.ask_pixie("shampoo every month", re.compile(r"Shampoo: .*every month, first on"))
    nok.goto("recurring/")
    expect(nok.page.locator("#t-rules >> xpath=../..").locator(".row").filter(has_text="Shampoo")).to_have_count(1)


def test_spending_answer_matches_the_money_page(nok, shop):
    answer = nok.ask_pixie("how much did we spend?", "You spent ")
    amount = re.search(r"฿[\d,.]*\d", answer.inner_text())
    nok.goto("money/")
    assert amount
    expect(nok.page.locator("main")).to_contain_text(f"{amount[0]} of ฿13,000 spent")


def test_vague_request_is_answered_with_a_question(nok, ben, shop):
    ben.goto(shop)
    nok.ask_pixie("Add some stuff", "What should go on the list?")
    expect(ben.page.locator(".entry")).to_have_count(0)
    nok.ask_pixie("eggs and milk", "Both are on")
    for name in ("Eggs", "Milk"):
        expect(ben.pending_entry(name)).to_have_count(1)


def test_joke_changes_nothing(nok, ben, shop):
    ben.goto(shop)
    answer = nok.ask_pixie("tell me a joke", re.compile(r"[.?!]$"))
    expect(answer.locator(".receipt")).to_have_count(0)
    nok.ask_pixie("what's on the list?", "There's nothing left to get")
    expect(ben.page.locator(".entry")).to_have_count(0)


def test_unusual_amount_is_added_after_yes(nok, ben, shop):
    ben.goto(shop)
    question = nok.ask_pixie("add 900 coconuts", "that is a lot")
    expect(ben.page.locator(".entry")).to_have_count(0)
    question.get_by_role("button", name="Yes").click()
    ben.expect_pending("Coconuts", "900")
    expect(question.get_by_role("button", name="Yes")).to_have_count(0)
    expect(nok.page.locator("#message-list .message--pixie").last.locator(".receipt")).to_contain_text("Coconuts")


def test_unusual_amount_is_dropped_after_no(nok, ben, shop):
    ben.goto(shop)
    question = nok.ask_pixie("add 800 pineapples", "that is a lot")
    question.get_by_role("button", name="No").click()
    expect(question.get_by_role("button", name="No")).to_have_count(0)
    expect(nok.page.locator("#message-list .message--pixie").last).to_contain_text("Nothing changed.")
    expect(ben.page.locator(".entry")).to_have_count(0)


def test_question_can_be_answered_on_today(nok, shop):
    nok.ask_pixie("add 700 papayas", "that is a lot")
    nok.goto("")
    question = nok.page.locator(".tier--pixie").filter(has_text="700")
    question.get_by_role("button", name="No").click()
    expect(question).to_have_count(0)


def test_mention_in_a_room_is_answered_for_everybody(nok, ben, shop, general):
    ben.goto(general)
    text = f"Pixie, add 4 lemons {unique_name('x')[1:3]}"[:19]
    answer = nok.ask_pixie(text, "Lemons")
    expect(answer.locator(".receipt")).to_contain_text("Lemons")
    expect(ben.message("to Shop").locator(".receipt")).to_contain_text("Lemons")
    nok.goto(shop)
    nok.expect_pending("Lemons", "4")


def test_message_without_mention_is_not_answered(nok, ben, shop, general):
    ben.goto(general)
    message = nok.send_message(f"we need 5 limes, says {unique_name('aunt ')}")
    reply = nok.reply_to(message)
    nok.ask_pixie("Pixie, what is on the list?", "There's nothing left to get")
    expect(message.locator("xpath=following-sibling::li[contains(@class,'message--pixie')]")).to_have_count(1)
    expect(reply).to_contain_text("There's nothing left to get")
    ben.goto(shop)
    expect(ben.page.locator(".entry")).to_have_count(0)


def test_message_on_today_is_answered_in_the_chat(nok, shop):
    nok.goto("")
    nok.page.locator("#tell-text").fill("we need 2 kg of carrots")
    nok.page.locator("#tell-text").press("Enter")
    expect(nok.page.locator("#t-channel")).to_have_text("Pixie")
    message = nok.page.locator("#message-list .message--mine").last
    expect(message).to_contain_text("2 kg of carrots")
    expect(nok.reply_to(message)).to_contain_text("Carrots")


def test_message_sent_twice_is_answered_once(nok, shop, visitor):
    form = {"body": "add 2 cucumbers", "op_id": str(uuid4())}
    for _ in range(2):
        visitor(NOK).post(f"/h/{nok.home}/tell", data=form)
    expect(nok.page.locator(".message--mine").filter(has_text="cucumbers").last).to_be_visible()
    nok.ask_pixie("what's on the list?", re.compile(r"1 item is on .*Cucumbers \(2\)"))


def test_two_mentioned_agents_answer_in_turn(nok, ben):
    name, room = unique_name("Chef "), unique_name("r").lower()
    nok.goto("home/agents/new/")
    nok.page.get_by_label("Name", exact=True).fill(name)
    nok.page.get_by_label("Clay").check()
    nok.press("Add agent")
    expect(nok.page.locator("h1")).to_have_text(name)
    nok.create_room(room)
    ben.goto(nok.page.url)
    nok.send_message(f"@{name} and @Pixie, how are you?")
    for screen in (nok, ben):
        authors = screen.page.locator("#message-list .message--pixie:not(#awaited) .message__by strong")
        expect(authors).to_have_text([name, "Pixie"])
        expect(screen.page.locator("#message-list .message--pixie .avatar--clay")).to_have_count(1)
    nok.goto("home/agents/")
    nok.page.get_by_role("link", name=name).click()
    nok.press("Put to sleep")
    expect(nok.page.get_by_role("button", name="Wake up")).to_be_visible()
    ben.send_message(f"@{name}, are you there?")
    expect(ben.message("I'm asleep")).to_be_visible()
