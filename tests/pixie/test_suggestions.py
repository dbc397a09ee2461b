"""What is suggested: why, how often, what becomes of it; once, and for nobody in particular."""

import sys
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from groceries.actions import add_entry, pause_recurring, purchase_entry, set_recurring
from groceries.models import Category, GroceryList, Item, ListEntry, RecurringItem
from homes.actions import update_home
from homes.events.models import Event
from homes.events.undo import undo_event
from pantry.errors import ActionError
from pixie import tasks
from pixie.actions import dismiss_suggestion, reopen_suggestion, suggest, suggestions, take_suggestion
from pixie.models import DailyPosition, Suggestion, SuggestionState
from pixie.suggestions import candidates
from tests.api.client import Program
from tests.cast import at_once, by
from tests.counting import queries_of
from tests.pixie.test_mailbox import Died

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def morning(clock, monkeypatch):
    """What is suggested is suggested by this clock, too."""
    made = Suggestion._meta.get_field("created_at")
    assert made._get_default() is not None  # kept on the field from now on
    monkeypatch.setitem(made.__dict__, "_get_default", lambda: timezone.now())
    clock("2026-03-30 08:00")


@pytest.fixture
def bought(nok, weekly):
    """`bought("Milk")`: regularly, the last time seven days ago."""

    def buy(name, days_ago=(25, 19, 13, 7), price=None):
        for days in days_ago:
            entry, _new = add_entry(weekly, name, by=by(nok))
            purchase_entry(entry, by=by(nok), price=price)
            at = nok.home.now() - timedelta(days=days)
            ListEntry.objects.filter(pk=entry.pk).update(purchased_at=at)
            Item.objects.filter(pk=entry.item_id).update(last_purchased_at=at)
        return Item.objects.get(pk=entry.item_id)

    return buy


@pytest.fixture
def milk_again(nok, bought):
    bought("Milk")
    (made,) = suggest(nok.home_id, timezone.now())
    return made


def shown(home):
    return [each.title for each in Suggestion.objects.filter(home=home).standing().order_by("created_at")]


# What, and why


def test_what_is_due_by_its_rhythm(milk_again):
    assert (milk_again.kind, milk_again.title) == ("restock", "Milk")
    assert milk_again.why == "You bought Milk every 6 days; the last was 7 days ago."


def test_the_days_go_on(milk_again, clock):
    clock("2026-04-01 08:00")
    assert milk_again.why.endswith("the last was 9 days ago.")


def test_it_is_said_in_the_language_of_who_reads(milk_again):
    with translation.override("th"):
        assert "6" in milk_again.why


@pytest.mark.parametrize("days_ago", [(23, 17, 11, 5), (80, 74, 68, 62)])
def test_what_is_not_due_yet_and_what_nobody_buys_any_more_is_left_alone(nok, bought, days_ago):
    bought("Milk", days_ago)
    assert suggest(nok.home_id, timezone.now()) == []


def test_what_is_on_the_list_needs_no_suggestion(nok, bought, weekly):
    item = bought("Milk")
    add_entry(weekly, item, by=by(nok))
    assert suggest(nok.home_id, timezone.now()) == []


def test_what_comes_back_by_tomorrow(nok, weekly):
    set_recurring("Coffee", "weekly", by=by(nok), rrule="FREQ=DAILY")
    set_recurring("Rice", "monthly", by=by(nok))
    (made,) = suggest(nok.home_id, timezone.now())
    assert (made.kind, made.title) == ("due", "Coffee")
    assert made.why == "It comes back by itself tomorrow. Whoever shops today can take it along."


def test_what_comes_back_by_itself_is_not_found_by_its_rhythm_too(nok, bought):
    set_recurring(bought("Milk"), "weekly", by=by(nok))
    assert suggest(nok.home_id, timezone.now()) == []
    pause_recurring(RecurringItem.objects.get(), by=by(nok))
    DailyPosition.objects.update(suggested_on=None)
    assert [each.kind for each in suggest(nok.home_id, timezone.now())] == ["restock"]


