"""Pixie, as people talk to it: what it says was done is done, and what was done can be undone."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.e2e.people import own_word
from tests.server import NOK


@pytest.fixture
def shop(nok) -> str:
    """A new list, to which Pixie adds. Nok is in her talk with Pixie. Returns the list's address."""
    address = nok.begins_list(own_word("Shop "))
    nok.goes_to_pixie()
    return address


@pytest.fixture
def general(nok) -> str:
    nok.goes_to("chat/#channels")
    nok.page.locator(".channel").filter(has_text="general").click()
    expect(nok.page.locator("#t-channel")).to_have_text("general")
    return nok.page.url.split("#")[0]


def test_we_need_eggs_and_i_got_them(nok, ben, shop):
    ben.goes_to(shop)
    nok.tells_pixie("We need 6 eggs", "Eggs")
    ben.sees_to_get("Eggs", "6")
    nok.tells_pixie("what's on the list?", re.compile(r"1 thing is on Shop \w+: Eggs \(6\)\."))
    nok.tells_pixie("I got the eggs", "In the basket: Eggs.")
    ben.sees_got("Eggs")
    nok.tells_pixie("what's on the list?", "There's nothing left to get")


def test_take_milk_off(nok, ben, shop):
    ben.goes_to(shop)
    nok.tells_pixie("add 2 liters of milk", "Milk")
    ben.sees_to_get("Milk", "2 liters")
    nok.tells_pixie("take milk off", "Off the list: Milk.")
    ben.sees_nothing_of("Milk")


def test_the_receipt_undoes_what_was_done(nok, ben, shop):
    ben.goes_to(shop)
    answer = nok.tells_pixie("add 3 lemons and 2 onions", "Both are on")
    receipt = answer.locator(".receipt")
    expect(receipt.locator(".receipt__lines li")).to_have_count(2)
    ben.sees_to_get("Lemons", "3")
    receipt.get_by_role("button", name="Undo").click()
    expect(receipt).to_contain_text("Undone")
    expect(receipt.get_by_role("button")).to_have_count(0)
    ben.sees_nothing_of("Lemons")
    ben.sees_nothing_of("Onions")


def test_eggs_every_week(nok, shop):
    nok.tells_pixie("shampoo every month", re.compile(r"Shampoo: .*every month, first on"))
    nok.goes_to("recurring/")
    expect(nok.page.locator("#t-rules >> xpath=../..").locator(".row").filter(has_text="Shampoo")).to_have_count(1)


def test_how_much_did_we_spend(nok, shop):
    answer = nok.tells_pixie("how much did we spend?", "You spent ")
    said = re.search(r"฿[\d,.]*\d", answer.inner_text())
    nok.goes_to("money/")
    assert said
    expect(nok.page.locator("main")).to_contain_text(f"{said[0]} of ฿13,000 spent")


def test_add_some_stuff_asks_what(nok, ben, shop):
    ben.goes_to(shop)
    nok.tells_pixie("Add some stuff", "What should go on the list?")
    expect(ben.page.locator(".entry")).to_have_count(0)
    nok.tells_pixie("eggs and milk", "Both are on")
    for thing in ("Eggs", "Milk"):
        expect(ben.to_get(thing)).to_have_count(1)


def test_a_joke_changes_nothing(nok, ben, shop):
    ben.goes_to(shop)
    answer = nok.tells_pixie("tell me a joke", re.compile(r"[.?!]$"))
    expect(answer.locator(".receipt")).to_have_count(0)
    nok.tells_pixie("what's on the list?", "There's nothing left to get")
    expect(ben.page.locator(".entry")).to_have_count(0)


def test_when_in_doubt_pixie_asks_and_yes_does_it(nok, ben, shop):
    ben.goes_to(shop)
    asked = nok.tells_pixie("add 900 coconuts", "that is a lot")
    expect(ben.page.locator(".entry")).to_have_count(0)
    asked.get_by_role("button", name="Yes").click()
    ben.sees_to_get("Coconuts", "900")
    expect(asked.get_by_role("button", name="Yes")).to_have_count(0)
    expect(nok.page.locator("#talk .message--pixie").last.locator(".receipt")).to_contain_text("Coconuts")


