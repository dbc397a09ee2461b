"""Events: what can be put on the calendar, changed on some days or all, and undone."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest

from homes.actions import remove_member, update_home
from homes.events.models import Event
from homes.events.undo import undo_event, undo_operation
from pantry.errors import ActionError
from planner.actions import change_event, create_event, events, remove_event
from planner.models import CalendarEvent, Occurrence
from planner.occurrences import list_occurrences
from planner.schemas import CalendarEventSnapshot
from tests.factories import by
from tests.limits import limit

pytestmark = pytest.mark.both_databases

DAY = date(2026, 3, 14)  # a Saturday
DINNER = {"starts_on": DAY, "start_time": time(19), "end_time": time(22)}


@pytest.fixture
def dinner(nok, ben):
    fields = {"place": "Kitchen", "notes": "Bring wine", "guest_ids": [ben.user_id]}
    return create_event("Dinner", by=by(nok), rrule="FREQ=DAILY;COUNT=6", **DINNER, **fields)


def snapshots(home):
    rows = CalendarEvent.objects.filter(home=home).with_guests().order_by("id")
    return [CalendarEventSnapshot.model_validate(row) for row in rows]


def shown(member, first=DAY, last=DAY + timedelta(days=9)):
    """Return the days of the month and titles of what is on the calendar."""
    return [(each.day.day, each.event.title) for each in list_occurrences(member, first, last)]


def day(number):
    return date(2026, 3, number)


def test_event_comes_by_its_rule(nok, ben, dinner):
    assert shown(nok) == [(number, "Dinner") for number in range(14, 20)]
    assert dinner.guests == [ben.user]
    first = list_occurrences(nok, DAY, DAY)[0]
    assert (first.starts_at.isoformat(), first.ends_at.isoformat()) == (
        "2026-03-14T19:00:00+07:00",
        "2026-03-14T22:00:00+07:00",
    )
    assert shown(nok, day(19), day(30)) == [(19, "Dinner")]
    assert dinner.last_on == day(19)


def test_event_of_an_operation_is_created_once(nok):
    operation = by(nok, op_id=uuid4())
    assert create_event("A", by=operation, starts_on=DAY) == create_event("A", by=operation, starts_on=DAY)
    assert CalendarEvent.objects.count() == 1


def test_event_of_several_days_is_found_on_the_last(nok):
    create_event("Holiday", by=by(nok), starts_on=DAY, ends_on=day(20))
    create_event("Party", by=by(nok), starts_on=DAY, start_time=time(22), ends_on=day(15), end_time=time(3))
    assert shown(nok, day(20), day(21)) == [(14, "Holiday")]
    assert shown(nok, day(15), day(15)) == [(14, "Holiday"), (14, "Party")]
    assert shown(nok, day(21), day(22)) == []


def test_strangers_do_not_see_events(mai, dinner):
    assert shown(mai) == []


def test_times_stay_across_daylight_saving(nok):
    nok.home.timezone = "Europe/Berlin"
    event = CalendarEvent(home=nok.home, title="A", **DINNER, ends_on=DAY, rrule="FREQ=WEEKLY")
    hours = [Occurrence(event, each).starts_at.astimezone(UTC).hour for each in event.days(day(21), day(31))]
    assert hours == [18, 18] and list(event.days(date(2026, 4, 1), date(2026, 4, 5))) == [date(2026, 4, 4)]
    assert Occurrence(event, date(2026, 4, 4)).starts_at.astimezone(UTC).hour == 17


def test_skipped_hour_does_not_end_before_it_starts(nok):
    nok.home.timezone = "Europe/Berlin"
    night = {"starts_on": day(29), "ends_on": day(29), "start_time": time(2, 30), "end_time": time(3)}
    occurrence = Occurrence(CalendarEvent(home=nok.home, title="Night", **night), day(29))
    assert occurrence.starts_at.astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert occurrence.ends_at >= occurrence.starts_at


def test_wall_time_stays_when_the_home_moves(nok, dinner):
    update_home(nok.home, by=by(nok), timezone="Europe/Berlin")
    nok.home.refresh_from_db()
    assert list_occurrences(nok, DAY, DAY)[0].starts_at.isoformat() == "2026-03-14T19:00:00+01:00"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"title": " \u200b"}, "needs a title"),
        ({"title": "x" * (limit("Title of an event") + 1)}, "at most"),
        ({"place": "x" * (limit("Place of an event") + 1)}, "at most"),
        ({"notes": "x" * (limit("Notes of an event") + 1)}, "at most"),
        ({"end_time": time(18)}, "before the start"),
        ({"ends_on": day(13)}, "before the start"),
        ({"start_time": None, "end_time": time(9)}, "neither"),
        ({"starts_on": date(1, 1, 1)}, "1900"),
        ({"ends_on": date(9999, 12, 31)}, "1900"),
        ({"ends_on": DAY + timedelta(days=limit("Length of an event"))}, "366 days"),
        ({"ends_on": DAY + timedelta(days=limit("Length of an event that repeats")), "rrule": "FREQ=DAILY"}, "31 days"),
        ({"rrule": "FREQ=HOURLY"}, "no rule of days"),
        ({"rrule": "every day"}, "no rule of days"),
        ({"rrule": "FREQ=WEEKLY;BYDAY=MO"}, "first day"),
        ({"rrule": "FREQ=DAILY;UNTIL=20260301"}, "first day"),
        ({"guest_ids": [uuid4()]}, "members"),
        ({"guest_ids": [uuid4() for _ in range(limit("Guests of an event") + 1)]}, "20 guests"),
    ],
)
def test_what_makes_no_sense_is_refused(nok, fields, reason):
    lunch = create_event("Lunch", by=by(nok), **DINNER, ends_on=DAY)
    before = snapshots(nok.home)
    with pytest.raises(ActionError, match=reason):
        create_event(**{"title": "Lunch", **DINNER, **fields}, by=by(nok))
    with pytest.raises(ActionError, match=reason):
        change_event(lunch, by=by(nok), **{"end_time": time(22), "ends_on": DAY, **fields})
    assert snapshots(nok.home) == before


def test_strangers_cannot_be_invited(nok, mai, dinner):
    with pytest.raises(ActionError, match="members"):
        change_event(dinner, by=by(nok), guest_ids=[mai.user_id])
    with pytest.raises(ActionError, match="members"):
        change_event(dinner, by=by(nok), scope="this", on=DAY, guest_ids=[mai.user_id])


def test_home_has_limits_of_events(nok, dinner, monkeypatch):
    assert limit("Events of a home") == events.MAX_EVENTS
    assert limit("Events of a home that repeat") == events.MAX_REPEATING_EVENTS
    assert limit("Days of an event that are changed or left out") == events.MAX_SKIPPED
    monkeypatch.setattr(events, "MAX_REPEATING_EVENTS", 1)
    with pytest.raises(ActionError, match="1 events that repeat"):
        create_event("Lunch", by=by(nok), starts_on=DAY, rrule="FREQ=DAILY")
    monkeypatch.setattr(events, "MAX_EVENTS", 1)
    with pytest.raises(ActionError, match="1 events"):
        create_event("Lunch", by=by(nok), starts_on=DAY)
    monkeypatch.setattr(events, "MAX_SKIPPED", 0)
    with pytest.raises(ActionError, match="0 days"):
        remove_event(dinner, by=by(nok), scope="this", on=DAY)


def test_only_one_day_is_changed(nok, ben, dinner):
    supper = change_event(dinner, by=by(nok), scope="this", on=day(16), title="Supper", starts_on=day(25))
    assert (supper.series, supper.series_on, supper.guests) == (dinner, day(16), [ben.user])
    assert (supper.ends_on, supper.start_time, supper.end_time) == (day(25), time(19), time(22))
    assert shown(nok, DAY, day(30)) == [*((n, "Dinner") for n in (14, 15, 17, 18, 19)), (25, "Supper")]
    with pytest.raises(ActionError, match="does not come"):
        change_event(dinner, by=by(nok), scope="this", on=day(16), title="Supper")
    with pytest.raises(ActionError, match="repeat itself"):
        change_event(supper, by=by(nok), rrule="FREQ=DAILY")


def test_day_and_all_that_follow_are_changed(nok, dinner):
    late = change_event(dinner, by=by(nok), scope="this", on=day(18), title="Late")
    rest = change_event(dinner, by=by(nok), scope="following", on=day(17), title="Rest", starts_on=day(18))
    assert rest.rrule == "FREQ=DAILY;COUNT=3"
    assert shown(nok) == [(14, "Dinner"), (15, "Dinner"), (16, "Dinner"), (18, "Late"), (18, "Rest"), (20, "Rest")]
    late.refresh_from_db()
    assert (late.series, late.series_on) == (rest, day(19))


def test_all_days_are_moved_with_one(nok, dinner):
    remove_event(dinner, by=by(nok), scope="this", on=day(18))
    late = change_event(dinner, by=by(nok), scope="this", on=day(16), title="Late")
    change_event(dinner, by=by(nok), on=day(17), starts_on=day(18), start_time=time(18))
    assert shown(nok) == [(15, "Dinner"), (16, "Dinner"), (16, "Late"), (18, "Dinner"), (20, "Dinner")]
    moved = events.get_event(dinner.pk)
    assert (moved.end_time, events.get_event(late.pk).series_on) == (time(21), day(17))


def test_days_are_removed(nok, dinner):
    change_event(dinner, by=by(nok), scope="this", on=day(18), title="Late")
    remove_event(dinner, by=by(nok), scope="this", on=day(15))
    assert [number for number, _title in shown(nok)] == [14, 16, 17, 18, 19]
    remove_event(dinner, by=by(nok), scope="following", on=day(17))
    assert shown(nok) == [(14, "Dinner"), (16, "Dinner")]
    remove_event(dinner, by=by(nok))
    remove_event(dinner, by=by(nok))
    assert snapshots(nok.home) == []


def test_day_has_to_be_one_of_the_event(nok, dinner):
    for scope, on, reason in (("this", None, "which day"), ("this", day(30), "does not come"), ("x", DAY, "none of")):
        with pytest.raises(ActionError, match=reason):
            remove_event(dinner, by=by(nok), scope=scope, on=on)


def test_event_of_whole_days_gets_times_and_loses_them(nok):
    event = create_event("Fair", by=by(nok), starts_on=DAY)
    event = change_event(event, by=by(nok), start_time=time(9))
    assert (event.start_time, event.end_time) == (time(9), time(9))
    event = change_event(event, by=by(nok), start_time=None)
    assert event.is_all_day and event.end_time is None


def test_event_that_no_longer_repeats_comes_once(nok, dinner):
    remove_event(dinner, by=by(nok), scope="this", on=DAY)
    change_event(dinner, by=by(nok), rrule="")
    assert shown(nok) == [(14, "Dinner")]


def test_guests_with_two_events_at_once_are_shown(nok, ben, ploy, dinner):
    create_event("Cinema", by=by(nok), starts_on=DAY, start_time=time(21), guest_ids=[ben.user_id, ploy.user_id])
    create_event("Bar", by=by(nok), starts_on=DAY, start_time=time(22), guest_ids=[ben.user_id])
    clashes = {each.event.title: each.clashing for each in list_occurrences(nok, DAY, DAY)}
    assert clashes == {"Dinner": {ben.user_id}, "Cinema": {ben.user_id}, "Bar": set()}


def test_guest_who_leaves_is_no_longer_invited(nok, ben, dinner):
    remove_member(ben, by=by(nok))
    assert events.get_event(dinner.pk).guests == []
    undo_event(Event.objects.filter(type="calendar_event_updated").latest("seq"), by=by(nok))
    assert events.get_event(dinner.pk).guests == []


CHANGES = {
    "title": {"title": "Supper"},
    "fields": {"place": "", "notes": "", "rrule": "", "guest_ids": []},
    "whole days": {"start_time": None},
    "day": {"starts_on": day(15)},
    "this": {"scope": "this", "on": day(16), "title": "Supper"},
    "following": {"scope": "following", "on": day(16), "start_time": time(20)},
    "all": {"scope": "all", "on": day(16), "starts_on": day(15)},
}


@pytest.mark.parametrize("fields", CHANGES.values(), ids=CHANGES)
def test_undoing_a_change_restores_the_events(nok, dinner, fields):
    change_event(dinner, by=by(nok), scope="this", on=day(17), title="Late")
    before, operation = snapshots(nok.home), by(nok, op_id=uuid4())
    change_event(dinner, by=operation, **fields)
    assert snapshots(nok.home) != before
    assert undo_operation(operation.op_id, by=by(nok))
    assert snapshots(nok.home) == before
    assert not undo_operation(operation.op_id, by=by(nok))


@pytest.mark.parametrize("scope", events.Scope)
def test_undoing_a_removal_restores_the_events(nok, dinner, scope):
    change_event(dinner, by=by(nok), scope="this", on=day(17), title="Late")
    before, operation = snapshots(nok.home), by(nok, op_id=uuid4())
    remove_event(dinner, by=operation, scope=scope, on=day(16))
    assert undo_operation(operation.op_id, by=by(nok))
    assert snapshots(nok.home) == before
    assert CalendarEvent.objects.get(series=None).last_on == dinner.last_on


def test_creation_is_undone(nok, dinner):
    undo_event(Event.objects.get(type="calendar_event_created"), by=by(nok))
    assert snapshots(nok.home) == []


def test_what_was_changed_again_is_not_undone(nok, dinner):
    change_event(dinner, by=by(nok), scope="this", on=day(16), title="Late")
    skipped = Event.objects.get(type="calendar_event_updated")
    with pytest.raises(ActionError, match="changed again"):
        undo_event(skipped, by=by(nok))  # the day would be there twice
    change_event(dinner, by=by(nok), title="Supper")
    with pytest.raises(ActionError, match="changed again"):
        undo_event(skipped, by=by(nok))


def test_changed_day_does_not_come_back_without_its_series(nok, dinner):
    late = change_event(dinner, by=by(nok), scope="this", on=day(16), title="Late")
    remove_event(late, by=by(nok))
    removed = Event.objects.get(type="calendar_event_removed")
    remove_event(dinner, by=by(nok))
    with pytest.raises(ActionError, match="no longer exists"):
        undo_event(removed, by=by(nok))
