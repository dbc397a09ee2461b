"""The summary of the morning: once a day, short, in the home's words, and nothing when there is no news."""

import sys
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
from pixie.actions import choose_summary, summaries, tell_summary
from pixie.models import DailyPosition, SummaryChoice
from pixie.notifications import summed_up
from pixie.suggestions import summary
from tests.api.client import Program
from tests.cast import at_once, by, found_home, person
from tests.counting import queries_of
from tests.pixie.test_mailbox import Died, said_by_pixie

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def seven(clock):
    clock("2026-03-04 07:59")


@pytest.fixture
def eight(clock, milk, eggs):
    """There is something to get, and it is time to say so."""
    clock("2026-03-04 08:00")


def test_it_is_said_in_the_first_room_in_the_morning(nok, milk, eggs, general, pixie, clock):
    assert tasks.sum_up() == 0
    clock("2026-03-04 08:00")
    assert tasks.sum_up() == 1
    message = Message.objects.get(author_agent=pixie)
    assert message.channel == general
    assert message.body == "Good morning.\n2 things to get on Weekly shop: Milk and Eggs."


def test_it_is_said_once_a_day(eight, clock):
    assert [tasks.sum_up(), tasks.sum_up()] == [1, 0]
    clock("2026-03-05 08:00")
    assert tasks.sum_up() == 1
    assert len(said_by_pixie()) == 2


def test_all_of_it(nok, ben, milk, eggs, rice, weekly, clock):
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(1000))
    for entry, price in ((milk, 45), (rice, 205)):
        purchase_entry(entry, by=by(ben), price=Decimal(price))
    coffee = set_recurring("Coffee", "weekly", by=by(nok))
    RecurringItem.objects.filter(pk=coffee.pk).update(next_due_at=timezone.now())
    clock("2026-03-05 08:00")
    tasks.sum_up()
    assert said_by_pixie() == [
        "Good morning.\n"
        "One thing to get on Weekly shop: Eggs.\n"
        "Back on the list by tomorrow: Coffee.\n"
        "2 things were bought yesterday, for ฿250.\n"
        "25 % of the budget for March is spent: ฿750 is left for 27 days."
    ]
    assert "Ben" not in said_by_pixie()[0]


def test_a_long_list_is_cut_short(nok, weekly, clock):
    for number in range(30):
        add_entry(weekly, f"Thing {number:02}", by=by(nok))
    clock("2026-03-04 08:00")
    tasks.sum_up()
    assert said_by_pixie()[0].endswith("Thing 04, Thing 05 and 24 more.")


def test_over_the_budget_is_said_plainly(nok, milk, clock):
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(100))
    purchase_entry(milk, by=by(nok), price=Decimal(145))
    clock("2026-03-05 08:00")
    tasks.sum_up()
    assert said_by_pixie()[0].endswith("March is ฿45 over its budget.")


def test_without_news_nothing_is_said(nok, weekly, clock):
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(100))
    clock("2026-03-04 08:00")
    assert tasks.sum_up() == 0
    add_entry(weekly, "Eggs", by=by(nok))
    assert tasks.sum_up() == 0  # the morning was looked at
    assert said_by_pixie() == []


def test_in_the_language_of_the_home(nok, eight):
    Home.objects.update(locale="th")
    tasks.sum_up()
    with translation.override("th"):
        assert summary.compose(nok.home) == said_by_pixie()[0]


def test_by_the_clock_of_each_home(nok, eight, pixie):
    far = found_home(person("Far"), "Far away")
    Home.objects.filter(pk=far.home_id).update(timezone="America/New_York")
    add_entry(create_list(by=by(far)), "Eggs", by=by(far))
    assert tasks.sum_up() == 1
    assert Message.objects.get(author_agent__isnull=False).home == nok.home


def test_too_late_it_is_no_morning_any_more(eight, clock):
    clock("2026-03-04 12:00")
    assert tasks.sum_up() == 0


def test_the_home_chooses_its_hour_or_none(nok, ben, eight, clock, events):
    choose_summary(None, by=by(ben))
    assert tasks.sum_up() == 0
    choose_summary(6, by=by(nok))
    choose_summary(6, by=by(nok))
    assert events(nok.home) == ["summary_chosen", "summary_chosen"]
    clock("2026-03-05 06:10")
    assert tasks.sum_up() == 1


def test_nobody_is_awake_to_say_it(eight):
    Agent.objects.update(is_active=False)
    assert tasks.sum_up() == 0


