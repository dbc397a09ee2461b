"""Tests of memory in a home's export file."""

import pytest

from chat.actions import create_channel, join_channel, open_assistant, send_message
from homes.models import Agent, Membership
from pixie.actions import create_agent, remember_passage, write_block
from pixie.memory import ingest, search
from pixie.models import MemoryBlock, Passage
from tests.api.client import ApiClient
from tests.factories import by

pytestmark = pytest.mark.both_databases


@pytest.fixture
def imported(nok, ben, pixie, general):
    """Export Nok's home as Nok, and import it into a new home of hers."""
    write_block(pixie, "household", "Two cats", by=by(nok))
    write_block(pixie, "member", "Eats no fish", by=by(nok))
    write_block(pixie, "member", "Bens own", by=by(ben))
    remember_passage("The plumber is Mr. Somchai", by=by(ben), tags=["repairs"])
    remember_passage("My shoe size is 38", by=by(nok), channel=open_assistant(pixie, by=by(nok)), agent=pixie)
    chef = create_agent("Chef", by=by(nok))
    remember_passage("I burn rice", by=by(nok), channel=open_assistant(chef, by=by(nok)), agent=chef)
    remember_passage("Bens secret", by=by(ben), channel=open_assistant(pixie, by=by(ben)), agent=pixie)
    room = create_channel("presents", by=by(nok), is_private=True)
    join_channel(room, ben.user, by=by(nok))
    remember_passage("Ploy wants a bicycle", by=by(nok), channel=room)
    send_message(general, "From now on we eat at eight", by=by(ben))
    ingest.collect(nok.home_id)
    file = ApiClient(nok).get("export")
    assert file.status_code == 200
    assert "Bens" not in file.text
    return Membership.objects.get(home=ApiClient(nok).import_home(file.json()))


def test_import_restores_passages_and_blocks(imported):
    rows = Passage.objects.filter(home=imported.home).select_related("channel")
    passages = {row.content: row for row in rows}
    assert set(passages) == {
        "The plumber is Mr. Somchai", "My shoe size is 38", "I burn rice", "Ploy wants a bicycle",
        "From now on we eat at eight",
    }  # fmt: skip
    assert passages["The plumber is Mr. Somchai"].author_label == "Ben"
    assert passages["The plumber is Mr. Somchai"].user is None
    assert passages["The plumber is Mr. Somchai"].tags == ["repairs"]
    assert passages["My shoe size is 38"].channel.kind == "assistant"
    assert passages["Ploy wants a bicycle"].channel.name == "presents"
    blocks = {
        block.label: block.content
        for block in MemoryBlock.objects.filter(agent__home=imported.home, agent__slug="pixie")
    }
    assert (blocks["household"], blocks["member"]) == ("Two cats", "Eats no fish")


def test_imported_passages_are_known_to_the_same_agents(imported):
    for slug, private in (("pixie", {"My shoe size is 38"}), ("chef", {"I burn rice"})):
        agent = Agent.objects.get(home=imported.home, slug=slug)
        contents = {passage.content for passage in search.visible_passages(imported, agent=agent)}
        assert (
            contents == {"The plumber is Mr. Somchai", "Ploy wants a bicycle", "From now on we eat at eight"} | private
        )


def test_passage_of_an_agent_that_is_not_in_the_file_is_known_to_one_agent(nok, pixie):
    create_agent("Chef", by=by(nok))
    remember_passage("My shoe size is 38", by=by(nok), channel=open_assistant(pixie, by=by(nok)), agent=pixie)
    file = ApiClient(nok).get("export").json()
    file["memory"]["passages"][0]["agent"] = "ghost"
    home = ApiClient(nok).import_home(file)
    assert Passage.objects.get(home=home).agent == Agent.objects.get(home=home, slug="pixie")


def test_imported_messages_are_not_ingested_again(imported):
    before = Passage.objects.filter(home=imported.home).count()
    ingest.collect(imported.home_id)
    assert Passage.objects.filter(home=imported.home).count() == before


def test_file_without_memory_is_imported(nok):
    file = ApiClient(nok).get("export").json()
    del file["memory"]
    assert ApiClient(nok).import_home(file)


@pytest.mark.parametrize("memory", [{}, {"blocks": 1}, {"blocks": [], "passages": [{"content": "x"}]}])
def test_invalid_memory_is_rejected(nok, memory):
    file = {**ApiClient(nok).get("export").json(), "memory": memory}
    assert ApiClient(nok).post("/homes/import", {**file, "memory": []}).status_code == 400
    failed = ApiClient(nok).import_file(file)
    assert (failed["state"], "memory" in failed["error"]) == ("failed", True)
