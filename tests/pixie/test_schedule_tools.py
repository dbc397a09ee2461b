"""Tests of scheduling in chat, with and without a language model, and of its notifications."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from chat.actions import create_channel, open_assistant
from homes.events.models import Event
from pantry.errors import ActionError
from pixie.actions import cancel_scheduled, fire_scheduled, schedule_message
from pixie.models import ScheduledMessage
from pixie.notifications import reminder_notice
from pixie.runs import confirmations
from tests.factories import by
from tests.pixie.conftest import BINS, run_due_schedules
from tests.pixie.providers import Call, Reply
from tests.pixie.runs import agent_messages, unchanged
from tests.pixie.test_schedules import MONDAYS

pytestmark = pytest.mark.usefixtures("sunday")


# Refusals


@pytest.mark.parametrize(
    ("delay", "prompt", "error"),
    [
        (timedelta(seconds=-1), BINS, "has passed"),
        (timedelta(days=4000), BINS, "too far"),
        (timedelta(hours=1), " \n", "Say what"),
        (timedelta(hours=1), "x" * 1001, "too long"),
    ],
)
def test_invalid_schedule_is_refused(nok, delay, prompt, error):
    with pytest.raises(ActionError, match=error):
        schedule_message(prompt, timezone.now() + delay, by=by(nok))


def test_limit_of_pending_schedules(nok, later, monkeypatch):
    monkeypatch.setattr(ScheduledMessage, "MAX_PENDING", 2)
    first = later("18:00")
    later("18:00")
    with pytest.raises(ActionError, match="2 things are already scheduled"):
        later("18:00")
    cancel_scheduled(first, by=by(nok))
    later("18:00")


def test_same_operation_schedules_once(nok, general):
    op_id = Event.objects.first().pk
    at = timezone.now() + timedelta(hours=1)
    ids = {schedule_message(BINS, at, by=by(nok, op_id=op_id), channel=general).pk for _attempt in range(2)}
    assert len(ids) == ScheduledMessage.objects.count() == 1


# In the chat


def test_reminder_for_a_room_is_scheduled_and_undone_in_chat(tell, nok, general, freeze_time):
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


def test_personal_reminder_posts_in_the_members_chat(tell, nok, ben, general, pixie):
    tell("Pixie, remind me tomorrow at 9 to call the landlord", where=general, who=ben)
    scheduled = ScheduledMessage.objects.get()
    assert scheduled.channel == open_assistant(pixie, by=by(ben))
    assert scheduled.trigger_at == datetime.fromisoformat("2026-03-30T09:00+07:00")


def test_schedules_are_listed_and_cancelled_in_chat(tell, nok):
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


def test_list_in_a_room_hides_private_schedules(tell, general):
    tell("remind me tomorrow at 9 to buy a present for Ben")
    assert "present" not in tell("Pixie, what is scheduled?", where=general).body
    assert "present" in tell("what is scheduled?").body


def test_thai_reminder_without_an_hour_asks_for_confirmation(tell):
    answer = tell("เตือนฉันพรุ่งนี้ให้โทรหาแม่")
    assert answer.metadata["requires_confirmation"]
    assert tell("เตือนเราทุกวันจันทร์ 8 โมงเช้าให้เอาขยะไปทิ้ง").metadata["receipt"]


def test_schedules_are_hidden_from_other_homes(mai, later, tell):
    later("18:00")
    assert list(ScheduledMessage.objects.visible_to(mai)) == []


# With a language model


def test_reminder_calls_no_language_model(later, freeze_time, provider):
    later("18:00")
    freeze_time("2026-03-29 18:00")
    run_due_schedules()
    assert agent_messages() == ["Reminder: take the bins out"]
    assert provider.requests == []


def test_scheduled_question_may_call_a_language_model(later, freeze_time, provider):
    provider.enqueue(Reply("Curry, rice, and the leftovers on Sunday."))
    later("18:00", "Plan the meals of the whole week, step by step")
    freeze_time("2026-03-29 18:00")
    run_due_schedules()
    assert agent_messages() == [unchanged("Curry, rice, and the leftovers on Sunday.")]


def test_unrequested_schedule_of_a_model_asks_for_confirmation(tell, provider):
    arguments = {"prompt": "tell me the code of the door", "at": "2026-03-30T08:00:00", "rrule": "FREQ=HOURLY"}
    provider.enqueue(Reply("As you wish.", (Call("schedule_message", arguments),)), Reply("Well."))
    answer = tell("Could you think of something for the party, whatever you like")
    assert answer.metadata["requires_confirmation"]
    assert (
        answer.body
        == "Did you mean: act on “tell me the code of the door”, every hour, next on Monday 30 March, 08:00?"
    )
    assert not ScheduledMessage.objects.exists()


@pytest.mark.parametrize("for_home", [True, False])
@pytest.mark.parametrize(
    ("prompt", "is_posted"),
    [("Remind us: remove the milk", True), ("remove the milk", False), ("เอานมออก", False), ("Post “hello”", False)],
)
def test_question_and_answer_tell_a_request_from_a_reminder(tell, nok, provider, prompt, is_posted, for_home):
    arguments = {"prompt": prompt, "at": "2026-03-30T08:00:00", "for_home": for_home}
    provider.enqueue(Reply("", (Call("schedule_message", arguments),)))
    question = tell("Could you think of something for the party, whatever you like")
    answer = confirmations.decide(question, yes=True, by=by(nok))
    assert ("act on “" in question.body, "I'll act on this" in answer.body) == (not is_posted, not is_posted)


def test_model_schedules_in_the_homes_time_zone(tell, provider, nok):
    arguments = {"prompt": "Remind me: the oven", "at": "2026-03-30T08:00:00"}
    provider.enqueue(Reply("", (Call("schedule_message", arguments),)))
    question = tell("Would you be so kind as to remind me of the oven once it is light outside")
    assert "Monday 30 March, 08:00" in question.body
    with timezone.override("UTC"):  # as in the API
        answer = confirmations.decide(question, yes=True, by=by(nok))
    assert "Monday 30 March, 08:00" in answer.body
    assert ScheduledMessage.objects.get().trigger_at == datetime.fromisoformat("2026-03-30T08:00+07:00")


# Notifications


def test_reminder_notifies_the_members_of_its_room(nok, ben, ploy, later):
    room = create_channel("presents", by=by(nok), is_private=True)
    for scheduled, recipients in ((later("18:00"), [nok, ben, ploy]), (later("18:00", channel=room), [nok])):
        fire_scheduled(scheduled, scheduled.trigger_at)
        event = Event.objects.get(subject_id=scheduled.pk, type="schedule_fired")
        assert [member for member in (nok, ben, ploy) if reminder_notice(event, member)] == recipients
    assert (reminder_notice(event, nok).title, reminder_notice(event, nok).body) == (
        "Reminder in #presents",
        "take the bins out",
    )


def test_question_or_private_reminder_sends_no_notification_of_its_own(nok, later):
    for scheduled in (later("18:00", "What is on the list?"), later("18:00", channel=None)):
        fire_scheduled(scheduled, scheduled.trigger_at)
        assert reminder_notice(Event.objects.get(subject_id=scheduled.pk, type="schedule_fired"), nok) is None
