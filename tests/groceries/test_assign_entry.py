"""Who gets an item of a list."""

from uuid import uuid4

import pytest

from groceries.actions import (
    add_entry,
    assign_entry,
    change_entry,
    change_list_state,
    create_list,
    merge_change,
    merge_items,
    purchase_entry,
    put_back_entry,
    start_next_list,
)
from groceries.models import ListEntry
from groceries.notifications import assigned_notice
from homes.actions import remove_member
from homes.events.models import Event
from homes.events.undo import undo_event
from pantry.errors import ActionError, StaleVersion
from tests.api.client import ApiClient
from tests.counting import queries_of
from tests.factories import by, names
from tests.groceries.offline_merge import ago


def assigned(member):
    return names(ListEntry.objects.filter(home=member.home, assigned_to=member.user))


def assignment(home):
    return Event.objects.filter(home=home, type="list_item_assigned").latest("seq")


def test_entry_is_assigned_once(nok, ben, milk, events):
    for _time in range(2):
        assign_entry(milk, ben.user, by=by(nok))
    assert events(nok.home) == ["list_item_assigned"]
    assert assigned(ben) == ["Milk"]
    assert assign_entry(milk, None, by=by(nok)).assigned_to is None


def test_stranger_gets_nothing(nok, mai, milk):
    with pytest.raises(ActionError):
        assign_entry(milk, mai.user, by=by(nok))
    with pytest.raises(StaleVersion):
        assign_entry(milk, nok.user, by=by(nok), version=77)
    assert assigned(mai) == []


def test_assignment_lasts_until_the_entry_is_bought_and_on_the_next_list(nok, ben, weekly, milk, eggs):
    assign_entry(milk, ben.user, by=by(nok))
    put_back_entry(purchase_entry(milk, by=by(nok)), by=by(nok))
    start_next_list(change_list_state(weekly, "completed", by=by(nok)), by=by(nok))
    assert assigned(ben) == ["Milk"]


def test_merged_entry_is_for_who_gets_one_of_them(nok, ben, weekly, milk, eggs):
    assign_entry(milk, ben.user, by=by(nok))
    oat, _new = add_entry(weekly, "Oat milk", by=by(nok), unit="liter")
    merge_items(milk.item, oat.item, by=by(nok))
    oat.refresh_from_db()
    assert oat.assigned_to == ben.user
    assign_entry(oat, nok.user, by=by(nok))
    soy, _new = add_entry(weekly, "Soy milk", by=by(nok), unit="liter")
    assign_entry(soy, ben.user, by=by(nok))
    assert change_entry(soy, by=by(nok), name="Oat milk").assigned_to == nok.user


def test_undoing_an_assignment_needs_it_unchanged(nok, ben, milk):
    assign_entry(milk, ben.user, by=by(nok))
    first = assignment(nok.home)
    assign_entry(milk, nok.user, by=by(nok))
    with pytest.raises(ActionError):
        undo_event(first, by=by(nok))
    undo_event(assignment(nok.home), by=by(nok))
    assert assigned(ben) == ["Milk"]


def test_what_a_leaving_member_was_to_get_is_for_anybody(nok, ben, milk, eggs):
    for entry in (milk, eggs):
        assign_entry(entry, ben.user, by=by(nok))
    purchase_entry(eggs, by=by(nok))
    remove_member(ben, by=by(nok))
    milk.refresh_from_db()
    assert milk.assigned_to is None
    with pytest.raises(ActionError):
        undo_event(assignment(nok.home), by=by(nok))


def test_later_assignment_wins_offline(nok, ben, ploy, milk):
    seen = milk.version
    assign_entry(milk, ben.user, by=by(ben))
    result = merge_change(milk.pk, by=ago(nok, 5), seen=seen, assigned_to=nok.user, note="oat")
    assert (result.lost, result.message) == (("assigned_to",), "Ben changed who gets Milk after you.")
    milk.refresh_from_db()
    assert (milk.assigned_to, milk.note) == (ben.user, "oat")


# Notifications


def test_only_who_gets_it_is_notified_while_it_is_to_get(nok, ben, ploy, milk, eggs):
    for entry in (eggs, milk):
        assign_entry(entry, ben.user, by=by(nok))
    event = assignment(nok.home)
    notice = assigned_notice(event, ben)
    assert (notice.title, notice.body) == ("Nok asks you to get Milk", "2 things on “Weekly shop” are for you to get.")
    assert notice.url == f"/h/{nok.home_id}/lists/{milk.list_id}/?for=me"
    assert assigned_notice(event, ploy) is None
    purchase_entry(milk, by=by(nok))
    assert assigned_notice(event, ben) is None


