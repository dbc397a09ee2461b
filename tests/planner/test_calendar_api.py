"""The API of the calendar."""

from datetime import date, timedelta

import pytest

from planner.actions import create_event
from planner.api import events
from planner.models import CalendarEvent
from tests.api.client import ApiClient
from tests.factories import by
from tests.limits import limit

DINNER = {
    "title": "Dinner", "starts_on": "2026-03-14", "start_time": "19:00", "end_time": "22:00", "rrule": "freq=daily",
}  # fmt: skip


@pytest.fixture
def api(nok):
    return ApiClient(nok)


def test_event_is_created_changed_and_removed(nok, ben, api):
    created = api.post("calendar", {**DINNER, "guests": [str(ben.user_id)]}).json()
    assert (created["end_time"], created["ends_on"], created["rrule"]) == ("22:00:00", "2026-03-14", "FREQ=DAILY")
    url = f"calendar/{created['id']}"
    day = api.patch(url, {"scope": "this", "on": "2026-03-16", "start_time": "20:00"}).json()
    assert (day["series"], day["series_on"], day["end_time"]) == (created["id"], "2026-03-16", "23:00:00")
    assert api.delete(f"{url}?scope=following&on=2026-03-18").status_code == 204
    found = api.get("calendar?from=2026-03-14&to=2026-03-20").json()["occurrences"]
    assert [each["starts_at"] for each in found] == [
        "2026-03-14T12:00:00Z", "2026-03-15T12:00:00Z", "2026-03-16T13:00:00Z",
        "2026-03-17T12:00:00Z",
    ]  # fmt: skip
    assert [each["repeats"] for each in found] == [True, True, False, True]
    assert api.get(url).json()["skipped"] == ["2026-03-16"]
    assert api.delete(url).status_code == 204
    assert not CalendarEvent.objects.exists()


@pytest.mark.parametrize("query", ["from=2026-03-14&to=2026-03-13", "from=2026-03-14&to=2027-03-15"])
def test_range_that_is_too_long_or_backwards_is_refused(api, query):
    assert api.get(f"calendar?{query}").status_code == 400


def test_response_has_limits(nok, api, monkeypatch):
    assert limit("Days of the calendar in a response") == events.MAX_RANGE_DAYS
    assert limit("Occurrences of events in a response") == events.MAX_OCCURRENCES
    create_event("Bins", by=by(nok), starts_on=date(2026, 3, 14), rrule="FREQ=DAILY")
    last = date(2026, 3, 14) + timedelta(limit("Days of the calendar in a response") - 1)
    assert len(api.get(f"calendar?from=2026-03-14&to={last}").json()["occurrences"]) == 366
    monkeypatch.setattr(events, "MAX_OCCURRENCES", 365)
    assert "fewer days" in api.get(f"calendar?from=2026-03-14&to={last}").text


def test_strangers_reach_no_event(mai, nok, api):
    event = create_event("Dinner", by=by(mai), starts_on=date(2026, 3, 14))
    assert api.get(f"calendar/{event.pk}").status_code == 404
    assert api.delete(f"calendar/{event.pk}").status_code == 404
