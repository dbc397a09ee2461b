"""Runs at the API: an agent's, one with all its steps, and stopping it."""

import pytest

from chat.actions import create_channel, delete_message, send_message
from pixie.models import Run
from pixie.runs import queue
from tests.api.client import ApiClient
from tests.factories import by
from tests.pixie.providers import Says, Wants
from tests.pixie.test_thinking import HARD


@pytest.fixture
def api_client():
    return ApiClient


@pytest.fixture
def runs(api_client, nok, pixie):
    """`runs(ben, "status=failed")`: Pixie's runs, as that member reads them."""
    return lambda who=nok, said="": api_client(who).get(f"agents/{pixie.pk}/runs?{said}").json()["results"]


def test_the_newest_comes_first_and_pages_go_on(api_client, nok, pixie, tell, weekly):
    for text in ("We need eggs", "We need milk", "We need rice"):
        tell(text)
    wanted = [str(pk) for pk in Run.objects.order_by("-created_at").values_list("pk", flat=True)]
    page = api_client(nok).get(f"agents/{pixie.pk}/runs?limit=2").json()
    rest = api_client(nok).get(page["next"].split("/api", 1)[1]).json()
    assert [each["id"] for each in page["results"] + rest["results"]] == wanted
    assert rest["next"] is None


def test_they_are_found_by_how_it_went(nok, pixie, talk, tell, weekly, runs, api_client):
    tell("We need eggs")
    waiting = send_message(talk, "We need milk", by=by(nok))
    Run.objects.create(home=nok.home, agent=pixie, channel=talk, trigger_message=waiting)
    assert [each["trigger_message_id"] for each in runs(said="status=created")] == [str(waiting.pk)]
    assert [each["route"] for each in runs(said="status=completed")] == ["local"]
    assert api_client(nok).get(f"agents/{pixie.pk}/runs?status=odd").status_code == 400


def test_each_sees_those_of_their_channels(nok, ben, mai, general, pixie, tell, weekly, runs, api_client):
    tell("We need eggs")
    tell("Pixie, we need milk", where=general)
    tell("Pixie, we need rice", where=create_channel("gifts", is_private=True, by=by(nok)))
    assert (len(runs(nok)), len(runs(ben))) == (3, 1)
    assert api_client(mai).get(f"/homes/{nok.home_id}/agents/{pixie.pk}/runs").status_code == 403
    assert api_client(mai).get(f"agents/{pixie.pk}/runs").status_code == 404


def test_one_tells_all_of_it(api_client, nok, tell, weekly, provider):
    provider.plays(Says("Let me see.", (Wants("add_item", {"name": "balloons"}),)), Says("Balloons are on the list."))
    answer = tell(HARD)
    run = api_client(nok).get(f"runs/{answer.metadata['run']}").json()
    assert (run["status"], run["route"], run["error"]) == ("completed", "tiny", "")
    assert (run["input_tokens"], run["output_tokens"], run["cost_usd"]) == (200, 40, 0.024)
    assert run["response"]["message"] == "Balloons are on the list."
    assert [(step["model"], step["stop_reason"]) for step in run["steps"]] == [("tiny", "calls"), ("tiny", "said_all")]
    assert run["tool_ms"] == sum(step["tool_ms"] for step in run["steps"])
    kinds = [(each["message_type"], each["tool_name"], each["outcome"]) for each in run["messages"]]
    assert kinds == [
        ("user_message", "", None),
        ("assistant_message", "", None),
        ("tool_call_message", "add_item", None),
        ("tool_return_message", "add_item", "done"),
        ("assistant_message", "", None),
    ]
    assert run["messages"][2]["tool_input"] == {"name": "balloons"}
    assert run["messages"][3]["duration_ms"] is not None


def test_what_was_taken_back_is_not_told(api_client, nok, talk, weekly):
    asked = send_message(talk, "We need surprise balloons", by=by(nok))
    queue.process_home(nok.home_id)
    delete_message(asked, by=by(nok))
    told = api_client(nok).get(f"runs/{Run.objects.get().pk}").json()
    assert (told["messages"], len(told["steps"])) == ([], 1)


def test_one_that_waits_is_cancelled(api_client, nok, ben, pixie, talk):
    asked = send_message(talk, "We need eggs", by=by(nok))
    run = Run.objects.create(home=nok.home, agent=pixie, channel=talk, trigger_message=asked)
    assert api_client(ben).post(f"runs/{run.pk}/cancel", {}).status_code == 404
    assert api_client(nok).post(f"runs/{run.pk}/cancel", {}).json()["status"] == "cancelled"
    assert api_client(nok).post(f"runs/{run.pk}/cancel", {}).json()["status"] == "cancelled"
    assert api_client(nok).get(f"runs/{run.pk}").json()["error"] == "It was stopped before it finished."