# Pages


def test_edit_page_assigns_and_the_row_has_the_face(nok, ben, weekly, milk, eggs, sign_in):
    client, url = sign_in(nok), f"/h/{nok.home_id}/lists/{weekly.pk}/"
    page = client.get(f"{url}{milk.pk}/edit").text
    assert "Who gets it?" in page and "Nobody in particular" in page
    fields = {"name": "Milk", "quantity": "1", "unit": "liter", "category": milk.item.category_id}
    client.post(f"{url}{milk.pk}/edit", {**fields, "assigned_to": str(ben.user_id)})
    assert assigned(ben) == ["Milk"]
    page = client.get(url).text
    assert page.count('aria-label="Ben gets it"') == 1
    assert f'href="{url}?for={ben.user_id}"' in page
    page = client.get(f"{url}?for=me").text
    assert f'id="e-{milk.pk}"' not in page and "There is nothing to get here." in page
    client.post(f"{url}{milk.pk}/edit", {**fields, "assigned_to": ""})
    assert assigned(ben) == []
    assert client.post(f"{url}{milk.pk}/edit", {**fields, "assigned_to": str(uuid4())}).status_code == 422


def test_filter_stays_after_a_change(nok, ben, weekly, milk, eggs, rice, sign_in):
    for entry in (milk, rice):
        assign_entry(entry, ben.user, by=by(nok))
    client, url = sign_in(ben), f"/h/{nok.home_id}/lists/{weekly.pk}/"
    page = client.get(f"{url}?for=me").text
    assert f'id="e-{milk.pk}"' in page and f'id="e-{eggs.pk}"' not in page
    assert f'hx-get="{url}?for={ben.user_id}"' in page
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{url}?for=me"}
    page = client.post(f"{url}{rice.pk}/more", headers=headers).text
    assert f'id="e-{rice.pk}"' in page and f'id="e-{eggs.pk}"' not in page
    assert f'id="e-{eggs.pk}"' in client.get(f"{url}?for=nonsense").text


def test_assigned_entries_cost_no_queries(nok, ben, weekly, sign_in):
    client, url = sign_in(nok), f"/h/{nok.home_id}/lists/{weekly.pk}/"
    entries = [add_entry(weekly, f"Spice {number}", by=by(nok))[0] for number in range(9)]
    count = queries_of(lambda: client.get(url))
    for entry in entries:
        assign_entry(entry, ben.user, by=by(nok))
    assert queries_of(lambda: client.get(url)) == count


# The API


def test_api_assigns_to_members_only(nok, ben, mai, weekly, milk):
    client, url = ApiClient(nok), f"lists/{weekly.pk}/items/{milk.pk}"
    assert client.patch(url, {"assigned_to": str(ben.user_id), "note": "oat"}).json()["assigned_to"] == str(ben.user_id)
    assert client.patch(url, {"assigned_to": str(mai.user_id)}).status_code == 404
    assert client.patch(url, {"assigned_to": None, "version": 1}).status_code == 409
    assert client.patch(url, {"assigned_to": None}).json()["assigned_to"] is None


def test_offline_command_assigns_to_members_only(nok, ben, mai, milk):
    def send(user_id):
        intent = {"op_id": str(uuid4()), "kind": "change_entry", "meant_at": "2026-03-14T10:12:00Z", "seen": None}
        intent["data"] = {"entry": str(milk.pk), "assigned_to": user_id}
        body = {"now": "2026-03-14T10:12:00Z", "intents": [intent]}
        return ApiClient(nok).post("intents", body).json()["results"][0]["outcome"]

    assert send(str(ben.user_id)) == "done"
    assert assigned(ben) == ["Milk"]
    assert send(str(mai.user_id)) == "refused"
    assert send("") == "done"
    assert assigned(ben) == []


def test_list_of_another_home_keeps_its_assignments(nok, mai):
    theirs, _new = add_entry(create_list("Mine", by=by(mai)), "Tea", by=by(mai))
    url = f"lists/{theirs.list_id}/items/{theirs.pk}"
    assert ApiClient(nok).patch(url, {"assigned_to": str(nok.user_id)}).status_code == 404
