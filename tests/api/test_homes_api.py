from decimal import Decimal
from uuid import uuid4

import pytest

from chat.actions import create_channel, join_channel, send_message
from groceries.actions import purchase_entry
from homes.actions import accept_invitation, invite
from homes.events.models import Event, Origin
from homes.models import Invitation, Membership
from tests.factories import by, person


def test_home_can_be_read_and_updated(api_client, nok, events):
    me, here = api_client(nok), f"/homes/{nok.home_id}"
    assert me.get(here).json()["currency"] == "THB"
    response = me.patch(here, {"name": " Apartment  43", "monthly_budget": "13000.50"})
    assert (response.json()["name"], response.json()["monthly_budget"]) == ("Apartment 43", "13000.5")
    assert events(nok.home) == ["home_updated"]


@pytest.mark.parametrize(
    "invalid",
    [{"timezone": "Mars/Olympus"}, {"currency": "baht"}, {"locale": "tlh"}, {"monthly_budget": -1}, {"name": "\u200b"}],
)
def test_home_with_invalid_values_is_rejected(api_client, nok, events, invalid):
    response = api_client(nok).patch(f"/homes/{nok.home_id}", invalid)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid")
    assert api_client(nok).post("/homes", {"name": "The hut", **invalid}).status_code == 400
    assert events(nok.home) == []


def test_creating_a_home_makes_an_owner(api_client, nok):
    made = api_client(nok).post("/homes", {"name": "The hut", "timezone": "Europe/Berlin", "currency": "EUR"}).json()
    assert Membership.objects.get(home=made["id"]).is_owner
    assert [home["name"] for home in api_client(nok).get("/homes").json()["results"]] == ["Apartment 42", "The hut"]


def test_only_an_owner_can_update_the_home(api_client, ben, events):
    response = api_client(ben).patch(f"/homes/{ben.home_id}", {"name": "Ben's"})
    assert (response.status_code, "Ask Nok." in response.json()["error"]["message"]) == (403, True)
    assert events(ben.home) == []


# Members


def test_members_are_listed_in_joining_order(api_client, nok, ben, ploy):
    members = api_client(ben).get("members").json()["results"]
    assert [(member["name"], member["role"]) for member in members] == [
        ("Nok", "owner"), ("Ben", "member"), ("Ploy", "member")
    ]  # fmt: skip


@pytest.mark.parametrize("origin", ["members", "invitations"])
def test_invitation_can_be_accepted_once(api_client, nok, origin):
    made = api_client(nok).post(origin, {"email": "som@example.com"}).json()
    assert made["url"].endswith(f"/join/{made['token']}/")
    som, lek = (api_client(token=signed_in(api_client, name)) for name in ("Som", "Lek"))
    response = som.post(f"/invitations/{made['token']}/accept")
    assert (response.status_code, response.json()["home"]["id"]) == (200, str(nok.home_id))
    assert som.get(f"/homes/{nok.home_id}").status_code == 200
    assert lek.post(f"/invitations/{made['token']}/accept").status_code == 400
    assert lek.get(f"/homes/{nok.home_id}").status_code == 403


def signed_in(api_client, name):
    user = person(name)
    body = {"email": user.email, "password": "correct horse battery staple"}
    return api_client().post("/auth/login", body).json()["token"]


@pytest.mark.parametrize("token", ["x", "x" * 300, "%00", "..", "é"])
def test_unknown_invitation_is_rejected(api_client, mai, token):
    assert api_client(mai).post(f"/invitations/{token}/accept").status_code in (400, 404)


def test_only_an_owner_can_create_list_and_revoke_invitations(api_client, nok, ben, events):
    made, _token = invite(by=by(nok))
    before = events(nok.home)
    bens_client = api_client(ben)
    assert bens_client.post("invitations", {}).status_code == 403
    assert bens_client.post("members", {}).status_code == 403
    assert bens_client.get("invitations").status_code == 403
    assert bens_client.delete(f"invitations/{made.pk}").status_code == 403
    assert events(nok.home) == before


def test_invitation_can_be_revoked(api_client, nok):
    made, token = invite(by=by(nok))
    for _twice in range(2):
        assert api_client(nok).delete(f"invitations/{made.pk}").status_code == 204
    assert api_client(nok).get("invitations").json()["results"][0]["state"] == "revoked"
    assert Invitation.objects.get().state == "revoked"


def test_role_can_be_changed_except_of_the_last_owner(api_client, nok, ben):
    me = api_client(nok)
    assert me.patch(f"members/{ben.user_id}", {"role": "owner"}).json()["role"] == "owner"
    assert me.patch(f"members/{nok.user_id}", {"role": "member"}).status_code == 200
    assert me.patch(f"members/{ben.user_id}", {"role": "member"}).status_code == 403
    assert api_client(ben).patch(f"members/{ben.user_id}", {"role": "member"}).status_code == 400


