from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from groceries.actions import create_category, create_item, purchase_entry, set_recurring
from groceries.models import Category, Item, RecurringItem
from tests.factories import by

# Aisles


def test_aisle_can_be_created_renamed_moved_and_deleted(api_client, nok, events):
    me = api_client(nok)
    made = me.post("categories", {"name": "Frozen"}).json()
    assert (made["name"], made["position"]) == ("Frozen", 6)
    changed = me.patch(f"categories/{made['id']}", {"name": "Cold things", "position": 0})
    assert (changed.json()["name"], changed.json()["position"]) == ("Cold things", 0)
    assert me.delete(f"categories/{made['id']}").status_code == 204
    assert me.delete(f"categories/{made['id']}").status_code == 404
    assert events(nok.home) == ["category_created", "category_updated", "category_removed"]


def test_new_home_has_six_aisles(api_client, nok):
    names = [category["name"] for category in api_client(nok).get("categories").json()["results"]]
    assert names == ["produce", "dairy", "staple", "protein", "household", "other"]


def test_aisle_with_an_existing_name_is_rejected(api_client, nok):
    me = api_client(nok)
    assert me.post("categories", {"name": "dairy"}).status_code == 409
    frozen = me.post("categories", {"name": "Frozen"}).json()
    assert me.patch(f"categories/{frozen['id']}", {"name": "dairy"}).status_code == 409


@pytest.mark.parametrize("position", [32766, 32767])
def test_aisle_after_the_last_possible_place_shares_it(api_client, nok, position):
    me = api_client(nok)
    assert me.post("categories", {"name": "Frozen", "position": position}).status_code == 201
    added = me.post("categories", {"name": "Pets"})
    assert (added.status_code, added.json()["position"]) == (201, 32767)


def test_aisle_with_items_cannot_be_deleted(api_client, nok, milk):
    response = api_client(nok).delete(f"categories/{milk.item.category_id}")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "refused")


@pytest.mark.parametrize(
    "invalid", [{"name": ""}, {"name": " "}, {"name": "x" * 41}, {"position": -1}, {"position": 1e9}]
)
def test_aisle_with_invalid_values_is_rejected(api_client, nok, events, invalid):
    assert api_client(nok).post("categories", {"name": "Frozen", **invalid}).status_code == 400
    assert events(nok.home) == []


# Items


def test_creating_an_existing_item_returns_it(api_client, nok, events):
    me = api_client(nok)
    made = me.post("items", {"name": "eggs"}).json()
    again = me.post("items", {"name": "Egg", "quantity": "12", "estimated_price": "75"})
    assert (again.status_code, again.json()["id"], again.json()["quantity"]) == (200, made["id"], "12")
    assert events(nok.home) == ["item_created", "item_updated"]


def test_item_can_be_updated(api_client, nok, milk):
    me, url = api_client(nok), f"items/{milk.item_id}"
    change = {"name": "oat milk", "category": "other", "unit": "L", "description": "the blue one", "quantity": None}
    response = me.patch(url, change).json()
    assert (response["name"], response["category"], response["unit"]) == ("Oat milk", "other", "liter")
    assert me.get(url).json() == response
    assert Item.objects.filter(normalized_name="oat milk").exists()


def test_item_with_an_existing_name_is_rejected(api_client, nok, milk, eggs):
    response = api_client(nok).patch(f"items/{milk.item_id}", {"name": "egg"})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "refused")


def test_deleting_an_item_never_bought_deletes_its_recurring_item(api_client, nok, events):
    item, _new = create_item("Tofu", by=by(nok))
    set_recurring(item, "weekly", by=by(nok))
    assert api_client(nok).delete(f"items/{item.pk}").status_code == 204
    assert not RecurringItem.objects.exists()
    assert events(nok.home)[-2:] == ["recurring_stopped", "item_removed"]


def test_item_on_a_list_or_bought_cannot_be_deleted(api_client, nok, milk):
    me, url = api_client(nok), f"items/{milk.item_id}"
    assert "on a list" in me.delete(url).json()["error"]["message"]
    purchase_entry(milk, by=by(nok), price=Decimal(45))
    assert "bought before" in me.delete(url).json()["error"]["message"]
    assert me.get("spending").json()["total"] == "45"


@pytest.mark.parametrize(
    "invalid",
    [{"name": ""}, {"name": "..."}, {"name": "x" * 101}, {"quantity": 0}, {"quantity": "NaN"}, {"category": "moon"}]
    + [{"estimated_price": -1}, {"estimated_price": "9" * 12}, {"unit": "x" * 21}, {"description": "x" * 201}],
)
def test_item_with_invalid_values_is_rejected(api_client, nok, events, invalid):
    assert api_client(nok).post("items", {"name": "eggs", **invalid}).status_code == 400
    assert events(nok.home) == []


# List items


