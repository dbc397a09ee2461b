from uuid import uuid4

import pytest
from django.test import Client

from groceries.actions import add_entry, change_list_state, create_list, purchase_entry
from groceries.models import GroceryList
from tests.counting import queries_of
from tests.factories import by
from tests.limits import limit


@pytest.fixture
def url(nok):
    return f"/api/homes/{nok.home_id}/lists"


def send(client, verb, url, body):
    return getattr(client, verb)(url, body, content_type="application/json")


# Reading


def test_get_lists_newest_first(url, nok, weekly, sign_in):
    create_list("Party", by=by(nok))
    payload = sign_in(nok).get(url).json()["results"]
    assert [row["name"] for row in payload] == ["Party", "Weekly shop"]
    times = {"completed_at", "approved_at", "archived_at", "created_at"}
    assert set(payload[0]) == {"id", "name", "state", "store", "is_template", "approved_by"} | times
    assert payload[0]["created_at"].endswith("Z")


def test_get_returns_a_list_with_its_items(url, nok, weekly, milk, eggs, rice, sign_in):
    purchase_entry(eggs, by=by(nok), price=45)
    payload = sign_in(nok).get(f"{url}/{weekly.pk}").json()
    assert (payload["name"], payload["state"]) == ("Weekly shop", "draft")
    first = payload["items"][0]
    assert (first["item"]["name"], first["quantity"], first["unit"]) == ("Milk", "1", "liter")
    assert (first["state"], first["version"], first["added_by"]) == ("pending", 1, str(nok.user_id))
    assert [(row["item"]["name"], row["price_paid"]) for row in payload["items"]] == [
        ("Milk", None), ("Eggs", "45"), ("Rice", None),
    ]  # fmt: skip


def test_lists_of_other_homes_are_not_listed(url, nok, mai, sign_in):
    theirs = create_list("Mine", by=by(mai))
    client = sign_in(nok)
    assert client.get(url).json()["results"] == []
    assert client.get(f"{url}/{theirs.pk}").status_code == 404
    assert client.get(f"{url}/{uuid4()}").json()["error"]["code"] == "not_found"


def test_query_count_is_constant(url, nok, weekly, sign_in):
    client = sign_in(nok)

    def fill(count):
        for number in range(count):
            add_entry(weekly, f"Spice {number} of {count}", by=by(nok))
            create_list(f"List {number}", by=by(nok))

    fill(3)
    query_counts = [queries_of(lambda: client.get(url)), queries_of(lambda: client.get(f"{url}/{weekly.pk}"))]
    fill(57)
    assert [queries_of(lambda: client.get(url)), queries_of(lambda: client.get(f"{url}/{weekly.pk}"))] == query_counts


# Creating


def test_post_creates_a_list(url, nok, sign_in, events):
    response = send(sign_in(nok), "post", url, {"name": "Party"})
    assert response.status_code == 200
    assert (response.json()["name"], response.json()["items"]) == ("Party", [])
    assert GroceryList.objects.get().home == nok.home
    event = events.of(nok.home)[0]
    assert (event.type, event.actor_user, event.origin) == ("list_created", nok.user, "api")


def test_post_without_a_name_uses_the_default(url, nok, sign_in):
    assert send(sign_in(nok), "post", url, {}).json()["name"] == "Groceries"


# Changing


def test_patch_renames_and_approves(url, nok, weekly, sign_in, events):
    response = send(sign_in(nok), "patch", f"{url}/{weekly.pk}", {"name": "Party", "state": "approved"})
    assert (response.status_code, response.json()["name"], response.json()["state"]) == (200, "Party", "approved")
    assert events(nok.home) == ["list_updated", "list_state_changed"]


def test_patch_with_an_illegal_state_changes_neither_state_nor_name(url, nok, weekly, sign_in, events):
    change_list_state(weekly, "completed", by=by(nok))
    before = events(nok.home)
    response = send(sign_in(nok), "patch", f"{url}/{weekly.pk}", {"name": "Party", "state": "approved"})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "refused")
    assert "It can change to: Draft." in response.json()["error"]["message"]
    assert events(nok.home) == before
    weekly.refresh_from_db()
    assert weekly.name == "Weekly shop"


