from decimal import Decimal

import pytest

from chat.actions import create_channel, send_message
from groceries.actions import change_list_state, create_list, pause_recurring, purchase_entry, set_recurring
from groceries.models import RecurringItem
from homes.models import Home
from tests.cast import by, person
from tests.test_replay import State


@pytest.fixture
def file(program, nok, ben, milk, eggs, rice, general):
    purchase_entry(milk, by=by(ben), price=Decimal("45.50"))
    purchase_entry(eggs, by=by(nok), price=Decimal(75))
    pause_recurring(set_recurring("Coffee", "weekly", by=by(nok), rrule="FREQ=WEEKLY;BYDAY=MO"), by=by(nok))
    change_list_state(create_list("Party", by=by(nok)), "completed", by=by(nok))
    send_message(general, "Hello", by=by(nok))
    send_message(create_channel("secret", by=by(ben), is_private=True), "A cake", by=by(ben))
    program(nok).post("categories", {"name": "Frozen"})
    program(nok).patch(f"/homes/{nok.home_id}", {"monthly_budget": "13000"})
    answer = program(nok).get("export")
    assert answer.status_code == 200
    assert "A cake" not in answer.text
    return answer.json()


def without_ids(shown):
    left_out = ("id", "item_id", "list_id", "added_by", "purchased_by", "version", "created_at", "completed_at")
    if isinstance(shown, dict):
        return {name: without_ids(value) for name, value in shown.items() if name not in left_out}
    return [without_ids(value) for value in shown] if isinstance(shown, list) else shown


def test_what_was_exported_is_read_back(program, nok, file):
    me = program(nok)
    made = me.post("/homes/import", file)
    assert (made.status_code, made.json()["name"], made.json()["monthly_budget"]) == (201, "Apartment 42", "13000")
    for what in ("categories", "items", "lists"):
        old, new = (
            me.get(f"/homes/{home}/{what}?limit=200").json()["results"] for home in (nok.home_id, made.json()["id"])
        )
        assert without_ids(old) == without_ids(new), what
    for old, new in zip(
        *(me.get(f"/homes/{home}/lists").json()["results"] for home in (nok.home_id, made.json()["id"])), strict=True
    ):
        old, new = me.get(f"lists/{old['id']}").json(), me.get(f"/homes/{made.json()['id']}/lists/{new['id']}").json()
        assert without_ids(old) == without_ids(new)
    rule = RecurringItem.objects.get(home=made.json()["id"])
    assert (rule.item.name, rule.rrule, bool(rule.paused_at)) == ("Coffee", "FREQ=WEEKLY;BYDAY=MO", True)


def test_its_events_tell_all_of_it(program, nok, file):
    home = Home.objects.get(pk=program(nok).post("/homes/import", file).json()["id"])
    state = State.empty()
    for event in home.events.after(0):
        state.hear(event)
    assert state == State.fetched(home.pk)


def test_people_of_the_old_home_are_named_only_where_they_are(program, nok, file):
    made = program(nok).post("/homes/import", file).json()
    entries = Home.objects.get(pk=made["id"]).lists.get(name="Weekly shop").entries.all()
    assert {entry.item.name: entry.purchased_by for entry in entries} == {"Eggs": nok.user, "Milk": None, "Rice": None}
    assert [member["name"] for member in program(nok).get(f"/homes/{made['id']}/members").json()["results"]] == ["Nok"]


def test_only_an_owner_takes_a_home_along(program, ben):
    assert program(ben).get("export").status_code == 403


def spoil(file, path, value):
    *way, last = path
    place = file
    for step in way:
        place = place[step]
    place[last] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["format"], 2),
        (["home"], {}),
        (["home", "timezone"], "Mars"),
        (["home", "name"], "\x00"),
        (["groceries"], []),
        (["groceries", "items", 0, "category_id"], "00000000-0000-0000-0000-000000000000"),
        (["groceries", "items", 0, "name"], ""),
        (["groceries", "items", 0, "estimated_price"], "NaN"),
        (["groceries", "items", 0, "estimated_price"], "1e30"),
        (["groceries", "lists", 0, "state"], "eaten"),
        (["groceries", "lists", 0, "name"], "x" * 81),
        (["groceries", "lists", 0, "completed_at"], "2026-01-01T00:00:00"),
        (["groceries", "entries", 0, "quantity"], "-1"),
        (["groceries", "entries", 0, "state"], "pending"),
        (["groceries", "entries", 0, "extra"], 1),
        (["groceries", "entries"], [{}] * 20_001),
        (["groceries", "recurring", 0, "rrule"], "FREQ=NEVER"),
        (["groceries", "recurring", 0, "unit"], "x" * 30),
    ],
)
def test_a_file_that_does_not_fit_makes_no_home(program, nok, file, path, value):
    spoil(file, path, value)
    answer = program(nok).post("/homes/import", file)
    assert (answer.status_code, Home.objects.of(nok.user).count()) == (400, 1), answer.text


@pytest.mark.parametrize("body", [[], "x", 7, {}, {"format": 1}])
def test_what_is_no_file_at_all(program, body):
    som = person("Som")
    token = (
        program().post("/auth/login", {"email": som.email, "password": "correct horse battery staple"}).json()["token"]
    )
    assert program(token=token).post("/homes/import", body).status_code == 400
    assert not Home.objects.exists()
