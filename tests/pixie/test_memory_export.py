"""Tests of memory in a home's export file."""

import pytest

from chat.actions import create_channel, join_channel, open_assistant, send_message
from homes.models import Membership
from pixie.actions import remember_passage, write_block
from pixie.memory import ingest
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
    remember_passage("Bens secret", by=by(ben), channel=open_assistant(pixie, by=by(ben)), agent=pixie)
    room = create_channel("presents", by=by(nok), is_private=True)
    join_channel(room, ben.user, by=by(nok))
    remember_passage("Ploy wants a bicycle", by=by(nok), channel=room)
    send_message(general, "From now on we eat at eight", by=by(ben))
    ingest.collect(nok.home_id)
    file = ApiClient(nok).get("export")
    assert file.status_code == 200
    assert "Bens" not in file.text
    answer = ApiClient(nok).post("/homes/import", file.json())
    assert answer.status_code == 201, answer.text
    return Membership.objects.get(home=answer.json()["id"])


def test_import_restores_passages_and_blocks(imported):
    rows = Passage.objects.filter(home=imported.home).select_related("channel")
    passages = {row.content: row for row in rows}
    assert set(passages) == {
        "The plumber is Mr. Somchai", "My shoe size is 38", "Ploy wants a bicycle", "From now on we eat at eight"
    }  # fmt: skip
    assert passages["The plumber is Mr. Somchai"].author_label == "Ben"
    assert passages["The plumber is Mr. Somchai"].user is None
    assert passages["The plumber is Mr. Somchai"].tags == ["repairs"]
    assert passages["My shoe size is 38"].channel.kind == "assistant"
    assert passages["Ploy wants a bicycle"].channel.name == "presents"
    blocks = {block.label: block.content for block in MemoryBlock.objects.filter(home=imported.home)}
    assert (blocks["household"], blocks["member"]) == ("Two cats", "Eats no fish")


def test_imported_messages_are_not_ingested_again(imported):
    before = Passage.objects.filter(home=imported.home).count()
    ingest.collect(imported.home_id)
    assert Passage.objects.filter(home=imported.home).count() == before


def test_file_without_memory_is_imported(nok):
    file = ApiClient(nok).get("export").json()
    del file["memory"]
    assert ApiClient(nok).post("/homes/import", file).status_code == 201


@pytest.mark.parametrize("memory", [[], {"blocks": 1}, {"blocks": [], "passages": [{"content": "x"}]}])
def test_invalid_memory_is_rejected(nok, memory):
    file = {**ApiClient(nok).get("export").json(), "memory": memory}
    assert ApiClient(nok).post("/homes/import", file).status_code == 400
