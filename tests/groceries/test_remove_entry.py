from decimal import Decimal

from groceries.actions import add_entry, purchase_entry, remove_entry
from groceries.reports import Period, total_spent
from tests.cast import by


def test_it_is_off_the_list_and_the_home_is_told(nok, weekly, milk, eggs, events):
    remove_entry(milk, by=by(nok))
    assert list(weekly.entries.pending()) == [eggs]
    (event,) = events.of(nok.home)
    assert (event.type, event.changes) == ("list_item_removed", {"state": ["pending", "removed"]})


def test_removing_twice_tells_the_home_once(nok, milk, events):
    remove_entry(milk, by=by(nok))
    remove_entry(milk, by=by(nok))
    assert events(nok.home) == ["list_item_removed"]


def test_what_it_cost_is_not_counted_any_more(nok, milk):
    purchase_entry(milk, by=by(nok), price=Decimal(52))
    remove_entry(milk, by=by(nok))
    assert total_spent(Period.month(nok.home)) == 0


def test_the_same_thing_can_be_asked_for_anew(nok, weekly, milk):
    remove_entry(milk, by=by(nok))
    anew, is_new = add_entry(weekly, "milk", by=by(nok), quantity=Decimal(1), unit="liter")
    assert is_new
    assert anew != milk
