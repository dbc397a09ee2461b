"""Tests of suggestions."""

import sys
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from groceries.actions import add_entry, merge_items, pause_recurring, purchase_entry, set_recurring
from groceries.models import Category, GroceryList, Item, ListEntry, RecurringItem
from homes.actions import update_home
from homes.events.models import Event
from homes.events.undo import undo_event
from pantry.errors import ActionError
from pixie import tasks
from pixie.actions import dismiss_suggestion, make_suggestions, reopen_suggestion, suggestions, take_suggestion
from pixie.models import DailyPosition, Suggestion, SuggestionState
from pixie.suggestions import candidates
from tests.api.client import ApiClient
from tests.counting import queries_of
from tests.factories import by, run_concurrently
from tests.pixie.runs import WorkerDied

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def morning(freeze_time, monkeypatch):
    """Freeze the time at 08:00, for the creation time of suggestions too."""
    created_at = Suggestion._meta.get_field("created_at")
    assert created_at._get_default() is not None  # computes the cached property that is replaced below
    monkeypatch.setitem(created_at.__dict__, "_get_default", lambda: timezone.now())
    freeze_time("2026-03-30 08:00")


@pytest.fixture
def buy(nok, weekly):
    """Buy an item regularly, most recently seven days ago: `buy("Milk")`."""

    def purchase(name, days_ago=(25, 19, 13, 7), price=None):
        for days in days_ago:
            entry, _new = add_entry(weekly, name, by=by(nok))
            purchase_entry(entry, by=by(nok), price=price)
            at = nok.home.now() - timedelta(days=days)
            ListEntry.objects.filter(pk=entry.pk).update(purchased_at=at)
            Item.objects.filter(pk=entry.item_id).update(last_purchased_at=at)
        return Item.objects.get(pk=entry.item_id)

    return purchase


@pytest.fixture
def milk_again(nok, buy):
    buy("Milk")
    (made,) = make_suggestions(nok.home_id, timezone.now())
    return made


def titles(home):
    return [
        suggestion.title for suggestion in Suggestion.objects.filter(home=home).relevant(home).order_by("created_at")
    ]


# Kinds and reasons


def test_regularly_bought_item_is_suggested_when_due(milk_again):
    assert (milk_again.kind, milk_again.title) == ("restock", "Milk")
    assert milk_again.why == "You buy Milk about every 6 days. You last bought it 7 days ago."


def test_reason_counts_the_days_until_today(milk_again, freeze_time):
    freeze_time("2026-04-01 08:00")
    assert milk_again.why.endswith("You last bought it 9 days ago.")


def test_reason_is_in_the_readers_language(milk_again):
    with translation.override("th"):
        assert "6" in milk_again.why


@pytest.mark.parametrize("days_ago", [(19, 13, 7, 1), (80, 74, 68, 62)])
def test_item_not_due_or_no_longer_bought_is_not_suggested(nok, buy, days_ago):
    buy("Milk", days_ago)
    assert make_suggestions(nok.home_id, timezone.now()) == []


def test_item_on_the_list_is_not_suggested(nok, buy, weekly):
    item = buy("Milk")
    add_entry(weekly, item, by=by(nok))
    assert make_suggestions(nok.home_id, timezone.now()) == []


def test_recurring_item_due_by_tomorrow_is_suggested(nok, weekly):
    set_recurring("Coffee", "weekly", by=by(nok), rrule="FREQ=DAILY")
    set_recurring("Rice", "monthly", by=by(nok))
    (made,) = make_suggestions(nok.home_id, timezone.now())
    assert (made.kind, made.title) == ("due", "Coffee")
    assert made.why == "It will be added automatically tomorrow, but you could get it today."


def test_recurring_item_is_not_suggested_as_a_restock(nok, buy):
    set_recurring(buy("Milk"), "weekly", by=by(nok))
    assert make_suggestions(nok.home_id, timezone.now()) == []
    pause_recurring(RecurringItem.objects.get(), by=by(nok))
    DailyPosition.objects.update(suggested_on=None)
    assert [suggestion.kind for suggestion in make_suggestions(nok.home_id, timezone.now())] == ["restock"]


