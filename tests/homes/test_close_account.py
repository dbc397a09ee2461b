"""Closing an account: what it asks, what it refuses, what is erased and what stays."""

import json

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import connection
from django.test import Client

from chat.actions import add_reaction, create_channel, join_channel, open_assistant, send_message
from groceries.actions import add_entry, create_list, purchase_entry, set_recurring, start_shopping
from homes.accounts.actions import create_api_token
from homes.accounts.api.jwt import tokens_for
from homes.accounts.models import User
from homes.actions import change_role, invite
from homes.closing import Departure, close_account, erase_home
from homes.models import Agent, Home, Membership
from pantry.errors import ActionError
from pixie.actions import remember_passage, schedule_message
from pixie.models import Run, RunMessage, RunStep, SummaryChoice
from tests.api.client import ApiClient
from tests.factories import by, found_home, move_in, person, sign_in
from tests.replay.registry import in_an_hour

pytestmark = pytest.mark.both_databases
PASSWORD = "correct horse battery staple"
URL = "/me/close/"


def page_client(user):
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def rows():
    """Return the number of rows of each table that has rows of homes, with the word index of SQLite."""
    counts = {model._meta.label: model._base_manager.count() for model in apps.get_models(include_auto_created=True)}
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%by_words'")
            for (table,) in cursor.fetchall():
                cursor.execute(f"SELECT COUNT(*) FROM {table}")  # noqa: S608
                counts[table] = cursor.fetchone()[0]
    return counts


def furnish(member):
    """Write rows of many kinds into the home."""
    me = by(member)
    weekly = create_list("Weekly shop", by=me)
    purchase_entry(add_entry(weekly, "Milk", by=me)[0], by=me, price=None)
    set_recurring("Rice", "weekly", by=me)
    start_shopping(weekly, by=me)
    room = create_channel("secrets", by=me, is_private=True)
    join_channel(room, member.user, by=me)
    message = send_message(room, "The safe code is 4711", by=me)
    send_message(room, "Yes", by=me, parent=message)
    add_reaction(message, "👍", by=me)
    remember_passage("The rent is due on the 5th", by=me)
    schedule_message("add eggs", in_an_hour(), by=me)
    pixie = Agent.objects.get(home=member.home, slug="pixie")
    channel = open_assistant(pixie, by=me)
    run = Run.objects.create(home=member.home, agent=pixie, channel=channel)
    where = {"run": run, "home": member.home, "agent": pixie, "requested_at": run.created_at}
    step = RunStep.objects.create(step_number=1, model="local", **where)
    RunMessage.objects.create(run=run, step=step, content="Hello")
    invite(by=me)
    SummaryChoice.objects.create(home=member.home, hour=7)
    create_api_token(member.user, "Display", ["read"], home=member.home)


def test_erasing_a_home_leaves_no_row_of_it(nok, mai):
    before = rows()
    alone = found_home(nok.user, "Hut")
    furnish(alone)
    assert rows()["events.Event"] > before["events.Event"] + 8
    erase_home(alone.home)
    assert {table: count for table, count in rows().items() if count != before[table]} == {}
    assert Home.objects.filter(pk=nok.home_id).exists()


def test_home_that_someone_joins_meanwhile_is_not_erased(nok, ben, monkeypatch):
    monkeypatch.setattr(Departure, "of", lambda user: Departure(alone=[nok]))
    with pytest.raises(ActionError, match="joined"):
        close_account(nok.user)
    assert Home.objects.filter(pk=nok.home_id).exists()


def test_closing_leaves_shared_homes_and_erases_others(nok, ben, events, general):
    alone = found_home(ben.user, "Hut")
    message = send_message(general, "Hello", by=by(ben))
    close_account(ben.user)
    assert list(Membership.objects.filter(home=nok.home)) == [nok]
    assert events(nok.home)[-1] == "member_left"
    assert not Home.objects.filter(pk=alone.home_id).exists()
    message.refresh_from_db()
    assert message.author_user.name == "Ben"


def test_closed_account_cannot_be_used(nok, ben):
    _token, key = create_api_token(ben.user, "Display", ["read"])
    EmailAddress.objects.create(user=ben.user, email=ben.user.email, primary=True)
    pair, browser = tokens_for(ben.user, ben), sign_in(ben)
    close_account(ben.user)
    credentials = {"email": "ben@example.com", "password": PASSWORD}
    assert ApiClient().post("/auth/login", credentials).status_code == 401
    assert ApiClient().post("/auth/refresh", {"refresh": pair["refresh"]}).status_code == 401
    for token in (key, pair["token"]):
        assert ApiClient(token=token).get("/auth/me").status_code == 401
    assert browser.get("/me/").status_code == 302