# Once, whatever crashes


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_say_it_once(nok, eight):
    told = at_once(*[partial(tell_summary, nok.home_id, timezone.now())] * 4)
    assert sum(message is not None for message in told) == len(said_by_pixie()) == 1


def test_a_worker_may_die_at_any_line_and_it_is_said_once(nok, eight):
    files = {summary.__file__, summaries.__file__}
    for number in range(1, 500):
        count = 0

        def lines(_frame, event, _argument, number=number):
            nonlocal count
            if event == "line":
                count += 1
                if count == number:
                    raise Died
            return lines

        traced = sys.gettrace()
        sys.settrace(lambda frame, _event, _argument: lines if frame.f_code.co_filename in files else None)
        try:
            with timezone.override("UTC"), translation.override("en"):
                tasks.sum_up()
        except Died:
            pass
        finally:
            sys.settrace(traced)
        if said_by_pixie():
            break
        assert not DailyPosition.objects.filter(summed_up_on__isnull=False).exists()
    assert number > 20
    assert tasks.sum_up() == 0
    assert len(said_by_pixie()) == 1


def test_one_home_that_fails_does_not_hold_up_the_next(nok, mai, eight, monkeypatch):
    add_entry(create_list(by=by(mai)), "Eggs", by=by(mai))
    compose = summary.compose

    def fails(home):
        if home == nok.home:
            raise RuntimeError("the disk is full")
        return compose(home)

    monkeypatch.setattr(summaries, "compose", fails)
    assert tasks.sum_up() == 1
    assert Message.objects.get(author_agent__isnull=False).home == mai.home


def test_more_rows_cost_no_more_queries(nok, weekly, clock):
    add_entry(weekly, "Eggs", by=by(nok))
    with_one = queries_of(lambda: summary.compose(nok.home))
    for number in range(30):
        add_entry(weekly, f"Thing {number}", by=by(nok))
    ListEntry.objects.filter(item__name__contains="1").update(state="purchased", purchased_at=timezone.now())
    assert queries_of(lambda: summary.compose(nok.home)) <= with_one


# Told and chosen


def test_devices_are_told_unless_one_wants_it_otherwise(nok, ben, eight):
    tasks.sum_up()
    event = Event.objects.get(type="summary_told")
    notice = summed_up(event, ben)
    assert (notice.title, notice.body) == ("Apartment 42", "2 things to get on Weekly shop: Milk and Eggs.")
    Message.objects.filter(author_agent__isnull=False).update(deleted_at=timezone.now())
    assert summed_up(event, ben) is None


def test_its_hour_is_chosen_on_the_page(ben, sign_in):
    url, page = reverse("pixie:summary", args=[ben.home_id]), reverse("pixie:scheduled", args=[ben.home_id])
    client = sign_in(ben)
    assert '<option value="8" selected>08:00</option>' in client.get(page).text
    assert "It is said each morning." in client.post(url, {"hour": "6"}, follow=True).text
    assert SummaryChoice.objects.get().hour == 6
    assert '<option value="never" selected>Never</option>' in client.post(url, {"hour": "never"}, follow=True).text
    assert "Choose an hour, or never." in client.post(url, {"hour": "99"}, follow=True).text
    assert SummaryChoice.objects.get().hour is None


def test_its_hour_is_chosen_over_the_api(nok):
    me = Program(nok)
    assert me.get("summary").json() == {"hour": 8}
    assert me.patch("summary", {"hour": 22}).json() == {"hour": 22}
    assert me.patch("summary", {"hour": None}).json() == {"hour": None}
    for wrong in (24, -1, "7", 7.5):
        assert me.patch("summary", {"hour": wrong}).status_code == 400
    assert me.get("summary").json() == {"hour": None}


def test_what_was_said_in_the_night_is_no_answer_to_it(nok, general, eight):
    """It is no run: nobody asked for it."""
    send_message(general, "Good night", by=by(nok))
    tasks.sum_up()
    assert Message.objects.get(author_agent__isnull=False).metadata == {"intent": "summary"}


def test_it_is_told_to_whoever_asks(nok, milk, eggs, tell):
    assert tell("sum up the day").body == "2 things to get on Weekly shop: Milk and Eggs."


def test_when_all_is_quiet_that_is_said(nok, tell):
    assert tell("brief me").body == "All is quiet: nothing is to get, and nothing was bought yesterday."