def test_list_items_can_be_filtered_by_state(api_client, nok, milk, eggs):
    me, url = api_client(nok), f"lists/{milk.list_id}/items"
    me.delete(f"{url}/{eggs.pk}")
    assert [entry["item"]["name"] for entry in me.get(url).json()["results"]] == ["Milk"]
    assert [entry["item"]["name"] for entry in me.get(f"{url}?state=removed").json()["results"]] == ["Eggs"]
    assert me.get(f"{url}?state=eaten").status_code == 400
    assert me.get(f"{url}/{milk.pk}").json()["item"]["name"] == "Milk"


def test_list_item_can_be_renamed(api_client, nok, milk):
    response = api_client(nok).patch(f"lists/{milk.list_id}/items/{milk.pk}", {"name": "Oat milk", "version": 1})
    assert (response.json()["item"]["name"], response.json()["version"]) == ("Oat milk", 2)


def test_invalid_transition_names_the_valid_ones(api_client, nok, weekly):
    me, url = api_client(nok), f"lists/{weekly.pk}"
    me.patch(url, {"state": "completed"})
    response = me.patch(url, {"state": "approved"})
    assert (response.status_code, "Draft" in response.json()["error"]["message"]) == (400, True)


def test_lists_can_be_filtered_by_state(api_client, nok, weekly):
    me = api_client(nok)
    assert len(me.get("lists?state=draft").json()["results"]) == 1
    assert me.get("lists?state=completed").json()["results"] == []


# Recurring items


def test_recurring_item_can_be_created_updated_paused_and_deleted(api_client, nok, events):
    me = api_client(nok)
    made = me.post("recurring", {"name": "rice", "frequency": "monthly", "quantity": "5", "unit": "kg"}).json()
    assert (made["item"]["name"], made["quantity"], made["unit"], made["rrule"]) == ("Rice", "5", "kg", "FREQ=MONTHLY")
    url = f"recurring/{made['id']}"
    changed = me.patch(url, {"frequency": "weekly", "quantity": "2"}).json()
    assert (changed["frequency"], changed["quantity"], changed["unit"]) == ("weekly", "2", "kg")
    assert me.patch(url, {"paused": True}).json()["paused_at"]
    assert me.patch(url, {"quantity": "3"}).json()["paused_at"]
    assert me.patch(url, {"paused": False}).json()["paused_at"] is None
    assert me.get(url).json()["quantity"] == "3"
    assert me.delete(url).status_code == 204
    assert me.get("recurring").json()["results"] == []
    assert events(nok.home)[-1] == "recurring_stopped"


def test_recurring_item_can_be_skipped_snoozed_and_added_early(api_client, nok, weekly, freeze_time):
    freeze_time("2026-03-11 12:00")
    me = api_client(nok)
    fields = {"name": "rice", "rrule": "RRULE:FREQ=WEEKLY;WKST=SU;BYDAY=MO", "starts_on": "2026-03-12"}
    made = me.post("recurring", fields).json()
    assert (made["frequency"], made["starts_on"], made["next_due_at"][:10]) == ("weekly", "2026-03-12", "2026-03-16")
    url = f"recurring/{made['id']}"
    assert me.post(f"{url}/skip").json()["next_due_at"][:10] == "2026-03-23"
    assert me.post(f"{url}/snooze", {"day": "2026-03-25"}).json()["next_due_at"][:10] == "2026-03-25"
    assert me.post(f"{url}/snooze", {"day": "2026-03-10"}).status_code == 400
    assert me.post(f"{url}/add").json()["item"]["name"] == "Rice"
    assert me.get(url).json()["next_due_at"][:10] == "2026-03-30"
    assert me.patch(url, {"starts_on": "2026-06-01"}).json()["next_due_at"][:10] == "2026-06-01"
    assert me.patch(url, {"rrule": "FREQ=DAILY;INTERVAL=45"}).json()["frequency"] == "other"


def test_item_can_have_several_recurring_items(api_client, nok):
    me = api_client(nok)
    ids = {me.post("recurring", {"name": "eggs", "frequency": name}).json()["id"] for name in ("weekly", "monthly")}
    assert {row["id"] for row in me.get("recurring").json()["results"]} == ids


@pytest.mark.parametrize(
    "invalid",
    [{"frequency": "hourly"}, {"rrule": "FREQ=SOMETIMES"}, {"quantity": 0}, {"name": ""}, {"item_id": str(uuid4())}],
)
def test_recurring_item_with_invalid_values_is_rejected(api_client, nok, invalid):
    assert api_client(nok).post("recurring", {"name": "rice", "frequency": "weekly", **invalid}).status_code == 400
    assert not RecurringItem.objects.exists()


# Money


