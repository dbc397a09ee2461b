"""The search for the next time of a rule: it agrees with dateutil, and never takes long."""

import random
import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from django.utils import timezone

from groceries.actions import change_recurring, set_recurring
from homes.events import log
from pantry.errors import ActionError
from pantry.recurrence import DAYS, HORIZON, is_rule, next_time, normalize_rule
from pixie.actions import schedule_message
from tests.factories import by
from tests.limits import limit

ZONE = ZoneInfo("Asia/Bangkok")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 29, 12, tzinfo=ZONE)
MAX_LINES = 200_000  # of Python, about 5 ms; the search until the year 9999 takes many millions

NEVER = [
    "FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=1MO",
    "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
    "FREQ=YEARLY;BYDAY=1MO;BYMONTHDAY=31,-1",
    "FREQ=DAILY;INTERVAL=999;BYMONTHDAY=31;BYDAY=MO",
    "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
    "FREQ=DAILY;INTERVAL=7;BYDAY=TU;BYMONTHDAY=" + ",".join(map(str, range(1, 32))),
    "FREQ=DAILY;INTERVAL=999;BYMONTHDAY=31;BYDAY=SU;COUNT=999",
    "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=-31;BYDAY=-1TU,-1WE,1SU",
    "FREQ=DAILY;UNTIL=20200101",
    "FREQ=MONTHLY;INTERVAL=999;BYDAY=5FR",
]
OFTEN = [
    "FREQ=HOURLY", "FREQ=HOURLY;INTERVAL=97", "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY", "FREQ=MONTHLY",
    "FREQ=YEARLY", "FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=5MO,5SA,5SU", "FREQ=DAILY;BYDAY=FR;BYMONTHDAY=13",
]  # fmt: skip


def count_lines(function, *arguments):
    """Return the result of the function, and the number of lines of Python that ran."""
    count = 0

    def trace(_frame, event, _argument):
        nonlocal count
        count += event == "line"
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        result = function(*arguments)
    finally:
        sys.settrace(previous)
    return result, count


def random_rule(generator):
    """Return a rule without what dateutil answers otherwise: days that some months do not have, and positions in a
    week, which dateutil counts from the start in the first week."""
    rule = f"FREQ={generator.choice(['HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'])}"
    if rule == "FREQ=HOURLY":
        return rule + generator.choice(["", f";INTERVAL={generator.randint(1, 99)}"])
    if generator.random() < 0.6:
        rule += f";INTERVAL={generator.choice([1, 2, 7, 12, generator.randint(1, 60), 999])}"
    if generator.random() < 0.6:
        is_of_months = rule.startswith(("FREQ=MONTHLY", "FREQ=YEARLY"))
        which = generator.choice(["", "", "1", "+2", "5", "-1", "-5"]) if is_of_months else ""
        rule += ";BYDAY=" + ",".join(which + day for day in generator.sample(DAYS, generator.randint(1, 4)))
    if not rule.startswith("FREQ=WEEKLY") and generator.random() < 0.5:
        days = (generator.randint(1, 28) * generator.choice([1, 1, -1]) for _ in range(generator.randint(1, 6)))
        rule += ";BYMONTHDAY=" + ",".join(map(str, days))
    if generator.random() < 0.3:
        months = map(str, generator.sample(range(1, 13), generator.randint(1, 4)))
        rule += ";BYMONTH=" + ",".join(months)
    if "BYDAY" in rule and not rule.startswith("FREQ=WEEKLY") and generator.random() < 0.3:
        rule += f";BYSETPOS={generator.choice([1, 2, -1, -2])}"
    if generator.random() < 0.3:
        rule += f";WKST={generator.choice(DAYS)}"
    count, year = generator.randint(1, 999), generator.randint(2025, 2033)
    return rule + generator.choice(["", "", f";COUNT={count}", f";UNTIL={year}0915T120000"])


