"""A guest uses one list by a link: what it shows, what it lets do, when it ends."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from chat.actions import send_message
from groceries.actions import (
    add_entry,
    archive_list,
    change_list_state,
    copy_list,
    create_guest_link,
    create_list,
    purchase_entry,
    remove_entry,
    revoke_guest_link,
)
from groceries.models import GuestLink
from homes.accounts.actions import create_api_token, end_sign_ins, revoke_api_token
from homes.actions import accept_invitation, invite, remove_member
from pantry.errors import ActionError
from tests.factories import by
from tests.limits import limit

pytestmark = pytest.mark.both_databases

WEEK = timedelta(days=7)


@pytest.fixture
def share(weekly, milk):
    """`share(member)`: make a link to the weekly list. Returns it and its address."""

    def make(member, **fields):
        link, token = create_guest_link(weekly, "Grandma", by=by(member), **{"lifetime": WEEK, **fields})
        return link, f"/shared/{token}/"

    return make


@pytest.fixture
def guest():
    return Client(enforce_csrf_checks=False)


def pending(grocery_list):
    return [str(entry) for entry in grocery_list.entries.pending().order_by("created_at")]


# What a guest can do


def test_guest_sees_the_list_and_nothing_else(nok, weekly, milk, general, share, guest):
    purchase_entry(add_entry(weekly, "Tea", by=by(nok))[0], by=by(nok), price=4321)
    add_entry(create_list("Surprise party", by=by(nok)), "Balloons", by=by(nok))
    send_message(general, "the guest is coming", by=by(nok))
    page = guest.get(share(nok)[1])
    assert page.status_code == 200
    for text in ("Milk", "Tea", "Weekly shop", "Grandma"):
        assert text in page.text
    for text in ("4321", "Surprise", "Balloons", "coming", nok.user.email, f"/h/{nok.home_id}"):
        assert text not in page.text
    assert page["Cache-Control"] == "private, no-store"


def test_guest_ticks_and_puts_back(nok, milk, share, guest, events):
    _link, url = share(nok)
    for field, state in (("tick", "purchased"), ("tick", "purchased"), ("put_back", "pending")):
        assert guest.post(url, {field: str(milk.pk)}).status_code == 302
        milk.refresh_from_db()
        assert (milk.state, milk.purchased_by) == (state, None)
    assert events(nok.home)[-2:] == ["list_item_purchased", "list_item_put_back"]
    assert events.of(nok.home)[-1].origin == "guest"


def test_guest_adds_once(nok, weekly, share, guest):
    _link, url = share(nok)
    form = {"text": "2 l milk, soap", "op_id": str(uuid4())}
    for _twice in range(2):
        assert guest.post(url, form).status_code == 302
    assert pending(weekly) == ["Milk (3 liter)", "Soap (1 piece)"]


def test_refused_text_is_kept_in_the_field(nok, share, guest):
    page = guest.post(share(nok)[1], {"text": "..."})
    assert (page.status_code, 'value="..."' in page.text) == (422, True)


def test_guest_who_may_look_changes_nothing(nok, weekly, milk, share, guest):
    _link, url = share(nok, can_change=False)
    assert "<button" not in guest.get(url).text.split("<main")[1]
    for form in ({"tick": str(milk.pk)}, {"text": "soap"}):
        page = guest.post(url, form)
        assert (page.status_code, "not change it" in page.text) == (422, True)
    assert pending(weekly) == ["Milk (1 liter)"]


def test_guest_reaches_no_other_list(nok, mai, share, guest):
    ours, _new = add_entry(create_list("Party", by=by(nok)), "Balloons", by=by(nok))
    theirs, _new = add_entry(create_list("Theirs", by=by(mai)), "Rice", by=by(mai))
    _link, url = share(nok)
    for entry in (ours, theirs):
        for field in ("tick", "put_back"):
            assert guest.post(url, {field: str(entry.pk)}).status_code == 422
        entry.refresh_from_db()
        assert entry.is_pending
    assert guest.get(f"/h/{nok.home_id}/lists/").status_code == 302
    assert guest.get(f"/api/homes/{nok.home_id}/lists").status_code == 401


def test_guest_does_not_bring_back_what_members_removed(nok, milk, share, guest):
    _link, url = share(nok)
    remove_entry(milk, by=by(nok))
    for field in ("tick", "put_back"):
        page = guest.post(url, {field: str(milk.pk)})
        assert (page.status_code, "on the list any more" in page.text) == (422, True)
    milk.refresh_from_db()
    assert milk.is_removed


def test_completed_list_is_only_shown(nok, weekly, milk, share, guest):
    _link, url = share(nok)
    change_list_state(weekly, "completed", by=by(nok))
    assert "This list is done." in guest.get(url).text
    assert guest.post(url, {"text": "soap"}).status_code == 422


def test_form_of_another_site_is_refused(nok, weekly, share):
    _link, url = share(nok)
    assert Client(enforce_csrf_checks=True).post(url, {"text": "soap"}).status_code == 403
    assert pending(weekly) == ["Milk (1 liter)"]


def test_changes_of_an_address_are_limited(nok, share, guest, settings):
    settings.API_RATES = {**settings.API_RATES, "changes": "1/m/user,1/m/ip"}
    cache.clear()
    _link, url = share(nok)
    assert [guest.post(url, {"text": text}).status_code for text in ("soap", "rice")] == [302, 422]
    cache.clear()


# When it ends


@pytest.mark.parametrize("end", ["revoke", "sign_out", "remove", "archive", "expire"])
def test_link_ends(nok, ben, weekly, share, guest, end):
    link, url = share(ben)
    {
        "revoke": lambda: revoke_guest_link(link, by=by(nok)),
        "sign_out": lambda: end_sign_ins(ben.user),
        "remove": lambda: remove_member(ben, by=by(nok)),
        "archive": lambda: archive_list(weekly, by=by(nok)),
        "expire": lambda: GuestLink.objects.update(expires_at=timezone.now()),
    }[end]()
    for page in (guest.get(url), guest.post(url, {"text": "soap"})):
        assert (page.status_code, "Milk" in page.text, "Weekly" in page.text) == (410, False, False)
    assert pending(weekly) == ["Milk (1 liter)"]


def test_unknown_link_says_so(guest, db):
    page = guest.get("/shared/x/")
    assert (page.status_code, "Did you copy all of it?" in page.text) == (404, True)


@pytest.mark.parametrize("path", ["", "x/", "../"])
def test_token_is_never_logged(nok, share, guest, caplog, capsys, path):
    _link, url = share(nok)
    guest.get(url + path)
    guest.post(url, {"text": "..."})
    Client(enforce_csrf_checks=True).post(url)
    assert url.split("/")[2] not in caplog.text + "".join(capsys.readouterr())


# Refusals


def test_what_can_not_be_shared_is_refused(nok, weekly, pixie):
    for act in (
        lambda: create_guest_link(weekly, " ", by=by(nok), lifetime=WEEK),
        lambda: create_guest_link(weekly, "x" * 41, by=by(nok), lifetime=WEEK),
        lambda: create_guest_link(weekly, "Grandma", by=by(nok), lifetime=timedelta(days=365)),
        lambda: create_guest_link(weekly, "Grandma", by=by(nok).as_agent(pixie), lifetime=WEEK),
        lambda: create_guest_link(copy_list(weekly, by=by(nok), is_template=True), "Al", by=by(nok), lifetime=WEEK),
        lambda: create_guest_link(change_list_state(weekly, "completed", by=by(nok)), "Al", by=by(nok), lifetime=WEEK),
    ):
        with pytest.raises(ActionError):
            act()


@pytest.mark.parametrize(
    ("scopes", "can_change", "is_made"),
    [
        (["admin"], False, False),
        (["admin", "read"], False, True),
        (["admin", "read"], True, False),
        (["admin", "write"], True, False),
        (["admin", "read", "write"], True, True),
    ],
)
def test_token_shares_only_what_it_can_do_itself(nok, weekly, scopes, can_change, is_made):
    _row, secret = create_api_token(nok.user, "Script", scopes=scopes)
    body = {"name": "Al", "days": 7, "can_change": can_change}
    headers = {"Authorization": f"Bearer {secret}"}
    url = f"/api/homes/{nok.home_id}/lists/{weekly.pk}/guest-links"
    response = Client().post(url, body, content_type="application/json", headers=headers)
    assert (response.status_code == 201, GuestLink.objects.exists()) == (is_made, is_made)


def test_link_ends_with_the_token_that_made_it(nok, weekly, guest):
    row, secret = create_api_token(nok.user, "Script", scopes=["admin", "read", "write"])
    url = f"/api/homes/{nok.home_id}/lists/{weekly.pk}/guest-links"
    headers = {"Authorization": f"Bearer {secret}"}
    link = Client().post(url, {"name": "Al", "days": 7}, content_type="application/json", headers=headers).json()
    assert guest.get(link["url"]).status_code == 200
    revoke_api_token(row)
    assert guest.get(link["url"]).status_code == 410


def test_link_of_a_member_who_comes_back_stays_shut(nok, ben, weekly, share, guest):
    _link, url = share(ben)
    remove_member(ben, by=by(nok))
    _invitation, invited = invite(by=by(nok))
    accept_invitation(invited, ben.user, origin="browser")
    assert guest.get(url).status_code == 410


@pytest.mark.parametrize("end", ["sign_out", "remove"])
def test_links_that_have_ended_do_not_count(nok, ben, share, end):
    for _each in range(limit("Open guest links of a list")):
        share(ben)
    end_sign_ins(ben.user) if end == "sign_out" else remove_member(ben, by=by(nok))
    assert GuestLink.objects.open().count() == 0
    share(nok)


def test_too_many_links_are_refused(nok, share):
    maximum = limit("Open guest links of a list")
    for _each in range(maximum):
        link, _url = share(nok)
    with pytest.raises(ActionError, match=f"{maximum} open links"):
        share(nok)
    revoke_guest_link(link, by=by(nok))
    share(nok)


# The members' page and the API


def test_link_is_made_shown_once_and_revoked(nok, weekly, milk, sign_in, guest):
    client, page = sign_in(nok), f"/h/{nok.home_id}/lists/{weekly.pk}/guests"
    made = client.post(page, {"name": "Grandma", "lifetime": "7", "can_change": "on"}).text
    address = made.split('id="link"')[1].split('value="http://testserver')[1].split('"')[0]
    assert guest.get(address).status_code == 200
    shown = client.get(page).text
    assert ("Grandma" in shown, address in shown) == (True, False)
    link = GuestLink.objects.get()
    answer = client.post(f"{page}/{link.pk}/revoke", follow=True).text
    assert ("no longer works" in answer, "Nobody but the members" in answer) == (True, True)
    assert guest.get(address).status_code == 410


def test_api(nok, weekly, milk, sign_in, guest):
    client, url = sign_in(nok), f"/api/homes/{nok.home_id}/lists/{weekly.pk}/guest-links"
    body = {"name": "Grandma", "days": 7, "can_change": False}
    made = client.post(url, body, content_type="application/json").json()
    assert guest.get(made["url"].removeprefix("http://testserver")).status_code == 200
    [row] = client.get(url).json()["results"]
    assert (row["id"], row["state"], "token" in row) == (made["id"], "open", False)
    assert client.delete(f"{url}/{made['id']}").status_code == 204
    assert client.get(url).json()["results"][0]["state"] == "revoked"