def test_month_over_budget_is_suggested_once(nok, milk, freeze_time):
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(100))
    purchase_entry(milk, by=by(nok), price=Decimal(145))
    (made,) = make_suggestions(nok.home_id, timezone.now())
    assert (made.kind, made.why) == ("budget", "It is ฿45 over, and the month isn't over yet.")
    dismiss_suggestion(made, by=by(nok))
    freeze_time("2026-03-31 08:00")
    assert make_suggestions(nok.home_id, timezone.now()) == []


def test_expired_suggestion_is_withdrawn(nok, milk, freeze_time, events):
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(100))
    purchase_entry(milk, by=by(nok), price=Decimal(145))
    make_suggestions(nok.home_id, timezone.now())
    freeze_time("2026-04-01 08:00")
    make_suggestions(nok.home_id, timezone.now())
    assert events(nok.home)[-1] == "suggestion_withdrawn"
    assert titles(nok.home) == []


def test_suggestion_names_no_member(nok, ben, milk_again):
    assert not any(name in milk_again.why + milk_again.title for name in ("Nok", "Ben"))


# Frequency


def test_suggestion_of_a_merged_item_is_made_once(nok, buy, freeze_time):
    milk, oat = buy("Milk"), buy("Oat milk")
    make_suggestions(nok.home_id, timezone.now())
    assert sorted(titles(nok.home)) == ["Milk", "Oat milk"]
    merge_items(oat, milk, by=by(nok))
    assert titles(nok.home) == ["Milk"]
    freeze_time("2026-03-31 08:00")
    make_suggestions(nok.home_id, timezone.now())
    assert Suggestion.objects.filter(home=nok.home, state=SuggestionState.OPEN).count() == 1


def test_answer_about_a_merged_item_counts_for_what_it_is_part_of(nok, buy, freeze_time):
    oat = buy("Oat milk")
    (made,) = make_suggestions(nok.home_id, timezone.now())
    dismiss_suggestion(made, by=by(nok))
    milk = buy("Milk")
    merge_items(oat, milk, by=by(nok))
    freeze_time("2026-03-31 08:00")
    assert make_suggestions(nok.home_id, timezone.now()) == []


def test_at_most_three_suggestions_the_most_overdue_first(nok, buy):
    for number in range(6):
        buy(f"Thing {number}", (25 + number, 19 + number, 13 + number, 7 + number))
    make_suggestions(nok.home_id, timezone.now())
    assert sorted(titles(nok.home)) == ["Thing 3", "Thing 4", "Thing 5"]


def test_suggestions_are_made_once_per_day_in_the_daytime(nok, buy, freeze_time):
    buy("Milk")
    freeze_time("2026-03-30 06:59")
    assert tasks.suggest() == 0
    freeze_time("2026-03-30 22:00")
    assert tasks.suggest() == 0
    freeze_time("2026-03-31 07:00")
    assert [tasks.suggest(), tasks.suggest()] == [1, 0]


def test_open_suggestions_count_towards_the_limit(nok, buy, freeze_time):
    for number in range(5):
        buy(f"Thing {number}")
    make_suggestions(nok.home_id, timezone.now())
    freeze_time("2026-03-31 08:00")
    assert make_suggestions(nok.home_id, timezone.now()) == []
    assert len(titles(nok.home)) == 3


@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_suggest_an_item_once(nok, buy):
    buy("Milk")
    run_concurrently(*[partial(make_suggestions, nok.home_id, timezone.now())] * 4)
    assert Suggestion.objects.count() == 1


def test_crash_of_a_worker_at_any_line_is_repaired(nok, buy):
    buy("Milk")
    files = {candidates.__file__, suggestions.__file__}
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
            tasks.suggest()
        except WorkerDied:
            pass
        finally:
            sys.settrace(previous)
        if Suggestion.objects.exists():
            break
        assert not DailyPosition.objects.filter(suggested_on__isnull=False).exists()
    assert number > 40
    assert (tasks.suggest(), Suggestion.objects.count()) == (0, 1)


def test_failure_in_one_home_does_not_stop_the_others(nok, mai, buy, monkeypatch):
    buy("Milk")

    def fails(home):
        if home == mai.home:
            raise RuntimeError("the disk is full")
        return []

    monkeypatch.setattr(candidates, "SOURCES", [*candidates.SOURCES, fails])
    assert tasks.suggest() == 1


# Taken


