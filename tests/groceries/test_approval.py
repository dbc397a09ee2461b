"""Who approved a list and when, what was added after it, and the question to the others."""

import pytest

from groceries.actions import (
    add_entry,
    change_entry,
    change_list_state,
    create_list,
    put_back_entry,
    remove_entry,
    set_entry_states,
)
from groceries.models import ListEntry, ListState
from groceries.notifications import list_ready_notice
from homes.events.models import Event
from homes.events.undo import undo_event
from tests.factories import by

pytestmark = pytest.mark.both_databases


@pytest.fixture
def approved(ben, weekly, milk):
    """The list with milk, which Ben has approved."""
    return change_list_state(weekly, "approved", by=by(ben))


def late(grocery_list):
    entries = ListEntry.objects.filter(list=grocery_list).select_related("list", "item")
    return sorted(entry.item.name for entry in entries if entry.is_late)


def test_approval_says_who_and_when(ben, approved):
    assert (approved.approved_by, approved.approved_at is not None) == (ben.user, True)


def test_second_approval_changes_nothing(nok, ben, approved, events):
    assert change_list_state(approved, "approved", by=by(nok)).approved_by == ben.user
    assert events(nok.home) == []


def test_completed_list_is_reopened_with_its_approval(nok, ben, approved):
    done = change_list_state(approved, "completed", by=by(nok))
    reopened = change_list_state(done, "approved", by=by(nok))
    assert (reopened.state, reopened.approved_by, reopened.completed_at) == (ListState.APPROVED, ben.user, None)


def test_draft_has_no_approval(nok, approved):
    draft = change_list_state(approved, "draft", by=by(nok))
    assert (draft.approved_by, draft.approved_at) == (None, None)


def test_undoing_a_withdrawal_restores_who_approved(nok, ben, approved):
    approved_at = approved.approved_at
    change_list_state(approved, "draft", by=by(nok))
    undo_event(Event.objects.filter(home=nok.home).latest("seq"), by=by(nok))
    approved.refresh_from_db()
    assert (approved.state, approved.approved_by, approved.approved_at) == ("approved", ben.user, approved_at)


def test_entries_added_moved_or_put_back_after_the_approval_are_late(nok, weekly, milk, eggs, ben):
    remove_entry(eggs, by=by(nok))
    party = create_list("Party", by=by(nok))
    crisps, _new = add_entry(party, "Crisps", by=by(nok))
    approved = change_list_state(weekly, "approved", by=by(ben))
    add_entry(approved, "Tea", by=by(nok))
    change_entry(crisps, by=by(nok), list=approved)
    put_back_entry(eggs, by=by(nok))
    set_entry_states([milk], "removed", by=by(nok))
    put_back_entry(milk, by=by(nok))
    assert late(weekly) == ["Crisps", "Eggs", "Tea"]


def test_undoing_a_move_is_not_late(nok, ben, approved, milk):
    change_entry(milk, by=by(nok), list=create_list("Party", by=by(nok)))
    undo_event(Event.objects.filter(home=nok.home, type="list_item_updated").latest("seq"), by=by(nok))
    assert approved.entries.get() == milk
    assert late(approved) == []


def test_page_shows_the_approval_and_marks_what_came_after(nok, approved, sign_in):
    client, url = sign_in(nok), f"/h/{nok.home_id}/lists/{approved.pk}/"
    page = client.get(url).text
    assert "Approved by Ben" in page
    assert "Added after approval" not in page
    add_entry(approved, "Tea", by=by(nok))
    page = client.get(url).text
    assert page.count("Added after approval") == 1
    assert "1 added since" in page


def test_reopening_an_approved_list_says_what_it_drops(nok, approved, sign_in):
    client, url = sign_in(nok), f"/h/{nok.home_id}/lists/{approved.pk}/"
    assert "Withdraw approval" in client.get(url).text
    page = client.post(f"{url}state", {"state": "draft"}, follow=True).text
    assert "The list is a draft again, no longer approved." in page


def test_api_has_the_approval(nok, ben, approved, sign_in):
    payload = sign_in(nok).get(f"/api/homes/{nok.home_id}/lists/{approved.pk}").json()
    assert payload["approved_by"] == str(ben.user_id)
    assert payload["items"][0]["listed_at"] < payload["approved_at"]


def test_notice_asks_the_others_and_can_be_answered(nok, approved):
    event = Event.objects.filter(home=nok.home, type="list_state_changed").latest("seq")
    notice = list_ready_notice(event, nok)
    assert notice.body == "1 thing to get. Is anything missing?"
    assert [answer.label for answer in notice.answers] == ["Add something", "Go shopping"]
    for answer in notice.answers:
        assert answer.url.startswith(f"/h/{nok.home_id}/lists/{approved.pk}/")
