"""The API of what happened, of a list as it was, and of bringing back what is gone."""

import pytest

from groceries.actions import change_list_state, purchase_entry, remove_entry
from homes.events.models import Event
from tests.api.client import ApiClient
from tests.factories import by


@pytest.fixture
def me(nok):
    return ApiClient(nok)


def test_history_is_paged_and_in_words(me, nok, ben, weekly, milk, eggs):
    purchase_entry(milk, by=by(ben))
    page = me.get(f"lists/{weekly.pk}/history?limit=1").json()
    [row] = page["results"]
    assert (row["text"], row["who"], row["kind"]) == ("Ben bought Milk (1 liter).", "Ben", "lists")
    assert (row["origin"], row["can_undo"], row["is_undone"]) == ("browser", True, False)
    following = me.get("/" + page["next"].split("/api/")[1]).json()
    assert following["results"][0]["text"] == "Nok added Eggs (6) to “Weekly shop”."


def test_activity_can_be_filtered(me, nok, ben, weekly, milk):
    purchase_entry(milk, by=by(ben))
    rows = me.get(f"activity?member={ben.user_id}&kind=lists").json()["results"]
    assert [row["type"] for row in rows] == ["list_item_purchased"]
    assert me.get("activity?day=9000-01-01").json()["results"] == []
    assert me.get("activity?kind=x").status_code == 400


def test_past_list_comes_back(me, nok, weekly, milk, eggs):
    url, seq = f"lists/{weekly.pk}/past", Event.objects.filter(home=nok.home).latest("seq").seq + 1
    for entry in (milk, eggs):
        remove_entry(entry, by=by(nok))
    items = me.get(f"{url}?before={seq}").json()["items"]
    assert [(each["name"], each["is_gone"], each["moved_to"]) for each in items] == [
        ("Milk", True, None), ("Eggs", True, None),
    ]  # fmt: skip
    results = me.post(url, {"before": seq, "ids": [str(milk.pk)]}).json()["results"]
    assert [(each["item"]["name"], each["state"]) for each in results] == [("Milk", "pending")]
    assert len(me.post(url, {"before": seq}).json()["results"]) == 1
    assert me.get(f"{url}?before=1").status_code == 404


def test_completed_list_refuses(me, nok, weekly, milk):
    remove_entry(milk, by=by(nok))
    seq = Event.objects.filter(home=nok.home).latest("seq").seq
    change_list_state(weekly, "completed", by=by(nok))
    response = me.post(f"lists/{weekly.pk}/past", {"before": seq})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "refused")


def test_past_of_another_home_is_refused(nok, mai, weekly, milk):
    them = ApiClient(mai)
    for path in ("history", "past"):
        assert them.get(f"/homes/{nok.home_id}/lists/{weekly.pk}/{path}").status_code == 403
        assert them.get(f"lists/{weekly.pk}/{path}").status_code == 404