@pytest.mark.parametrize(
    "invalid",
    [{"name": ""}, {"name": "  "}, {"name": "x" * 81}, {"name": "x" * 5000}, {"name": "a\x00b"}, {"name": None},
     {"name": ["a"]}, {"name": {}}, {"state": "done"}, {"state": ""}, {"state": None}, {"state": 1}, {"state": []}, [],
     ["name"], "name", None, 1],
)  # fmt: skip
def test_invalid_values_are_refused(url, nok, weekly, sign_in, events, invalid):
    response = send(sign_in(nok), "patch", f"{url}/{weekly.pk}", invalid)
    assert response.status_code == 400
    assert response.json()["error"]["code"] in ("invalid", "parse_error")
    assert events(nok.home) == []


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b"",
        b'{"name": NaN}',
        b'{"name": "\\ud800"}',
        b"[" * 2000,
    ],
)
def test_invalid_body_does_not_change_the_name(url, nok, weekly, sign_in, body):
    assert send(sign_in(nok), "patch", f"{url}/{weekly.pk}", body).status_code in (200, 400)
    weekly.refresh_from_db()
    assert weekly.name == "Weekly shop"


def test_other_content_types_are_refused(url, nok, sign_in):
    assert sign_in(nok).post(url, {"name": "Party"}).status_code == 415


# Access


def test_non_member_is_refused_without_details(url, nok, mai, weekly, sign_in, events):
    client = sign_in(mai)
    for response in (
        client.get(url),
        send(client, "post", url, {"name": "Mine"}),
        client.get(f"{url}/{weekly.pk}"),
        send(client, "patch", f"{url}/{weekly.pk}", {"name": "Mine"}),
        client.get(f"{url}/{uuid4()}"),
        client.get(f"/api/homes/{uuid4()}/lists"),
    ):
        assert (response.status_code, response.json()["error"]["code"]) == (403, "permission_denied")
    assert events(nok.home) == []


def test_anonymous_user_is_asked_to_sign_in(url, nok, weekly, events):
    client = Client()
    for response in (client.get(url), send(client, "patch", f"{url}/{weekly.pk}", {"name": "Mine"})):
        assert (response.status_code, response.json()["error"]["code"]) == (401, "not_authenticated")
        assert response.headers["WWW-Authenticate"] == "Bearer"
    assert events(nok.home) == []


def test_session_without_csrf_token_is_refused(url, nok, weekly, events):
    client = Client(enforce_csrf_checks=True)
    client.force_login(nok.user)
    assert send(client, "post", url, {"name": "Party"}).status_code == 403
    assert events(nok.home) == []


def test_other_methods_are_not_allowed(url, nok, weekly, sign_in):
    for verb in ("put", "options"):
        response = getattr(sign_in(nok), verb)(f"{url}/{weekly.pk}")
        assert (response.status_code, response.json()["error"]["code"]) == (405, "method_not_allowed")


def test_current_list_is_the_newest_open_one(url, nok, weekly, sign_in):
    party = create_list("Party", by=by(nok))
    create_list("Basics", by=by(nok), is_template=True)
    client = sign_in(nok)
    assert client.get(f"{url}/current").json()["id"] == str(party.pk)
    for grocery_list in (party, weekly):
        change_list_state(grocery_list, "completed", by=by(nok))
    assert client.get(f"{url}/current").status_code == 404


def test_archived_list_is_listed_apart_and_can_be_restored(url, nok, weekly, milk, sign_in, events):
    client = sign_in(nok)
    assert send(client, "patch", f"{url}/{weekly.pk}", {"archived": True}).json()["archived_at"]
    assert client.get(url).json()["results"] == []
    assert [row["id"] for row in client.get(f"{url}?kind=archived").json()["results"]] == [str(weekly.pk)]
    assert client.get(f"{url}/{weekly.pk}/items").status_code == 404
    assert send(client, "patch", f"{url}/{weekly.pk}", {"archived": False}).json()["archived_at"] is None
    assert events(nok.home) == ["list_updated"] * 2


def test_delete_deletes_a_list_unless_something_was_bought(url, nok, weekly, milk, sign_in, events):
    client = sign_in(nok)
    purchase_entry(milk, by=by(nok))
    response = client.delete(f"{url}/{weekly.pk}")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "refused")
    other = create_list("Party", by=by(nok))
    assert client.delete(f"{url}/{other.pk}").status_code == 204
    assert list(GroceryList.objects.all()) == [weekly]


