"""Scheduling by word: what is said to Pixie, what a language model makes of it, and what people's devices are told."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from chat.actions import create_channel, open_assistant
from homes.events.models import Event
from pantry.errors import ActionError
from pixie.actions import cancel_scheduled, fire_scheduled, schedule_message
from pixie.models import ScheduledMessage
from pixie.notifications import reminded
from tests.cast import by
from tests.pixie.conftest import BINS, pass_time
from tests.pixie.providers import Says, Wants
from tests.pixie.test_mailbox import said_by_pixie
from tests.pixie.test_schedules import MONDAYS

pytestmark = pytest.mark.usefixtures("sunday")


# Refusals


@pytest.mark.parametrize(
    ("at", "prompt", "why"),
    [
        (timedelta(seconds=-1), BINS, "has passed"),
        (timedelta(days=4000), BINS, "too far"),
        (timedelta(hours=1), " \n", "Say what"),
        (timedelta(hours=1), "x" * 1001, "too long"),
    ],
)
def test_what_cannot_be_is_refused(nok, at, prompt, why):
    with pytest.raises(ActionError, match=why):
        schedule_message(prompt, timezone.now() + at, by=by(nok))


def test_so_many_wait_and_no_more(nok, later, monkeypatch):
    monkeypatch.setattr(ScheduledMessage, "MOST", 2)
    first = later("18:00")
    later("18:00")
    with pytest.raises(ActionError, match="2 things wait already"):
        later("18:00")
    cancel_scheduled(first, by=by(nok))
    later("18:00")


def test_a_second_press_schedules_nothing_more(nok, general):
    op_id = Event.objects.first().pk
    at = timezone.now() + timedelta(hours=1)
    made = {schedule_message(BINS, at, by=by(nok, op_id=op_id), channel=general).pk for _press in range(2)}
    assert len(made) == ScheduledMessage.objects.count() == 1


# Said to Pixie


def test_it_is_said_to_pixie_and_undone(tell, nok, general, clock):
    answer = tell("remind us every Monday at 8 to take the bins out")
    assert (
        answer.body == "I'll post this in #general, every Monday, next on Monday 30 March, 08:00: “take the bins out”"
    )
    scheduled = ScheduledMessage.objects.get()
    assert (scheduled.channel, scheduled.rrule, scheduled.created_by) == (general, MONDAYS, nok.user)
    assert answer.metadata["receipt"]["title"] == "Scheduled 1 message"
    assert tell("undo").body == "Undone: take the bins out."
    scheduled.refresh_from_db()
    assert not scheduled.is_pending


def test_remind_me_is_between_the_two(tell, nok, ben, general, pixie):
    tell("Pixie, remind me tomorrow at 9 to call the landlord", where=general, who=ben)
    scheduled = ScheduledMessage.objects.get()
    assert scheduled.channel == open_assistant(pixie, by=by(ben))
    assert scheduled.trigger_at == datetime.fromisoformat("2026-03-30T09:00+07:00")


def test_what_is_scheduled_is_told_and_cancelled(tell, nok):
    assert "Nothing is scheduled" in tell("what is scheduled?").body
    tell("remind us every Monday at 8 to take the bins out")
    tell("remind me tomorrow at 9 to call the landlord")
    assert tell("what is scheduled?").body.splitlines() == [
        "every Monday, next on Monday 30 March, 08:00: take the bins out",
        "Monday 30 March, 09:00: call the landlord",
    ]
    assert tell("cancel the reminder").body == "Which one: “take the bins out”, “call the landlord”?"
    assert tell("cancel the bins reminder").body == "Cancelled: take the bins out."
    assert tell("cancel the milk reminder").body == "Nothing like that is scheduled."
    assert tell("cancel the reminder").body == "Cancelled: call the landlord."


def test_in_a_room_nothing_is_told_of_ones_own_talk(tell, general):
    tell("remind me tomorrow at 9 to buy a present for Ben")
    assert "present" not in tell("Pixie, what is scheduled?", where=general).body
    assert "present" in tell("what is scheduled?").body


def test_in_thai_one_is_asked_where_the_hour_is_not_known(tell):
    answer = tell("เตือนฉันพรุ่งนี้ให้โทรหาแม่")
    assert answer.metadata["requires_confirmation"]
    assert tell("เตือนเราทุกวันจันทร์ 8 โมงเช้าให้เอาขยะไปทิ้ง").metadata["receipt"]


def test_another_home_is_not_heard_of(mai, later, tell):
    later("18:00")
    assert list(ScheduledMessage.objects.visible_to(mai)) == []


# With a language model


def test_a_reminder_asks_no_language_model(later, clock, provider):
    later("18:00")
    clock("2026-03-29 18:00")
    pass_time()
    assert said_by_pixie() == ["Reminder: take the bins out"]
    assert provider.asked == []


def test_what_is_no_reminder_may_be_answered_by_a_language_model(later, clock, provider):
    provider.plays(Says("Curry, rice, and the leftovers on Sunday."))
    later("18:00", "Plan the meals of the whole week, step by step")
    clock("2026-03-29 18:00")
    pass_time()
    assert said_by_pixie() == ["Curry, rice, and the leftovers on Sunday."]


def test_what_a_model_wants_scheduled_unasked_is_asked_about_first(tell, provider):
    wanted = {"prompt": "tell me the code of the door", "at": "2026-03-30T08:00:00", "rrule": "FREQ=HOURLY"}
    provider.plays(Says("As you wish.", (Wants("schedule_message", wanted),)), Says("Well."))
    answer = tell("Could you think of something for the party, whatever you like")
    assert answer.metadata["requires_confirmation"]
    assert answer.body == "Did you mean: “tell me the code of the door”, every hour, next on Monday 30 March, 08:00?"
    assert not ScheduledMessage.objects.exists()


def test_a_model_schedules_by_the_clock_of_the_home(tell, provider, nok):
    wanted = {"prompt": "Remind me: the oven", "at": "2026-03-30T08:00:00"}
    provider.plays(Says("", (Wants("schedule_message", wanted),)), Says("I will remind you."))
    tell("Would you be so kind as to remind me of the oven once it is light outside")
    assert ScheduledMessage.objects.get().trigger_at == datetime.fromisoformat("2026-03-30T08:00+07:00")


# Devices


def test_the_devices_of_those_in_the_room_hear_of_a_reminder(nok, ben, ploy, later):
    room = create_channel("presents", by=by(nok), is_private=True)
    for scheduled, told in ((later("18:00"), [nok, ben, ploy]), (later("18:00", channel=room), [nok])):
        fire_scheduled(scheduled, scheduled.trigger_at)
        event = Event.objects.get(subject_id=scheduled.pk, type="schedule_fired")
        assert [member for member in (nok, ben, ploy) if reminded(event, member)] == told
    assert (reminded(event, nok).title, reminded(event, nok).body) == ("Reminder in #presents", "take the bins out")


def test_of_a_question_and_of_ones_own_talk_devices_hear_by_the_answer(nok, later):
    for scheduled in (later("18:00", "What is on the list?"), later("18:00", channel=None)):
        fire_scheduled(scheduled, scheduled.trigger_at)
        assert reminded(Event.objects.get(subject_id=scheduled.pk, type="schedule_fired"), nok) is None
