from contextlib import suppress
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest

from groceries.actions import (
    add_entry,
    change_entry,
    change_list_state,
    create_list,
    current_list,
    purchase_entry,
    remove_entry,
    rename_list,
    start_next_list,
)
from groceries.models import GroceryList, ListEntry
from homes.events.undo import undo_event, undo_operation
from pantry.errors import ActionError
from tests.factories import by, run_concurrently


@pytest.mark.parametrize(
    "path", [["approved", "completed"], ["completed", "draft"], ["approved", "draft", "completed"]]
)
def test_legal_transitions_are_saved_and_recorded(nok, weekly, events, path):
    for state in path:
        weekly = change_list_state(weekly, state, by=by(nok))
    assert weekly.state == path[-1]
    assert (weekly.completed_at is not None) == (weekly.state == "completed")
    assert events(nok.home) == ["list_state_changed"] * len(path)


def test_changing_to_the_same_state_is_idempotent(nok, weekly, events):
    change_list_state(weekly, "draft", by=by(nok))
    assert events(nok.home) == []


def test_illegal_transition_is_refused_naming_the_legal_ones(nok, weekly):
    change_list_state(weekly, "completed", by=by(nok))
    with pytest.raises(ActionError, match="It can change to: Draft"):
        change_list_state(weekly, "approved", by=by(nok))
    weekly.refresh_from_db()
    assert weekly.state == "completed"


def test_unknown_state_is_refused(nok, weekly):
    with pytest.raises(ActionError):
        change_list_state(weekly, "burnt", by=by(nok))


def test_create_list_without_a_name_uses_the_default(nok, events):
    assert create_list("  ", by=by(nok)).name == "Groceries"
    assert events(nok.home) == ["list_created"]


def test_rename_list_to_an_empty_name_is_refused(nok, weekly, events):
    assert rename_list(weekly, " Big  shop ", by=by(nok)).name == "Big shop"
    with pytest.raises(ActionError):
        rename_list(weekly, " ", by=by(nok))
    assert events(nok.home) == ["list_updated"]


def test_current_list_is_the_newest_open_list(nok, weekly):
    party = create_list("Party", by=by(nok))
    assert current_list(by=by(nok)) == party
    change_list_state(party, "completed", by=by(nok))
    assert current_list(by=by(nok)) == weekly


def test_current_list_creates_a_list_if_there_is_none(nok):
    assert current_list(by=by(nok)) == current_list(by=by(nok)) == GroceryList.objects.get(home=nok.home)


def test_next_list_receives_pending_entries(nok, weekly, milk, eggs, rice):
    purchase_entry(milk, by=by(nok))
    done = change_list_state(weekly, "completed", by=by(nok))
    following = start_next_list(done, by=by(nok))
    assert (following.name, following.state) == ("Weekly shop", "draft")
    assert sorted(str(entry) for entry in following.entries.pending()) == ["Eggs (6 piece)", "Rice (5 kg)"]


def test_start_next_list_twice_returns_the_same_list(nok, ben, weekly):
    done = change_list_state(weekly, "completed", by=by(nok))
    assert start_next_list(done, by=by(ben)) == start_next_list(done, by=by(nok))


def test_undoing_the_start_of_the_next_list_gives_its_entries_back(nok, ben, weekly, milk, eggs, rice):
    purchase_entry(rice, by=by(nok))
    done = change_list_state(weekly, "completed", by=by(nok))
    listed_at = ListEntry.objects.get(pk=milk.pk).listed_at
    following = start_next_list(done, by=by(nok, op_id=uuid4()))
    change_entry(ListEntry.objects.get(pk=milk.pk), by=by(ben), quantity=Decimal(3))
    remove_entry(eggs, by=by(ben))
    undo_operation(nok.home.events.filter(type="list_created").latest("seq").op_id, by=by(nok))
    assert not GroceryList.objects.filter(pk=following.pk).exists()
    milk.refresh_from_db()
    eggs.refresh_from_db()
    assert (milk.list, milk.quantity, milk.listed_at, milk.is_pending) == (done, 3, listed_at, True)
    assert (eggs.list, eggs.is_removed) == (done, True)
    assert start_next_list(done, by=by(nok)).entries.pending().get() == milk


def test_start_of_a_next_list_on_which_something_was_bought_or_added_is_not_undone(nok, weekly, milk, eggs):
    done = change_list_state(weekly, "completed", by=by(nok))
    following = start_next_list(done, by=by(nok))
    started = nok.home.events.filter(type="list_created").latest("seq")
    tea, _is_new = add_entry(following, "Tea", by=by(nok))
    with pytest.raises(ActionError, match="There are things on"):
        undo_event(started, by=by(nok))
    remove_entry(tea, by=by(nok))
    purchase_entry(ListEntry.objects.get(pk=milk.pk), by=by(nok))
    with pytest.raises(ActionError, match="There are things on"):
        undo_event(started, by=by(nok))
    eggs.refresh_from_db()
    assert eggs.list == following


def test_entries_given_back_add_to_what_is_on_the_reopened_list(nok, weekly, milk):
    done = change_list_state(weekly, "completed", by=by(nok))
    start_next_list(done, by=by(nok))
    started = nok.home.events.filter(type="list_created").latest("seq")
    change_list_state(done, "draft", by=by(nok))
    add_entry(weekly, "Milk", by=by(nok), quantity=Decimal(2), unit="liter")
    undo_event(started, by=by(nok))
    assert [entry.quantity for entry in weekly.entries.pending()] == [3]


def test_start_next_list_of_an_open_list_is_refused(nok, weekly):
    with pytest.raises(ActionError, match="Complete"):
        start_next_list(weekly, by=by(nok))


@pytest.mark.django_db(transaction=True)
def test_concurrent_start_next_list_creates_one_list(nok, ben, weekly, milk):
    done = change_list_state(weekly, "completed", by=by(nok))
    new_lists = run_concurrently(*[partial(start_next_list, done, by=by(member)) for member in (nok, ben) * 2])
    assert len(set(new_lists)) == 1
    assert [str(entry) for entry in new_lists[0].entries.all()] == ["Milk (1 liter)"]


@pytest.mark.django_db(transaction=True)
def test_concurrent_add_and_complete_are_serialized(nok, ben, weekly, events):
    """The entry is either added before the list is completed, or refused."""

    def add():
        with suppress(ActionError):
            add_entry(weekly, "eggs", by=by(ben))

    run_concurrently(*[add] * 4, partial(change_list_state, weekly, "completed", by=by(nok)))
    assert events(nok.home)[-1] == "list_state_changed"
