from decimal import Decimal

from groceries.actions import add_entry, purchase_entry, remove_entry
from groceries.reports import Period, total_spent
from tests.factories import by


def test_remove_entry_removes_and_records_it(nok, weekly, milk, eggs, events):
    remove_entry(milk, by=by(nok))
    assert list(weekly.entries.pending()) == [eggs]
    (event,) = events.of(nok.home)
    assert (event.type, event.changes) == ("list_item_removed", {"state": ["pending", "removed"]})


def test_remove_entry_twice_records_one_event(nok, milk, events):
    remove_entry(milk, by=by(nok))
    remove_entry(milk, by=by(nok))
    assert events(nok.home) == ["list_item_removed"]


def test_remove_entry_of_a_purchase_removes_its_spending(nok, milk):
    purchase_entry(milk, by=by(nok), price=Decimal(52))
    remove_entry(milk, by=by(nok))
    assert total_spent(Period.month(nok.home)) == 0


def test_removed_item_can_be_added_again(nok, weekly, milk):
    remove_entry(milk, by=by(nok))
    anew, is_new = add_entry(weekly, "milk", by=by(nok), quantity=Decimal(1), unit="liter")
    assert is_new
    assert anew != milk
