"""The history of a list, the list as it was, and bringing back what is gone of it."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from groceries.actions import (
    add_entry,
    bring_back,
    change_entry,
    change_list_state,
    create_list,
    delete_list,
    merge_items,
    move_entries,
    purchase_entry,
    remove_entry,
    remove_item,
    start_shopping,
    update_item,
)
from groceries.history import events_of, list_as_it_was
from groceries.models import ListEntry
from homes.activity import describe
from homes.events.models import Event
from homes.events.undo import undo_event, undo_operation
from pantry.errors import ActionError
from tests.counting import queries_of
from tests.factories import by

pytestmark = pytest.mark.both_databases


@pytest.fixture
def client(nok, sign_in):
    return sign_in(nok)


@pytest.fixture
def url(nok, weekly):
    return f"/h/{nok.home_id}/lists/{weekly.pk}/"


def shown(past_list):
    return {entry.name: entry.snapshot.state for entry in past_list.entries}


def newest(home, event_type):
    return Event.objects.filter(home=home, type=event_type).latest("seq")


# What happened


def test_history_has_the_events_of_the_list_and_no_others(nok, weekly, milk):
    party = create_list("Party", by=by(nok))
    add_entry(party, "Wine", by=by(nok))
    start_shopping(weekly, by=by(nok))
    types = [event.type for event in events_of(weekly)]
    assert types == ["shopping_started", "list_item_added", "list_created"]


def test_history_has_what_moved_away_and_what_was_deleted_with_its_item(nok, weekly, milk, eggs):
    party = create_list("Party", by=by(nok))
    move_entries([milk], party, by=by(nok))
    change_entry(milk, by=by(nok), note="for the cake")
    remove_entry(eggs, by=by(nok))
    remove_item(eggs.item, by=by(nok))
    types = [event.type for event in events_of(weekly)]
    assert types == [
        "list_item_removed", "list_item_updated", "list_item_added", "list_item_added", "list_created",
    ]  # fmt: skip


def test_history_page_says_who_did_what_and_through_what(client, url, nok, ben, milk):
    purchase_entry(milk, by=by(ben, "api"), price=Decimal(45))
    page = client.get(f"{url}history").text
    assert "Ben bought Milk (1 liter) for ฿45." in page
    assert "Nok added Milk (1 liter) to “Weekly shop”." in page
    assert "API" in page
    assert page.index("Ben bought") < page.index("Nok added")


def test_history_goes_on_before_an_event(client, url, nok, weekly, milk, eggs):
    page = client.get(f"{url}history", {"before": newest(nok.home, "list_item_added").seq}).text
    assert "Milk" in page
    assert "Eggs" not in page
    assert client.get(f"{url}history", {"before": "x"}).status_code == 200


def test_history_page_costs_the_same_queries_for_more_events(client, url, nok, weekly, milk):
    few = queries_of(lambda: client.get(f"{url}history"))
    for number in range(12):
        add_entry(weekly, f"Thing {number}", by=by(nok))
    assert queries_of(lambda: client.get(f"{url}history")) == few


def test_history_of_another_home_is_not_found(nok, mai, weekly, milk, sign_in):
    theirs = create_list("Theirs", by=by(mai))
    for page in ("history", "past?before=1"):
        assert sign_in(mai).get(f"/h/{mai.home_id}/lists/{weekly.pk}/{page}").status_code == 404
        assert sign_in(nok).get(f"/h/{nok.home_id}/lists/{theirs.pk}/{page}").status_code == 404


# Undo


def test_undo_of_an_event_marks_it_as_undone(client, url, nok, milk):
    seq = newest(nok.home, "list_item_added").seq
    undo_url = f"/h/{nok.home_id}/activity/{seq}/undo"
    assert undo_url in client.get(f"{url}history").text
    response = client.post(undo_url, {"next": f"{url}history"}, follow=True)
    assert response.redirect_chain == [(f"{url}history", 302)]
    assert "Undone" in response.text
    assert undo_url not in response.text
    milk.refresh_from_db()
    assert milk.is_removed


def test_refused_undo_says_why(client, url, nok, milk):
    change_entry(milk, by=by(nok), note="oat")
    seq = newest(nok.home, "list_item_updated").seq
    change_entry(milk, by=by(nok), note="soy")
    page = client.post(f"/h/{nok.home_id}/activity/{seq}/undo", {"next": f"{url}history"}, follow=True).text
    assert "changed again since then" in page
    milk.refresh_from_db()
    assert milk.note == "soy"


def test_undo_leads_to_no_other_site(client, nok, milk):
    seq = newest(nok.home, "list_item_added").seq
    response = client.post(f"/h/{nok.home_id}/activity/{seq}/undo", {"next": "https://evil.example/"})
    assert response.url == f"/h/{nok.home_id}/activity/"


# As it was


def test_list_before_an_event_has_amounts_notes_and_purchases_of_then(nok, weekly, milk, eggs, rice):
    purchase_entry(eggs, by=by(nok), price=Decimal(60))
    change_entry(milk, by=by(nok), quantity=Decimal(3), note="oat")
    remove_entry(rice, by=by(nok))
    seq = newest(nok.home, "list_item_updated").seq
    then = list_as_it_was(weekly, before=seq)
    assert shown(then) == {"Milk": "pending", "Eggs": "purchased", "Rice": "pending"}
    [milk_then] = [entry for entry in then.pending if entry.name == "Milk"]
    assert (milk_then.quantity, milk_then.snapshot.note) == (1, "")
    assert [entry.snapshot.price_paid for entry in then.basket] == [60]
    assert [entry.name for entry in then.gone] == ["Rice"]


def test_list_at_a_moment(nok, weekly, milk):
    moment = timezone.now()
    add_entry(weekly, "Tea", by=by(nok))
    assert shown(list_as_it_was(weekly, at=moment)) == {"Milk": "pending"}
    assert list_as_it_was(weekly, at=weekly.created_at - timedelta(days=1)) is None


def test_list_as_it_was_has_what_is_on_another_list_now(nok, weekly, milk, eggs):
    party = create_list("Party", by=by(nok))
    move_entries([milk], party, by=by(nok))
    moved = newest(nok.home, "list_item_updated")
    then = list_as_it_was(weekly, before=moved.seq)
    assert [(entry.name, entry.moved_to) for entry in then.entries] == [("Milk", party), ("Eggs", None)]
    assert then.gone == []
    assert shown(list_as_it_was(weekly, at=timezone.now())) == {"Eggs": "pending"}
    assert shown(list_as_it_was(party, at=timezone.now())) == {"Milk": "pending"}


def test_list_as_it_was_names_items_as_then(nok, weekly, milk, eggs):
    update_item(milk.item, by=by(nok), name="Cow milk")
    renamed = newest(nok.home, "item_updated").seq
    merge_items(milk.item, eggs.item, by=by(nok))
    merged = newest(nok.home, "items_merged")
    assert {entry.name for entry in list_as_it_was(weekly, before=renamed).entries} == {"Milk", "Eggs"}
    assert {entry.name for entry in list_as_it_was(weekly, before=merged.seq).entries} == {"Cow milk", "Eggs"}
    assert [entry.name for entry in list_as_it_was(weekly, at=timezone.now()).entries] == ["Eggs", "Eggs"]
    undo_event(merged, by=by(nok))
    assert {entry.name for entry in list_as_it_was(weekly, at=timezone.now()).entries} == {"Cow milk", "Eggs"}


def test_deleted_list_was_there_before_and_is_again_when_restored(nok, weekly, milk):
    delete_list(weekly, by=by(nok))
    deleted = newest(nok.home, "list_deleted")
    assert shown(list_as_it_was(weekly, before=deleted.seq)) == {"Milk": "pending"}
    assert list_as_it_was(weekly, at=timezone.now()) is None
    undo_event(deleted, by=by(nok))
    assert shown(list_as_it_was(weekly, at=timezone.now())) == {"Milk": "pending"}


def test_past_page_needs_a_moment_that_makes_sense(client, url, nok, milk):
    assert client.get(f"{url}past").status_code == 200
    now = nok.home.now() + timedelta(minutes=1)
    assert "Milk" in client.get(f"{url}past", {"at": f"{now:%Y-%m-%dT%H:%M}"}).text
    assert "no such list" in client.get(f"{url}past", {"at": "2001-01-01T00:00"}).text
    for nonsense in ("yesterday", "0001-01-01T00:00", "9999-12-31T23:59"):
        assert client.get(f"{url}past", {"at": nonsense}).status_code == 422


def test_past_page_costs_the_same_queries_for_more_entries(client, url, nok, weekly, milk):
    def get():
        return client.get(f"{url}past", {"before": 10**9})

    few = queries_of(get)
    for number in range(12):
        add_entry(weekly, f"Thing {number}", by=by(nok))
    assert queries_of(get) == few


# Bringing back


def test_all_that_is_gone_comes_back_and_undo_takes_it_off_again(client, url, nok, weekly, milk, eggs, rice):
    purchase_entry(eggs, by=by(nok), price=Decimal(60))
    seq = nok.home.events.latest("seq").seq + 1
    for entry in (milk, eggs, rice):
        remove_entry(entry, by=by(nok))
    remove_item(milk.item, by=by(nok))
    before = {"op_id": str(uuid4())}
    page = client.post(f"{url}past?before={seq}", before, follow=True).text
    assert "3 items are back." in page
    rows = {entry.item.name: entry for entry in ListEntry.objects.filter(list=weekly).select_related("item")}
    assert {name: entry.state for name, entry in rows.items()} == {
        "Milk": "pending", "Eggs": "purchased", "Rice": "pending",
    }  # fmt: skip
    assert (rows["Milk"].quantity, rows["Milk"].unit, rows["Eggs"].price_paid) == (1, "liter", 60)
    undo_operation(nok.home.events.latest("seq").op_id, by=by(nok))
    assert not ListEntry.objects.filter(list=weekly).exclude(state="removed").exists()


def test_one_entry_comes_back_alone(client, url, nok, weekly, milk, eggs):
    seq = nok.home.events.latest("seq").seq + 1
    for entry in (milk, eggs):
        remove_entry(entry, by=by(nok))
    client.post(f"{url}past?before={seq}", {"op_id": str(uuid4()), "entry": str(milk.pk)})
    milk.refresh_from_db()
    eggs.refresh_from_db()
    assert (milk.is_pending, eggs.is_removed) == (True, True)


def test_bringing_back_twice_is_one(nok, weekly, milk):
    then = list_as_it_was(weekly, at=timezone.now())
    remove_entry(milk, by=by(nok))
    remove_item(milk.item, by=by(nok))
    actor = by(nok, op_id=uuid4())
    assert len(bring_back(weekly, then.entries, by=actor)) == 1
    assert bring_back(weekly, then.entries, by=actor) == []
    assert ListEntry.objects.get(list=weekly).quantity == 1


def test_nothing_comes_back_to_a_completed_list(client, url, nok, weekly, milk):
    then = list_as_it_was(weekly, at=timezone.now())
    remove_entry(milk, by=by(nok))
    change_list_state(weekly, "completed", by=by(nok))
    with pytest.raises(ActionError, match="This list is done"):
        bring_back(weekly, then.entries, by=by(nok))
    page = client.get(f"{url}past", {"before": 10**9}).text
    assert "Bring back" not in page
    assert client.post(f"{url}past?before={newest(nok.home, 'list_item_removed').seq}").status_code == 422


def test_sentences_of_the_demo_are_complete(demo_household):
    events = list(demo_household.events.select_related("actor_user", "actor_agent"))
    for happening in describe(events, demo_household):
        assert happening.sentence
        assert "%(" not in happening.sentence
        assert "None" not in happening.sentence