def test_email_of_a_closed_account_can_be_used_again(nok, ben):
    close_account(ben.user)
    assert not EmailAddress.objects.filter(email="ben@example.com").exists()
    again = ApiClient().post("/auth/signup", {"email": "ben@example.com", "password": PASSWORD, "name": "Ben"})
    assert again.status_code == 200
    assert User.objects.filter(name="Ben").count() == 2


def test_several_accounts_can_be_closed(nok, ben, ploy):
    close_account(ben.user)
    close_account(ploy.user)
    assert User.objects.filter(is_active=False).count() == 2


def test_only_owner_of_a_shared_home_is_refused_before_anything_changes(nok, ben, events):
    other = found_home(nok.user, "Hut")
    with pytest.raises(ActionError, match="only owner of Apartment 42"):
        close_account(nok.user)
    assert Membership.objects.filter(user=nok.user).count() == 2
    assert Home.objects.filter(pk=other.home_id).exists()
    nok.user.refresh_from_db()
    assert nok.user.is_active
    change_role(ben, "owner", by=by(nok))
    close_account(nok.user)
    assert Membership.objects.get(home=nok.home).user == ben.user


def test_somebody_joining_meanwhile_keeps_the_home(nok, monkeypatch):
    departure = Departure.of(nok.user)
    move_in(nok, "Ben")
    monkeypatch.setattr(Departure, "of", classmethod(lambda cls, user: departure))
    with pytest.raises(ActionError, match="joined"):
        close_account(nok.user)
    nok.user.refresh_from_db()
    assert nok.user.is_active
    assert Home.objects.filter(pk=nok.home_id).exists()


# The page


def test_page_asks_for_the_password(nok):
    client = sign_in(nok)
    assert client.post(URL, {"erase": "on"}).url.startswith("/accounts/reauthenticate/")
    nok.user.refresh_from_db()
    assert nok.user.is_active


def test_page_asks_before_it_erases_a_home(nok):
    client = page_client(nok.user)
    page = client.get(URL).text
    assert "Delete Apartment 42 and everything in it" in page
    assert f"/api/homes/{nok.home_id}/export" in page
    answer = client.post(URL)
    assert (answer.status_code, "Tick this to go on" in answer.text) == (422, True)
    assert Home.objects.filter(pk=nok.home_id).exists()
    assert client.post(URL, {"erase": "on"}).url == "/accounts/login/"
    assert not Home.objects.filter(pk=nok.home_id).exists()
    assert client.get("/me/").status_code == 302


def test_page_names_the_homes_that_would_have_no_owner(nok, ben):
    client = page_client(nok.user)
    page = client.get(URL).text
    assert "would have no owner" in page
    assert "Close my account" not in page
    client.post(URL, {"erase": "on"})
    nok.user.refresh_from_db()
    assert nok.user.is_active


def test_page_names_the_homes_that_are_left(nok, ben):
    page = page_client(ben.user).get(URL).text
    assert "You leave Apartment 42" in page
    assert "Delete" not in page


def test_person_without_a_home_can_close_their_account(db):
    som = person("Som")
    assert page_client(som).post(URL).url == "/accounts/login/"
    som.refresh_from_db()
    assert not som.is_active


# The data


def test_export_has_the_account_and_what_the_person_did(nok, ben, general, mai):
    send_message(general, "Hello from Ben", by=by(ben))
    send_message(general, "Hello from Nok", by=by(nok))
    private = create_channel("surprise", by=by(nok), is_private=True)
    send_message(private, "For Ben", by=by(nok))
    answer = sign_in(ben).get("/me/export/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="account.json"'
    text = b"".join(answer.streaming_content).decode()
    exported = json.loads(text)
    assert exported["account"]["email"] == "ben@example.com"
    assert "Hello from Ben" in text
    assert "Hello from Nok" not in text
    assert "For Ben" not in text
    assert list(exported["homes"]) == [str(nok.home_id)]
    assert {event["type"] for event in exported["homes"][str(nok.home_id)]["events"]} >= {"chat_message"}


def test_export_needs_a_sign_in(db):
    assert Client().get("/me/export/").status_code == 302
