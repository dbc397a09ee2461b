"""Export and import of agents and their messages."""

import pytest

from chat.actions import open_assistant, send_message
from chat.models import ChannelMember, Message
from homes.models import Agent, Membership
from pixie.actions import change_agent, create_agent, write_block
from pixie.models import MemoryBlock
from tests.api.client import ApiClient
from tests.factories import by

pytestmark = pytest.mark.both_databases


def reimport(nok):
    """Export Nok's home and import it as a new one."""
    return Membership.objects.get(home=ApiClient(nok).import_home(ApiClient(nok).get("export").json()))


@pytest.fixture
def chef(nok, pixie):
    return create_agent("Chef", by=by(nok), system_prompt="Spicy.", avatar_color="clay", max_budget_usd="0.2")


def agents_of(member):
    fields = ("slug", "system_prompt", "avatar_color", "is_active")
    return list(Agent.objects.filter(home=member.home).order_by("created_at").values_list(*fields))


def test_agents_and_their_blocks_are_imported(nok, pixie, chef):
    change_agent(pixie, by=by(nok), display_name="Biscuit", is_active=False)
    create_agent("Pixie", by=by(nok), is_active=False)
    write_block(chef, "household", "A gas stove", by=by(nok))
    imported = reimport(nok)
    assert agents_of(imported) == agents_of(nok) == [
        ("biscuit", "", "marigold", False), ("chef", "Spicy.", "clay", True), ("pixie", "", "marigold", False),
    ]  # fmt: skip
    block = MemoryBlock.objects.get(home=imported.home, agent__slug="chef", label="household")
    assert block.content == "A gas stove"


def test_imported_messages_keep_their_agents(nok, pixie, chef, general):
    send_message(general, "Soup.", by=by(nok).as_agent(chef))
    agent_chat = open_assistant(chef, by=by(nok))
    send_message(agent_chat, "And bread.", by=by(nok).as_agent(chef))
    imported = reimport(nok)
    messages = Message.objects.filter(home=imported.home).order_by("seq")
    assert [(each.body, each.author_agent.slug) for each in messages] == [("Soup.", "chef"), ("And bread.", "chef")]
    chat_members = ChannelMember.objects.filter(channel__home=imported.home, agent__isnull=False)
    assert set(chat_members.values_list("agent__slug", flat=True)) == {"pixie", "chef"}


def test_import_with_all_agents_asleep_wakes_one(nok, pixie):
    export = ApiClient(nok).get("export").json()
    export["agents"][0]["is_active"] = False
    home = ApiClient(nok).import_home(export)
    assert Agent.objects.get(home=home).is_active


@pytest.mark.parametrize("wrong", [{"avatar_color": "red"}, {"max_turns": 0}, {"display_name": ""}, {"rights": "all"}])
def test_import_of_an_invalid_agent_names_its_position(nok, pixie, chef, wrong):
    export = ApiClient(nok).get("export").json()
    export["agents"][1] |= wrong
    failed = ApiClient(nok).import_file(export)
    assert (failed["state"], "agents.1" in failed["error"]) == ("failed", True)


def test_import_without_agents_succeeds(nok):
    export = ApiClient(nok).get("export").json()
    del export["agents"]
    assert ApiClient(nok).import_home(export)
