"""Tests of the page of schedules."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from chat.actions import create_channel
from pixie.actions import schedule_message
from pixie.models import ScheduledMessage, ScheduleStatus
from tests.counting import queries_of
from tests.factories import by


@pytest.fixture
def url(nok):
    return reverse("pixie:scheduled", args=[nok.home_id])


@pytest.fixture
def tomorrow(nok):
    return (nok.home.now() + timedelta(days=1)).date()


@pytest.fixture
def form_data(tomorrow):
    """Return form data: `form_data(where=…)`."""

    def fill(**fields):
        defaults = {"what": "take the bins out", "how": "remind", "day": tomorrow.isoformat(), "hour": "08:00"}
        return {**defaults, "rrule": "once", "where": "me", **fields}

    return fill


@pytest.fixture
def bins(nok, general):
    return schedule_message(
        "Remind us: <b>bins</b>", timezone.now() + timedelta(days=1), by=by(nok), channel=general, rrule="FREQ=DAILY"
    )


def test_empty_page_says_how_to_schedule(nok, sign_in, url):
    assert "Nothing scheduled yet. Add something" in sign_in(nok).get(url).text


def test_page_shows_text_time_room_and_author(ben, sign_in, url, bins):
    page = sign_in(ben).get(url).text
    for text in ("&lt;b&gt;bins&lt;/b&gt;", "every day, next on", "#general", "by Nok"):
        assert text in page


def test_form_schedules_a_reminder(nok, sign_in, url, form_data, tomorrow, general):
    answer = sign_in(nok).post(url, form_data(where=str(general.pk), rrule="FREQ=WEEKLY"))
    assert (answer.status_code, answer.url) == (302, url)
    scheduled = ScheduledMessage.objects.get()
    assert (scheduled.prompt, scheduled.channel) == ("Remind us: take the bins out", general)
    assert scheduled.rrule == "FREQ=WEEKLY"
    assert scheduled.trigger_at.astimezone(nok.home.zone).isoformat()[:16] == f"{tomorrow}T08:00"


def test_form_schedules_a_private_reminder_or_a_question(nok, sign_in, url, form_data):
    sign_in(nok).post(url, form_data())
    sign_in(nok).post(url, form_data(what="What is on the list?", how="ask"))
    prompts = ScheduledMessage.objects.order_by("created_at").values_list("prompt", flat=True)
    assert list(prompts) == ["Remind me: take the bins out", "What is on the list?"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"what": " "}, "This field is required"),
        ({"day": "2020-01-01"}, "That time has passed"),
        ({"day": "someday"}, "Enter a valid date"),
        ({"hour": "25:00"}, "Enter a valid time"),
        ({"rrule": "FREQ=SECONDLY"}, "Select a valid choice"),
        ({"where": "kitchen"}, "Select a valid choice"),
    ],
)
def test_form_error_keeps_the_input(nok, sign_in, url, form_data, fields, error):
    answer = sign_in(nok).post(url, form_data(**fields))
    assert (answer.status_code, ScheduledMessage.objects.count()) == (422, 0)
    assert error in answer.text
    assert form_data(**fields)["what"] in answer.text


def test_submitting_twice_schedules_once(nok, sign_in, url, form_data):
    for _attempt in range(2):
        sign_in(nok).post(url, form_data(op_id="019a0000-0000-7000-8000-000000000001"))
    assert ScheduledMessage.objects.count() == 1


def test_cancelling_can_be_undone(ben, sign_in, url, bins):
    client = sign_in(ben)
    page = client.post(reverse("pixie:cancel_scheduled", args=[bins.home_id, bins.pk]), follow=True)
    bins.refresh_from_db()
    assert bins.status == ScheduleStatus.CANCELLED
    back = reverse("pixie:resume_scheduled", args=[bins.home_id, bins.pk])
    assert f'action="{back}"' in page.text
    client.post(back)
    bins.refresh_from_db()
    assert bins.is_pending


def test_past_schedule_is_not_resumed(nok, sign_in, bins):
    ScheduledMessage.objects.update(status=ScheduleStatus.CANCELLED, rrule="", trigger_at=timezone.now())
    back = reverse("pixie:resume_scheduled", args=[bins.home_id, bins.pk])
    assert "Its time has already passed." in sign_in(nok).post(back, follow=True).text


def test_schedule_of_a_private_room_is_hidden_from_others(nok, ben, sign_in, url):
    room = create_channel("presents", by=by(nok), is_private=True)
    secret = schedule_message("Remind us: a bicycle", timezone.now() + timedelta(days=1), by=by(nok), channel=room)
    assert "bicycle" in sign_in(nok).get(url).text
    page = sign_in(ben).get(url).text
    assert "bicycle" not in page
    assert "presents" not in page
    for verb in ("cancel_scheduled", "resume_scheduled"):
        assert sign_in(ben).post(reverse(f"pixie:{verb}", args=[nok.home_id, secret.pk])).status_code == 404


def test_queries_do_not_grow_with_the_number_of_schedules(nok, sign_in, url, bins, general):
    client = sign_in(nok)
    client.get(url)
    with_one = queries_of(lambda: client.get(url))
    for _number in range(20):
        schedule_message("Remind us: cats", timezone.now() + timedelta(days=1), by=by(nok), channel=general)
    assert queries_of(lambda: client.get(url)) <= with_one
