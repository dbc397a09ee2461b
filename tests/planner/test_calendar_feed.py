"""The calendar for the programs of members: what the file says, and who can read it."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.rrule import rrulestr
from django.test import Client

from homes.accounts.actions import end_sign_ins
from homes.actions import remove_member, update_home
from pantry.errors import RateLimited
from planner.actions import change_event, create_event, remove_event
from planner.feeds import renew_feed
from planner.icalendar_files import rule_of
from planner.models import CalendarEvent, CalendarFeed
from tests.counting import queries_of
from tests.factories import by

DAY = date(2026, 3, 14)
BERLIN = ZoneInfo("Europe/Berlin")
DINNER = {"starts_on": DAY, "start_time": time(19), "end_time": time(22)}


@pytest.fixture(autouse=True)
def now(freeze_time):
    return freeze_time("2026-03-14 05:00")


@pytest.fixture
def berlin(nok):
    update_home(nok.home, by=by(nok), timezone="Europe/Berlin")
    nok.home.refresh_from_db()
    return nok


def read(token):
    answer = Client().get(f"/calendars/{token}.ics")
    assert answer.status_code == 200, answer.text
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return icalendar.Calendar.from_ical(answer.content)


def events_of(member):
    return read(renew_feed(member)).walk("VEVENT")


def test_event_is_read_as_it_was_written(berlin, ben):
    fields = {"place": "Kitchen, 2nd floor", "notes": "Bring wine;\nred", "guest_ids": [ben.user_id]}
    create_event("Dinner: “fish”", by=by(berlin), **DINNER, **fields)
    calendar = read(renew_feed(berlin))
    (event,) = calendar.walk("VEVENT")
    assert (event["summary"], event["location"]) == ("Dinner: “fish”", "Kitchen, 2nd floor")
    assert event["description"] == "Bring wine;\nred\n\nGuests: Ben"
    assert event.decoded("dtstart") == datetime(2026, 3, 14, 19, tzinfo=BERLIN)
    assert event["dtstart"].params["TZID"] == "Europe/Berlin"
    assert event.decoded("dtend") == datetime(2026, 3, 14, 22, tzinfo=BERLIN)
    assert [zone["tzid"] for zone in calendar.walk("VTIMEZONE")] == ["Europe/Berlin"]


def test_whole_days_end_before_the_day_after(nok):
    create_event("Holiday", by=by(nok), starts_on=DAY, ends_on=date(2026, 3, 20))
    (event,) = events_of(nok)
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (DAY, date(2026, 3, 21))


def test_days_that_are_left_out_or_changed_are_marked(berlin):
    dinner = create_event("Dinner", by=by(berlin), **DINNER, rrule="FREQ=WEEKLY;UNTIL=20260501")
    remove_event(dinner, by=by(berlin), scope="this", on=date(2026, 3, 21))
    change_event(dinner, by=by(berlin), scope="this", on=date(2026, 4, 4), start_time=time(20))
    series, day = sorted(events_of(berlin), key=lambda each: "recurrence-id" in each)
    assert series["uid"] == day["uid"]
    assert series["rrule"].to_ical() == b"FREQ=WEEKLY;UNTIL=20260501T215959Z"
    assert [each.dt for each in series["exdate"].dts] == [datetime(2026, 3, 21, 19, tzinfo=BERLIN)]
    assert day.decoded("recurrence-id") == datetime(2026, 4, 4, 19, tzinfo=BERLIN)
    assert day.decoded("dtstart") == datetime(2026, 4, 4, 20, tzinfo=BERLIN)


def test_changed_day_of_a_series_that_no_longer_comes_then_stands_alone(nok):
    dinner = create_event("Dinner", by=by(nok), starts_on=DAY, rrule="FREQ=DAILY")
    change_event(dinner, by=by(nok), scope="this", on=date(2026, 3, 15), title="Late")
    change_event(dinner, by=by(nok), rrule="FREQ=WEEKLY")
    assert all("recurrence-id" not in event for event in events_of(nok))
    assert len({event["uid"] for event in events_of(nok)}) == 2


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"rrule": "FREQ=DAILY;UNTIL=20260320"}, "FREQ=DAILY;UNTIL=20260320"),
        ({"rrule": "FREQ=WEEKLY;BYDAY=SA;COUNT=3"}, "FREQ=WEEKLY;BYDAY=SA;COUNT=3"),
        (
            {"rrule": "FREQ=MONTHLY", "starts_on": date(2026, 1, 31)},
            "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1",
        ),
        (
            {"rrule": "FREQ=YEARLY", "starts_on": date(2024, 2, 29)},
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1",
        ),
    ],
)
def test_rule_is_written_for_other_programs(nok, fields, expected):
    assert rule_of(CalendarEvent(home=nok.home, **{"starts_on": DAY, **fields})) == expected


@pytest.mark.parametrize("day", [1, 28, 29, 30, 31])
@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=DAILY;BYMONTHDAY=31",
        "FREQ=WEEKLY;INTERVAL=2",
        "FREQ=MONTHLY",
        "FREQ=MONTHLY;INTERVAL=2",
        "FREQ=MONTHLY;BYDAY=-1SU",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=YEARLY",
        "FREQ=YEARLY;BYMONTH=2,3",
        "FREQ=YEARLY;BYMONTHDAY=30",
    ],
)
def test_other_programs_find_the_same_days(nok, rule, day):
    event = CalendarEvent(home=nok.home, title="A", starts_on=date(2024, 1, day), rrule=rule)
    event.starts_on = next(event.days(event.starts_on, date(2028, 1, 1)))
    event.ends_on = event.starts_on
    start, last = datetime.combine(event.starts_on, time()), datetime(2029, 1, 1)
    theirs = [moment.date() for moment in rrulestr(rule_of(event), dtstart=start).between(start, last, inc=True)]
    assert list(event.days(event.starts_on, last.date())) == theirs


def test_what_ended_long_ago_is_left_out(nok):
    create_event("Old", by=by(nok), starts_on=DAY - timedelta(days=400))
    create_event("Old but going on", by=by(nok), starts_on=DAY - timedelta(days=400), rrule="FREQ=WEEKLY")
    assert [event["summary"] for event in events_of(nok)] == ["Old but going on"]


def test_file_has_the_events_of_one_home(nok, mai):
    create_event("Secret", by=by(mai), starts_on=DAY)
    create_event("Dinner", by=by(nok), starts_on=DAY)
    assert [event["summary"] for event in events_of(nok)] == ["Dinner"]


def is_open(token):
    return Client().get(f"/calendars/{token}.ics").status_code == 200


def test_new_key_ends_the_earlier_one(nok):
    old, new = renew_feed(nok), renew_feed(nok)
    assert (is_open(old), is_open(new), is_open("x")) == (False, True, False)
    assert new not in str(CalendarFeed.objects.values())


def test_feed_ends_with_the_sign_ins(nok):
    token = renew_feed(nok)
    end_sign_ins(nok.user)
    assert not is_open(token)


def test_feed_ends_with_the_membership_for_good(nok, ben):
    token = renew_feed(ben)
    remove_member(ben, by=by(nok))
    assert not is_open(token)
    assert not CalendarFeed.objects.exists()


def test_feed_of_a_blocked_account_is_closed(ben):
    token = renew_feed(ben)
    ben.user.is_active = False
    ben.user.save()
    assert not is_open(token)


def test_feed_is_limited_by_address(nok, monkeypatch):
    token = renew_feed(nok)
    monkeypatch.setattr("planner.views.feed.count_or_refuse", refuse)
    answer = Client().get(f"/calendars/{token}.ics")
    assert (answer.status_code, answer["Retry-After"]) == (429, "7")


def refuse(group, identify):
    raise RateLimited(7)


def test_log_has_the_route_without_the_key(nok, caplog):
    token = renew_feed(nok)
    with caplog.at_level("INFO"):
        assert is_open(token)
    facts = [record.facts for record in caplog.records if record.message == "request"]
    assert [each["route"] for each in facts] == ["calendars/<str:token>.ics"]
    renew_feed(nok)
    with caplog.at_level("INFO"):
        assert not is_open(token)
    assert "Not Found" in caplog.text and token not in caplog.text


def test_member_gets_changes_and_ends_the_address(nok, sign_in):
    client, url = sign_in(nok), f"/h/{nok.home_id}/calendar/subscribe/"
    address = client.post(url).context["address"]
    assert Client().get(address).status_code == 200
    assert address not in client.get(url).text
    assert client.post(url).context["address"] != address
    client.post(url, {"end": "1"})
    assert not CalendarFeed.objects.exists()


def test_many_events_cost_no_more_queries(nok, ben):
    token = renew_feed(nok)
    create_event("Dinner", by=by(nok), starts_on=DAY, guest_ids=[ben.user_id])
    few = queries_of(lambda: is_open(token))
    for at in range(20):
        create_event(f"{at}", by=by(nok), **DINNER, guest_ids=[ben.user_id], rrule="FREQ=DAILY")
    assert queries_of(lambda: is_open(token)) == few