def test_taking_a_suggestion_adds_its_item_once(nok, ben, milk_again, weekly, events):
    for member in (ben, nok):
        take_suggestion(milk_again, by=by(member))
    entry = weekly.entries.pending().get()
    assert (entry.item.name, entry.added_by) == ("Milk", ben.user)
    assert events(nok.home) == ["list_item_added", "suggestion_taken"]
    milk_again.refresh_from_db()
    assert (milk_again.state, milk_again.decided_by) == (SuggestionState.TAKEN, ben.user)


def test_taking_a_recurring_item_uses_its_quantity(nok, weekly):
    set_recurring("Coffee", "weekly", by=by(nok), rrule="FREQ=DAILY", quantity=Decimal(500), unit="g")
    (made,) = make_suggestions(nok.home_id, timezone.now())
    take_suggestion(made, by=by(nok))
    assert str(weekly.entries.pending().get()) == "Coffee (500 g)"


def test_taking_a_suggestion_without_a_list_creates_one(nok, milk_again):
    GroceryList.objects.update(archived_at=timezone.now())
    take_suggestion(milk_again, by=by(nok))
    assert GroceryList.objects.get(archived_at=None).entries.pending().count() == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_takes_add_the_item_once(nok, ben, milk_again, weekly):
    run_concurrently(partial(take_suggestion, milk_again, by=by(nok)), partial(take_suggestion, milk_again, by=by(ben)))
    assert str(weekly.entries.pending().get()) == "Milk (1 piece)"


def test_taking_a_suggestion_for_a_listed_item_adds_nothing(nok, milk_again, weekly):
    add_entry(weekly, milk_again.item, by=by(nok))
    assert titles(nok.home) == []
    take_suggestion(milk_again, by=by(nok))
    assert str(weekly.entries.pending().get()) == "Milk (1 piece)"


def test_suggestion_disappears_when_the_item_is_bought(nok, milk_again, weekly, freeze_time):
    freeze_time("2026-03-30 18:00")
    entry, _new = add_entry(weekly, milk_again.item, by=by(nok))
    purchase_entry(entry, by=by(nok))
    assert titles(nok.home) == []


# Dismissed


def test_dismissed_suggestion_returns_later_each_time(nok, ben, milk_again, buy, freeze_time):
    """The pause doubles; after four dismissals it never returns."""
    days = []
    dismiss_suggestion(milk_again, by=by(ben))
    for day in range(1, 200):
        freeze_time(f"{date(2026, 3, 30) + timedelta(days=day)} 08:00")
        Item.objects.update(last_purchased_at=None)
        bought_again = nok.home.now() - timedelta(days=7)
        newest = ListEntry.objects.order_by("-purchased_at")
        for number, entry in enumerate(newest):
            ListEntry.objects.filter(pk=entry.pk).update(purchased_at=bought_again - timedelta(days=6 * number))
        for made in make_suggestions(nok.home_id, timezone.now()):
            days.append(day)
            dismiss_suggestion(made, by=by(ben))
    assert days == [7, 21, 49]


def test_taking_a_suggestion_resets_earlier_dismissals(nok, milk_again, freeze_time):
    for state in (SuggestionState.DISMISSED, SuggestionState.DISMISSED, SuggestionState.TAKEN):
        past = timezone.now() - timedelta(days=60)
        milk = {"kind": "restock", "subject": milk_again.subject, "item": milk_again.item}
        Suggestion.objects.create(home=nok.home, state=state, decided_at=past, **milk)
    dismiss_suggestion(milk_again, by=by(nok))
    history = candidates.SuggestionHistory(nok.home, timezone.now() + timedelta(days=7))
    assert history.allows(candidates.Candidate("restock", milk_again.subject, 1.0))
    history = candidates.SuggestionHistory(nok.home, timezone.now() + timedelta(days=6))
    assert not history.allows(candidates.Candidate("restock", milk_again.subject, 1.0))


def test_dismissal_can_be_undone(nok, ben, milk_again):
    dismiss_suggestion(milk_again, by=by(nok))
    assert titles(nok.home) == []
    with pytest.raises(ActionError, match="no longer available"):
        take_suggestion(milk_again, by=by(nok))
    undo_event(Event.objects.get(type="suggestion_dismissed"), by=by(ben))
    assert titles(nok.home) == ["Milk"]
    reopen_suggestion(milk_again, by=by(ben))
    assert titles(nok.home) == ["Milk"]


# Pages and API


