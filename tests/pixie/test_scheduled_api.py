"""Tests of schedules in the API and in a home's export file."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from chat.actions import create_channel, open_assistant
from homes.models import Home, Membership
from pixie.actions import cancel_scheduled, choose_summary, schedule_message
from pixie.models import ScheduledMessage, SummaryChoice
from tests.api.client import ApiClient
from tests.factories import by


@pytest.fixture
def api_client(db):
    return ApiClient


@pytest.fixture
def body():
    return {"prompt": "Remind us: bins", "trigger_at": (timezone.now() + timedelta(days=1)).isoformat()}


def test_schedule_is_created_read_cancelled_and_resumed(api_client, nok, ben, general, body):
    made = api_client(nok).post("scheduled", {**body, "channel_id": str(general.pk), "rrule": "FREQ=DAILY"})
    assert made.status_code == 201, made.text
    row = made.json()
    assert (row["prompt"], row["status"], row["created_by_id"]) == ("Remind us: bins", "pending", str(nok.user_id))
    assert api_client(ben).get(f"scheduled/{row['id']}").json() == row
    assert [result["id"] for result in api_client(ben).get("scheduled").json()["results"]] == [row["id"]]
    assert api_client(ben).post(f"scheduled/{row['id']}/cancel").json()["status"] == "cancelled"
    assert api_client(ben).get("scheduled").json()["results"] == []
    assert [result["id"] for result in api_client(ben).get("scheduled?status=cancelled").json()["results"]] == [
        row["id"]
    ]
    assert api_client(ben).post(f"scheduled/{row['id']}/resume").json()["status"] == "pending"


def test_schedule_without_a_channel_is_private(api_client, nok, ben, pixie, body):
    row = api_client(nok).post("scheduled", body).json()
    assert row["channel_id"] == str(open_assistant(pixie, by=by(nok)).pk)
    assert api_client(ben).get(f"scheduled/{row['id']}").status_code == 404
    assert api_client(ben).post(f"scheduled/{row['id']}/cancel").status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": ""},
        {"trigger_at": "2020-01-01T00:00:00Z"},
        {"trigger_at": "9999-12-31T23:59:59Z"},
        {"trigger_at": "tomorrow"},
        {"rrule": "FREQ=SECONDLY"},
        {"rrule": "FREQ=WEEKLY;COUNT=1;UNTIL=20200101"},
        {"rrule": "FREQ=DAILY;UNTIL=20200101"},
        {"channel_id": "x"},
    ],
)
def test_invalid_schedule_is_rejected(api_client, nok, body, fields):
    answer = api_client(nok).post("scheduled", {**body, **fields})
    assert answer.status_code == 400, answer.text
    assert not ScheduledMessage.objects.exists()


def test_hidden_room_or_foreign_agent_is_not_found(api_client, nok, ben, mai, body):
    room = create_channel("presents", by=by(nok), is_private=True)
    assert api_client(ben).post("scheduled", {**body, "channel_id": str(room.pk)}).status_code == 404
    agent = mai.home.agents.get()
    assert api_client(ben).post("scheduled", {**body, "agent_id": str(agent.pk)}).status_code == 404


def test_export_and_import_restore_schedules(nok, ben, general):
    later = timezone.now() + timedelta(days=1)
    schedule_message("Remind us: bins", later, by=by(ben), channel=general, rrule="FREQ=DAILY")
    schedule_message("Remind me: a present", later, by=by(nok))
    schedule_message("Remind me: Bens own", later, by=by(ben))
    cancel_scheduled(schedule_message("Remind us: no more", later, by=by(nok)), by=by(nok))
    past = schedule_message("Remind us: gone by then", later, by=by(nok))
    ScheduledMessage.objects.filter(pk=past.pk).update(trigger_at=datetime(2020, 1, 1, tzinfo=UTC))
    choose_summary(None, by=by(ben))
    file = ApiClient(nok).get("export")
    assert "Bens own" not in file.text
    home = Home.objects.get(pk=ApiClient(nok).import_home(file.json()))
    rows = ScheduledMessage.objects.filter(home=home).select_related("channel").order_by("prompt")
    assert [(row.prompt, row.channel.name, row.rrule) for row in rows] == [
        ("Remind me: a present", "", ""),
        ("Remind us: bins", "general", "FREQ=DAILY"),
    ]
    assert SummaryChoice.hour_of(home) is None
    assert {row.created_by for row in rows} == {Membership.objects.get(home=home).user}


@pytest.mark.parametrize("scopes", [None, [], ["chat"], ["read", "chat"]])
def test_imported_schedule_keeps_the_scopes_of_its_token(nok, scopes):
    at = timezone.now() + timedelta(days=1)
    schedule_message("add 5 zucchini", at, by=replace(by(nok), scopes=scopes))
    home = ApiClient(nok).import_home(ApiClient(nok).get("export").json())
    assert ScheduledMessage.objects.get(home=home).scopes == scopes


def test_import_without_schedules_and_with_invalid_ones(nok):
    file = ApiClient(nok).get("export").json()
    assert file.pop("schedules") == {"summary_hour": 8, "waiting": []}
    assert ApiClient(nok).import_home(file)
    for invalid in ([], {"summary_hour": 24, "waiting": []}, {"waiting": [{}]}, {"waiting": [{"prompt": "x"}]}):
        failed = ApiClient(nok).import_file({**file, "schedules": invalid})
        assert (failed["state"], "schedules" in failed["error"]) == ("failed", True)
