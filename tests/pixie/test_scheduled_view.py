"""The page of what is scheduled."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from chat.actions import create_channel
from pixie.actions import schedule_message
from pixie.models import ScheduledMessage, ScheduleStatus
from tests.cast import by
from tests.counting import queries_of


@pytest.fixture
def url(nok):
    return reverse("pixie:scheduled", args=[nok.home_id])


@pytest.fixture
def tomorrow(nok):
    return (nok.home.now() + timedelta(days=1)).date()


@pytest.fixture
def filled(tomorrow):
    """`filled(where=…)`: the form as somebody fills it in."""

    def fill(**fields):
        said = {"what": "take the bins out", "how": "remind", "day": tomorrow.isoformat(), "hour": "08:00"}
        return {**said, "rrule": "once", "where": "me", **fields}

    return fill


@pytest.fixture
def bins(nok, general):
    return schedule_message(
        "Remind us: <b>bins</b>", timezone.now() + timedelta(days=1), by=by(nok), channel=general, rrule="FREQ=DAILY"
    )


def test_it_begins_empty_and_says_how_it_fills(nok, sign_in, url):
    assert "Nothing scheduled yet. Add something" in sign_in(nok).get(url).text


def test_it_says_what_when_where_and_by_whom(ben, sign_in, url, bins):
    page = sign_in(ben).get(url).text
    for said in ("&lt;b&gt;bins&lt;/b&gt;", "every day, next on", "#general", "by Nok"):
        assert said in page


def test_something_is_scheduled(nok, sign_in, url, filled, tomorrow, general):
    answer = sign_in(nok).post(url, filled(where=str(general.pk), rrule="FREQ=WEEKLY"))
    assert (answer.status_code, answer.url) == (302, url)
    made = ScheduledMessage.objects.get()
    assert (made.prompt, made.channel, made.rrule) == ("Remind us: take the bins out", general, "FREQ=WEEKLY")
    assert made.trigger_at.astimezone(nok.home.zone).isoformat()[:16] == f"{tomorrow}T08:00"


def test_it_may_be_for_oneself_or_a_question(nok, sign_in, url, filled):
    sign_in(nok).post(url, filled())
    sign_in(nok).post(url, filled(what="What is on the list?", how="ask"))
    prompts = ScheduledMessage.objects.order_by("created_at").values_list("prompt", flat=True)
    assert list(prompts) == ["Remind me: take the bins out", "What is on the list?"]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"what": " "}, "This field is required"),
        ({"day": "2020-01-01"}, "That time has passed"),
        ({"day": "someday"}, "Enter a valid date"),
        ({"hour": "25:00"}, "Enter a valid time"),
        ({"rrule": "FREQ=SECONDLY"}, "Select a valid choice"),
        ({"where": "kitchen"}, "Select a valid choice"),
    ],
)
def test_what_does_not_fit_is_said_beside_what_was_typed(nok, sign_in, url, filled, wrong, why):
    answer = sign_in(nok).post(url, filled(**wrong))
    assert (answer.status_code, ScheduledMessage.objects.count()) == (422, 0)
    assert why in answer.text
    assert filled(**wrong)["what"] in answer.text


def test_the_same_press_twice_schedules_once(nok, sign_in, url, filled):
    for _press in range(2):
        sign_in(nok).post(url, filled(op_id="019a0000-0000-7000-8000-000000000001"))
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


def test_what_is_over_is_not_brought_back(nok, sign_in, bins):
    ScheduledMessage.objects.update(status=ScheduleStatus.CANCELLED, rrule="", trigger_at=timezone.now())
    back = reverse("pixie:resume_scheduled", args=[bins.home_id, bins.pk])
    assert "Its time has already passed." in sign_in(nok).post(back, follow=True).text


def test_of_a_private_room_others_see_nothing(nok, ben, sign_in, url):
    room = create_channel("presents", by=by(nok), is_private=True)
    secret = schedule_message("Remind us: a bicycle", timezone.now() + timedelta(days=1), by=by(nok), channel=room)
    assert "bicycle" in sign_in(nok).get(url).text
    page = sign_in(ben).get(url).text
    assert "bicycle" not in page
    assert "presents" not in page
    for verb in ("cancel_scheduled", "resume_scheduled"):
        assert sign_in(ben).post(reverse(f"pixie:{verb}", args=[nok.home_id, secret.pk])).status_code == 404


def test_more_rows_cost_no_more_queries(nok, sign_in, url, bins, general):
    client = sign_in(nok)
    client.get(url)
    with_one = queries_of(lambda: client.get(url))
    for _each in range(20):
        schedule_message("Remind us: cats", timezone.now() + timedelta(days=1), by=by(nok), channel=general)
    assert queries_of(lambda: client.get(url)) <= with_one