def test_list_is_created_from_another_one_and_from_a_template(url, nok, weekly, milk, sign_in):
    client = sign_in(nok)
    template = send(client, "post", url, {"copy_of": str(weekly.pk), "is_template": True, "name": "Basics"}).json()
    assert (template["name"], template["is_template"], len(template["items"])) == ("Basics", True, 1)
    assert [row["name"] for row in client.get(f"{url}?kind=templates").json()["results"]] == ["Basics"]
    copy = send(client, "post", url, {"copy_of": template["id"]}).json()
    assert (copy["name"], copy["is_template"], copy["items"][0]["item"]["name"]) == ("Basics", False, "Milk")


def test_list_of_another_home_is_not_copied(url, nok, mai, sign_in):
    theirs = create_list("Mine", by=by(mai))
    assert send(sign_in(nok), "post", url, {"copy_of": str(theirs.pk)}).status_code == 404
    assert not GroceryList.objects.filter(home=nok.home).exists()


def test_clear_is_undone_by_its_operation(url, nok, weekly, milk, eggs, sign_in):
    client, key = sign_in(nok), str(uuid4())
    cleared = client.post(f"{url}/{weekly.pk}/clear", content_type="application/json", headers={"Idempotency-Key": key})
    assert (cleared.status_code, cleared.json()["items"]) == (200, [])
    undone = send(client, "post", f"/api/homes/{nok.home_id}/undo", {"op_id": key}).json()["results"]
    assert [event["type"] for event in undone] == ["list_item_put_back"] * 2
    assert len(client.get(f"{url}/{weekly.pk}").json()["items"]) == 2


def test_operation_of_another_member_is_not_undone(url, nok, ben, weekly, milk, sign_in):
    key = str(uuid4())
    sign_in(nok).post(f"{url}/{weekly.pk}/clear", content_type="application/json", headers={"Idempotency-Key": key})
    response = send(sign_in(ben), "post", f"/api/homes/{nok.home_id}/undo", {"op_id": key})
    assert response.status_code == 404
    assert not weekly.entries.pending().exists()


# Several items


def test_several_items_are_bought_or_moved_together(url, nok, weekly, milk, eggs, rice, sign_in):
    client, party = sign_in(nok), create_list("Party", by=by(nok))
    ids = [str(milk.pk), str(eggs.pk)]
    bought = send(client, "post", f"{url}/{weekly.pk}/items/bulk", {"ids": ids, "state": "purchased"}).json()["results"]
    assert [row["state"] for row in bought] == ["purchased"] * 2
    moved = send(client, "post", f"{url}/{weekly.pk}/items/bulk", {"ids": [str(rice.pk)], "list_id": str(party.pk)})
    assert moved.status_code == 200
    assert party.entries.get() == rice


def test_one_item_is_moved_by_its_list_id(url, nok, weekly, milk, sign_in):
    party = create_list("Party", by=by(nok))
    response = send(sign_in(nok), "patch", f"{url}/{weekly.pk}/items/{milk.pk}", {"list_id": str(party.pk)})
    assert response.status_code == 200
    assert party.entries.get() == milk


def test_items_of_another_list_or_home_change_nothing(url, nok, mai, weekly, milk, sign_in, events):
    client = sign_in(nok)
    theirs = create_list("Mine", by=by(mai))
    foreign, _new = add_entry(theirs, "Tea", by=by(mai))
    items = f"{url}/{weekly.pk}/items"
    for body, verb, path in (
        ({"ids": [str(milk.pk), str(foreign.pk)], "state": "removed"}, "post", "/bulk"),
        ({"ids": [str(milk.pk)], "list_id": str(theirs.pk)}, "post", "/bulk"),
        ({"list_id": str(theirs.pk)}, "patch", f"/{milk.pk}"),
    ):
        assert send(client, verb, items + path, body).status_code == 404
    assert send(sign_in(mai), "post", f"{items}/bulk", {"ids": [str(milk.pk)], "state": "removed"}).status_code == 403
    assert events(nok.home) == []


def test_items_of_one_change_are_limited(url, weekly, sign_in, nok):
    ids = [str(uuid4()) for _number in range(limit("List items in one change") + 1)]
    response = send(sign_in(nok), "post", f"{url}/{weekly.pk}/items/bulk", {"ids": ids, "state": "removed"})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid")