def test_when_in_doubt_pixie_asks_and_no_leaves_it(nok, ben, shop):
    ben.goes_to(shop)
    asked = nok.tells_pixie("add 800 pineapples", "that is a lot")
    asked.get_by_role("button", name="No").click()
    expect(asked.get_by_role("button", name="No")).to_have_count(0)
    expect(nok.page.locator("#talk .message--pixie").last).to_contain_text("Nothing changed.")
    expect(ben.page.locator(".entry")).to_have_count(0)


def test_a_question_is_answered_from_today_too(nok, shop):
    nok.tells_pixie("add 700 papayas", "that is a lot")
    nok.goes_to("")
    asked = nok.page.locator(".tier--pixie").filter(has_text="700")
    asked.get_by_role("button", name="No").click()
    expect(asked).to_have_count(0)


def test_named_in_a_room_pixie_answers_everybody(nok, ben, shop, general):
    ben.goes_to(general)
    text = f"Pixie, add 4 lemons {own_word('x')[1:3]}"[:19]
    answer = nok.tells_pixie(text, "Lemons")
    expect(answer.locator(".receipt")).to_contain_text("Lemons")
    expect(ben.message("on Shop").locator(".receipt")).to_contain_text("Lemons")
    nok.goes_to(shop)
    nok.sees_to_get("Lemons", "4")


def test_not_named_pixie_keeps_quiet(nok, ben, shop, general):
    ben.goes_to(general)
    said = nok.says(f"we need 5 limes, says {own_word('aunt ')}")
    heard = nok.answer_to(said)
    nok.tells_pixie("Pixie, what is on the list?", "There's nothing left to get")
    expect(said.locator("xpath=following-sibling::li[contains(@class,'message--pixie')]")).to_have_count(1)
    expect(heard).to_contain_text("There's nothing left to get")
    ben.goes_to(shop)
    expect(ben.page.locator(".entry")).to_have_count(0)


def test_told_on_today_pixie_answers_in_the_talk(nok, shop):
    nok.goes_to("")
    nok.page.locator("#tell-text").fill("we need 2 kg of carrots")
    nok.page.locator("#tell-text").press("Enter")
    expect(nok.page.locator("#t-channel")).to_have_text("Pixie")
    said = nok.page.locator("#talk .message--mine").last
    expect(said).to_contain_text("2 kg of carrots")
    expect(nok.answer_to(said)).to_contain_text("Carrots")


def test_a_message_sent_twice_is_answered_once(nok, shop, visitor):
    form = {"body": "add 2 cucumbers", "op_id": str(uuid4())}
    for _again in range(2):
        visitor(NOK).post(f"/h/{nok.home}/tell", data=form)
    expect(nok.page.locator(".message--mine").filter(has_text="cucumbers").last).to_be_visible()
    nok.tells_pixie("what's on the list?", re.compile(r"1 thing is on .*Cucumbers \(2\)"))


def test_an_agent_moves_in_and_two_of_them_answer_in_turn(nok, ben):
    name, room = own_word("Chef "), own_word("r").lower()
    nok.goes_to("home/agents/new/")
    nok.page.get_by_label("Name", exact=True).fill(name)
    nok.page.get_by_label("Clay").check()
    nok.presses("Add agent")
    expect(nok.page.locator("h1")).to_have_text(name)
    nok.opens_room(room)
    ben.goes_to(nok.page.url)
    nok.says(f"@{name} and @Pixie, how are you?")
    for screen in (nok, ben):
        spoke = screen.page.locator("#talk .message--pixie:not(#awaited) .message__by strong")
        expect(spoke).to_have_text([name, "Pixie"])
        expect(screen.page.locator("#talk .message--pixie .avatar--clay")).to_have_count(1)
    nok.goes_to("home/agents/")
    nok.page.get_by_role("link", name=name).click()
    nok.presses("Put to sleep")
    expect(nok.page.get_by_role("button", name="Wake up")).to_be_visible()
    ben.says(f"@{name}, are you there?")
    expect(ben.message("I'm asleep")).to_be_visible()
