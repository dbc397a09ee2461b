"""Requests that say more than one thing: exceptions, corrections, putting back, and amounts that nothing has."""

import pytest

from groceries.actions import add_lines, purchase_entry
from groceries.actions.items import read_lines
from groceries.models import ListEntry
from pantry.errors import ActionError
from tests.factories import by
from tests.pixie.runs import pending_entries


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("remove everything but the eggs", "eggs"),
        ("delete all but milk", "milk"),
        ("clear the list apart from the milk", "milk"),
        ("take everything off the list except the rice", "rice"),
        ("please wipe the whole list except for eggs and rice", "eggs, rice"),
        ("get rid of everything other than rice", "rice"),
        ("throw out everything apart from rice please", "rice"),
        ("can you clear everything except for the milk?", "milk"),
        ("empty the list but keep the eggs", "eggs"),
        ("entferne bitte alles bis auf rice", "rice"),
        ("lösche alles außer eggs", "eggs"),
        ("borra todo menos eggs", "eggs"),
        ("ลบทุกอย่างยกเว้น eggs", "eggs"),
        ("ล้างรายการ ยกเว้น eggs", "eggs"),
        ("เอาออกให้หมดเหลือแค่ eggs", "eggs"),
        ("remove everything not rice", "rice"),
        ("cross off all the things excluding rice", "rice"),
        ("leave only the rice", "rice"),
        ("only keep the eggs", "eggs"),
    ],
)
def test_exceptions_stay_on_the_list(nok, weekly, milk, eggs, rice, tell, text, kept):
    question = tell(text)
    assert kept in question.body
    assert len(pending_entries(weekly)) == 3  # until somebody says yes
    assert question.metadata.get("intent") == "clear_list"


@pytest.mark.parametrize("text", ["we got everything except the rice", "tick everything off but rice"])
def test_exceptions_are_not_ticked_off(nok, weekly, milk, eggs, rice, tell, text):
    question = tell(text)
    assert question.metadata.get("intent") == "mark_all_purchased"
    assert "rice" in question.body


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("add milk, no wait, add oat milk instead", ["Oat milk (1 piece)"]),
        ("add 2 eggs, sorry, 3 eggs", ["Eggs (3 piece)"]),
        ("add bread - no, make that rolls", ["Rolls (1 piece)"]),
        ("add 2 kg potatoes, I mean, carrots", ["Carrots (2 kg)"]),
        ("add a lot of limes", ["Limes (1 piece)"]),
        ("we need milk, sorry, I'm late", ["Milk (1 piece)"]),
        ("add tea, sorry for the late message", ["Tea (1 piece)"]),
        ("get 2 l juice, actually make that 3", ["Juice (3 liter)"]),
        ("add 3 onions... no, 4 onions", ["Onions (4 piece)"]),
        ("add pasta and, sorry, 2 jars of pesto", ["Pasta (1 piece)", "Pesto (2 jar)"]),
        ("add soy sauce, sorry, and salt", ["Salt (1 piece)", "Soy sauce (1 piece)"]),
        ("add milk, sorry no milk", []),
        ("buy zero eggs", []),
        ("add minus 3 eggs", []),
        ("add milk and eggs, no, rice", []),  # which of them is rice?
        ("add -2 milk", []),
        ("add 0 eggs", []),
        ("add 1e9 kg rice", []),
    ],
)
def test_what_was_said_last_counts(nok, weekly, tell, text, added):
    answer = tell(text)
    assert pending_entries(weekly) == added
    assert added or any(words in answer.body for words in ("?", "Enter an amount", "more than a list can hold"))
    assert not ListEntry.objects.exclude(note="").exists()


@pytest.mark.parametrize(
    "text",
    [
        "add 3 celery stalks, leaves and stalks",
        "add 2 chicken breasts, skinned, deveined, chopped",
        "add 1 cauliflower, florets only",
        "we need 500 g shrimp, peeled, deveined",
    ],
)
def test_what_describes_a_thing_is_its_note(weekly, tell, text):
    tell(text)
    assert len(pending_entries(weekly)) == 1


def test_items_are_put_back_on_the_list(nok, weekly, milk, eggs, tell):
    for entry in (milk, eggs):
        purchase_entry(entry, by=by(nok))
    tell("put the milk back on the list")
    assert pending_entries(weekly) == ["Milk (1 liter)"]
    tell("put the eggs back in the fridge")
    assert len(pending_entries(weekly)) == 1
    tell("put eggs back on")
    assert len(pending_entries(weekly)) == 2


@pytest.mark.parametrize("text", ["remove all but two eggs", "we don't need anything but eggs"])
def test_what_may_mean_the_opposite_is_asked(weekly, milk, eggs, tell, text):
    tell(text)
    assert len(pending_entries(weekly)) == 2


def test_several_things_go_into_the_pantry(nok, weekly, tell):
    assert tell("Put milk, 6 eggs into the pantry").body == "In the pantry now: 1 Milk and 6 Eggs."


@pytest.mark.parametrize(
    "text", ["0 eggs", "-1 eggs", "1e9 kg rice", "0 kg rice", "-0.5 l milk", "rice 0 kg", "−3 limes"]
)
def test_amounts_that_nothing_has_are_refused(nok, weekly, text):
    with pytest.raises(ActionError, match=r"greater than zero|more than a list can hold"):
        add_lines(weekly, read_lines(text, nok.home), by=by(nok))
    assert pending_entries(weekly) == []


NAMES = ["0% greek yogurt", "00 flour", "0 sugar cola", "7up", "12e light bulbs", "1e9f4b screws", "WD-40"]


@pytest.mark.parametrize("text", NAMES)
def test_numbers_of_names_are_none(nok, weekly, text):
    add_lines(weekly, read_lines(text, nok.home), by=by(nok))
    assert len(pending_entries(weekly)) == 1