@pytest.fixture
def purchases(nok, ben, milk, eggs, freeze_time):
    freeze_time("2026-03-31 23:30")
    purchase_entry(milk, by=by(nok), price=Decimal("45.50"))
    freeze_time("2026-04-01 00:30")
    purchase_entry(eggs, by=by(ben), price=Decimal(75))


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("category", {"dairy": "120.5"}),
        ("week", {"2026-03-30": "120.5"}),
        ("month", {"2026-03-01": "45.5", "2026-04-01": "75"}),
    ],
)
def test_spending_is_grouped_by_the_homes_calendar(api_client, nok, purchases, group, expected):
    response = api_client(nok).get(f"spending?from=2026-03-01&to=2026-04-30&group_by={group}").json()
    assert (response["total"], response["currency"]) == ("120.5", "THB")
    assert {each["key"]: each["total"] for each in response["groups"]} == expected


def test_spending_can_be_grouped_by_member(api_client, nok, ben, purchases):
    response = api_client(nok).get("spending?from=2026-03-01&to=2026-04-30&group_by=member").json()
    assert {each["key"]: each["total"] for each in response["groups"]} == {
        str(ben.user_id): "75", str(nok.user_id): "45.5"
    }  # fmt: skip


def test_spending_is_computed_once_after_each_event(api_client, nok, milk):
    me = api_client(nok)
    assert me.get("spending").json()["total"] == "0"
    with CaptureQueriesContext(connection) as queries:
        me.get("spending")
    assert not [query for query in queries if "SUM" in query["sql"]]
    purchase_entry(milk, by=by(nok), price=Decimal(45))
    assert me.get("spending").json()["total"] == "45"


def test_budget_report_compares_this_month_to_the_budget(api_client, nok, purchases):
    me = api_client(nok)
    assert me.get("spending").json()["budget"] is None
    me.patch(f"/homes/{nok.home_id}", {"monthly_budget": "1000"})
    response = me.get("spending").json()
    assert (response["from"], response["to"], response["total"]) == ("2026-04-01", "2026-04-30", "75")
    assert response["budget"] == {"monthly": "1000", "left": "925", "days_left": 30}


@pytest.mark.parametrize(
    "query",
    ["from=x", "from=2026-02-30", "from=2026-05-01&to=2026-04-01", "from=0001-01-01", "to=9999-12-31", "group_by=x"],
)
def test_invalid_dates_are_rejected(api_client, nok, query):
    assert api_client(nok).get(f"spending?{query}").status_code == 400


# Access


def test_ids_of_another_home_return_404(api_client, nok, mai, milk, events):
    """Mai uses Nok's ids in URLs of her own home."""
    me = api_client(mai)
    rule = set_recurring("Rice", "weekly", by=by(nok))
    frozen = create_category("Frozen", by=by(nok))
    before = events(nok.home)
    for url in (
        f"items/{milk.item_id}",
        f"lists/{milk.list_id}",
        f"lists/{milk.list_id}/items/{milk.pk}",
        f"recurring/{rule.pk}",
        f"categories/{frozen.pk}",
    ):
        if not url.startswith("categories"):
            assert me.get(url).status_code == 404
        assert me.patch(url, {}).status_code == 404
        if url.startswith("recurring"):
            assert {me.post(f"{url}/{verb}").status_code for verb in ("skip", "add")} == {404}
            assert me.post(f"{url}/snooze", {"day": "2030-01-01"}).status_code == 404
        assert me.delete(url).status_code == 404
    assert me.get(f"lists/{milk.list_id}/items").status_code == 404
    assert me.post(f"lists/{milk.list_id}/items", {"name": "milk"}).status_code == 404
    assert me.post("recurring", {"item_id": str(milk.item_id), "frequency": "weekly"}).status_code == 404
    assert me.post("items", {"name": "Ice", "category": "Frozen"}).status_code == 400
    assert events(nok.home) == before
    assert Category.objects.filter(home=nok.home).count() == 7


def test_recurring_item_starts_in_the_future(api_client, nok):
    made = api_client(nok).post("recurring", {"name": "rice", "frequency": "weekly"}).json()
    rule = RecurringItem.objects.get(pk=made["id"])
    assert rule.next_due_at > nok.home.now() + timedelta(hours=1)


def test_suggestions_complete_what_is_typed(api_client, nok, mai, weekly):
    create_item("Milk", by=by(nok), default_quantity=Decimal(2), default_unit="liter")
    rows = api_client(nok).get(f"lists/{weekly.pk}/suggestions?q=eggs, mil").json()["results"]
    assert rows[0] == {
        "text": "eggs, Milk", "name": "Milk", "quantity": "2", "unit": "liter", "icon": "🥛", "reason": "",
        "is_favourite": False,
    }  # fmt: skip
    assert api_client(nok).get(f"lists/{weekly.pk}/suggestions").json() == {"results": []}
    assert api_client(mai).get(f"lists/{weekly.pk}/suggestions?q=mil").status_code == 404
