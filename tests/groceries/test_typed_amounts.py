"""Amounts and prices as they are typed, through the forms and the phone's queue."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from groceries.actions import add_entry, create_item, purchase_entry
from homes.models import Home
from tests.factories import by


@pytest.fixture
def send(nok, sign_in):
    """Return a function that sends one intent of the phone's queue and returns its result."""
    client = sign_in(nok)

    def send(kind, seen=None, **data):
        now = datetime.now(UTC).isoformat()
        intent = {"op_id": str(uuid4()), "kind": kind, "meant_at": now, "seen": seen, "data": data}
        body = {"now": now, "intents": [intent]}
        response = client.post(f"/api/homes/{nok.home_id}/intents", body, content_type="application/json")
        return response.json()["results"][0]

    return send


@pytest.mark.parametrize(
    ("currency", "typed", "price"),
    [
        ("EUR", "15,38", "15.38"),
        ("EUR", "€ 15,38", "15.38"),
        ("EUR", "106,70", "106.70"),
        ("EUR", "2,49 €", "2.49"),
        ("EUR", "1,250.50", "1250.50"),
        ("EUR", "1.250,50", "1250.50"),
        ("EUR", "1.250", None),
        ("EUR", "$ 5", None),
        ("EUR", "0,075", None),
        ("THB", "1,250", "1250"),
        ("THB", "13,000 baht", "13000"),
        ("IDR", "50.000", "50000"),
        ("VND", "1.250.000 ₫", "1250000"),
    ],
)
def test_price_is_exact_or_refused(nok, milk, send, sign_in, currency, typed, price):
    Home.objects.filter(pk=nok.home_id).update(currency=currency)
    result = send("purchase_entry", 1, entry=str(milk.pk), price=typed)
    milk.refresh_from_db()
    assert milk.price_paid == (price and Decimal(price))
    if price is None:
        assert (result["outcome"], milk.is_pending) == ("refused", True)
        assert result["message"].startswith("Enter an amount")
        purchase_entry(milk, by=by(nok))
        milk.refresh_from_db()
    send("change_entry", milk.version, entry=str(milk.pk), price_paid=typed)
    fields = {"name": "Milk", "quantity": "1,5", "unit": "l", "note": "", "price_paid": typed}
    fields |= {"category": milk.item.category_id, "version": milk.version}
    sign_in(nok).post(reverse("groceries:edit", args=[nok.home_id, milk.list_id, milk.pk]), fields)
    milk.refresh_from_db()
    assert milk.price_paid == (price and Decimal(price))


@pytest.mark.parametrize(
    ("currency", "typed", "budget"),
    [
        ("EUR", "1500,50", "1500.50"),
        ("EUR", "€ 1.500,50", "1500.50"),
        ("IDR", "500.000", "500000"),
        ("THB", "13,000", "13000"),
    ],
)
def test_budget_is_exact(nok, sign_in, currency, typed, budget):
    fields = {"name": "Home", "timezone": "Asia/Bangkok", "currency": currency, "monthly_budget": typed}
    sign_in(nok).post(f"/h/{nok.home_id}/home/update/", fields)
    assert Home.objects.get(pk=nok.home_id).monthly_budget == Decimal(budget)


def test_text_of_the_queue_keeps_notes_and_the_homes_names(nok, weekly, send):
    for name in ("Milk, semi-skimmed", "21 Seasoning Salute"):
        create_item(name, by=by(nok))
    text = "Milk, semi-skimmed, 21 seasoning salute, 2 x 400g cans chickpeas for Sunday\n- rice 5kg @ 120"
    assert send("add_entry", list=str(weekly.pk), text=text)["outcome"] == "done"
    entries = [(str(entry), entry.note) for entry in weekly.entries.order_by("pk")]
    assert entries == [
        ("Milk, semi-skimmed (1 piece)", ""),
        ("21 Seasoning Salute (1 piece)", ""),
        ("Chickpeas (2 can)", "400g, for Sunday"),
        ("Rice (5 kg)", "@ 120"),
    ]


def test_too_many_lines_are_refused_as_a_whole(weekly, send):
    result = send("add_entry", list=str(weekly.pk), text="\n".join(f"thing {number}" for number in range(45)))
    message = "Add at most 40 things at once: these are 45. “thing” would be the next one."
    assert (result["outcome"], result["message"]) == ("refused", message)
    assert not weekly.entries.exists()


def test_recurring_item_has_the_homes_name(nok, sign_in):
    create_item("4 cheese pizza", by=by(nok))
    form = {"text": "2 4 cheese pizza", "frequency": "weekly"}
    sign_in(nok).post(reverse("groceries:recurring", args=[nok.home_id]), form)
    form["text"] = "1,5 kg tomatoes (ripe)"
    sign_in(nok).post(reverse("groceries:recurring", args=[nok.home_id]), form)
    rules = [(rule.item.name, rule.quantity) for rule in nok.home.recurring.order_by("pk")]
    assert rules == [("4 cheese pizza", 2), ("Tomatoes, ripe", Decimal("1.5"))]


def test_change_into_the_unit_of_another_entry_keeps_both_notes(nok, weekly, send):
    pieces, _new = add_entry(weekly, "tomatoes", by=by(nok), quantity=Decimal(3), unit="piece", note="ripe")
    add_entry(weekly, "tomatoes", by=by(nok), quantity=Decimal(1), unit="kg", note="red")
    send("change_entry", 1, entry=str(pieces.pk), unit="kg")
    assert [(str(entry), entry.note) for entry in weekly.entries.pending()] == [("Tomatoes (4 kg)", "red, ripe")]


def test_emptied_price_is_removed_offline_as_on_the_page(nok, milk, send):
    purchase_entry(milk, by=by(nok), price=Decimal(45))
    milk.refresh_from_db()
    send("change_entry", milk.version, entry=str(milk.pk), price_paid="")
    milk.refresh_from_db()
    assert milk.price_paid is None
