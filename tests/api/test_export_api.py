import json
import re
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from django.test import Client

from chat.actions import (
    add_reaction,
    create_channel,
    delete_message,
    edit_message,
    mark_read,
    open_assistant,
    open_dm,
    send_message,
    update_channel,
)
from chat.models import Channel, Message
from groceries.actions import (
    add_to_pantry,
    change_list_state,
    create_list,
    keep_in_stock,
    pause_recurring,
    purchase_entry,
    put_back_entry,
    refuse_forecasts,
    remember_barcode,
    set_recurring,
    snooze_forecast,
)
from groceries.models import Item, ListEntry, PantryBatch, RecurringItem
from homes import export, security
from homes.accounts.api.jwt import tokens_for
from homes.actions import accept_invitation, invite
from homes.models import Home, Import, Membership
from pixie.models import Run
from pixie.runs import queue
from tests.api.client import read_stream
from tests.factories import by, person, sign_in
from tests.homes.test_url_access import HOME_ROUTES
from tests.limits import limit
from tests.state import State

NOWHERE = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def file(api_client, nok, ben, milk, eggs, rice, general):
    purchase_entry(milk, by=by(ben), price=Decimal("45.50"))
    purchase_entry(eggs, by=by(nok), price=Decimal(75))
    pause_recurring(set_recurring("Coffee", "weekly", by=by(nok), rrule="FREQ=WEEKLY;BYDAY=MO"), by=by(nok))
    refuse_forecasts(rice.item, by=by(nok))
    snooze_forecast(eggs.item, by=by(nok))
    keep_in_stock(eggs.item, Decimal(4), by=by(nok))
    add_to_pantry(eggs.item, by=by(nok), quantity=Decimal(6), best_before=date(2026, 12, 1), place="fridge")
    add_to_pantry("Rice", by=by(nok), quantity=Decimal("2.5"), unit="kg")
    remember_barcode("4006381333931", "Rice", by=by(nok), quantity=Decimal(5), unit="kg")
    remember_barcode("RICE-7", "Rice", by=by(nok))
    change_list_state(create_list("Party", by=by(nok)), "completed", by=by(nok))
    send_message(general, "Hello", by=by(nok))
    send_message(create_channel("secret", by=by(ben), is_private=True), "A cake", by=by(ben))
    api_client(nok).post("categories", {"name": "Frozen"})
    api_client(nok).patch(f"categories/{eggs.item.category_id}", {"name": "From hens"})
    api_client(nok).patch(f"items/{milk.item_id}", {"aliases": ["Moo", "Cow juice"]})
    api_client(nok).patch(f"/homes/{nok.home_id}", {"monthly_budget": "13000", "fills_pantry": True})
    response = api_client(nok).get("export")
    assert response.status_code == 200
    assert "A cake" not in response.text
    return response.json()


# Export and import


@pytest.fixture
def chats(nok, ben, pixie, general):
    """Create rooms, direct chats and chats with Pixie, with threads, reactions, and edited and deleted messages."""
    root = send_message(general, "Dinner?", by=by(ben))
    reply = send_message(general, "At eight", by=by(nok), parent=root)
    add_reaction(root, "❤️", by=by(nok))
    add_reaction(reply, "👍", by=by(ben))
    edit_message(reply, "At nine", by=by(nok))
    mark_read(general, nok.user, reply.seq)
    delete_message(send_message(general, "Never mind", by=by(ben)), by=by(ben))
    with_pixie = open_assistant(pixie, by=by(nok))
    send_message(with_pixie, "We need eggs", by=by(nok))
    metadata = {"intent": "add_item", "confidence": 0.9, "run": "left behind"}
    reply_by_pixie = send_message(with_pixie, "Eggs are on the list.", by=by(nok).as_agent(pixie), metadata=metadata)
    add_reaction(reply_by_pixie, "🎉", by=by(nok).as_agent(pixie))
    open_assistant(pixie, by=by(nok), title="Holidays")
    send_message(open_dm(ben.user, by=by(nok)), "A present for Ploy?", by=by(ben))
    update_channel(create_channel("trips", by=by(nok), topic="Where to?"), by=by(nok), archived=True)
    send_message(create_channel("surprise", by=by(nok), is_private=True), "A cake for Ben", by=by(nok))


