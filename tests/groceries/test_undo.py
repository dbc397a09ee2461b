from decimal import Decimal

import pytest

from groceries.actions import (
    add_entry,
    change_entry,
    purchase_entry,
    remove_entry,
    set_recurring,
    start_shopping,
)
from groceries.models import RecurringItem
from homes.events.models import Event
from homes.events.undo import undo_event
from pantry.errors import ActionError
from tests.factories import by

pytestmark = pytest.mark.both_databases


def last_event(member):
    return Event.objects.filter(home=member.home).order_by("seq").last()


def pending_entries(grocery_list):
    return sorted(str(entry) for entry in grocery_list.entries.pending())


def test_undoing_an_add_removes_the_entry(nok, weekly, milk, events):
    undo_event(last_event(nok), by=by(nok))
    assert pending_entries(weekly) == []
    assert events(nok.home) == ["list_item_removed"]


def test_undoing_an_add_keeps_later_additions(nok, ben, weekly, milk):
    added = last_event(nok)
    add_entry(weekly, "milk", by=by(ben), quantity=Decimal(2), unit="liter")
    undo_event(added, by=by(nok))
    assert pending_entries(weekly) == ["Milk (2 liter)"]


def test_undoing_an_increase_subtracts_the_difference(nok, ben, weekly, milk):
    add_entry(weekly, "milk", by=by(nok), quantity=Decimal(2), unit="liter")
    grown = last_event(nok)
    add_entry(weekly, "milk", by=by(ben), quantity=Decimal(4), unit="liter")
    undo_event(grown, by=by(nok))
    assert pending_entries(weekly) == ["Milk (5 liter)"]


def test_undoing_a_change_restores_the_former_values(nok, weekly, rice):
    change_entry(rice, by=by(nok), quantity=Decimal(500), unit="g", note="brown")
    undo_event(last_event(nok), by=by(nok))
    assert pending_entries(weekly) == ["Rice (5 kg)"]
    change_entry(rice, by=by(nok), quantity=Decimal(2))
    undo_event(last_event(nok), by=by(nok))
    assert pending_entries(weekly) == ["Rice (5 kg)"]


def test_undoing_a_purchase_or_removal_makes_the_entry_pending(nok, weekly, milk, eggs):
    purchase_entry(milk, by=by(nok))
    bought = last_event(nok)
    remove_entry(eggs, by=by(nok))
    removed = last_event(nok)
    undo_event(bought, by=by(nok))
    undo_event(removed, by=by(nok))
    assert pending_entries(weekly) == ["Eggs (6 piece)", "Milk (1 liter)"]


def test_undoing_an_add_twice_is_idempotent(nok, weekly, milk, events):
    added = last_event(nok)
    undo_event(added, by=by(nok))
    undo_event(added, by=by(nok))
    assert events(nok.home) == ["list_item_removed"]


def test_undoing_a_rule_stops_or_restores_it(nok):
    set_recurring("Rice", "weekly", by=by(nok), quantity=Decimal(5), unit="kg")
    made = last_event(nok)
    set_recurring("Rice", "monthly", by=by(nok), quantity=Decimal(5), unit="kg")
    undo_event(last_event(nok), by=by(nok))
    assert RecurringItem.objects.get().frequency == "weekly"
    undo_event(made, by=by(nok))
    assert not RecurringItem.objects.exists()


def test_undoing_an_irreversible_event_is_refused(nok, weekly):
    start_shopping(weekly, by=by(nok))
    with pytest.raises(ActionError):
        undo_event(last_event(nok), by=by(nok))


def test_non_member_cannot_undo(nok, mai, weekly, milk):
    with pytest.raises(ActionError):
        undo_event(last_event(nok), by=by(mai))
    assert pending_entries(weekly) == ["Milk (1 liter)"]
