"""API of runs: list, details and cancelling."""

import pytest

from chat.actions import create_channel, delete_message, send_message
from pixie.models import Run
from pixie.runs import queue
from tests.api.client import ApiClient
from tests.factories import by
from tests.pixie.providers import Call, Reply
from tests.pixie.runs import MODEL_REQUEST, NOTHING_ELSE


@pytest.fixture
def api_client():
    return ApiClient


@pytest.fixture
def runs(api_client, nok, pixie):
    """Return a function that lists Pixie's runs for a member: `runs(ben, "status=failed")`."""
    return lambda member=nok, query="": api_client(member).get(f"agents/{pixie.pk}/runs?{query}").json()["results"]


def test_runs_are_listed_newest_first_in_pages(api_client, nok, pixie, tell, weekly):
    for text in ("We need eggs", "We need milk", "We need rice"):
        tell(text)
    expected = [str(pk) for pk in Run.objects.order_by("-created_at").values_list("pk", flat=True)]
    page = api_client(nok).get(f"agents/{pixie.pk}/runs?limit=2").json()
    next_page = api_client(nok).get(page["next"].split("/api", 1)[1]).json()
    assert [row["id"] for row in page["results"] + next_page["results"]] == expected
    assert next_page["next"] is None


def test_runs_can_be_filtered_by_status(nok, pixie, agent_chat, tell, weekly, runs, api_client):
    tell("We need eggs")
    message = send_message(agent_chat, "We need milk", by=by(nok))
    Run.objects.create(home=nok.home, agent=pixie, channel=agent_chat, trigger_message=message)
    assert [row["trigger_message_id"] for row in runs(query="status=created")] == [str(message.pk)]
    assert [row["route"] for row in runs(query="status=completed")] == ["local"]
    assert api_client(nok).get(f"agents/{pixie.pk}/runs?status=odd").status_code == 400


def test_member_sees_runs_of_their_channels_only(nok, ben, mai, general, pixie, tell, weekly, runs, api_client):
    tell("We need eggs")
    tell("Pixie, we need milk", where=general)
    tell("Pixie, we need rice", where=create_channel("gifts", is_private=True, by=by(nok)))
    assert (len(runs(nok)), len(runs(ben))) == (3, 1)
    assert api_client(mai).get(f"/homes/{nok.home_id}/agents/{pixie.pk}/runs").status_code == 403
    assert api_client(mai).get(f"agents/{pixie.pk}/runs").status_code == 404


def test_run_has_steps_messages_and_costs(api_client, nok, tell, weekly, provider):
    provider.enqueue(
        Reply("Let me see.", (Call("add_item", {"name": "balloons"}),)), Reply("Balloons are on the list.")
    )
    answer = tell(MODEL_REQUEST)
    run = api_client(nok).get(f"runs/{answer.metadata['run']}").json()
    assert (run["status"], run["route"], run["error"]) == ("completed", "tiny", "")
    assert (run["input_tokens"], run["output_tokens"], run["cost_usd"]) == (200, 40, 0.024)
    note = f"Added Balloons to Weekly shop, under Other. {NOTHING_ELSE}"
    assert run["response"]["message"] == f"Balloons are on the list.\n\n{note}"
    assert [(step["model"], step["stop_reason"]) for step in run["steps"]] == [("tiny", "calls"), ("tiny", "complete")]
    assert run["tool_ms"] == sum(step["tool_ms"] for step in run["steps"])
    kinds = [(row["message_type"], row["tool_name"], row["outcome"]) for row in run["messages"]]
    assert kinds == [
        ("user_message", "", None),
        ("assistant_message", "", None),
        ("tool_call_message", "add_item", None),
        ("tool_return_message", "add_item", "done"),
        ("assistant_message", "", None),
    ]
    assert run["messages"][2]["tool_input"] == {"name": "balloons"}
    assert run["messages"][3]["duration_ms"] is not None


def test_run_of_a_deleted_message_has_no_messages(api_client, nok, agent_chat, weekly):
    message = send_message(agent_chat, "We need surprise balloons", by=by(nok))
    queue.process_home(nok.home_id)
    delete_message(message, by=by(nok))
    run = api_client(nok).get(f"runs/{Run.objects.get().pk}").json()
    assert (run["messages"], len(run["steps"])) == ([], 1)


def test_waiting_run_can_be_cancelled(api_client, nok, ben, pixie, agent_chat):
    message = send_message(agent_chat, "We need eggs", by=by(nok))
    run = Run.objects.create(home=nok.home, agent=pixie, channel=agent_chat, trigger_message=message)
    assert api_client(ben).post(f"runs/{run.pk}/cancel", {}).status_code == 404
    assert api_client(nok).post(f"runs/{run.pk}/cancel", {}).json()["status"] == "cancelled"
    assert api_client(nok).post(f"runs/{run.pk}/cancel", {}).json()["status"] == "cancelled"
    assert api_client(nok).get(f"runs/{run.pk}").json()["error"] == "It was stopped before it finished."