@pytest.mark.parametrize("seed", range(4))
def test_next_time_agrees_with_dateutil_within_five_years(seed):
    generator = random.Random(seed)  # noqa: S311
    times = 0
    for _ in range(30):
        rule = random_rule(generator)
        start = NOW.replace(tzinfo=None) + timedelta(hours=generator.randint(-40_000, 20_000))
        start = start.replace(day=min(start.day, 28))
        after = NOW.replace(tzinfo=None) + timedelta(minutes=generator.randint(0, 500_000))
        assert is_rule(rule)
        moment, lines = count_lines(next_time, rule, start.replace(tzinfo=ZONE), ZONE, after.replace(tzinfo=ZONE))
        last = max(start, after) + HORIZON
        plain = rrulestr(rule, dtstart=start)
        expected = plain.after(after)
        assert moment == (expected and expected <= last and expected.replace(tzinfo=ZONE) or None), (rule, start, after)
        assert lines < MAX_LINES * (2 if "COUNT" in rule else 1), rule
        times += moment is not None
    assert times > 10


@pytest.mark.parametrize("years", [0, 4, 30])
@pytest.mark.parametrize("rule", NEVER + OFTEN)
def test_search_for_the_next_time_is_bounded(rule, years):
    start = NOW - timedelta(weeks=52 * years)
    moment, lines = count_lines(next_time, rule, start, ZONE, NOW)
    assert (moment is None) == (rule in NEVER)
    assert lines < MAX_LINES * (1 + years / 10 * ("COUNT" in rule))  # occurrences are counted from the start


@pytest.mark.parametrize("rule", ["FREQ=MONTHLY;INTERVAL=12;BYDAY=5TU;BYMONTHDAY=28", "FREQ=YEARLY;INTERVAL=999"])
def test_rule_that_starts_in_february_is_bounded(rule):
    start = datetime(2028, 2, 29, 8, tzinfo=ZONE)
    moment, lines = count_lines(next_time, rule, start, ZONE, start)
    assert lines < MAX_LINES
    assert moment is None


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;UNTIL=20270231",
        "FREQ=DAILY;FREQ=WEEKLY",
        "INTERVAL=2",
        "FREQ=DAILY;",
        "FREQ=DAILY;BYHOUR=9",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=DAILY;COUNT=3;UNTIL=20270101",
        "FREQ=HOURLY;BYMONTHDAY=1",
        "FREQ=WEEKLY;BYDAY=5MO",
        "FREQ=WEEKLY;BYDAY=TU,-1MO",
        "FREQ=DAILY;BYDAY=1SU",
        "FREQ=WEEKLY;BYMONTHDAY=13",
        "FREQ=MONTHLY;BYSETPOS=-1",
        "FREQ=YEARLY;BYDAY=MO;BYSETPOS=367",
    ],
)
def test_rule_that_is_not_understood_is_invalid(rule):
    assert not is_rule(rule)


@pytest.mark.parametrize("rule", NEVER)
def test_rule_that_does_not_occur_within_five_years_is_refused_before_the_lock(nok, freeze_time, monkeypatch, rule):
    freeze_time("2026-03-29 12:00")
    rice = set_recurring("Rice", "weekly", by=by(nok))
    monkeypatch.setattr(log, "home_lock", lambda _home: pytest.fail("The lock was taken."))
    at = timezone.now() + timedelta(days=1)
    with pytest.raises(ActionError, match="doesn't occur within five years"):
        set_recurring("Milk", "weekly", by=by(nok), rrule=rule)
    with pytest.raises(ActionError, match="doesn't occur within five years"):
        change_recurring(rice, by=by(nok), rrule=rule)
    with pytest.raises(ActionError, match="doesn't occur within five years"):
        schedule_message("Remind us: bins", at.replace(tzinfo=ZONE), by=by(nok), rrule=rule)


def test_rule_occurs_within_the_documented_days_or_not_at_all():
    days = limit("Days until a recurrence rule occurs next")
    assert next_time(f"FREQ=DAILY;INTERVAL={days // 2}", NOW, ZONE, NOW + timedelta(1)) is not None
    assert next_time("FREQ=YEARLY;INTERVAL=5", NOW, ZONE, NOW) - NOW <= timedelta(days)
    assert next_time("FREQ=YEARLY;INTERVAL=6", NOW, ZONE, NOW) is None
    assert timedelta(days) == HORIZON