def test_a_month_over_its_budget_is_told_once(nok, milk, clock):
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(100))
    purchase_entry(milk, by=by(nok), price=Decimal(145))
    (made,) = suggest(nok.home_id, timezone.now())
    assert (made.kind, made.why) == ("budget", "It is ฿45 over, with some of the month to come.")
    dismiss_suggestion(made, by=by(nok))
    clock("2026-03-31 08:00")
    assert suggest(nok.home_id, timezone.now()) == []


def test_what_is_over_is_withdrawn(nok, milk, clock, events):
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(100))
    purchase_entry(milk, by=by(nok), price=Decimal(145))
    suggest(nok.home_id, timezone.now())
    clock("2026-04-01 08:00")
    suggest(nok.home_id, timezone.now())
    assert events(nok.home)[-1] == "suggestion_withdrawn"
    assert shown(nok.home) == []


def test_nobody_is_named(nok, ben, milk_again):
    assert not any(name in milk_again.why + milk_again.title for name in ("Nok", "Ben"))


# How often, and when


def test_a_few_at_most_the_most_overdue_first(nok, bought):
    for number in range(6):
        bought(f"Thing {number}", (25 + number, 19 + number, 13 + number, 7 + number))
    suggest(nok.home_id, timezone.now())
    assert sorted(shown(nok.home)) == ["Thing 3", "Thing 4", "Thing 5"]


def test_once_a_day_and_not_in_the_night(nok, bought, clock):
    bought("Milk")
    clock("2026-03-30 06:59")
    assert tasks.suggest() == 0
    clock("2026-03-30 22:00")
    assert tasks.suggest() == 0
    clock("2026-03-31 07:00")
    assert [tasks.suggest(), tasks.suggest()] == [1, 0]


def test_open_ones_leave_no_room_for_more(nok, bought, clock):
    for number in range(5):
        bought(f"Thing {number}")
    suggest(nok.home_id, timezone.now())
    clock("2026-03-31 08:00")
    assert suggest(nok.home_id, timezone.now()) == []
    assert len(shown(nok.home)) == 3


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_suggest_it_once(nok, bought):
    bought("Milk")
    at_once(*[partial(suggest, nok.home_id, timezone.now())] * 4)
    assert Suggestion.objects.count() == 1


def test_a_worker_may_die_at_any_line(nok, bought):
    bought("Milk")
    files = {candidates.__file__, suggestions.__file__}
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
            tasks.suggest()
        except Died:
            pass
        finally:
            sys.settrace(traced)
        if Suggestion.objects.exists():
            break
        assert not DailyPosition.objects.filter(suggested_on__isnull=False).exists()
    assert number > 40
    assert (tasks.suggest(), Suggestion.objects.count()) == (0, 1)


def test_a_home_that_fails_does_not_hold_up_the_next(nok, mai, bought, monkeypatch):
    bought("Milk")

    def fails(home):
        if home == mai.home:
            raise RuntimeError("the disk is full")
        return []

    monkeypatch.setattr(candidates, "SOURCES", [*candidates.SOURCES, fails])
    assert tasks.suggest() == 1


# Conflict


def test_taking_puts_it_on_the_list_as_who_takes_it_once(nok, ben, milk_again, weekly, events):
    for who in (ben, nok):
        take_suggestion(milk_again, by=by(who))
    entry = weekly.entries.pending().get()
    assert (entry.item.name, entry.added_by) == ("Milk", ben.user)
    assert events(nok.home) == ["list_item_added", "suggestion_taken"]
    milk_again.refresh_from_db()
    assert (milk_again.state, milk_again.decided_by) == (SuggestionState.TAKEN, ben.user)


def test_what_comes_back_comes_in_its_amount(nok, weekly):
    set_recurring("Coffee", "weekly", by=by(nok), rrule="FREQ=DAILY", quantity=Decimal(500), unit="g")
    (made,) = suggest(nok.home_id, timezone.now())
    take_suggestion(made, by=by(nok))
    assert str(weekly.entries.pending().get()) == "Coffee (500 g)"


