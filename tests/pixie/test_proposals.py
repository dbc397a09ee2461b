"""What is proposed for the words that the network has marked."""

import pytest

from pixie.nlu.corpus import read_markup
from pixie.nlu.frames import build
from pixie.nlu.outcome import SURE, Proposal
from pixie.nlu.proposals import propose
from pixie.nlu.vocabulary import Vocabulary

RICE = {"name": "Rice", "quantity": "2", "unit": "kg", "store": "Lotus", "note": "brown", "category": "staple"}
WEEKLY = {"frequency": "weekly", "rrule": "FREQ=WEEKLY"}


def read(markup, intent, **vocabulary):
    """Return the calls, and whether they are sure."""
    text, spans = read_markup(markup)
    reading = propose(build(text, intent, spans), text, Vocabulary(on_list=("Milk", "Eggs"), **vocabulary), 0.95)
    return [(call.type, call.payload) for call in reading.actions], reading.confidence >= SURE


@pytest.mark.parametrize(
    ("markup", "last", "calls"),
    [
        (
            "same for [flour](item)",
            Proposal("add_item", RICE, 1.0),
            [("add_item", {"name": "flour", "quantity": "2", "unit": "kg", "store": "Lotus", "category": "staple"})],
        ),
        (
            "Same for the [flour](item), but only [one](quantity=1) [pack](unit)",
            Proposal("add_item", RICE, 1.0),
            [("add_item", {"name": "flour", "quantity": "1", "unit": "pack", "store": "Lotus", "category": "staple"})],
        ),
        (
            "and the same for [eggs](item) please",
            Proposal(
                "set_recurring", {"name": "Milk", "frequency": "weekly", "rrule": "FREQ=WEEKLY", "quantity": "2"}, 1
            ),
            [("set_recurring", {"name": "Eggs", **WEEKLY})],
        ),
        (
            "same with [milk](item) and [eggs](item)",
            Proposal("mark_purchased", {"name": "Rice", "price": "89", "quantity": "2"}, 1.0),
            [("mark_purchased", {"name": "Milk"}), ("mark_purchased", {"name": "Eggs"})],
        ),
        (
            "same for [milk](item)",
            Proposal("change_item", {"name": "Rice", "quantity": "3", "unit": None}, 1.0),
            [("change_item", {"name": "Milk", "quantity": "3", "unit": None})],
        ),
        (
            "lo mismo para [milk](item)",
            Proposal("remove_item", {"name": "Rice"}, 1.0),
            [("remove_item", {"name": "Milk"})],
        ),
        (
            "[milk](item)ก็เหมือนกัน",
            Proposal("move_item", {"name": "Rice", "to_list": "Party"}, 1.0),
            [("move_item", {"name": "Milk", "to_list": "Party"})],
        ),
    ],
)
def test_same_for_another_thing_repeats_the_last_call(markup, last, calls):
    assert read(markup, "unclear", last=(last,)) == (calls, True)


@pytest.mark.parametrize("last", [(), (Proposal("undo", {}, 1.0),), (Proposal("remember", {"content": "x"}, 1.0),)])
def test_same_for_another_thing_needs_a_call_that_can_be_repeated(last):
    assert read("same for [bread](item)", "unclear", last=last)[0] == []


def test_same_that_names_nothing_is_not_repeated():
    assert read("same for me", "chat", last=(Proposal("add_item", RICE, 1.0),)) == ([], True)


@pytest.mark.parametrize(
    ("markup", "quantity", "unit"),
    [
        ("[one](quantity=1) more", "1", None),
        ("[2](quantity) more [packs](unit)", "2", "pack"),
        ("[one](quantity=1) more of the [milk](item)", "1", None),
        ("อีก [2](quantity) [ขวด](unit)", "2", "bottle"),
    ],
)
def test_more_of_a_thing_adds_to_it(markup, quantity, unit):
    [(tool, payload)], is_sure = read(markup, "change_item", topic="Milk")
    assert (tool, payload["name"], payload["quantity"], payload["unit"]) == ("add_item", "Milk", quantity, unit)
    assert is_sure


