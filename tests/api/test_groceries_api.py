from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from groceries.actions import create_category, create_item, purchase_entry, set_recurring
from groceries.models import Category, Item, RecurringItem
from tests.cast import by

# Aisles


def test_an_aisle_is_added_renamed_moved_and_removed(program, nok, events):
    me = program(nok)
    made = me.post("categories", {"name": "Frozen"}).json()
    assert (made["name"], made["position"]) == ("Frozen", 6)
    changed = me.patch(f"categories/{made['id']}", {"name": "Cold things", "position": 0})
    assert (changed.json()["name"], changed.json()["position"]) == ("Cold things", 0)
    assert me.delete(f"categories/{made['id']}").status_code == 204
    assert me.delete(f"categories/{made['id']}").status_code == 404
    assert events(nok.home) == ["category_created", "category_updated", "category_removed"]


def test_a_home_begins_with_six_aisles(program, nok):
    found = [category["name"] for category in program(nok).get("categories").json()["results"]]
    assert found == ["produce", "dairy", "staple", "protein", "household", "other"]


def test_two_aisles_have_two_names(program, nok):
    me = program(nok)
    assert me.post("categories", {"name": "dairy"}).status_code == 409
    frozen = me.post("categories", {"name": "Frozen"}).json()
    assert me.patch(f"categories/{frozen['id']}", {"name": "dairy"}).status_code == 409


def test_an_aisle_with_something_in_it_stays(program, nok, milk):
    answer = program(nok).delete(f"categories/{milk.item.category_id}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "refused")


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": " "}, {"name": "x" * 41}, {"position": -1}, {"position": 1e9}]
)
def test_what_is_no_aisle(program, nok, events, wrong):
    assert program(nok).post("categories", {"name": "Frozen", **wrong}).status_code == 400
    assert events(nok.home) == []


# Items


def test_an_item_that_is_there_is_answered(program, nok, events):
    me = program(nok)
    made = me.post("items", {"name": "eggs"}).json()
    again = me.post("items", {"name": "Egg", "quantity": "12", "estimated_price": "75"})
    assert (again.status_code, again.json()["id"], again.json()["quantity"]) == (200, made["id"], "12")
    assert events(nok.home) == ["item_created", "item_updated"]


def test_an_item_is_changed(program, nok, milk):
    me, url = program(nok), f"items/{milk.item_id}"
    change = {"name": "oat milk", "category": "other", "unit": "L", "description": "the blue one", "quantity": None}
    answer = me.patch(url, change).json()
    assert (answer["name"], answer["category"], answer["unit"]) == ("Oat milk", "other", "liter")
    assert me.get(url).json() == answer
    assert Item.objects.named("oat milks").exists()


def test_two_items_have_two_names(program, nok, milk, eggs):
    answer = program(nok).patch(f"items/{milk.item_id}", {"name": "egg"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "refused")


def test_an_item_that_was_never_bought_is_removed_with_its_rule(program, nok, events):
    item, _new = create_item("Tofu", by=by(nok))
    set_recurring(item, "weekly", by=by(nok))
    assert program(nok).delete(f"items/{item.pk}").status_code == 204
    assert not RecurringItem.objects.exists()
    assert events(nok.home)[-2:] == ["recurring_stopped", "item_removed"]


def test_what_is_on_a_list_or_was_bought_stays(program, nok, milk):
    me, url = program(nok), f"items/{milk.item_id}"
    assert "on a list" in me.delete(url).json()["error"]["message"]
    purchase_entry(milk, by=by(nok), price=Decimal(45))
    assert "bought before" in me.delete(url).json()["error"]["message"]
    assert me.get("spending").json()["total"] == "45"


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "..."}, {"name": "x" * 101}, {"quantity": 0}, {"quantity": "NaN"}, {"category": "moon"}]
    + [{"estimated_price": -1}, {"estimated_price": "9" * 12}, {"unit": "x" * 21}, {"description": "x" * 201}],
)
def test_what_is_no_item(program, nok, events, wrong):
    assert program(nok).post("items", {"name": "eggs", **wrong}).status_code == 400
    assert events(nok.home) == []


# Entries


def test_entries_are_listed_by_state(program, nok, milk, eggs):
    me, url = program(nok), f"lists/{milk.list_id}/items"
    me.delete(f"{url}/{eggs.pk}")
    assert [entry["item"]["name"] for entry in me.get(url).json()["results"]] == ["Milk"]
    assert [entry["item"]["name"] for entry in me.get(f"{url}?state=removed").json()["results"]] == ["Eggs"]
    assert me.get(f"{url}?state=eaten").status_code == 400
    assert me.get(f"{url}/{milk.pk}").json()["item"]["name"] == "Milk"