def test_member_can_leave_and_owner_can_remove(api_client, nok, ben, ploy):
    assert api_client(ben).delete(f"members/{ploy.user_id}").status_code == 403
    assert api_client(ploy).delete(f"members/{ploy.user_id}").status_code == 204
    assert api_client(nok).delete(f"members/{ben.user_id}").status_code == 204
    assert api_client(nok).delete(f"members/{ben.user_id}").status_code == 404
    assert api_client(nok).delete(f"members/{nok.user_id}").status_code == 400


# The log


def test_events_are_listed_after_a_number(api_client, nok, weekly, milk):
    me = api_client(nok)
    everything = me.get("events?limit=1000").json()
    assert [event["seq"] for event in everything["results"]] == list(range(1, everything["seq"] + 1))
    since = everything["seq"] - 1
    assert [event["type"] for event in me.get(f"events?after={since}").json()["results"]] == ["list_item_added"]
    page = me.get("events?after=2&limit=2").json()
    assert [event["seq"] for event in page["results"]] == [3, 4]
    assert me.get("/" + page["next"].split("/api/")[1]).json()["results"][0]["seq"] == 5


def test_event_that_the_member_cannot_see_has_only_its_number(api_client, nok, ben, ploy):
    room = create_channel("surprise", by=by(nok), is_private=True)
    message = send_message(room, "A cake for Ben", by=by(nok))
    join_channel(room, ploy.user, by=by(nok))
    url = f"events?after={message.seq - 1}&limit=1"
    assert api_client(ploy).get(url).json()["results"][0]["data"]["message"]["body"] == "A cake for Ben"
    assert api_client(ben).get(url).json()["results"] == [{"seq": message.seq}]
    assert "cake" not in api_client(ben).get("events?limit=1000").text


@pytest.mark.parametrize("query", ["after=x", "after=-1", "limit=0", "limit=9999", "after=" + "9" * 30, "after=%00"])
def test_invalid_event_query_is_rejected(api_client, nok, query):
    assert api_client(nok).get(f"events?{query}").status_code == 400


def test_owner_can_read_the_audit_log(api_client, nok, ben, milk):
    purchase_entry(milk, by=by(ben), price=Decimal(45))
    newest = api_client(nok).get("audit?limit=1").json()
    (event,) = newest["results"]
    assert (event["type"], event["actor"]["user"], event["origin"]) == (
        "list_item_purchased", str(ben.user_id), "browser"
    )  # fmt: skip
    assert event["changes"]["price_paid"] == [None, "45"]
    older = api_client(nok).get("/" + newest["next"].split("/api/")[1]).json()
    assert older["results"][0]["seq"] == event["seq"] - 1


def test_member_cannot_read_the_audit_log(api_client, ben):
    assert api_client(ben).get("audit").status_code == 403


def test_audit_log_leaves_out_private_rooms_of_others(api_client, nok, ben, ploy):
    room = create_channel("secret", by=by(ben), is_private=True)
    send_message(room, "A cake for Nok", by=by(ben))
    assert "cake" not in api_client(nok).get("audit?limit=1000").text


def test_undo_restores_the_previous_state(api_client, nok, milk):
    me = api_client(nok)
    me.patch(f"lists/{milk.list_id}/items/{milk.pk}", {"state": "purchased"})
    seq = Event.objects.filter(home=nok.home).order_by("-seq").first().seq
    first, second = (me.post("undo", {"seq": seq}).json() for _twice in range(2))
    assert [event["type"] for event in first["results"]] == ["list_item_put_back"]
    assert first == second
    milk.refresh_from_db()
    assert milk.is_pending


def test_event_that_cannot_be_undone_is_rejected(api_client, nok, ben, general):
    message = send_message(general, "Hello", by=by(nok))
    assert api_client(nok).post("undo", {"seq": message.seq}).status_code == 400
    assert api_client(nok).post("undo", {"seq": 10**9}).status_code == 404
    room = create_channel("surprise", by=by(nok), is_private=True)
    hidden = send_message(room, "A cake", by=by(nok))
    assert api_client(ben).post("undo", {"seq": hidden.seq}).status_code == 404


# Access


def test_ids_of_another_home_are_rejected(api_client, nok, mai, ben, milk):
    """Mai uses Nok's ids in URLs of her own home."""
    me = api_client(mai)
    invitation, _token = invite(by=by(nok))
    assert me.patch(f"members/{ben.user_id}", {"role": "owner"}).status_code == 404
    assert me.delete(f"members/{ben.user_id}").status_code == 404
    assert me.delete(f"invitations/{invitation.pk}").status_code == 404
    assert me.patch(f"/users/{nok.user_id}", {"name": "Nobody"}).status_code == 403
    assert me.get(f"/homes/{uuid4()}").status_code == 403


def test_token_of_another_home_grants_no_access(api_client, nok, mai):
    _invitation, token = invite(by=by(nok))
    accept_invitation(token, mai.user, origin=Origin.API)
    assert api_client(mai).patch(f"/homes/{nok.home_id}", {"name": "Mai's"}).status_code == 403
