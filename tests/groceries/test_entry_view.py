"""Buttons of a list's rows."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client

from groceries.actions import add_entry, change_entry, change_list_state, create_list, purchase_entry, remove_entry
from groceries.models import EntryState
from tests.factories import by

HTMX = {"HX-Request": "true"}
BUTTONS = ["purchase", "put-back", "more", "less", "remove"]


@pytest.fixture
def url(nok, weekly, milk):
    return f"/h/{nok.home_id}/lists/{weekly.pk}/{milk.pk}/"


@pytest.mark.parametrize(
    ("button", "state", "event_types"),
    [
        ("purchase", ("purchased", 1), ["list_item_purchased"]),
        ("put-back", ("pending", 1), []),
        ("more", ("pending", 2), ["list_item_updated"]),
        ("less", ("pending", 1), []),
        ("remove", ("removed", 1), ["list_item_removed"]),
    ],
)
def test_button_changes_the_entry_and_records_an_event(
    url, nok, ben, weekly, milk, sign_in, events, button, state, event_types
):
    assert sign_in(ben).post(f"{url}{button}").url == f"/h/{nok.home_id}/lists/{weekly.pk}/"
    milk.refresh_from_db()
    assert (milk.state, milk.quantity) == state
    assert events(nok.home) == event_types
    assert all((event.actor_user, event.origin) == (ben.user, "browser") for event in events.of(nok.home))


def test_purchase_stores_the_buyer(url, ben, milk, sign_in):
    sign_in(ben).post(f"{url}purchase")
    milk.refresh_from_db()
    assert milk.purchased_by == ben.user


def test_purchased_entry_can_be_put_back(url, nok, milk, sign_in):
    client = sign_in(nok)
    client.post(f"{url}purchase")
    client.post(f"{url}put-back")
    milk.refresh_from_db()
    assert (milk.state, milk.purchased_by) == (EntryState.PENDING, None)


def test_removed_entry_can_be_restored_from_the_message(url, nok, milk, sign_in):
    client = sign_in(nok)
    page = client.post(f"{url}remove", follow=True).text
    assert "Milk is off the list." in page
    assert f'action="{url}put-back"' in page
    client.post(f"{url}put-back")
    milk.refresh_from_db()
    assert milk.is_pending


def test_less_at_one_step_changes_nothing(url, nok, milk, sign_in):
    client = sign_in(nok)
    change_entry(milk, by=by(nok), quantity=Decimal("1.5"))
    for _press in range(3):
        client.post(f"{url}less")
    milk.refresh_from_db()
    assert milk.quantity == 1


@pytest.mark.parametrize("button", BUTTONS)
def test_htmx_request_returns_the_current_list(url, nok, eggs, sign_in, button):
    part = sign_in(nok).post(f"{url}{button}", headers=HTMX)
    assert part.status_code == 200
    assert "<html" not in part.text
    assert "Eggs" in part.text
    nok.home.refresh_from_db()
    assert f'data-seq="{nok.home.last_seq}"' in part.text


@pytest.mark.parametrize("button", BUTTONS)
def test_posting_the_same_op_id_twice_counts_once(url, nok, milk, sign_in, events, button):
    change_entry(milk, by=by(nok), quantity=Decimal(5))
    before = len(events(nok.home))
    client, once = sign_in(nok), {"op_id": str(uuid4())}
    client.post(f"{url}{button}", once)
    after = events(nok.home)
    assert len(after) <= before + 1
    client.post(f"{url}{button}", once)
    assert events(nok.home) == after


def test_two_op_ids_are_two_steps(url, nok, milk, sign_in):
    client = sign_in(nok)
    for _press in range(2):
        client.post(f"{url}more", {"op_id": str(uuid4())})
    milk.refresh_from_db()
    assert milk.quantity == 3


@pytest.mark.parametrize("button", BUTTONS)
def test_buttons_on_a_completed_list_are_refused(url, nok, weekly, milk, sign_in, events, button):
    change_list_state(weekly, "completed", by=by(nok))
    before = events(nok.home)
    for headers in ({}, HTMX):
        page = sign_in(nok).post(f"{url}{button}", headers=headers)
        assert page.status_code == 422
        assert "This list is done." in page.text
    assert events(nok.home) == before


def test_amount_above_the_maximum_is_refused(url, nok, milk, sign_in):
    change_entry(milk, by=by(nok), quantity=Decimal(99999))
    assert sign_in(nok).post(f"{url}more").status_code == 422


@pytest.mark.parametrize("button", BUTTONS)
def test_buttons_of_a_removed_entry_still_work(url, nok, milk, sign_in, button):
    remove_entry(milk, by=by(nok))
    assert sign_in(nok).post(f"{url}{button}").status_code in (302, 422)


@pytest.mark.parametrize("button", BUTTONS)
def test_buttons_of_a_purchased_entry_still_work(url, nok, milk, sign_in, button):
    purchase_entry(milk, by=by(nok))
    assert sign_in(nok).post(f"{url}{button}").status_code in (302, 422)


@pytest.mark.parametrize("button", BUTTONS)
def test_entry_of_another_list_or_home_is_not_found(nok, mai, weekly, milk, sign_in, button):
    party = create_list("Party", by=by(nok))
    theirs, _new = add_entry(create_list("Mine", by=by(mai)), "Milk", by=by(mai))
    client, home = sign_in(nok), f"/h/{nok.home_id}"
    for grocery_list, entry in ((party, milk), (weekly, theirs), (theirs.list, theirs)):
        assert client.post(f"{home}/lists/{grocery_list.pk}/{entry.pk}/{button}").status_code == 404
    assert client.post(f"{home}/lists/{weekly.pk}/{uuid4()}/{button}").status_code == 404


@pytest.mark.parametrize("button", BUTTONS)
def test_non_member_gets_404(url, mai, milk, sign_in, button):
    assert sign_in(mai).post(f"{url}{button}").status_code == 404
    milk.refresh_from_db()
    assert (milk.state, milk.version) == ("pending", 1)


@pytest.mark.parametrize("button", BUTTONS)
def test_anonymous_user_is_asked_to_sign_in(url, milk, button):
    assert Client().post(f"{url}{button}").url.startswith("/accounts/login/")
    milk.refresh_from_db()
    assert milk.version == 1


@pytest.mark.parametrize("button", BUTTONS)
def test_get_is_not_allowed(url, nok, sign_in, button):
    assert sign_in(nok).get(f"{url}{button}").status_code == 405