def test_rule_is_as_long_as_documented():
    rule = "FREQ=DAILY;BYMONTHDAY=" + ",".join(["11"] * 100)
    most = limit("Recurrence rule")
    assert is_rule(rule[:most])
    assert not is_rule(rule[: most + 1])


# Where people expect something else than a literal reading


def days(rule, start, number, zone=BERLIN):
    """Return the first days of the rule, each with its local hour if that is not eight."""
    first = datetime.fromisoformat(start).replace(hour=8, tzinfo=zone)
    moment, times = first - timedelta(seconds=1), []
    while len(times) < number and (moment := next_time(rule, first, zone, moment)):
        local = moment.astimezone(zone)
        times.append(f"{local:%d %b}" if local.hour == 8 else f"{local:%d %b %H:%M}")
    return times


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        ("FREQ=MONTHLY", "2027-01-31", ["31 Jan", "28 Feb", "31 Mar", "30 Apr", "31 May"]),
        ("FREQ=MONTHLY", "2027-01-30", ["30 Jan", "28 Feb", "30 Mar"]),
        ("FREQ=MONTHLY", "2028-01-29", ["29 Jan", "29 Feb", "29 Mar"]),
        ("FREQ=MONTHLY;INTERVAL=3", "2026-11-29", ["29 Nov", "28 Feb", "29 May"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "2027-01-05", ["31 Jan", "28 Feb", "31 Mar"]),
        ("FREQ=MONTHLY;BYMONTHDAY=30,31", "2027-01-05", ["30 Jan", "31 Jan", "28 Feb", "30 Mar"]),
        ("FREQ=YEARLY", "2028-02-29", ["29 Feb", "28 Feb", "28 Feb", "28 Feb", "29 Feb"]),
        ("FREQ=YEARLY;BYMONTH=2,4;BYMONTHDAY=31", "2027-01-01", ["28 Feb", "30 Apr", "29 Feb"]),
    ],
)
def test_day_that_a_month_does_not_have_is_its_last_one(rule, start, expected):
    assert days(rule, start, len(expected)) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY;UNTIL=20261202", ["30 Nov", "01 Dec", "02 Dec"]),
        ("FREQ=DAILY;UNTIL=20261202T070000Z", ["30 Nov", "01 Dec", "02 Dec"]),
        ("FREQ=DAILY;UNTIL=20261202T065959Z", ["30 Nov", "01 Dec"]),
        ("FREQ=DAILY;UNTIL=20261202T080000", ["30 Nov", "01 Dec", "02 Dec"]),
        ("FREQ=DAILY;UNTIL=20261202T070000", ["30 Nov", "01 Dec"]),
        ("FREQ=DAILY;COUNT=2", ["30 Nov", "01 Dec"]),
        ("COUNT=2;INTERVAL=2;FREQ=WEEKLY", ["30 Nov", "14 Dec"]),
        ("WKST=SU;BYDAY=SU,MO;FREQ=WEEKLY;INTERVAL=2;COUNT=3", ["30 Nov", "13 Dec", "14 Dec"]),
        ("FREQ=WEEKLY;BYDAY=SU,MO;INTERVAL=2;COUNT=3", ["30 Nov", "06 Dec", "14 Dec"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3", ["30 Nov", "31 Dec", "29 Jan"]),
    ],
)
def test_rule_ends_with_its_last_time(rule, expected):
    assert days(rule, "2026-11-30", 9) == expected


def test_daylight_saving_shifts_no_later_time():
    assert days("FREQ=WEEKLY", "2027-03-21", 3) == ["21 Mar", "28 Mar", "04 Apr"]
    assert days("FREQ=HOURLY;INTERVAL=18", "2027-03-27", 4) == [
        "27 Mar",
        "28 Mar 03:00",
        "28 Mar 20:00",
        "29 Mar 14:00",
    ]


@pytest.mark.parametrize("text", ["rrule:freq=weekly;byday=mo", " FREQ=WEEKLY;BYDAY=MO; "])
def test_rule_is_normalized(text):
    assert normalize_rule(text) == "FREQ=WEEKLY;BYDAY=MO"
