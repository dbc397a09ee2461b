"""The API of shared expenses, payments and balances."""

from decimal import Decimal
from uuid import uuid4

import pytest

from groceries.actions import create_expense
from groceries.models import Expense
from homes.actions import remove_member
from tests.api.client import ApiClient
from tests.factories import by


@pytest.fixture
def client(nok, ben):
    return ApiClient(nok)


def test_expense_is_created_changed_and_removed(client, nok, ben):
    created = client.post("expenses", {"title": "Pizza", "amount": "450", "category": "eating out"})
    assert created.status_code == 201
    expense = created.json()
    assert (expense["paid_by"], expense["paid_by_name"]) == (str(nok.user_id), "Nok")
    assert [(share["name"], share["amount"]) for share in expense["shares"]] == [("Nok", "225"), ("Ben", "225")]
    url = f"expenses/{expense['id']}"
    shares = [{"person": str(ben.user_id), "amount": "100"}, {"person": str(nok.user_id), "weight": 2}]
    changed = client.patch(url, {"amount": 500.5, "paid_by": str(ben.user_id), "shares": shares}).json()
    assert [(share["name"], share["amount"]) for share in changed["shares"]] == [("Nok", "400.5"), ("Ben", "100")]
    assert client.get(url).json() == changed
    assert client.patch(url, {"amount": "600"}).json()["error"]["code"] == "refused"
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404


def test_balances_and_payments(client, nok, ben):
    client.post("expenses", {"title": "Pizza", "amount": "450"})
    balances = client.get("balances").json()
    assert [(row["name"], row["balance"], row["is_member"]) for row in balances["people"]] == [
        ("Nok", "225", True),
        ("Ben", "-225", True),
    ]
    (payment,) = balances["payments"]
    assert client.post("settlements", {**payment, "note": "cash"}).status_code == 201
    assert client.get("balances").json()["payments"] == []
    (row,) = client.get("settlements").json()["results"]
    assert (row["is_payment"], row["paid_by_name"], row["shares"][0]["name"]) == (True, "Ben", "Nok")


def test_who_left_is_in_the_balances(client, nok, ben):
    client.post("expenses", {"title": "Pizza", "amount": "450"})
    remove_member(ben, by=by(nok))
    assert client.get("balances").json()["people"][1] == {
        "person": str(ben.user_id),
        "name": "Ben",
        "is_member": False,
        "balance": "-225",
    }


def test_expenses_of_a_period_newest_first(client):
    for day in ("2026-03-01", "2026-03-31", "2026-04-01"):
        client.post("expenses", {"title": day, "amount": "1", "spent_on": day})
    titles = [row["title"] for row in client.get("expenses?from=2026-03-01&to=2026-03-31").json()["results"]]
    assert titles == ["2026-03-31", "2026-03-01"]
    page = client.get("expenses?limit=2").json()
    assert [row["title"] for row in page["results"]] == ["2026-04-01", "2026-03-31"]
    assert [row["title"] for row in client.client.get(page["next"]).json()["results"]] == ["2026-03-01"]


def test_rule_is_set_and_ended(client):
    expense = client.post("expenses", {"title": "Rent", "amount": "13000", "rrule": "FREQ=MONTHLY"}).json()
    assert (expense["rrule"], expense["next_due_at"] is not None) == ("FREQ=MONTHLY", True)
    expense = client.patch(f"expenses/{expense['id']}", {"rrule": None}).json()
    assert (expense["rrule"], expense["next_due_at"]) == ("", None)
    assert client.post("expenses", {"title": "Rent", "amount": "1", "rrule": "often"}).status_code == 400


def test_same_request_creates_one_expense(client):
    key = str(uuid4())
    first, second = (client.post("expenses", {"title": "Pizza", "amount": "450"}, Idempotency_Key=key) for _ in "12")
    assert first.json() == second.json()
    assert Expense.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": "0"},
        {"amount": "0.00"},
        {"amount": "-1"},
        {"amount": "1.234"},
        {"amount": "100000000"},
        {"title": ""},
        {"shares": []},
        {"shares": [{"amount": "450"}]},
        {"shares": [{"person": "x", "weight": 0}]},
        {"paid_by": "Mai"},
    ],
)
def test_invalid_requests_are_refused(client, fields):
    assert client.post("expenses", {"title": "Pizza", "amount": "450", **fields}).status_code == 400
    assert not Expense.objects.exists()


def test_stranger_finds_nothing(nok, mai):
    expense = create_expense("Pizza", Decimal(450), by=by(nok))
    stranger = ApiClient(mai)
    assert stranger.get(f"expenses/{expense.pk}").status_code == 404
    assert stranger.delete(f"expenses/{expense.pk}").status_code == 404
    assert stranger.get("expenses").json()["results"] == []
    payment = {"payer": str(mai.user_id), "payee": str(nok.user_id), "amount": "1"}
    assert stranger.post("settlements", payment).status_code == 400
    assert stranger.get(f"/homes/{nok.home_id}/balances").status_code == 403