@pytest.mark.parametrize(
    "markup", ["no more than [3](quantity)", "make it [3](quantity)", "not more than [3](quantity)"]
)
def test_amount_that_is_no_more_replaces_the_old_one(markup):
    assert read(markup, "change_item", topic="Milk")[0] == [
        ("change_item", {"name": "Milk", "quantity": "3", "unit": None})
    ]


@pytest.mark.parametrize(
    ("words", "last", "amount"),
    [
        ("twice that", {"name": "Milk", "quantity": "2", "unit": "bottle"}, ("4", "bottle")),
        ("make it double that please", {"name": "Milk", "quantity": "1.5", "unit": "kg"}, ("3", "kg")),
        ("Half of that.", {"name": "Milk", "quantity": "5", "unit": None}, ("2.5", None)),
    ],
)
def test_multiple_of_the_last_amount(words, last, amount):
    [(tool, payload)], is_sure = read(words, "chat", last=(Proposal("add_item", last, 1.0),), topic="Milk")
    assert (tool, payload["name"], (payload["quantity"], payload["unit"]), is_sure) == (
        "change_item",
        "Milk",
        amount,
        True,
    )


@pytest.mark.parametrize("last", [(), (Proposal("add_item", {"name": "Milk", "quantity": None}, 1.0),)])
def test_multiple_of_nothing_is_not_read(last):
    assert read("twice that", "chat", last=last)[0] == []


def test_another_thing_too_is_asked_about():
    last = (Proposal("remove_item", {"name": "Milk"}, 1.0),)
    assert read("and the [eggs](item) too", "add_item", last=last) == ([("remove_item", {"name": "Eggs"})], False)
    assert read("and we need [eggs](item) too", "add_item", last=last)[0][0][0] == "add_item"


@pytest.mark.parametrize(
    ("markup", "intent", "call"),
    [
        ("take it off", "remove_item", ("remove_item", {"name": "Milk"})),
        ("got it", "mark_purchased", ("mark_purchased", {"name": "Milk"})),
        ("[£1.79](price) tops", "change_item", ("change_item", {"name": "Milk", "price": "1.79"})),
        ("swap it for [oat milk](item)", "change_item", ("swap_item", {"name": "Milk", "new": "oat milk"})),
        ("every two weeks instead", "change_item", ("set_recurring", {"name": "Milk", "frequency": "biweekly",
                                                                      "rrule": "FREQ=WEEKLY;INTERVAL=2"})),
        ("take them off, she ate them all week", "remove_item", ("remove_item", {"name": "Milk"})),
    ],
)  # fmt: skip
def test_what_was_spoken_of_last_is_meant(markup, intent, call):
    assert read(markup, intent, topic="Milk") == ([call], True)


def test_them_are_all_that_was_done_last():
    last = (Proposal("add_item", {"name": "Milk"}, 1.0), Proposal("add_item", {"name": "Eggs"}, 1.0))
    calls, _is_sure = read("take them off again", "remove_item", last=last)
    assert calls == [("remove_item", {"name": "Milk"}), ("remove_item", {"name": "Eggs"})]


@pytest.mark.parametrize(
    ("markup", "quantity"),
    [
        ("[rice](item) is down to [one](quantity=1) [bag](unit)", None),
        ("only [2](quantity) [eggs](item) left", None),
        ("[2](quantity) [eggs](item)", "2"),
    ],
)
def test_what_is_left_is_no_amount_to_buy(markup, quantity):
    [(tool, payload)], _is_sure = read(markup, "add_item")
    assert (tool, payload["quantity"]) == ("add_item", quantity)


@pytest.mark.parametrize(
    ("markup", "tool"),
    [
        ("who bought the [milk](item)", "purchases"),
        ("who put [milk](item) on", "who_added"),
        ("ใครซื้อ[นม](item)", "purchases"),
    ],
)
def test_question_about_who_is_answered_whatever_the_network_reads(markup, tool):
    assert read(markup, "mark_purchased")[0][0][0] == tool