def normalized(file, me):
    """Return the file with ids replaced by numbers, in order of appearance, and only `me` as a user id."""
    numbers = {str(me): "me"}

    def plain(value, key=""):
        if isinstance(value, dict):
            return {name: plain(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [plain(inner) for inner in value]
        try:
            UUID(value)
        except (ValueError, TypeError, AttributeError):
            return value
        if key in ("user", "added_by_id", "purchased_by_id") and value != str(me):
            return None
        return numbers.setdefault(value, len(numbers))

    return plain({name: part for name, part in file.items() if name not in ("exported_at", "members")})


@pytest.mark.both_databases
def test_importing_an_export_changes_only_the_ids(api_client, nok, file, chats):
    me = api_client(nok)
    category = me.get("categories").json()["results"][-1]
    me.patch(f"categories/{category['id']}", {"position": 40})
    before = me.get("export").json()
    after = me.get(f"/homes/{me.import_home(before)}/export").json()
    assert len(before["chat"]["messages"]) == 8
    assert normalized(after, nok.user_id) == normalized(before, nok.user_id)
    assert sorted(Item.objects.filter(has_forecasts=False).values_list("name", flat=True)) == ["Rice", "Rice"]
    assert Item.objects.exclude(snoozed_until=None).count() == 2
    assert (len(before["groceries"]["pantry"]), len(before["groceries"]["barcodes"])) == (2, 2)
    again = me.import_home(after)
    assert normalized(me.get(f"/homes/{again}/export").json(), nok.user_id) == normalized(before, nok.user_id)


def test_imported_batch_still_belongs_to_its_purchase(api_client, nok, file, milk, eggs):
    purchase_entry(put_back_entry(milk, by=by(nok)), by=by(nok))
    exported = api_client(nok).get("export").json()
    assert sum("id" in entry for entry in exported["groceries"]["entries"]) == 1
    home = Home.objects.get(pk=api_client(nok).import_home(exported))
    me = by(Membership.objects.get(home=home))
    entry = ListEntry.objects.get(home=home, item__name="Milk")
    batch = PantryBatch.objects.get(home=home, item__name="Milk")
    assert batch.entry_id == entry.pk
    put_back_entry(entry, by=me)
    assert not PantryBatch.objects.filter(pk=batch.pk).exists()
    exported["groceries"]["pantry"] = [row | {"entry_id": NOWHERE} for row in exported["groceries"]["pantry"]]
    assert api_client(nok).import_home(exported)


def test_imported_messages_have_events_and_no_answers(api_client, nok, file, chats):
    home = Home.objects.get(pk=api_client(nok).import_home(api_client(nok).get("export").json()))
    state = State.empty()
    for event in home.events.after(0):
        state.apply(event)
    assert state == State.fetched(home.pk)
    queue.process_home(home.pk)
    assert not Run.objects.filter(home=home).exists()


def test_imported_messages_of_others_keep_their_author_names(api_client, nok, ben, file, chats):
    me = api_client(nok)
    home = me.import_home(me.get("export").json())
    rooms = {room["name"]: room["id"] for room in me.get(f"/homes/{home}/channels?limit=200").json()["results"]}
    url = f"/homes/{home}/channels/{rooms['general']}/messages"
    [root] = [message for message in me.get(url).json()["results"] if message["content"] == "Dinner?"]
    assert (root["content"], root["author"], root["author_id"], root["author_name"]) == ("Dinner?", "user", None, "Ben")
    assert root["reactions"] == [{"emoji": "❤️", "count": 1, "by": [str(nok.user_id)], "names": []}]
    [reply] = me.get(f"{url}/{root['id']}/replies").json()["results"]
    assert reply["reactions"] == [{"emoji": "👍", "count": 1, "by": [], "names": ["Ben"]}]
    assert me.patch(f"{url}/{root['id']}", {"content": "Lunch?", "version": 1}).status_code == 403
    assert me.delete(f"{url}/{root['id']}").status_code == 403
    page = sign_in(nok).get(f"/h/{home}/chat/{rooms['general']}/").text
    assert "Dinner?" in page and "Ben" in page and "Former member" not in page


def test_imported_messages_are_not_attributed_to_other_members(api_client, nok, mai, file):
    file["chat"]["messages"][0]["user"] = str(mai.user_id)
    home = api_client(nok).import_home(file)
    assert not Message.objects.filter(home=home, author_user=mai.user).exists()


def test_imported_private_rooms_stay_private(api_client, nok, ben, file, chats):
    me = api_client(nok)
    home = Home.objects.get(pk=me.import_home(me.get("export").json()))
    move_in_too = accept_invitation(invite(by=by(Membership.objects.get(home=home)))[1], ben.user, origin="api")
    rooms = api_client(move_in_too).get(f"/homes/{home.pk}/channels?limit=200").json()["results"]
    assert {room["name"] for room in rooms} == {"general"}


def without_ids(part):
    left_out = ("id", "item_id", "list_id", "added_by", "purchased_by", "version", "created_at", "completed_at")
    if isinstance(part, dict):
        return {name: without_ids(value) for name, value in part.items() if name not in left_out}
    return [without_ids(value) for value in part] if isinstance(part, list) else part


def test_imported_home_has_the_exported_groceries(api_client, nok, file):
    me = api_client(nok)
    made = me.import_home(file)
    settings = me.get(f"/homes/{made}").json()
    assert (settings["name"], settings["monthly_budget"]) == ("Apartment 42", "13000")
    for what in ("categories", "items", "lists"):
        old, new = (me.get(f"/homes/{home}/{what}?limit=200").json()["results"] for home in (nok.home_id, made))
        assert without_ids(old) == without_ids(new), what
    for old, new in zip(
        *(me.get(f"/homes/{home}/lists").json()["results"] for home in (nok.home_id, made)), strict=True
    ):
        old, new = me.get(f"lists/{old['id']}").json(), me.get(f"/homes/{made}/lists/{new['id']}").json()
        assert without_ids(old) == without_ids(new)
    rule = RecurringItem.objects.get(home=made)
    assert (rule.item.name, rule.rrule, bool(rule.paused_at)) == ("Coffee", "FREQ=WEEKLY;BYDAY=MO", True)


def test_imported_rows_have_events(api_client, nok, file):
    home = Home.objects.get(pk=api_client(nok).import_home(file))
    state = State.empty()
    for event in home.events.after(0):
        state.apply(event)
    assert state == State.fetched(home.pk)


@pytest.mark.parametrize("locale", ["th", "tlh"])
def test_home_in_a_language_that_the_server_lacks_is_imported_in_the_default(api_client, nok, file, locale):
    file["home"]["locale"] = locale
    made = api_client(nok).import_home(file)
    assert api_client(nok).get(f"/homes/{made}").json()["locale"] == "en"
    assert api_client(nok).patch(f"/homes/{made}", {"name": "Attic"}).status_code == 200


@pytest.mark.parametrize("value", [b"0,", b"[", b"{"])
def test_values_of_an_import_are_counted_before_it_is_parsed(nok, value):
    most = limit("Commas and opening brackets in the file of an import")
    client = Client(headers={"Authorization": f"Bearer {tokens_for(nok.user, nok)['token']}"})

    def answer_to(count):  # none is valid JSON
        body = b'{"chat":' + value * (count - 1)
        return client.post("/api/homes/import", body, "application/json").json()["error"]["message"]

    assert answer_to(most + 1) == f"This file has more than {most:,} commas and opening brackets."
    assert "not valid JSON" in answer_to(most)


def test_exported_members_are_not_imported(api_client, nok, file):
    made = api_client(nok).import_home(file)
    entries = Home.objects.get(pk=made).lists.get(name="Weekly shop").entries.all()
    assert {entry.item.name: entry.purchased_by for entry in entries} == {"Eggs": nok.user, "Milk": None, "Rice": None}
    assert [member["name"] for member in api_client(nok).get(f"/homes/{made}/members").json()["results"]] == ["Nok"]


def test_only_an_owner_can_export_a_home(api_client, ben):
    assert api_client(ben).get("export").status_code == 403


def spoil(file, path, value):
    *way, last = path
    place = file
    for step in way:
        place = place[step]
    place[last] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["format"], 2),
        (["home"], {}),
        (["home", "timezone"], "Mars"),
        (["home", "name"], "\x00"),
        (["groceries"], []),
        (["groceries", "items", 0, "category_id"], "00000000-0000-0000-0000-000000000000"),
        (["groceries", "items", 0, "name"], ""),
        (["groceries", "items", 0, "estimated_price"], "NaN"),
        (["groceries", "items", 0, "estimated_price"], "1e30"),
        (["groceries", "lists", 0, "state"], "eaten"),
        (["groceries", "lists", 0, "name"], "x" * 81),
        (["groceries", "lists", 0, "completed_at"], "2026-01-01T00:00:00"),
        (["groceries", "entries", 0, "quantity"], "-1"),
        (["groceries", "entries", 0, "state"], "pending"),
        (["groceries", "entries", 0, "extra"], 1),
        (["groceries", "entries"], [{}] * 20_001),
        (["chat"], []),
        (["chat", "channels", 0, "kind"], "cellar"),
        (["chat", "channels", 0, "name"], "Not A Name"),
        (["chat", "channels", 0, "id"], "x"),
        (["chat", "channels", 0, "read"], NOWHERE),
        (["chat", "channels", 0, "topic"], "x" * 121),
        (["chat", "messages", 0, "channel"], NOWHERE),
        (["chat", "messages", 0, "parent"], NOWHERE),
        (["chat", "messages", 0, "body"], ""),
        (["chat", "messages", 0, "body"], "x" * 4001),
        (["chat", "messages", 0, "by"], "x" * 81),
        (["chat", "messages", 0, "version"], 2**70),
        (["chat", "messages", 0, "created_at"], "2026-01-01T00:00:00"),
        (["chat", "messages", 0, "created_at"], "0001-01-01T00:00:00+14:00"),
        (["chat", "reactions"], [{"message": NOWHERE, "emoji": "❤️", "created_at": "2026-01-01T00:00:00Z"}]),
        (["groceries", "categories", 0, "position"], 2**70),
        (["groceries", "recurring", 0, "rrule"], "FREQ=NEVER"),
        (["groceries", "recurring", 0, "unit"], "x" * 30),
        (["groceries", "items", 0, "min_quantity"], "-1"),
        (["groceries", "pantry", 0, "quantity"], "0"),
        (["groceries", "pantry", 0, "place"], "garage"),
        (["groceries", "pantry", 0, "best_before"], "0001-01-01"),
        (["groceries", "pantry", 0, "item_id"], NOWHERE),
        (["groceries", "pantry"], [{}] * 2001),
        (["groceries", "barcodes", 0, "code"], "4006381333932"),
        (["groceries", "barcodes", 0, "code"], ""),
        (["groceries", "barcodes", 0, "quantity"], "0"),
    ],
)
def test_invalid_file_creates_no_home(api_client, nok, file, path, value):
    spoil(file, path, value)
    if len(path) == 1 or path == ["home", "name"]:  # checked at once
        response = api_client(nok).post("/homes/import", file)
        assert (response.status_code, path[0] in response.json()["error"]["fields"]) == (400, True), response.text
        assert not Import.objects.exists()
    else:
        failed = api_client(nok).import_file(file)
        assert (failed["state"], failed["home"]) == ("failed", None)
        assert ".".join(str(step) for step in path[:3]) in failed["error"]
    assert Home.objects.get() == nok.home