def test_a_home_without_a_list_gets_one(nok, milk_again):
    GroceryList.objects.update(archived_at=timezone.now())
    take_suggestion(milk_again, by=by(nok))
    assert GroceryList.objects.get(archived_at=None).entries.pending().count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_tap_at_once_add_it_once(nok, ben, milk_again, weekly):
    at_once(partial(take_suggestion, milk_again, by=by(nok)), partial(take_suggestion, milk_again, by=by(ben)))
    assert str(weekly.entries.pending().get()) == "Milk (1 piece)"


def test_what_somebody_put_on_the_list_meanwhile_is_not_doubled(nok, milk_again, weekly):
    add_entry(weekly, milk_again.item, by=by(nok))
    assert shown(nok.home) == []
    take_suggestion(milk_again, by=by(nok))
    assert str(weekly.entries.pending().get()) == "Milk (1 piece)"


def test_bought_meanwhile_it_is_gone(nok, milk_again, weekly, clock):
    clock("2026-03-30 18:00")
    entry, _new = add_entry(weekly, milk_again.item, by=by(nok))
    purchase_entry(entry, by=by(nok))
    assert shown(nok.home) == []


# Dismissed


def test_a_no_is_learned_from(nok, ben, milk_again, bought, clock):
    """Each time it comes back later, and after four times never."""
    seen = []
    dismiss_suggestion(milk_again, by=by(ben))
    for day in range(1, 200):
        clock(f"{date(2026, 3, 30) + timedelta(days=day)} 08:00")
        Item.objects.update(last_purchased_at=None)
        bought_again = nok.home.now() - timedelta(days=7)
        newest = ListEntry.objects.order_by("-purchased_at")
        for number, entry in enumerate(newest):
            ListEntry.objects.filter(pk=entry.pk).update(purchased_at=bought_again - timedelta(days=6 * number))
        for made in suggest(nok.home_id, timezone.now()):
            seen.append(day)
            dismiss_suggestion(made, by=by(ben))
    assert seen == [7, 21, 49]


def test_after_a_yes_the_noes_are_forgotten(nok, milk_again, clock):
    for state in (SuggestionState.DISMISSED, SuggestionState.DISMISSED, SuggestionState.TAKEN):
        past = timezone.now() - timedelta(days=60)
        of_milk = {"kind": "restock", "subject": milk_again.subject, "item": milk_again.item}
        Suggestion.objects.create(home=nok.home, state=state, decided_at=past, **of_milk)
    dismiss_suggestion(milk_again, by=by(nok))
    welcome = candidates.Welcome(nok.home, timezone.now() + timedelta(days=7))
    assert welcome.has(candidates.Candidate("restock", milk_again.subject, 1.0))
    welcome = candidates.Welcome(nok.home, timezone.now() + timedelta(days=6))
    assert not welcome.has(candidates.Candidate("restock", milk_again.subject, 1.0))


def test_a_no_by_mistake_is_taken_back(nok, ben, milk_again):
    dismiss_suggestion(milk_again, by=by(nok))
    assert shown(nok.home) == []
    with pytest.raises(ActionError, match="is over"):
        take_suggestion(milk_again, by=by(nok))
    undo_event(Event.objects.get(type="suggestion_dismissed"), by=by(ben))
    assert shown(nok.home) == ["Milk"]
    reopen_suggestion(milk_again, by=by(ben))
    assert shown(nok.home) == ["Milk"]


# Pages and programs


def test_today_shows_it_and_one_tap_takes_it(nok, ben, milk_again, weekly, sign_in):
    client, url = sign_in(ben), reverse("pixie:today", args=[nok.home_id])
    page = client.get(url).text
    assert "You bought Milk every 6 days; the last was 7 days ago." in page
    take = reverse("pixie:take_suggestion", args=[nok.home_id, milk_again.pk])
    assert f'action="{take}"' in page
    after = client.post(take, follow=True).text
    assert "Milk is on the list." in after
    assert 'id="suggestions"' not in after


