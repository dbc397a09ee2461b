"""Tasks of one line: what is understood, what stays in the title, and what is asked about."""

from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from planner.parsing import parse_task_text

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=ZoneInfo("Asia/Bangkok"))  # a Saturday
BEN, ANN, ANNA = (UUID(int=number) for number in (1, 2, 3))
MEMBERS = {"Ben": BEN, "Ann": ANN, "Ann Marie": ANNA, "นก": UUID(int=4)}


def parse(text):
    return parse_task_text(text, MEMBERS, ["Living room", "Kitchen"], NOW)


def test_line_says_everything():
    task = parse("clean the fridge by friday @Ben !high #kitchen")
    assert (task.title, task.due_on, task.due_time) == ("clean the fridge", date(2026, 3, 20), None)
    assert (task.assignee_ids, task.priority, task.project) == ([BEN], "high", "Kitchen")
    assert (task.unknown, task.impossible, task.rrule) == ([], "", "")


@pytest.mark.parametrize(
    ("text", "title", "due_on", "due_time"),
    [
        ("Call mum tomorrow at 5pm", "Call mum", date(2026, 3, 15), time(17)),
        ("Bins @ 8:30 on monday", "Bins", date(2026, 3, 16), time(8, 30)),
        ("pay the rent on 1 April", "pay the rent", date(2026, 4, 1), None),
        ("Pay 2026-05-01", "Pay", date(2026, 5, 1), None),
        ("Dentist in 3 days", "Dentist", date(2026, 3, 17), None),
        ("ล้างตู้เย็นพรุ่งนี้ 9 โมงเช้า", "ล้างตู้เย็น", date(2026, 3, 15), time(9)),
        ("จ่ายค่าเช่าภายในวันศุกร์", "จ่ายค่าเช่า", date(2026, 3, 20), None),
        ("จ่ายค่าเช่า วันที่ 1 เมษายน", "จ่ายค่าเช่า", date(2026, 4, 1), None),
        ("ซักผ้าบ่าย 2", "ซักผ้า", date(2026, 3, 14), time(14)),
        ("Buy sun cream", "Buy sun cream", None, None),
        ("Watch the 5th element", "Watch the 5th element", None, None),
        ("Plant morning glory", "Plant morning glory", None, None),
        ("Buy 12 eggs", "Buy 12 eggs", None, None),
        ("Clean the oven sun", "Clean the oven", date(2026, 3, 15), None),
        ("See “Saturday Night” on monday", "See “Saturday Night”", date(2026, 3, 16), None),
        ("“Friday at 25:00”", "Friday at 25:00", None, None),
    ],
)
def test_days_and_times(text, title, due_on, due_time):
    task = parse(text)
    assert (task.title, task.due_on, task.due_time) == (title, due_on, due_time)
    assert (task.unknown, task.impossible) == ([], "")


@pytest.mark.parametrize(
    ("text", "title", "rule", "due_on"),
    [
        ("Take the bins out every sunday", "Take the bins out", "FREQ=WEEKLY;BYDAY=SU", date(2026, 3, 15)),
        ("Water the plants every 3 days", "Water the plants", "FREQ=DAILY;INTERVAL=3", date(2026, 3, 14)),
        ("Every month descale the kettle", "descale the kettle", "FREQ=MONTHLY", date(2026, 3, 14)),
        ("Feed the cat every day at 8:00", "Feed the cat", "FREQ=DAILY", date(2026, 3, 15)),
        ("Mop every 2 weeks from 1 April", "Mop", "FREQ=WEEKLY;INTERVAL=2", date(2026, 4, 1)),
        ("ทิ้งขยะทุกวันอาทิตย์", "ทิ้งขยะ", "FREQ=WEEKLY;BYDAY=SU", date(2026, 3, 15)),
        ("Do the weekly shopping", "Do the weekly shopping", "", None),
    ],
)
def test_how_often(text, title, rule, due_on):
    task = parse(text)
    assert (task.title, task.rrule, task.due_on) == (title, rule, due_on)


@pytest.mark.parametrize(
    ("text", "title", "unknown"),
    [
        ("Ask @Bob about it", "Ask @Bob about it", ["@Bob"]),
        ("Oven !soon", "Oven !soon", ["!soon"]),
        ("Oven !low !high", "Oven !high", ["!high"]),
        ("Stretch every hour", "Stretch every hour", ["every hour"]),
        ("Clean on monday or tuesday", "Clean or tuesday", ["tuesday"]),
    ],
)
def test_what_is_not_understood_stays_and_is_said(text, title, unknown):
    task = parse(text)
    assert (task.title, task.unknown) == (title, unknown)


@pytest.mark.parametrize(
    ("text", "impossible"),
    [
        ("Clean at 25:00", "at 25:00"),
        ("Clean tomorrow at 25:00", "at 25:00"),
        ("Clean by 31 February", "by 31 February"),
        ("Clean by 31 February at 9:00", "by 31 February"),
        ("Clean on the 45th", "on the 45th"),
    ],
)
def test_day_or_time_that_does_not_exist_is_asked_about(text, impossible):
    assert parse(text).impossible == impossible


@pytest.mark.parametrize(
    ("text", "people"),
    [("Bins @ann marie", [ANNA]), ("Bins @Ann, @ben", [ANN, BEN]), ("Bins @Anne", []), ("ทิ้งขยะ @นก", [UUID(int=4)])],
)
def test_longest_name_wins(text, people):
    assert parse(text).assignee_ids == people


def test_project_of_several_words_is_an_existing_one():
    assert (parse("Dust #living room").project, parse("Dust #attic").project) == ("Living room", "attic")
    assert parse("Read issue #12").title == "Read issue #12"