@pytest.mark.parametrize("url", ["/api/homes/{home}/export", "/me/export/"])
def test_second_export_of_a_person_is_refused_meanwhile(nok, ben, mai, file, monkeypatch, url):
    assert limit("Exports of a user that are being written, in each process") == 1
    statuses, chunks, others = [], export.json_chunks, [mai, nok]

    def export_again(value):
        while others:
            member = others.pop()
            response = read_stream(sign_in(member).get(url.format(home=member.home_id)))
            statuses.append(response.status_code)
        yield from chunks(value)

    monkeypatch.setattr(export, "json_chunks", export_again)
    monkeypatch.setattr(security, "json_chunks", export_again)
    answer = sign_in(nok).get(url.format(home=nok.home_id))
    assert b"Milk" in b"".join(answer)
    assert statuses == ([429, 200] if url.startswith("/api") else [302, 200])
    assert b"Milk" in b"".join(sign_in(nok).get(url.format(home=nok.home_id)))


def times_of(value, path=()):
    """Return the path of each time in the file."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return [inner for key, member in pairs for inner in times_of(member, (*path, key))]
    return [path] if isinstance(value, str) and TIME.fullmatch(value) else []


TIME = re.compile(r"\d{4}-\d\d-\d\dT.*")
IGNORED = {"exported_at", "joined_at"}  # of the file and its members, which an import does not read


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2200-01-01T00:00:00Z"])
def test_no_time_in_a_file_is_beyond_the_years_that_every_page_can_show(api_client, nok, file, chats, time):
    file = api_client(nok).get("export").json()
    paths = [path for path in times_of(file) if path[-1] not in IGNORED]
    assert {path[-1] for path in paths} >= {"created_at", "purchased_at", "edited_at", "paused_at", "last_purchased_at"}
    for path in {(path[0], path[1], path[-1]): path for path in paths}.values():
        spoiled = json.loads(json.dumps(file))
        spoil(spoiled, list(path), time)
        failed = api_client(nok).import_file(spoiled)
        assert failed["state"] == "failed", path
        assert "between 1900 and 2199" in failed["error"], path


@pytest.mark.parametrize("time", ["1900-01-01T00:00:00Z", "2199-12-31T23:59:59Z"])
def test_every_page_shows_the_first_and_last_times_of_a_file(api_client, nok, file, time):
    for path in times_of(file):
        spoil(file, list(path), time)
    home_id, client = api_client(nok).import_home(file), sign_in(nok)
    opened = [route.replace("<uuid:home_id>", home_id) for route in HOME_ROUTES if route.count("<") == 1]
    channels = [f"h/{home_id}/chat/{channel.pk}/" for channel in Channel.objects.filter(home=home_id)]
    statuses = {url: read_stream(client.get(f"/{url}")).status_code for url in [*opened, *channels]}
    assert {url: status for url, status in statuses.items() if status not in (200, 302, 400, 404, 405)} == {}
    assert all(statuses[url] == 200 for url in channels)


@pytest.mark.parametrize("body", [[], "x", 7, {}, {"format": 1}])
def test_body_that_is_not_an_export_is_rejected(api_client, body):
    som = person("Som")
    token = (
        api_client()
        .post("/auth/login", {"email": som.email, "password": "correct horse battery staple"})
        .json()["token"]
    )
    assert api_client(token=token).post("/homes/import", body).status_code == 400
    assert not Home.objects.exists()