def test_today_dismisses_it_and_takes_that_back(nok, milk_again, sign_in):
    client = sign_in(nok)
    page = client.post(reverse("pixie:dismiss_suggestion", args=[nok.home_id, milk_again.pk]), follow=True).text
    back = reverse("pixie:reopen_suggestion", args=[nok.home_id, milk_again.pk])
    assert "It will be a while" in page
    assert f'action="{back}"' in page
    assert "You bought Milk" in client.post(back, follow=True).text


def test_too_late_a_tap_is_told_so(nok, milk_again, sign_in):
    dismiss_suggestion(milk_again, by=by(nok))
    answer = sign_in(nok).post(reverse("pixie:take_suggestion", args=[nok.home_id, milk_again.pk]), follow=True)
    assert "This suggestion is over." in answer.text


def test_of_the_budget_one_looks_at_the_money(nok, milk, sign_in):
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(100))
    purchase_entry(milk, by=by(nok), price=Decimal(145))
    (made,) = suggest(nok.home_id, timezone.now())
    answer = sign_in(nok).post(reverse("pixie:take_suggestion", args=[nok.home_id, made.pk]))
    assert answer.url == reverse("groceries:money", args=[nok.home_id])


def test_what_is_suggested_is_not_shown_as_due_a_second_time(nok, weekly, sign_in):
    set_recurring("Coffee", "weekly", by=by(nok), rrule="FREQ=DAILY")
    url = reverse("pixie:today", args=[nok.home_id])
    assert 'id="due"' in sign_in(nok).get(url).text
    suggest(nok.home_id, timezone.now())
    assert 'id="due"' not in sign_in(nok).get(url).text


def test_over_the_api(nok, mai, milk_again, weekly):
    me, path = Program(nok), f"suggestions/{milk_again.pk}"
    (row,) = me.get("suggestions").json()["results"]
    assert (row["kind"], row["title"], row["state"]) == ("restock", "Milk", "open")
    assert row["why"] == "You bought Milk every 6 days; the last was 7 days ago."
    assert me.post(f"{path}/dismiss").json()["state"] == "dismissed"
    assert me.post(f"{path}/take").status_code == 400
    assert me.post(f"{path}/reopen").json()["state"] == "open"
    assert me.post(f"{path}/take").json()["state"] == "taken"
    assert [str(entry.item) for entry in weekly.entries.pending()] == ["Milk"]
    assert Program(mai).post(f"suggestions/{milk_again.pk}/take").status_code == 404


def fill(home, names):
    aisle = Category.objects.filter(home=home).first()
    items = Item.objects.bulk_create(
        Item(home=home, name=name, normalized_name=name.casefold(), category=aisle) for name in names
    )
    on = GroceryList.objects.get(home=home)
    ListEntry.objects.bulk_create(
        ListEntry(home=home, list=on, item=item, state="purchased", purchased_at=home.now() - timedelta(days=days))
        for item in items
        for days in (25, 19, 13, 7)
    )


def test_a_thousand_rows_cost_no_more_queries_than_ten(nok, weekly, sign_in):
    """To find candidates, to make the day's suggestions, and to show them."""
    home, client, url = nok.home, sign_in(nok), reverse("pixie:today", args=[nok.home_id])

    def day():
        Suggestion.objects.all().delete()
        DailyPosition.objects.update(suggested_on=None)
        return [
            queries_of(lambda: candidates.candidates(home, timezone.now())),
            queries_of(lambda: suggest(home.pk, timezone.now())),
            queries_of(lambda: client.get(url)),
        ]

    fill(home, [f"Thing {number}" for number in range(10)])
    suggest(home.pk, timezone.now())
    client.get(url)
    with_ten = day()
    fill(home, [f"Stuff {number}" for number in range(990)])
    assert day() == with_ten
    assert len(candidates.candidates(home, timezone.now())) == 997
