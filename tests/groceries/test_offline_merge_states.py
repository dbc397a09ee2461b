"""Merging offline removals, purchases and put-backs."""

from decimal import Decimal

import pytest

from groceries.actions import (
    add_entry,
    change_entry,
    merge_add,
    merge_change,
    merge_purchase,
    merge_put_back,
    merge_remove,
    merge_step,
    purchase_entry,
    put_back_entry,
    remove_entry,
)
from groceries.parsing.entries import parse_lines
from homes.events.offline import MergeResult
from tests.factories import by
from tests.groceries.offline_merge import APPLIED, ago, overtaken_changes, pending_entries, reload

pytestmark = pytest.mark.both_databases


# Removing


def test_removal_without_conflict_is_applied(nok, milk):
    assert merge_remove(milk.pk, by=ago(nok, 5), seen=1) == APPLIED
    assert merge_remove(milk.pk, by=ago(nok, 4), seen=1) == APPLIED
    assert reload(milk).is_removed


def test_removal_of_an_entry_that_was_changed_later_is_refused(nok, ben, milk):
    change_entry(milk, by=by(ben), note="oat")
    assert merge_remove(milk.pk, by=ago(nok, 5), seen=1) == MergeResult(("state",), "Ben changed Milk after you.")
    assert reload(milk).is_pending
    assert overtaken_changes(nok.home) == [("remove_entry", {}, ["state"])]


def test_removal_of_an_entry_that_was_changed_earlier_is_applied(nok, ben, milk):
    merge_change(milk.pk, by=ago(ben, 9), seen=1, note="oat")
    assert merge_remove(milk.pk, by=ago(nok, 5), seen=1) == APPLIED
    assert reload(milk).is_removed


@pytest.mark.parametrize("order", [["remove", "add"], ["add", "remove"]])
def test_later_add_prevails_over_a_removal_in_any_order_of_arrival(nok, ben, weekly, eggs, order):
    changes = {
        "remove": lambda: merge_remove(eggs.pk, by=ago(nok, 9), seen=1),
        "add": lambda: merge_add(weekly.pk, parse_lines("2 eggs"), by=ago(ben, 5)),
    }
    for name in order:
        result = changes[name]()
    assert pending_entries(weekly) == ["Eggs (2 piece)"]
    if order[-1] == "remove":
        assert result == MergeResult(("state",), "Others asked for Eggs too, so theirs stays on the list.")


def test_removal_of_an_unseen_purchase_is_refused(nok, ben, milk):
    """Even if it was purchased before the removal, since Nok had not seen that."""
    merge_purchase(milk.pk, by=ago(ben, 9), seen=1)
    assert merge_remove(milk.pk, by=ago(nok, 5), seen=1) == MergeResult(("state",), "Ben put Milk in the basket.")
    assert reload(milk).is_purchased
    assert merge_remove(milk.pk, by=ago(nok, 4), seen=2) == APPLIED


def test_changing_an_earlier_removed_entry_restores_it(nok, ben, milk):
    merge_remove(milk.pk, by=ago(ben, 9), seen=1)
    assert merge_change(milk.pk, by=ago(nok, 5), seen=1, quantity=Decimal(3)) == APPLIED
    assert (reload(milk).state, reload(milk).quantity) == ("pending", 3)


def test_restored_entry_adds_up_with_a_newer_one(nok, ben, weekly, milk):
    merge_remove(milk.pk, by=ago(ben, 9), seen=1)
    add_entry(weekly, "milk", by=by(ben), quantity=Decimal(2), unit="liter")
    merge_change(milk.pk, by=ago(nok, 5), seen=1, quantity=Decimal(3))
    assert pending_entries(weekly) == ["Milk (5 liter)"]


@pytest.mark.parametrize(
    ("verb", "lost"),
    [
        (lambda pk, **kwargs: merge_change(pk, quantity=Decimal(3), note="soy", **kwargs), ("note", "quantity")),
        (lambda pk, **kwargs: merge_step(pk, 1, **kwargs), ("quantity",)),
        (merge_put_back, ("state",)),
    ],
)
def test_later_removal_prevails_over_changes(nok, ben, milk, verb, lost):
    remove_entry(milk, by=by(ben))
    assert verb(milk.pk, by=ago(nok, 5), seen=1) == MergeResult(lost, "Ben took Milk off the list.")
    assert reload(milk).is_removed
    assert [lost for _verb, _meant, lost in overtaken_changes(nok.home)] == [list(lost)]


