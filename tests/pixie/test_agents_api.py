"""Agents at the API: seen by members, changed by owners, with versions."""

import pytest

from chat.models import Message
from homes.models import Agent
from pixie.actions import change_agent, create_agent
from pixie.runs import queue
from tests.api.client import Program
from tests.cast import by


@pytest.fixture
def chef(nok, pixie):
    return create_agent("Chef", by=by(nok))


def test_an_owner_makes_one_and_everybody_sees_it(nok, ben, pixie):
    said = {"display_name": "Chef", "avatar_color": "clay", "system_prompt": "Spicy.", "max_budget_usd": "0.2"}
    made = Program(nok).post("agents", said)
    assert made.status_code == 201
    assert made.json() == {
        "id": made.json()["id"], "slug": "chef", "display_name": "Chef", "title": "", "avatar_color": "clay",
        "system_prompt": "Spicy.", "model": "", "max_turns": 8, "max_budget_usd": "0.2", "monthly_budget_usd": None,
        "is_active": True, "version": 1,
    }  # fmt: skip
    seen = Program(ben).get("agents").json()["results"]
    assert [each["slug"] for each in seen] == ["pixie", "chef"]
    assert Program(ben).get(f"agents/{made.json()['id']}").json() == made.json()


def test_a_member_changes_none(ben, pixie, chef):
    assert Program(ben).post("agents", {"display_name": "Imp"}).status_code == 403
    assert Program(ben).patch(f"agents/{chef.pk}", {"title": "x", "version": 1}).status_code == 403
    assert Program(ben).delete(f"agents/{chef.pk}").status_code == 403


def test_who_saw_an_older_version_is_told_the_current_one(nok, chef):
    there = f"agents/{chef.pk}"
    assert Program(nok).patch(there, {"title": "Cooks", "version": 1}).json()["version"] == 2
    answer = Program(nok).patch(there, {"title": "Bakes", "version": 1})
    assert answer.status_code == 409
    assert answer.json()["error"]["current"]["title"] == "Cooks"


def test_it_is_put_to_sleep_and_woken(nok, pixie, chef):
    asleep = Program(nok).patch(f"agents/{chef.pk}", {"is_active": False, "version": 1})
    assert asleep.json()["is_active"] is False
    assert Program(nok).patch(f"agents/{chef.pk}", {"is_active": True, "version": 2}).json()["is_active"] is True
    Program(nok).patch(f"agents/{chef.pk}", {"is_active": False, "version": 3})
    last = Program(nok).patch(f"agents/{pixie.pk}", {"is_active": False, "version": 1})
    assert (last.status_code, "only one awake" in last.text) == (400, True)


def test_one_that_nobody_spoke_with_goes(nok, pixie, chef):
    assert Program(nok).delete(f"agents/{chef.pk}").status_code == 204
    assert Program(nok).get(f"agents/{chef.pk}").status_code == 404
    assert Program(nok).delete(f"agents/{pixie.pk}").status_code == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"display_name": ""}, {"display_name": "x" * 41}, {"display_name": "Imp", "max_turns": 0},
        {"display_name": "Imp", "max_budget_usd": "0"}, {"display_name": "Imp", "max_budget_usd": 0},
        {"display_name": "Imp", "avatar_color": "red"}, {"display_name": "Imp", "system_prompt": "x" * 4001},
        {"display_name": "Pixie"}, {},
    ],
)  # fmt: skip
def test_what_is_no_agent_is_refused(nok, pixie, fields):
    assert Program(nok).post("agents", fields).status_code == 400
    assert Agent.objects.filter(home=nok.home).count() == 1


def test_a_limit_for_a_month_comes_and_goes(nok, chef):
    there = f"agents/{chef.pk}"
    assert Program(nok).patch(there, {"monthly_budget_usd": "4.5", "version": 1}).json()["monthly_budget_usd"] == "4.5"
    for wrong in ("-1", "1000000", "much"):
        assert Program(nok).patch(there, {"monthly_budget_usd": wrong, "version": 2}).status_code == 400
    assert Program(nok).patch(there, {"monthly_budget_usd": None, "version": 2}).json()["monthly_budget_usd"] is None


def test_without_a_version_nothing_is_changed(nok, chef):
    assert Program(nok).patch(f"agents/{chef.pk}", {"title": "Cooks"}).status_code == 400


def test_another_homes_agent_is_not_there(nok, mai, chef):
    for verb, body in (("get", None), ("patch", {"title": "Mine", "version": 1}), ("delete", None)):
        assert getattr(Program(mai), verb)(f"agents/{chef.pk}", body).status_code == 404
        assert getattr(Program(mai), verb)(f"/homes/{nok.home_id}/agents/{chef.pk}", body).status_code == 403


# Talks


def test_a_talk_is_begun_with_whom_one_wants(nok, mai, pixie, chef):
    begun = Program(nok).post("threads", {"agent_id": str(chef.pk), "title": "Party"}).json()
    assert begun["agent_id"] == str(chef.pk)
    assert Program(nok).post("threads", {"title": "Party"}).json()["agent_id"] == str(pixie.pk)
    assert Program(nok).get(f"threads/{begun['id']}").json()["agent_id"] == str(chef.pk)
    assert Program(mai).post("threads", {"agent_id": str(chef.pk)}).status_code == 404


def test_the_threads_own_agent_answers(nok, pixie, chef, weekly):
    thread = Program(nok).post("threads", {"agent_id": str(chef.pk)}).json()["id"]
    said = {"home_id": str(nok.home_id), "message": "We need eggs", "thread_id": thread}
    asked = Program(nok).post("/chat?wait=0", said)
    assert asked.status_code == 202
    queue.process_home(nok.home_id)
    done = Program(nok).get(f"runs/{asked.json()['run']['id']}").json()
    assert done["response"]["thread_id"] == thread
    assert Message.objects.get(author_agent__isnull=False).author_agent == chef


def test_who_asks_one_that_sleeps_is_told_at_once(nok, pixie, chef):
    thread = Program(nok).post("threads", {"agent_id": str(chef.pk)}).json()["id"]
    change_agent(chef, by=by(nok), is_active=False)
    said = {"home_id": str(nok.home_id), "message": "We need eggs", "thread_id": thread}
    answer = Program(nok).post("/chat", said)
    assert (answer.status_code, "Chef is asleep" in answer.text) == (400, True)
    assert not Message.objects.exists()
