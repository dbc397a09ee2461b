"""The agents come along with their home, and what they said stays theirs."""

import pytest

from chat.actions import open_assistant, send_message
from chat.models import ChannelMember, Message
from homes.models import Agent, Membership
from pixie.actions import change_agent, create_agent, write_block
from pixie.models import MemoryBlock
from tests.api.client import Program
from tests.cast import by

pytestmark = pytest.mark.both_databases


def take_along(nok):
    """Nok's home, brought into another one of hers."""
    answer = Program(nok).post("/homes/import", Program(nok).get("export").json())
    assert answer.status_code == 201, answer.text
    return Membership.objects.get(home=answer.json()["id"])


@pytest.fixture
def chef(nok, pixie):
    return create_agent("Chef", by=by(nok), system_prompt="Spicy.", avatar_color="clay", max_budget_usd="0.2")


def agents_of(member):
    fields = ("slug", "system_prompt", "avatar_color", "is_active")
    return list(Agent.objects.filter(home=member.home).order_by("created_at").values_list(*fields))


def test_they_come_along(nok, pixie, chef):
    change_agent(pixie, by=by(nok), display_name="Biscuit", is_active=False)
    create_agent("Pixie", by=by(nok), is_active=False)
    write_block(chef, "household", "A gas stove", by=by(nok))
    there = take_along(nok)
    assert agents_of(there) == agents_of(nok) == [
        ("biscuit", "", "marigold", False), ("chef", "Spicy.", "clay", True), ("pixie", "", "marigold", False),
    ]  # fmt: skip
    kept = MemoryBlock.objects.get(home=there.home, agent__slug="chef", label="household")
    assert kept.content == "A gas stove"


def test_what_they_said_stays_theirs(nok, pixie, chef, general):
    send_message(general, "Soup.", by=by(nok).as_agent(chef))
    talk = open_assistant(chef, by=by(nok))
    send_message(talk, "And bread.", by=by(nok).as_agent(chef))
    there = take_along(nok)
    said = Message.objects.filter(home=there.home).order_by("seq")
    assert [(each.body, each.author_agent.slug) for each in said] == [("Soup.", "chef"), ("And bread.", "chef")]
    inside = ChannelMember.objects.filter(channel__home=there.home, agent__isnull=False)
    assert set(inside.values_list("agent__slug", flat=True)) == {"pixie", "chef"}


def test_where_all_of_them_sleep_one_wakes(nok, pixie):
    file = Program(nok).get("export").json()
    file["agents"][0]["is_active"] = False
    home = Program(nok).post("/homes/import", file).json()["id"]
    assert Agent.objects.get(home=home).is_active


@pytest.mark.parametrize("wrong", [{"avatar_color": "red"}, {"max_turns": 0}, {"display_name": ""}, {"rights": "all"}])
def test_what_is_no_agent_is_refused_with_its_place(nok, pixie, chef, wrong):
    file = Program(nok).get("export").json()
    file["agents"][1] |= wrong
    answer = Program(nok).post("/homes/import", file)
    assert (answer.status_code, "agents.1" in answer.text) == (400, True)


def test_a_file_without_agents_is_read_too(nok):
    file = Program(nok).get("export").json()
    del file["agents"]
    assert Program(nok).post("/homes/import", file).status_code == 201
