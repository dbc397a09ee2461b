"""Runs in the API: list, details and cancelling."""

import pytest

from chat.actions import create_channel, delete_message, send_message
from pixie.models import Run
from pixie.runs import queue
from tests.api.client import Program
from tests.cast import by
from tests.pixie.providers import Says, Wants
from tests.pixie.test_thinking import HARD


@pytest.fixture
def program():
    return Program


@pytest.fixture
def runs(program, nok, pixie):
    """Return Pixie's runs that a member can see: `runs(ben, "status=failed")`."""
    return lambda who=nok, query="": program(who).get(f"agents/{pixie.pk}/runs?{query}").json()["results"]


def test_runs_are_paginated_newest_first(program, nok, pixie, tell, weekly):
    for text in ("We need eggs", "We need milk", "We need rice"):
        tell(text)
    expected = [str(pk) for pk in Run.objects.order_by("-created_at").values_list("pk", flat=True)]
    page = program(nok).get(f"agents/{pixie.pk}/runs?limit=2").json()
    next_page = program(nok).get(page["next"].split("/api", 1)[1]).json()
    assert [each["id"] for each in page["results"] + next_page["results"]] == expected
    assert next_page["next"] is None


def test_runs_are_filtered_by_status(nok, pixie, talk, tell, weekly, runs, program):
    tell("We need eggs")
    waiting = send_message(talk, "We need milk", by=by(nok))
    Run.objects.create(home=nok.home, agent=pixie, channel=talk, trigger_message=waiting)
    assert [each["trigger_message_id"] for each in runs(query="status=created")] == [str(waiting.pk)]
    assert [each["route"] for each in runs(query="status=completed")] == ["local"]
    assert program(nok).get(f"agents/{pixie.pk}/runs?status=odd").status_code == 400


def test_members_see_runs_of_their_channels_only(nok, ben, mai, general, pixie, tell, weekly, runs, program):
    tell("We need eggs")
    tell("Pixie, we need milk", where=general)
    tell("Pixie, we need rice", where=create_channel("gifts", is_private=True, by=by(nok)))
    assert (len(runs(nok)), len(runs(ben))) == (3, 1)
    assert program(mai).get(f"/homes/{nok.home_id}/agents/{pixie.pk}/runs").status_code == 403
    assert program(mai).get(f"agents/{pixie.pk}/runs").status_code == 404


def test_run_has_its_steps_and_messages(program, nok, tell, weekly, provider):
    provider.plays(Says("Let me see.", (Wants("add_item", {"name": "balloons"}),)), Says("Balloons are on the list."))
    answer = tell(HARD)
    run = program(nok).get(f"runs/{answer.metadata['run']}").json()
    assert (run["status"], run["route"], run["error"]) == ("completed", "tiny", "")
    assert (run["input_tokens"], run["output_tokens"], run["cost_usd"]) == (200, 40, 0.024)
    assert run["response"]["message"] == "Balloons are on the list."
    assert [(step["model"], step["stop_reason"]) for step in run["steps"]] == [("tiny", "calls"), ("tiny", "said_all")]
    assert run["tool_ms"] == sum(step["tool_ms"] for step in run["steps"])
    messages = [(each["message_type"], each["tool_name"], each["outcome"]) for each in run["messages"]]
    assert messages == [
        ("user_message", "", None),
        ("assistant_message", "", None),
        ("tool_call_message", "add_item", None),
        ("tool_return_message", "add_item", "done"),
        ("assistant_message", "", None),
    ]
    assert run["messages"][2]["tool_input"] == {"name": "balloons"}
    assert run["messages"][3]["duration_ms"] is not None


def test_run_of_a_deleted_message_has_no_messages(program, nok, talk, weekly):
    message = send_message(talk, "We need surprise balloons", by=by(nok))
    queue.read(nok.home_id)
    delete_message(message, by=by(nok))
    run = program(nok).get(f"runs/{Run.objects.get().pk}").json()
    assert (run["messages"], len(run["steps"])) == ([], 1)


def test_waiting_run_is_cancelled_idempotently(program, nok, ben, pixie, talk):
    message = send_message(talk, "We need eggs", by=by(nok))
    run = Run.objects.create(home=nok.home, agent=pixie, channel=talk, trigger_message=message)
    assert program(ben).post(f"runs/{run.pk}/cancel", {}).status_code == 404
    assert program(nok).post(f"runs/{run.pk}/cancel", {}).json()["status"] == "cancelled"
    assert program(nok).post(f"runs/{run.pk}/cancel", {}).json()["status"] == "cancelled"
    assert program(nok).get(f"runs/{run.pk}").json()["error"] == "It was stopped before its end."
