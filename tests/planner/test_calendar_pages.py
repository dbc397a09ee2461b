"""Pages of the calendar."""

from datetime import date, time, timedelta
from time import process_time

import pytest

from groceries.actions import create_recurring
from homes.events.models import Event
from planner.actions import change_event, create_event, create_task
from planner.agenda import agenda
from planner.models import CalendarEvent, EventGuest
from tests.counting import queries_of
from tests.factories import by

DAY = date(2026, 3, 14)
FORM = {
    "title": "Dinner",
    "starts_on": "2026-03-14",
    "start_time": "19:00",
    "ends_on": "2026-03-14",
    "end_time": "22:00",
}


@pytest.fixture(autouse=True)
def today(freeze_time):
    return freeze_time("2026-03-14 05:00").date()


@pytest.fixture
def page(nok, sign_in):
    client = sign_in(nok)

    def get(path="", **data):
        url = f"/h/{nok.home_id}/calendar/{path}"
        return client.post(url, data, follow=True) if data else client.get(url)

    return get


def test_agenda_has_events_tasks_and_recurring_items_of_each_day(nok, ben, page):
    create_event("Holiday", by=by(nok), starts_on=DAY - timedelta(1), ends_on=DAY + timedelta(1))
    for at in (19, 20):
        create_event(
            f"At {at}", by=by(nok), starts_on=DAY, start_time=time(at), end_time=time(22), guest_ids=[ben.user_id]
        )
    create_task("Bins", by=by(nok), due_on=DAY + timedelta(1))
    create_recurring("Eggs", by=by(nok), rrule="FREQ=WEEKLY", starts_on=DAY + timedelta(2))
    days = {each.day.day: each.titles for each in agenda(nok, DAY, DAY + timedelta(9))}
    assert {day: titles for day, titles in days.items() if titles} == {
        14: ["Holiday", "At 19", "At 20"], 15: ["Holiday", "Bins"], 16: ["Eggs"], 23: ["Eggs"],
    }  # fmt: skip
    text = page().text
    assert "two things at once" in text
    assert all(title in text for title in ("Today", "Holiday", "Bins", "Eggs", "Comes on the list"))
    assert "Holiday" not in page("?from=2026-04-01").text


def test_month_leads_to_its_days_and_to_other_months(nok, page):
    create_event("Rent", by=by(nok), starts_on=date(2026, 1, 31), rrule="FREQ=MONTHLY")
    text = page("month/").text
    assert "March 2026" in text and "Rent" in text and "?from=2026-03-31" in text
    assert "?month=2026-02" in text and "?month=2026-04" in text
    assert "February 2026" in page("month/?month=2026-02").text
    assert "January 2027" in page("month/?month=2027-01").text


@pytest.mark.parametrize("path", ["?from=x", "?from=9999-12-31", "month/?month=2026-13", "month/?month=0001-01"])
def test_address_that_makes_no_sense_is_that_of_today(page, path):
    answer = page(path)
    assert answer.status_code == 200
    assert "14" in answer.text


@pytest.mark.parametrize(
    "path", ["?from=1900-01-01", "?from=2199-12-31", "month/?month=1900-01", "month/?month=2199-12"]
)
def test_first_and_last_years_are_shown(nok, page, path):
    create_event("Bins", by=by(nok), starts_on=date(1900, 1, 1), rrule="FREQ=DAILY")
    assert "Bins" in page(path).text


def test_event_is_created_and_undone(nok, ben, page):
    answer = page("new/", **FORM, repeats="FREQ=WEEKLY", guest_ids=[str(ben.user_id)])
    assert "is on the calendar" in answer.text
    event = CalendarEvent.objects.with_guests().get()
    assert (event.rrule, event.guests, event.end_time) == ("FREQ=WEEKLY", [ben.user], time(22))
    op_id = Event.objects.get(type="calendar_event_created").op_id
    assert "Undone" in page(f"operations/{op_id}/undo", op_id=str(op_id)).text
    assert not CalendarEvent.objects.exists()


def test_event_has_a_day_and_needs_no_more(page):
    assert "2026-03-20" in page("new/?day=2026-03-20").text
    page("new/", title="Fair", starts_on="2026-03-20")
    assert CalendarEvent.objects.get().ends_on == date(2026, 3, 20)


def test_refused_event_says_why(page):
    answer = page("new/", **{**FORM, "end_time": "18:00"})
    assert answer.status_code == 422
    assert "must not be before the start" in answer.text
    assert "no rule of days" in page("new/", **FORM, repeats="rule", rrule="weekly").text


def test_one_day_is_changed_on_its_page(nok, page):
    event = create_event(
        "Dinner", by=by(nok), starts_on=DAY, start_time=time(19), end_time=time(22), rrule="FREQ=DAILY"
    )
    day = {"starts_on": "2026-03-16", "ends_on": "2026-03-16"}
    form = {**FORM, **day, "title": "Supper", "repeats": "FREQ=DAILY", "scope": "this"}
    assert "Supper" in page(f"{event.pk}/?day=2026-03-16", **form).text
    assert CalendarEvent.objects.get(title="Supper").series_on == date(2026, 3, 16)
    page(f"{event.pk}/remove", scope="following", day="2026-03-18")
    assert [day.day.day for day in agenda(nok, DAY, date(2026, 3, 20)) if day.count] == [14, 15, 16, 17]
    page(f"{event.pk}/remove", scope="all", day="2026-03-14")
    assert not CalendarEvent.objects.exists()


def test_change_of_one_field_keeps_what_others_changed(nok, ben, page):
    event = create_event("Dinner", by=by(nok), starts_on=DAY, start_time=time(19), end_time=time(22))
    change_event(event, by=by(ben), notes="Bring wine")
    page(f"{event.pk}/", **{**FORM, "title": "Supper"}, notes="Bring wine")
    event.refresh_from_db()
    assert (event.title, event.notes) == ("Supper", "Bring wine")


def add_events(nok, ben, number):
    """Add events to the days from a year ago; three of twenty repeat."""
    events = CalendarEvent.objects.bulk_create(
        CalendarEvent(
            home=nok.home, title=f"{at}", starts_on=(day := DAY + timedelta(at % 400 - 365)), start_time=time(at % 24),
            ends_on=day, end_time=time(at % 24, 59), rrule=rule, last_on=None if rule else day,
        )
        for at in range(number)
        for rule in [("FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=DAILY")[at % 3] if at % 20 < 3 else ""]
    )  # fmt: skip
    EventGuest.objects.bulk_create(EventGuest(event=each, user=ben.user) for each in events)


@pytest.mark.parametrize("path", ["", "month/"])
def test_queries_and_time_are_bounded(nok, ben, page, path):
    add_events(nok, ben, 20)
    page(path)
    few = queries_of(lambda: page(path))
    add_events(nok, ben, 1980)
    assert CalendarEvent.objects.exclude(rrule="").count() == 300
    start = process_time()
    assert queries_of(lambda: page(path)) == few
    assert process_time() - start < 5  # seconds; about a tenth of it
