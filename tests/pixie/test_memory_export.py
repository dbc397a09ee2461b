"""What Pixie knows is taken along with the home, as far as its owner may know it."""

import pytest

from chat.actions import create_channel, join_channel, open_assistant, send_message
from homes.models import Membership
from pixie.actions import remember_passage, write_block
from pixie.memory import ingest
from pixie.models import MemoryBlock, Passage
from tests.api.client import Program
from tests.cast import by

pytestmark = pytest.mark.both_databases


@pytest.fixture
def brought(nok, ben, pixie, general):
    """Nok's home, taken along by Nok and brought into another one of hers."""
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
    file = Program(nok).get("export")
    assert file.status_code == 200
    assert "Bens" not in file.text
    answer = Program(nok).post("/homes/import", file.json())
    assert answer.status_code == 201, answer.text
    return Membership.objects.get(home=answer.json()["id"])


def test_all_of_it_comes_along(brought):
    there = {each.content: each for each in Passage.objects.filter(home=brought.home).select_related("channel")}
    assert set(there) == {
        "The plumber is Mr. Somchai", "My shoe size is 38", "Ploy wants a bicycle", "From now on we eat at eight"
    }  # fmt: skip
    assert there["The plumber is Mr. Somchai"].who == "Ben"
    assert there["The plumber is Mr. Somchai"].user is None
    assert there["The plumber is Mr. Somchai"].tags == ["repairs"]
    assert there["My shoe size is 38"].channel.kind == "assistant"
    assert there["Ploy wants a bicycle"].channel.name == "presents"
    blocks = {block.label: block.content for block in MemoryBlock.objects.filter(home=brought.home)}
    assert (blocks["household"], blocks["member"]) == ("Two cats", "Eats no fish")


def test_what_was_said_there_is_not_remembered_again(brought):
    before = Passage.objects.filter(home=brought.home).count()
    ingest.collect(brought.home_id)
    assert Passage.objects.filter(home=brought.home).count() == before


def test_a_file_without_memory_is_read_too(nok):
    file = Program(nok).get("export").json()
    del file["memory"]
    assert Program(nok).post("/homes/import", file).status_code == 201


@pytest.mark.parametrize("memory", [[], {"blocks": 1}, {"blocks": [], "passages": [{"content": "x"}]}])
def test_what_is_no_memory_is_refused(nok, memory):
    file = {**Program(nok).get("export").json(), "memory": memory}
    assert Program(nok).post("/homes/import", file).status_code == 400
