"""Tests of understanding reminders and their times."""

import pytest

from pixie.nlu import SURE, understand
from pixie.nlu.reminders import read_reminder
from tests.pixie.dataset import PEOPLE


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("remind me to call the landlord tomorrow at 5", "2026-03-05T17:00:00+07:00"),
        ("remind us to pay the electric bill on friday", "2026-03-06T09:00:00+07:00"),
        ("remind me of the dentist thursday 3pm", "2026-03-05T15:00:00+07:00"),
        ("remind me tonight at 8 that the oven is hot", "2026-03-04T20:00:00+07:00"),
        ("remind me tomorrow morning at 6 to run", "2026-03-05T06:00:00+07:00"),
        ("remind me in 10 minutes to turn off the oven", "2026-03-04T09:40:00+07:00"),
        ("เตือนฉันพรุ่งนี้บ่าย 2 ให้โทรหาแม่", "2026-03-05T14:00:00+07:00"),
        ("remind us of ploy's birthday on june 5", "2026-06-05T09:00:00+07:00"),
        ("set a reminder for the meeting on january 2 at noon", "2027-01-02T12:00:00+07:00"),
        ("เตือนให้จ่ายค่าไฟพรุ่งนี้", "2026-03-05T09:00:00+07:00"),
    ],
)
def test_reminder_time_is_in_the_homes_time_zone(text, moment):
    (action,) = understand(text, PEOPLE).actions
    assert (action.type, action.payload["at"]) == ("schedule_message", moment)


@pytest.mark.parametrize(
    "title",
    ["call the landlord", "turn the lights on", "check who is in", "water the plants when the sun is up"],
)
def test_reminder_keeps_its_text(title):
    (action,) = understand(f"remind me tomorrow to {title}", PEOPLE).actions
    assert action.payload["prompt"] == f"Remind me: {title}"


@pytest.mark.parametrize(
    "text",
    [
        "remind me to call mom",
        "todo: buy a present for Ben",
        "add dentist appointment to the calendar thursday 3pm",
        "schedule a meeting for january 2 at noon",
        "delete the meeting with the landlord",
        "what do we have to do today",
        "is anything on the calendar tomorrow?",
        "เพิ่มประชุมในปฏิทินพรุ่งนี้",
    ],
)
def test_task_or_event_is_recognized_without_actions(text):
    result = understand(text, PEOPLE)
    assert (result.intent, result.actions, result.question) == ("plan", (), None)


@pytest.mark.parametrize(
    ("text", "prompt", "rrule", "for_home"),
    [
        ("remind me to call the landlord tomorrow at 5", "Remind me: call the landlord", None, False),
        ("Remind me tomorrow at 9 to call the landlord", "Remind me: call the landlord", None, False),
        ("remind us every Monday at 8 to feed the cat", "Remind us: feed the cat", "FREQ=WEEKLY;BYDAY=MO", True),
        ("remind us on weekdays at 7 am about school", "Remind us: school", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", True),
        ("remind ben tomorrow to take out the trash", "Remind Ben: take out the trash", None, True),
        ("set a reminder to water the plants at 6pm", "Remind me: water the plants", None, False),
        ("remind me to turn the heating on tomorrow", "Remind me: turn the heating on", None, False),
        ("remind me on sun to take the bins out by 5pm", "Remind me: take the bins out", None, False),
        ("remind me tonight at 8 that the oven is hot", "Remind me: the oven is hot", None, False),
        ("เตือนเราทุกวันจันทร์ 8 โมงเช้าให้เอาขยะไปทิ้ง", "เตือน: เอาขยะไปทิ้ง", "FREQ=WEEKLY;BYDAY=MO", True),
        ("เตือนให้ซื้อนมพรุ่งนี้เวลา 18.30 น.", "เตือน: ซื้อนม", None, False),
    ],
)  # fmt: skip
def test_reminder_with_a_time_is_scheduled(text, prompt, rrule, for_home):
    (action,) = understand(text, PEOPLE).actions
    assert action.type == "schedule_message"
    assert action.confidence >= SURE
    assert (action.payload["prompt"], action.payload.get("rrule")) == (prompt, rrule)
    assert action.payload.get("for_home", False) is for_home


@pytest.mark.parametrize(
    ("text", "tool", "payload"),
    [
        ("what is scheduled?", "list_scheduled", {}),
        ("which reminders do we have?", "list_scheduled", {}),
        ("ตั้งเตือนอะไรไว้บ้าง", "list_scheduled", {}),
        ("cancel the bins reminder", "cancel_scheduled", {"what": "bins"}),
        ("please cancel the reminder about the bins", "cancel_scheduled", {"what": "bins"}),
        ("stop reminding us about the bins", "cancel_scheduled", {"what": "bins"}),
        ("ยกเลิกเตือนเรื่องขยะ", "cancel_scheduled", {"what": "ขยะ"}),
    ],
)
def test_commands_to_list_and_cancel_schedules(text, tool, payload):
    (action,) = understand(text, PEOPLE).actions
    assert (action.type, action.payload) == (tool, payload)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Remind us: take the bins out", ("", "take the bins out")),
        ("remind us to take the bins out", ("", "take the bins out")),
        ("Remind Ben about the rent", ("Ben", "the rent")),
        ("เตือน: เอาขยะไปทิ้ง", ("", "เอาขยะไปทิ้ง")),
        ("What is on the list?", None),
        ("add milk", None),
    ],
)
def test_reading_of_a_reminder_prompt(prompt, expected):
    assert read_reminder(prompt) == expected