def test_today_page_shows_and_takes_a_suggestion(nok, ben, milk_again, weekly, sign_in):
    client, url = sign_in(ben), reverse("pixie:today", args=[nok.home_id])
    page = client.get(url).text
    assert "You buy Milk about every 6 days. You last bought it 7 days ago." in page
    take = reverse("pixie:take_suggestion", args=[nok.home_id, milk_again.pk])
    assert f'action="{take}"' in page
    after = client.post(take, follow=True).text
    assert "Milk is on the list." in after
    assert 'id="suggestions"' not in after


def test_today_page_dismisses_and_reopens_a_suggestion(nok, milk_again, sign_in):
    client = sign_in(nok)
    page = client.post(reverse("pixie:dismiss_suggestion", args=[nok.home_id, milk_again.pk]), follow=True).text
    back = reverse("pixie:reopen_suggestion", args=[nok.home_id, milk_again.pk])
    assert "suggested again for a while" in page
    assert f'action="{back}"' in page
    assert "You buy Milk" in client.post(back, follow=True).text


def test_taking_a_dismissed_suggestion_shows_an_error(nok, milk_again, sign_in):
    dismiss_suggestion(milk_again, by=by(nok))
    answer = sign_in(nok).post(reverse("pixie:take_suggestion", args=[nok.home_id, milk_again.pk]), follow=True)
    assert "This suggestion is no longer available." in answer.text


def test_taking_a_budget_suggestion_opens_the_money_page(nok, milk, sign_in):
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(100))
    purchase_entry(milk, by=by(nok), price=Decimal(145))
    (made,) = make_suggestions(nok.home_id, timezone.now())
    answer = sign_in(nok).post(reverse("pixie:take_suggestion", args=[nok.home_id, made.pk]))
    assert answer.url == reverse("groceries:money", args=[nok.home_id])


def test_today_page_does_not_repeat_a_suggested_item_as_due(nok, weekly, sign_in):
    set_recurring("Coffee", "weekly", by=by(nok), rrule="FREQ=DAILY")
    url = reverse("pixie:today", args=[nok.home_id])
    assert 'id="due"' in sign_in(nok).get(url).text
    make_suggestions(nok.home_id, timezone.now())
    assert 'id="due"' not in sign_in(nok).get(url).text


def test_api_takes_dismisses_and_reopens_suggestions(nok, mai, milk_again, weekly):
    me, path = ApiClient(nok), f"suggestions/{milk_again.pk}"
    (row,) = me.get("suggestions").json()["results"]
    assert (row["kind"], row["title"], row["state"]) == ("restock", "Milk", "open")
    assert row["why"] == "You buy Milk about every 6 days. You last bought it 7 days ago."
    assert me.post(f"{path}/dismiss").json()["state"] == "dismissed"
    assert me.post(f"{path}/take").status_code == 400
    assert me.post(f"{path}/reopen").json()["state"] == "open"
    assert me.post(f"{path}/take").json()["state"] == "taken"
    assert [str(entry.item) for entry in weekly.entries.pending()] == ["Milk"]
    assert ApiClient(mai).post(f"suggestions/{milk_again.pk}/take").status_code == 404


def fill(home, names):
    category = Category.objects.filter(home=home).first()
    items = Item.objects.bulk_create(
        Item(home=home, name=name, normalized_name=name.casefold(), category=category) for name in names
    )
    weekly = GroceryList.objects.get(home=home)
    ListEntry.objects.bulk_create(
        ListEntry(home=home, list=weekly, item=item, state="purchased", purchased_at=home.now() - timedelta(days=days))
        for item in items
        for days in (25, 19, 13, 7)
    )


def test_queries_do_not_grow_with_the_number_of_items(nok, weekly, sign_in):
    """Covers finding candidates, making the day's suggestions and showing them."""
    home, client, url = nok.home, sign_in(nok), reverse("pixie:today", args=[nok.home_id])

    def query_counts():
        Suggestion.objects.all().delete()
        DailyPosition.objects.update(suggested_on=None)
        return [
            queries_of(lambda: candidates.find_candidates(home, timezone.now())),
            queries_of(lambda: make_suggestions(home.pk, timezone.now())),
            queries_of(lambda: client.get(url)),
        ]

    fill(home, [f"Thing {number}" for number in range(10)])
    make_suggestions(home.pk, timezone.now())
    client.get(url)
    with_ten = query_counts()
    fill(home, [f"Stuff {number}" for number in range(990)])
    assert query_counts() == with_ten
    assert len(candidates.find_candidates(home, timezone.now())) == 997
