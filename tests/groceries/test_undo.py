from decimal import Decimal

import pytest

from groceries.actions import (
    add_entry,
    change_entry,
    change_list_state,
    purchase_entry,
    remove_entry,
    set_recurring,
)
from groceries.models import RecurringItem
from homes.events.models import Event
from homes.events.undo import undo_event
from pantry.errors import ActionError
from tests.cast import by

pytestmark = pytest.mark.both_databases


def last_event(member):
    return Event.objects.filter(home=member.home).order_by("seq").last()


def to_get(grocery_list):
    return sorted(str(entry) for entry in grocery_list.entries.pending())


def test_what_was_added_is_off_the_list_again(nok, weekly, milk, events):
    undo_event(last_event(nok), by=by(nok))
    assert to_get(weekly) == []
    assert events(nok.home) == ["list_item_removed"]


def test_what_others_added_since_stays(nok, ben, weekly, milk):
    added = last_event(nok)
    add_entry(weekly, "milk", by=by(ben), quantity=Decimal(2), unit="liter")
    undo_event(added, by=by(nok))
    assert to_get(weekly) == ["Milk (2 liter)"]


def test_only_the_difference_of_a_larger_amount_is_taken_back(nok, ben, weekly, milk):
    add_entry(weekly, "milk", by=by(nok), quantity=Decimal(2), unit="liter")
    grown = last_event(nok)
    add_entry(weekly, "milk", by=by(ben), quantity=Decimal(4), unit="liter")
    undo_event(grown, by=by(nok))
    assert to_get(weekly) == ["Milk (5 liter)"]


def test_a_changed_unit_note_or_smaller_amount_is_as_before(nok, weekly, rice):
    change_entry(rice, by=by(nok), quantity=Decimal(500), unit="g", note="brown")
    undo_event(last_event(nok), by=by(nok))
    assert to_get(weekly) == ["Rice (5 kg)"]
    change_entry(rice, by=by(nok), quantity=Decimal(2))
    undo_event(last_event(nok), by=by(nok))
    assert to_get(weekly) == ["Rice (5 kg)"]


def test_bought_and_removed_come_back(nok, weekly, milk, eggs):
    purchase_entry(milk, by=by(nok))
    bought = last_event(nok)
    remove_entry(eggs, by=by(nok))
    removed = last_event(nok)
    undo_event(bought, by=by(nok))
    undo_event(removed, by=by(nok))
    assert to_get(weekly) == ["Eggs (6 piece)", "Milk (1 liter)"]


def test_undoing_twice_what_was_added_is_harmless(nok, weekly, milk, events):
    added = last_event(nok)
    undo_event(added, by=by(nok))
    undo_event(added, by=by(nok))
    assert events(nok.home) == ["list_item_removed"]


def test_a_new_rule_is_stopped_and_a_changed_one_is_as_before(nok):
    set_recurring("Rice", "weekly", by=by(nok), quantity=Decimal(5), unit="kg")
    made = last_event(nok)
    set_recurring("Rice", "monthly", by=by(nok), quantity=Decimal(5), unit="kg")
    undo_event(last_event(nok), by=by(nok))
    assert RecurringItem.objects.get().frequency == "weekly"
    undo_event(made, by=by(nok))
    assert not RecurringItem.objects.exists()


def test_what_cannot_be_put_back_is_refused(nok, weekly):
    change_list_state(weekly, "approved", by=by(nok))
    with pytest.raises(ActionError):
        undo_event(last_event(nok), by=by(nok))


def test_a_stranger_undoes_nothing_here(nok, mai, weekly, milk):
    with pytest.raises(ActionError):
        undo_event(last_event(nok), by=by(mai))
    assert to_get(weekly) == ["Milk (1 liter)"]
