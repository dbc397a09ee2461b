"""The API of forecasts."""

from datetime import timedelta
from uuid import uuid4

import pytest

from groceries.actions import add_entry, purchase_entry, refuse_forecasts
from groceries.models import Item, ListEntry
from tests.api.client import ApiClient
from tests.factories import by


@pytest.fixture
def milk_item(nok, weekly, freeze_time):
    """Milk, which was bought every six days, seven days ago at last."""
    freeze_time("2026-03-30 08:00")
    for days in (25, 19, 13, 7):
        entry = purchase_entry(add_entry(weekly, "Milk", by=by(nok))[0], by=by(nok))
        ListEntry.objects.filter(pk=entry.pk).update(purchased_at=nok.home.now() - timedelta(days=days))
    return Item.objects.get(name="Milk")


def test_forecasts_are_listed_with_their_reason(nok, milk_item):
    (row,) = ApiClient(nok).get("forecasts").json()["results"]
    assert 0.4 < row.pop("chance") < 1
    assert row == {
        "item_id": str(milk_item.pk), "name": "Milk", "interval_days": 6, "spread_days": 1, "last_on": "2026-03-23",
        "runs_out_on": "2026-03-31", "buy_on": "2026-03-31", "is_offered": True, "is_refused": False,
        "snoozed_until": None, "reason": "Every 6 ± 1 days, last bought on Monday 23 March",
    }  # fmt: skip


def test_refused_item_without_a_forecast_has_no_days(nok, milk_item):
    refuse_forecasts(milk_item, by=by(nok))
    ListEntry.objects.all().delete()
    (row,) = ApiClient(nok).get("forecasts").json()["results"]
    assert (row["interval_days"], row["chance"], row["reason"], row["is_refused"]) == (None, None, "", True)


def test_answers_go_out_through_the_api(nok, milk_item, weekly):
    me, url = ApiClient(nok), f"forecasts/{milk_item.pk}"
    assert me.post(f"{url}/snooze", {"day": "2026-04-03"}).json()["snoozed_until"] == "2026-04-03"
    assert me.post(f"{url}/refuse").json()["has_forecasts"] is False
    assert me.post(f"{url}/allow").json() | {"id": ""} == me.get(f"items/{milk_item.pk}").json() | {"id": ""}
    first = me.post(f"{url}/add").json()
    assert me.post(f"{url}/add").json() == first
    assert weekly.entries.pending().get().item == milk_item
    assert [row["is_offered"] for row in me.get("forecasts").json()["results"]] == [False]


def test_day_that_is_past_is_refused(nok, milk_item):
    response = ApiClient(nok).post(f"forecasts/{milk_item.pk}/snooze", {"day": "2026-03-30"})
    assert (response.status_code, response.json()["error"]["message"]) == (
        400,
        "Choose a day after today, within a year.",
    )


def test_item_of_another_home_is_not_found(mai, milk_item):
    for verb in ("add", "snooze", "refuse", "allow"):
        assert ApiClient(mai).post(f"forecasts/{milk_item.pk}/{verb}").status_code == 404
        assert ApiClient(mai).post(f"forecasts/{uuid4()}/{verb}").status_code == 404
