"""Tests of the morning summary."""

import sys
from datetime import date, time
from decimal import Decimal
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from chat.actions import send_message
from chat.models import Message
from groceries.actions import add_entry, create_list, purchase_entry, set_recurring
from groceries.models import ListEntry, RecurringItem
from homes.actions import update_home
from homes.events.models import Event
from homes.models import Agent, Home
from pixie import tasks
from pixie.actions import choose_summary, post_summary, suggestions
from pixie.models import DailyPosition, SummaryChoice
from pixie.notifications import summary_notice
from pixie.suggestions import summary
from planner.actions import create_event, write_task
from tests.api.client import ApiClient
from tests.counting import queries_of
from tests.factories import by, found_home, person, run_concurrently
from tests.pixie.runs import WorkerDied, agent_messages

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def before_eight(freeze_time):
    freeze_time("2026-03-04 07:59")


@pytest.fixture
def at_eight(freeze_time, milk, eggs):
    """Put items on the list and set the time of the summary."""
    freeze_time("2026-03-04 08:00")


def test_summary_is_posted_in_the_first_room_at_its_hour(nok, milk, eggs, general, pixie, freeze_time):
    assert tasks.sum_up() == 0
    freeze_time("2026-03-04 08:00")
    assert tasks.sum_up() == 1
    message = Message.objects.get(author_agent=pixie)
    assert message.channel == general
    assert message.body == "Good morning.\n2 things to get on Weekly shop: Milk and Eggs."


def test_summary_is_posted_once_per_day(at_eight, freeze_time):
    assert [tasks.sum_up(), tasks.sum_up()] == [1, 0]
    freeze_time("2026-03-05 08:00")
    assert tasks.sum_up() == 1
    assert len(agent_messages()) == 2


def test_summary_with_every_topic(nok, ben, milk, eggs, rice, weekly, freeze_time):
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(1000))
    for entry, price in ((milk, 45), (rice, 205)):
        purchase_entry(entry, by=by(ben), price=Decimal(price))
    coffee = set_recurring("Coffee", "weekly", by=by(nok))
    RecurringItem.objects.filter(pk=coffee.pk).update(next_due_at=timezone.now())
    freeze_time("2026-03-05 08:00")
    tasks.sum_up()
    assert agent_messages() == [
        "Good morning.\n"
        "One thing to get on Weekly shop: Eggs.\n"
        "Back on the list by tomorrow: Coffee.\n"
        "2 things were bought yesterday, for ฿250.\n"
        "25 % of the budget for March is spent: ฿750 is left for 27 days."
    ]
    assert "Ben" not in agent_messages()[0]


def test_summary_names_tasks_and_events(nok, mai, freeze_time):
    for text in ("sweep tomorrow", "pay the rent friday"):
        write_task(text, by=by(nok))
    create_event("Dinner", by=by(nok), starts_on=date(2026, 3, 5), start_time=time(19), end_time=time(22))
    create_event("Holiday", by=by(nok), starts_on=date(2026, 3, 3), ends_on=date(2026, 3, 6))
    create_event("Elsewhere", by=by(mai), starts_on=date(2026, 3, 5))
    freeze_time("2026-03-05 08:00")
    tasks.sum_up()
    bodies = Message.objects.filter(author_agent__home=nok.home).values_list("body", flat=True)
    assert list(bodies) == [
        "Good morning.\nOne thing to do today: sweep.\nOn the calendar today: Holiday and Dinner (19:00)."
    ]


def test_long_list_is_shortened(nok, weekly, freeze_time):
    for number in range(30):
        add_entry(weekly, f"Thing {number:02}", by=by(nok))
    freeze_time("2026-03-04 08:00")
    tasks.sum_up()
    assert agent_messages()[0].endswith("Thing 04, Thing 05 and 24 more.")


def test_summary_reports_a_month_over_budget(nok, milk, freeze_time):
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(100))
    purchase_entry(milk, by=by(nok), price=Decimal(145))
    freeze_time("2026-03-05 08:00")
    tasks.sum_up()
    assert agent_messages()[0].endswith("March is ฿45 over its budget.")


def test_summary_without_news_is_not_posted(nok, weekly, freeze_time):
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(100))
    freeze_time("2026-03-04 08:00")
    assert tasks.sum_up() == 0
    add_entry(weekly, "Eggs", by=by(nok))
    assert tasks.sum_up() == 0  # today's summary counts as done
    assert agent_messages() == []


def test_summary_is_in_the_homes_language(nok, at_eight):
    Home.objects.update(locale="th")
    tasks.sum_up()
    with translation.override("th"):
        assert summary.compose(nok.home) == agent_messages()[0]


def test_summary_is_posted_by_the_homes_time_zone(nok, at_eight, pixie):
    far = found_home(person("Far"), "Far away")
    Home.objects.filter(pk=far.home_id).update(timezone="America/New_York")
    add_entry(create_list(by=by(far)), "Eggs", by=by(far))
    assert tasks.sum_up() == 1
    assert Message.objects.get(author_agent__isnull=False).home == nok.home