def test_an_entry_is_called_something_else(program, nok, milk):
    answer = program(nok).patch(f"lists/{milk.list_id}/items/{milk.pk}", {"name": "Oat milk", "version": 1})
    assert (answer.json()["item"]["name"], answer.json()["version"]) == ("Oat milk", 2)


def test_an_illegal_step_says_which_are_legal(program, nok, weekly):
    me, url = program(nok), f"lists/{weekly.pk}"
    me.patch(url, {"state": "completed"})
    answer = me.patch(url, {"state": "approved"})
    assert (answer.status_code, "Draft" in answer.json()["error"]["message"]) == (400, True)


def test_lists_are_found_by_state(program, nok, weekly):
    me = program(nok)
    assert len(me.get("lists?state=draft").json()["results"]) == 1
    assert me.get("lists?state=completed").json()["results"] == []


# What comes back


def test_a_rule_is_made_changed_rests_and_ends(program, nok, events):
    me = program(nok)
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


@pytest.mark.parametrize(
    "wrong",
    [{"frequency": "daily"}, {"rrule": "FREQ=SOMETIMES"}, {"quantity": 0}, {"name": ""}, {"item_id": str(uuid4())}],
)
def test_what_is_no_rule(program, nok, wrong):
    assert program(nok).post("recurring", {"name": "rice", "frequency": "weekly", **wrong}).status_code == 400
    assert not RecurringItem.objects.exists()


# Money


@pytest.fixture
def spent(nok, ben, milk, eggs, clock):
    clock("2026-03-31 23:30")
    purchase_entry(milk, by=by(nok), price=Decimal("45.50"))
    clock("2026-04-01 00:30")
    purchase_entry(eggs, by=by(ben), price=Decimal(75))


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("category", {"dairy": "120.5"}),
        ("week", {"2026-03-30": "120.5"}),
        ("month", {"2026-03-01": "45.5", "2026-04-01": "75"}),
    ],
)
def test_what_was_spent_on_the_homes_calendar(program, nok, spent, group, expected):
    answer = program(nok).get(f"spending?from=2026-03-01&to=2026-04-30&group_by={group}").json()
    assert (answer["total"], answer["currency"]) == ("120.5", "THB")
    assert {each["key"]: each["total"] for each in answer["groups"]} == expected


def test_who_spent_it(program, nok, ben, spent):
    answer = program(nok).get("spending?from=2026-03-01&to=2026-04-30&group_by=member").json()
    assert {each["key"]: each["total"] for each in answer["groups"]} == {
        str(ben.user_id): "75", str(nok.user_id): "45.5"
    }  # fmt: skip


def test_what_was_spent_is_summed_once_after_each_event(program, nok, milk):
    me = program(nok)
    assert me.get("spending").json()["total"] == "0"
    with CaptureQueriesContext(connection) as asked:
        me.get("spending")
    assert not [query for query in asked if "SUM" in query["sql"]]
    purchase_entry(milk, by=by(nok), price=Decimal(45))
    assert me.get("spending").json()["total"] == "45"


def test_this_month_against_the_budget(program, nok, spent):
    me = program(nok)
    assert me.get("spending").json()["budget"] is None
    me.patch(f"/homes/{nok.home_id}", {"monthly_budget": "1000"})
    answer = me.get("spending").json()
    assert (answer["from"], answer["to"], answer["total"]) == ("2026-04-01", "2026-04-30", "75")
    assert answer["budget"] == {"monthly": "1000", "left": "925", "days_left": 30}


@pytest.mark.parametrize(
    "query",
    ["from=x", "from=2026-02-30", "from=2026-05-01&to=2026-04-01", "from=0001-01-01", "to=9999-12-31", "group_by=x"],
)
def test_days_that_are_none(program, nok, query):
    assert program(nok).get(f"spending?{query}").status_code == 400


# Doors


def test_what_is_in_another_home_is_not_there(program, nok, mai, milk, events):
    """Mai asks at her own home, with Nok's ids inside."""
    me = program(mai)
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
        assert me.delete(url).status_code == 404
    assert me.get(f"lists/{milk.list_id}/items").status_code == 404
    assert me.post(f"lists/{milk.list_id}/items", {"name": "milk"}).status_code == 404
    assert me.post("recurring", {"item_id": str(milk.item_id), "frequency": "weekly"}).status_code == 404
    assert me.post("items", {"name": "Ice", "category": "Frozen"}).status_code == 400
    assert events(nok.home) == before
    assert Category.objects.filter(home=nok.home).count() == 7


def test_a_rule_begins_in_the_future(program, nok):
    made = program(nok).post("recurring", {"name": "rice", "frequency": "weekly"}).json()
    rule = RecurringItem.objects.get(pk=made["id"])
    assert rule.next_due_at > nok.home.now() + timedelta(hours=1)
