from decimal import Decimal
from functools import partial

import pytest

from groceries.actions import purchase_entry, remove_entry
from tests.factories import by, run_concurrently

pytestmark = pytest.mark.both_databases


def test_purchase_entry_stores_buyer_and_time(nok, ben, milk, freeze_time):
    moment = freeze_time("2026-03-14 10:30")
    bought = purchase_entry(milk, by=by(ben))
    assert bought.is_purchased
    assert (bought.purchased_by, bought.purchased_at) == (ben.user, moment)
    assert bought.added_by == nok.user


def test_purchase_entry_twice_records_one_event(nok, milk, events):
    purchase_entry(milk, by=by(nok))
    purchase_entry(milk, by=by(nok))
    assert events(nok.home) == ["list_item_purchased"]


def test_purchase_entry_by_a_second_member_keeps_the_first_buyer(nok, ben, milk):
    purchase_entry(milk, by=by(nok))
    assert purchase_entry(milk, by=by(ben)).purchased_by == nok.user


def test_purchase_entry_updates_time_and_price_of_the_item(nok, milk, freeze_time):
    moment = freeze_time("2026-03-14 10:30")
    purchase_entry(milk, by=by(nok), price=Decimal("52.00"))
    milk.item.refresh_from_db()
    assert (milk.item.last_purchased_at, milk.item.estimated_price) == (moment, Decimal("52.00"))


def test_purchase_entry_without_a_price_keeps_the_usual_price(nok, milk):
    milk.item.estimated_price = Decimal("50.00")
    milk.item.save()
    purchase_entry(milk, by=by(nok))
    milk.item.refresh_from_db()
    assert milk.item.estimated_price == Decimal("50.00")


def test_purchase_entry_adds_a_missing_price_but_replaces_none(nok, milk, events):
    purchase_entry(milk, by=by(nok))
    assert purchase_entry(milk, by=by(nok), price=Decimal(52)).price_paid == 52
    assert purchase_entry(milk, by=by(nok), price=Decimal(99)).price_paid == 52
    assert events(nok.home) == ["list_item_purchased", "list_item_updated"]


def test_purchase_entry_of_a_removed_entry_changes_nothing(nok, milk, events):
    remove_entry(milk, by=by(nok))
    assert purchase_entry(milk, by=by(nok)).state == "removed"
    assert events(nok.home) == ["list_item_removed"]


@pytest.mark.django_db(transaction=True)
def test_concurrent_purchases_count_once(nok, ben, milk, events):
    run_concurrently(*[partial(purchase_entry, milk, by=by(member)) for member in (nok, ben) * 4])
    assert events(nok.home) == ["list_item_purchased"]
