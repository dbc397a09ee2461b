"""The calendar in the export of a home, and in the home that is imported from it."""

from datetime import date, time

import pytest

from homes.imports import perform_next
from homes.models import Home, Import
from planner.actions import change_event, create_event, remove_event
from planner.models import CalendarEvent
from planner.schemas import CalendarEventSnapshot
from tests.api.client import ApiClient
from tests.factories import by

pytestmark = pytest.mark.both_databases

DAY = date(2026, 3, 14)


@pytest.fixture
def file(nok, ben):
    guests = [nok.user_id, ben.user_id]
    dinner = create_event(
        "Dinner",
        by=by(nok),
        starts_on=DAY,
        start_time=time(19),
        end_time=time(22),
        rrule="FREQ=DAILY",
        guest_ids=guests,
    )
    remove_event(dinner, by=by(nok), scope="this", on=date(2026, 3, 16))
    change_event(dinner, by=by(nok), scope="this", on=date(2026, 3, 17), title="Late")
    create_event("Holiday", by=by(ben), starts_on=DAY, ends_on=date(2026, 3, 20))
    return ApiClient(nok).get("export").json()


def imported(nok, file):
    """Import the file. Returns the new home, or the error."""
    job = ApiClient(nok).post("/homes/import", {**file, "home": {**file["home"], "name": "Copy"}}).json()
    assert perform_next()
    row = Import.objects.get(pk=job["id"])
    return row.error or Home.objects.get(pk=row.home_id)


def test_imported_calendar_is_the_same_with_the_importing_member_as_the_only_guest(nok, file):
    home = imported(nok, file)
    own = {"id", "series_id", "guest_ids", "created_by_id"}

    def rows(home):
        events = CalendarEvent.objects.filter(home=home).with_guests().order_by("title")
        return [CalendarEventSnapshot.model_validate(event).model_dump(exclude=own) for event in events]

    assert rows(home) == rows(nok.home)
    dinner, holiday, late = CalendarEvent.objects.filter(home=home).with_guests().order_by("title")
    assert (late.series, dinner.guest_ids, dinner.created_by) == (dinner, [nok.user_id], nok.user)
    assert (holiday.created_by, holiday.last_on, dinner.last_on) == (None, date(2026, 3, 20), None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ends_on": "2026-03-01"}, "before the start"),
        ({"rrule": "FREQ=HOURLY"}, "no rule"),
        ({"skipped": ["9999-12-31"]}, "calendar.events.0"),
        ({"series_id": "01900000-0000-7000-8000-000000000001"}, "isn't in the file"),
    ],
)
def test_file_that_makes_no_sense_is_refused(nok, file, change, reason):
    file["calendar"]["events"][0] |= change
    assert reason in imported(nok, file)
