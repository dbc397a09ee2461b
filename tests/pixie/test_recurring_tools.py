"""Pausing, skipping and stopping recurring items by telling Pixie."""

from decimal import Decimal

import pytest

from groceries.actions import create_recurring, pause_recurring, set_recurring
from groceries.models import RecurringItem
from pixie.nlu.intents import understand
from pixie.nlu.vocabulary import Vocabulary
from pixie.runs import undo
from tests.factories import by

HOME = Vocabulary(items=("Milk", "Eggs", "Rice"), recurring=("Milk", "Eggs"))


@pytest.mark.parametrize(
    ("text", "change", "name", "which"),
    [
        ("Pixie, skip the milk this week", "skip", "Milk", ""),
        ("skip eggs once", "skip", "Eggs", ""),
        ("please skip our weekly milk this time", "skip", "Milk", "weekly"),
        ("no milk this week", "skip", "Milk", ""),
        ("stop the weekly eggs", "stop", "Eggs", "weekly"),
        ("cancel the recurring eggs", "stop", "Eggs", ""),
        ("stop buying eggs every week.", "stop", "Eggs", "weekly"),
        ("pause the milk", "pause", "Milk", ""),
        ("resume the milk", "resume", "Milk", ""),
    ],
)
def test_command_about_a_recurring_item_is_understood(text, change, name, which):
    understood = understand(text, HOME)
    assert [(action.type, action.payload) for action in understood.actions] == [
        ("change_recurring", {"name": name, "change": change, "which": which})
    ]
    assert understood.confidence >= 0.85


@pytest.mark.parametrize(
    "text",
    [
        "stop the rice",
        "cancel the eggs",
        "no more eggs",
        "pause the music",
        "skip the party this week",
        "cancel the weekly reminder about milk",
        "did you stop the weekly eggs?",
        "stop",
        "stop the weekly eggs if we have enough",
    ],
)
def test_other_sentence_changes_no_recurring_item(text):
    assert "change_recurring" not in {action.type for action in understand(text, HOME).actions}


@pytest.fixture
def milk_weekly(nok, weekly, freeze_time):
    freeze_time("2026-03-11 12:00")
    return set_recurring("Milk", "weekly", by=by(nok), quantity=Decimal(2), unit="liter")


def test_skipping_answers_with_the_next_day_and_can_be_undone(nok, milk_weekly, tell):
    answer = tell("skip the milk this week")
    assert answer.body == "Milk is skipped once. It comes next on Wednesday 25 March."
    assert answer.metadata["receipt"]["lines"] == [{"name": "Milk", "amount": "every week"}]
    undo.undo_message(answer, by=by(nok))
    assert RecurringItem.objects.get().next_due_at == milk_weekly.next_due_at


def test_stopping_pausing_and_resuming_are_answered(nok, milk_weekly, tell):
    assert tell("pause the milk").body == "Milk is paused."
    assert tell("resume the milk").body == "Milk goes on. It comes next on Wednesday 18 March."
    answer = tell("stop the weekly milk")
    assert answer.body == "Milk no longer comes back."
    assert not RecurringItem.objects.exists()
    undo.undo_message(answer, by=by(nok))
    assert RecurringItem.objects.get().pk == milk_weekly.pk


def test_item_with_several_rules_is_asked_about(nok, milk_weekly, tell):
    monthly = create_recurring("Milk", by=by(nok), frequency="monthly")
    assert tell("skip the milk once").body.startswith("Which one: “every week”, “every month”")
    assert tell("every month").body == "Milk is skipped once. It comes next on Monday 11 May."
    tell("stop the weekly milk")
    assert list(RecurringItem.objects.all()) == [monthly]


def test_recurring_item_of_another_home_is_not_found(mai, weekly, tell):
    theirs = pause_recurring(set_recurring("Milk", "weekly", by=by(mai)), by=by(mai))
    tell("resume the milk")
    theirs.refresh_from_db()
    assert theirs.paused_at
