"""Agents in the API: read by members, changed by owners, with versions."""

import pytest

from chat.models import Message
from homes.models import Agent
from pixie.actions import change_agent, create_agent
from pixie.runs import queue
from tests.api.client import ApiClient
from tests.factories import by


@pytest.fixture
def chef(nok, pixie):
    return create_agent("Chef", by=by(nok))


def test_owner_creates_an_agent_and_members_read_it(nok, ben, pixie):
    payload = {"display_name": "Chef", "avatar_color": "clay", "system_prompt": "Spicy.", "max_budget_usd": "0.2"}
    response = ApiClient(nok).post("agents", payload)
    assert response.status_code == 201
    assert response.json() == {
        "id": response.json()["id"], "slug": "chef", "display_name": "Chef", "title": "", "avatar_color": "clay",
        "system_prompt": "Spicy.", "model": "", "max_turns": 8, "max_budget_usd": "0.2", "monthly_budget_usd": None,
        "is_active": True, "version": 1,
    }  # fmt: skip
    agents = ApiClient(ben).get("agents").json()["results"]
    assert [each["slug"] for each in agents] == ["pixie", "chef"]
    assert ApiClient(ben).get(f"agents/{response.json()['id']}").json() == response.json()


def test_plain_member_cannot_change_agents(ben, pixie, chef):
    assert ApiClient(ben).post("agents", {"display_name": "Imp"}).status_code == 403
    assert ApiClient(ben).patch(f"agents/{chef.pk}", {"title": "x", "version": 1}).status_code == 403
    assert ApiClient(ben).delete(f"agents/{chef.pk}").status_code == 403


def test_update_with_an_old_version_returns_the_current_one(nok, chef):
    url = f"agents/{chef.pk}"
    assert ApiClient(nok).patch(url, {"title": "Cooks", "version": 1}).json()["version"] == 2
    answer = ApiClient(nok).patch(url, {"title": "Bakes", "version": 1})
    assert answer.status_code == 409
    assert answer.json()["error"]["current"]["title"] == "Cooks"


def test_owner_puts_an_agent_to_sleep_and_wakes_it(nok, pixie, chef):
    asleep = ApiClient(nok).patch(f"agents/{chef.pk}", {"is_active": False, "version": 1})
    assert asleep.json()["is_active"] is False
    assert ApiClient(nok).patch(f"agents/{chef.pk}", {"is_active": True, "version": 2}).json()["is_active"] is True
    ApiClient(nok).patch(f"agents/{chef.pk}", {"is_active": False, "version": 3})
    refused = ApiClient(nok).patch(f"agents/{pixie.pk}", {"is_active": False, "version": 1})
    assert (refused.status_code, "only agent awake" in refused.text) == (400, True)


def test_owner_deletes_only_an_unused_agent(nok, pixie, chef):
    assert ApiClient(nok).delete(f"agents/{chef.pk}").status_code == 204
    assert ApiClient(nok).get(f"agents/{chef.pk}").status_code == 404
    assert ApiClient(nok).delete(f"agents/{pixie.pk}").status_code == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"display_name": ""}, {"display_name": "x" * 41}, {"display_name": "Imp", "max_turns": 0},
        {"display_name": "Imp", "max_budget_usd": "0"}, {"display_name": "Imp", "max_budget_usd": 0},
        {"display_name": "Imp", "avatar_color": "red"}, {"display_name": "Imp", "system_prompt": "x" * 4001},
        {"display_name": "Pixie"}, {},
    ],
)  # fmt: skip
def test_creating_an_invalid_agent_is_refused(nok, pixie, fields):
    assert ApiClient(nok).post("agents", fields).status_code == 400
    assert Agent.objects.filter(home=nok.home).count() == 1


def test_monthly_budget_is_set_and_removed(nok, chef):
    url = f"agents/{chef.pk}"
    assert ApiClient(nok).patch(url, {"monthly_budget_usd": "4.5", "version": 1}).json()["monthly_budget_usd"] == "4.5"
    for wrong in ("-1", "1000000", "much"):
        assert ApiClient(nok).patch(url, {"monthly_budget_usd": wrong, "version": 2}).status_code == 400
    assert ApiClient(nok).patch(url, {"monthly_budget_usd": None, "version": 2}).json()["monthly_budget_usd"] is None


def test_update_without_a_version_is_refused(nok, chef):
    assert ApiClient(nok).patch(f"agents/{chef.pk}", {"title": "Cooks"}).status_code == 400


def test_agent_of_another_home_is_not_found(nok, mai, chef):
    for verb, body in (("get", None), ("patch", {"title": "Mine", "version": 1}), ("delete", None)):
        assert getattr(ApiClient(mai), verb)(f"agents/{chef.pk}", body).status_code == 404
        assert getattr(ApiClient(mai), verb)(f"/homes/{nok.home_id}/agents/{chef.pk}", body).status_code == 403


# Threads


def test_thread_is_created_with_the_chosen_agent(nok, mai, pixie, chef):
    thread = ApiClient(nok).post("threads", {"agent_id": str(chef.pk), "title": "Party"}).json()
    assert thread["agent_id"] == str(chef.pk)
    assert ApiClient(nok).post("threads", {"title": "Party"}).json()["agent_id"] == str(pixie.pk)
    assert ApiClient(nok).get(f"threads/{thread['id']}").json()["agent_id"] == str(chef.pk)
    assert ApiClient(mai).post("threads", {"agent_id": str(chef.pk)}).status_code == 404


def test_agent_of_the_thread_answers(nok, pixie, chef, weekly):
    thread = ApiClient(nok).post("threads", {"agent_id": str(chef.pk)}).json()["id"]
    payload = {"home_id": str(nok.home_id), "message": "We need eggs", "thread_id": thread}
    response = ApiClient(nok).post("/chat?wait=0", payload)
    assert response.status_code == 202
    queue.process_home(nok.home_id)
    run = ApiClient(nok).get(f"runs/{response.json()['run']['id']}").json()
    assert run["response"]["thread_id"] == thread
    assert Message.objects.get(author_agent__isnull=False).author_agent == chef


def test_message_to_a_sleeping_agent_is_refused(nok, pixie, chef):
    thread = ApiClient(nok).post("threads", {"agent_id": str(chef.pk)}).json()["id"]
    change_agent(chef, by=by(nok), is_active=False)
    payload = {"home_id": str(nok.home_id), "message": "We need eggs", "thread_id": thread}
    answer = ApiClient(nok).post("/chat", payload)
    assert (answer.status_code, "Chef is asleep" in answer.text) == (400, True)
    assert not Message.objects.exists()