MILK_AND_EGGS = (Proposal("add_item", {"name": "Milk"}, 1.0), Proposal("add_item", {"name": "Eggs"}, 1.0))
FIVE_EGGS = (Proposal("add_item", {"name": "Eggs", "quantity": "5", "unit": None}, 1.0),)


def test_both_get_the_amount():
    calls, _is_sure = read("make them [two](quantity=2) each", "change_item", last=MILK_AND_EGGS)
    assert calls == [
        ("change_item", {"name": "Milk", "quantity": "2", "unit": None}),
        ("change_item", {"name": "Eggs", "quantity": "2", "unit": None}),
    ]


@pytest.mark.parametrize(("words", "intent"), [("swap them", "change_item"), ("take one of them off", "remove_item")])
def test_which_of_several_is_asked(words, intent):
    assert read(words, intent, last=MILK_AND_EGGS)[0] == []


def test_all_of_them_is_not_all_of_the_list():
    calls, _is_sure = read("take them all off", "remove_item", last=MILK_AND_EGGS)
    assert calls == [("remove_item", {"name": "Milk"}), ("remove_item", {"name": "Eggs"})]


@pytest.mark.parametrize(
    ("markup", "intent", "quantity"),
    [
        ("[two](quantity=2) less", "change_item", "3"),
        ("[one](quantity=1) too many", "change_item", "4"),
        ("take [two](quantity=2) off", "remove_item", "3"),
        ("ลด [สอง](quantity=2)", "change_item", "3"),
    ],
)
def test_less_of_a_thing_is_taken_from_the_last_amount(markup, intent, quantity):
    calls, _is_sure = read(markup, intent, topic="Eggs", last=FIVE_EGGS)
    assert calls == [("change_item", {"name": "Eggs", "quantity": quantity, "unit": None})]


@pytest.mark.parametrize("markup", ["[six](quantity=6) less", "[half](quantity=0.5) a [kilo](unit=kg) less"])
def test_less_than_nothing_or_of_another_unit_is_asked(markup):
    assert read(markup, "change_item", topic="Eggs", last=FIVE_EGGS) == ([], False)


def test_more_than_that_adds_to_it_in_its_unit():
    rice = (Proposal("add_item", {"name": "Rice", "quantity": "2", "unit": "kg"}, 1.0),)
    [(tool, payload)], _is_sure = read("[ten](quantity=10) more than that", "change_item", topic="Rice", last=rice)
    assert (tool, payload["quantity"], payload["unit"]) == ("add_item", "10", "kg")


@pytest.mark.parametrize("words", ["twice that is too much", "twice as many pears", "twice that would be silly"])
def test_statement_about_an_amount_changes_nothing(words):
    assert read(words, "chat", topic="Eggs", last=FIVE_EGGS)[0] == []


@pytest.mark.parametrize("markup", ["[quítalos](item)", "nimm [sie](item) runter"])
def test_pronoun_of_another_language_is_no_item(markup):
    assert read(markup, "remove_item")[0] == []
    assert read(markup, "remove_item", topic="Milk")[0] == [("remove_item", {"name": "Milk"})]


def test_name_has_no_particle_of_a_german_verb():
    assert read("füge [Mehl hinzu](item)", "add_item")[0][0][1]["name"] == "Mehl"


def test_what_is_bought_is_not_bought_again():
    assert read("got it", "mark_purchased", topic="Rice") == ([], False)


@pytest.mark.parametrize(
    "markup",
    [
        "same for [eggs](item)?",
        "same for [eggs](item) if Ben is back",
        "same for [eggs](item) once Ben is there, unless he needs them",
    ],
)
def test_repetition_that_is_asked_or_conditional_is_no_order(markup):
    calls, is_sure = read(markup, "remove_item", last=(Proposal("remove_item", {"name": "Milk"}, 1.0),))
    assert (calls, is_sure) == ([("remove_item", {"name": "Eggs"})], False)