def test_summary_four_hours_late_is_skipped(at_eight, freeze_time):
    freeze_time("2026-03-04 12:00")
    assert tasks.sum_up() == 0


def test_home_chooses_the_hour_or_no_summary(nok, ben, at_eight, freeze_time, events):
    choose_summary(None, by=by(ben))
    assert tasks.sum_up() == 0
    choose_summary(6, by=by(nok))
    choose_summary(6, by=by(nok))
    assert events(nok.home) == ["summary_chosen", "summary_chosen"]
    freeze_time("2026-03-05 06:10")
    assert tasks.sum_up() == 1


def test_home_without_an_active_agent_gets_no_summary(at_eight):
    Agent.objects.update(is_active=False)
    assert tasks.sum_up() == 0


# Concurrency and crashes


@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_post_one_summary(nok, at_eight):
    messages = run_concurrently(*[partial(post_summary, nok.home_id, timezone.now())] * 4)
    assert sum(message is not None for message in messages) == len(agent_messages()) == 1


def test_crash_of_a_worker_at_any_line_posts_one_summary(nok, at_eight):
    files = {summary.__file__, suggestions.__file__}
    for number in range(1, 500):
        count = 0

        def trace(_frame, event, _argument, number=number):
            nonlocal count
            if event == "line":
                count += 1
                if count == number:
                    raise WorkerDied
            return trace

        previous = sys.gettrace()
        sys.settrace(lambda frame, _event, _argument: trace if frame.f_code.co_filename in files else None)
        try:
            with timezone.override("UTC"), translation.override("en"):
                tasks.sum_up()
        except WorkerDied:
            pass
        finally:
            sys.settrace(previous)
        if agent_messages():
            break
        assert not DailyPosition.objects.filter(summed_up_on__isnull=False).exists()
    assert number > 20
    assert tasks.sum_up() == 0
    assert len(agent_messages()) == 1


def test_failure_in_one_home_does_not_stop_the_others(nok, mai, at_eight, monkeypatch):
    add_entry(create_list(by=by(mai)), "Eggs", by=by(mai))
    compose = summary.compose

    def fails(home):
        if home == nok.home:
            raise RuntimeError("the disk is full")
        return compose(home)

    monkeypatch.setattr(summary, "compose", fails)
    assert tasks.sum_up() == 1
    assert Message.objects.get(author_agent__isnull=False).home == mai.home


def test_queries_do_not_grow_with_the_number_of_items(nok, weekly, freeze_time):
    add_entry(weekly, "Eggs", by=by(nok))
    with_one = queries_of(lambda: summary.compose(nok.home))
    for number in range(30):
        add_entry(weekly, f"Thing {number}", by=by(nok))
    ListEntry.objects.filter(item__name__contains="1").update(state="purchased", purchased_at=timezone.now())
    assert queries_of(lambda: summary.compose(nok.home)) <= with_one


# Notifications, settings and requests


def test_summary_notification_until_the_message_is_deleted(nok, ben, at_eight):
    tasks.sum_up()
    event = Event.objects.get(type="summary_told")
    notice = summary_notice(event, ben)
    assert (notice.title, notice.body) == ("Apartment 42", "2 things to get on Weekly shop: Milk and Eggs.")
    Message.objects.filter(author_agent__isnull=False).update(deleted_at=timezone.now())
    assert summary_notice(event, ben) is None


def test_hour_is_chosen_on_the_page(ben, sign_in):
    url, page = reverse("pixie:summary", args=[ben.home_id]), reverse("pixie:scheduled", args=[ben.home_id])
    client = sign_in(ben)
    assert '<option value="8" selected>08:00</option>' in client.get(page).text
    assert "get a summary every morning." in client.post(url, {"hour": "6"}, follow=True).text
    assert SummaryChoice.objects.get().hour == 6
    assert '<option value="never" selected>Never</option>' in client.post(url, {"hour": "never"}, follow=True).text
    assert "Choose a time, or “Never”." in client.post(url, {"hour": "99"}, follow=True).text
    assert SummaryChoice.objects.get().hour is None


def test_hour_is_chosen_over_the_api(nok):
    me = ApiClient(nok)
    assert me.get("summary").json() == {"hour": 8}
    assert me.patch("summary", {"hour": 22}).json() == {"hour": 22}
    assert me.patch("summary", {"hour": None}).json() == {"hour": None}
    for hour in (24, -1, "7", 7.5):
        assert me.patch("summary", {"hour": hour}).status_code == 400
    assert me.get("summary").json() == {"hour": None}


def test_summary_after_a_message_is_not_a_run(nok, general, at_eight):
    send_message(general, "Good night", by=by(nok))
    tasks.sum_up()
    assert Message.objects.get(author_agent__isnull=False).metadata == {"intent": "summary"}


def test_summary_is_given_on_request(nok, milk, eggs, tell):
    assert tell("sum up the day").body == "2 things to get on Weekly shop: Milk and Eggs."


def test_requested_summary_without_news_says_so(nok, tell):
    assert tell("brief me").body == "All is quiet: there's nothing to get, and nothing was bought yesterday."