@pytest.mark.parametrize(("steps", "amount"), [(1, 7), (-1, 5)])
def test_stepping_an_earlier_removed_entry_restores_it(nok, ben, eggs, steps, amount):
    merge_remove(eggs.pk, by=ago(ben, 9), seen=1)
    assert merge_step(eggs.pk, steps, by=ago(nok, 5), seen=1) == APPLIED
    assert pending_entries(eggs.list) == [f"Eggs ({amount} piece)"]


# Purchasing


@pytest.mark.parametrize("minutes", [9, 1])
def test_purchase_prevails_over_a_removal(nok, ben, milk, minutes):
    merge_remove(milk.pk, by=ago(ben, minutes), seen=1)
    actor = ago(nok, 5)
    assert merge_purchase(milk.pk, by=actor, seen=1, price=Decimal(45)) == APPLIED
    entry = reload(milk)
    assert (entry.state, entry.purchased_by, entry.purchased_at) == ("purchased", nok.user, actor.meant_at)
    assert entry.price_paid == 45


def test_purchasing_twice_is_idempotent(nok, ben, milk, events):
    assert merge_purchase(milk.pk, by=ago(ben, 5), seen=1) == APPLIED
    assert merge_purchase(milk.pk, by=ago(nok, 5), seen=1) == MergeResult(message="Ben just took Milk.")
    assert reload(milk).purchased_by == ben.user
    assert events(nok.home) == ["list_item_purchased"]


def test_later_put_back_prevails_over_a_purchase(nok, ben, milk):
    purchase_entry(milk, by=by(ben))
    put_back_entry(milk, by=by(ben))
    result = merge_purchase(milk.pk, by=ago(nok, 5), seen=1, price=Decimal(45))
    assert result == MergeResult(("price_paid", "state"), "Ben put Milk back on the list after you.")
    assert reload(milk).is_pending


def test_later_purchase_prevails_over_a_put_back(nok, ben, milk):
    merge_purchase(milk.pk, by=ago(ben, 9), seen=1)
    assert merge_put_back(milk.pk, by=ago(nok, 8), seen=2) == APPLIED
    merge_purchase(milk.pk, by=ago(ben, 2), seen=1)
    result = merge_put_back(milk.pk, by=ago(nok, 5), seen=2)
    assert result == MergeResult(("state",), "Ben put Milk in the basket.")
    assert reload(milk).is_purchased


@pytest.mark.parametrize(("minutes", "price"), [(9, "52.00"), (2, "45.00")])
def test_later_price_prevails(nok, ben, milk, minutes, price):
    merge_purchase(milk.pk, by=ago(ben, 5), seen=1, price=Decimal(52))
    result = merge_purchase(milk.pk, by=ago(nok, minutes), seen=1, price=Decimal(45))
    assert str(reload(milk).price_paid) == price
    assert result.lost == (("price_paid",) if price == "52.00" else ())


def test_price_of_an_entry_that_was_put_back_is_lost(nok, ben, milk):
    purchase_entry(milk, by=by(nok))
    put_back_entry(milk, by=by(ben))
    result = merge_change(milk.pk, by=ago(nok, 0), seen=2, price_paid=Decimal(45))
    assert result == MergeResult(("price_paid",), "Milk is not in the basket, so it has no price.")


@pytest.mark.parametrize("order", [["buy", "add"], ["add", "buy"]])
def test_unseen_addition_stays_pending_after_a_purchase(nok, ben, weekly, eggs, order):
    """Nok purchased the six that she had seen."""
    changes = {
        "buy": lambda: merge_purchase(eggs.pk, by=ago(nok, 5), seen=1, price=Decimal(45)),
        "add": lambda: merge_add(weekly.pk, parse_lines("2 eggs"), by=ago(ben, 9)),
    }
    messages = {name: changes[name]().message for name in order}
    assert pending_entries(weekly) == ["Eggs (2 piece)"]
    bought = reload(eggs)
    assert (bought.state, bought.quantity, bought.price_paid) == ("purchased", 6, 45)
    expected = "Others asked for Eggs too, so theirs stays on the list." if order[0] == "add" else ""
    assert messages["buy"] == expected
