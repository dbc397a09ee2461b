"""Messages that go on with what was done or asked before."""

import pytest

from groceries.models import RecurringItem
from tests.pixie.runs import pending_entries


@pytest.mark.parametrize(
    ("messages", "listed"),
    [
        (("add 2 kg of rice", "same for flour"), ["Flour (2 kg)", "Rice (2 kg)"]),
        (("add 2 kg of rice", "twice that"), ["Rice (4 kg)"]),
        (("add 2 kg of rice", "take it off"), []),
        (("add rice and flour", "take them off again"), []),
        (("add rice", "who added the rice?", "take it off"), []),
        (("add 2 cans of tuna", "one more"), ["Tuna (3 can)"]),
        (("add rice", "swap it for pasta"), ["Pasta (1 piece)"]),
        (("add rice and flour", "got the rice", "the flour too", "yes"), []),
    ],
)
def test_messages_go_on_with_what_was_done(weekly, tell, messages, listed):
    for message in messages:
        tell(message)
    assert sorted(pending_entries(weekly)) == listed


def test_same_for_another_thing_recurs_as_often(weekly, tell):
    tell("milk every 3 weeks")
    tell("same for bread")
    rules = dict(RecurringItem.objects.values_list("item__name", "rrule"))
    assert rules == {"Milk": "FREQ=WEEKLY;INTERVAL=3", "Bread": "FREQ=WEEKLY;INTERVAL=3"}


def test_what_was_only_asked_about_is_not_repeated(weekly, eggs, tell):
    tell("add 500 eggs")
    answer = tell("same for milk")
    assert pending_entries(weekly) == ["Eggs (6 piece)"]
    assert answer.body


@pytest.mark.parametrize("message", ["twice that", "same for bread", "take it off", "one more"])
def test_without_anything_before_nothing_is_changed(weekly, eggs, tell, message):
    tell(message)
    assert pending_entries(weekly) == ["Eggs (6 piece)"]
