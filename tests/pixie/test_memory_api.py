"""Blocks and passages at the API: who sees which, versions, history, finding, forgetting."""

import pytest

from chat.actions import create_channel, send_message
from chat.models import Message
from homes.actions import remove_member
from homes.models import Agent
from pixie.actions import create_agent, remember_passage, share_block
from pixie.memory import ingest
from pixie.memory.embedding_jobs import embed_waiting
from pixie.models import MemoryBlock, Passage
from tests.api.client import Program
from tests.cast import by


@pytest.fixture
def at(nok, pixie):
    """`at("memory")`: the address of it, of Nok's Pixie."""
    return lambda rest: f"agents/{pixie.pk}/{rest}"


@pytest.fixture
def program():
    return Program


def labels(answer):
    return [row["label"] for row in answer.json()["results"]]


# Blocks


def test_every_home_is_born_with_three(program, nok, at):
    answer = program(nok).get(at("memory"))
    assert labels(answer) == ["household", "personality", "preferences"]
    assert {row["version"] for row in answer.json()["results"]} == {1}


def test_a_member_writes_a_block(program, nok, ben, at):
    answer = program(ben).patch(at("memory/household"), {"content": "Two cats", "version": 1})
    assert (answer.status_code, answer.json()["content"], answer.json()["version"]) == (200, "Two cats", 2)
    assert program(nok).get(at("memory/household")).json()["content"] == "Two cats"


def test_who_saw_an_older_version_is_told_the_current_one(program, nok, ben, at):
    program(ben).patch(at("memory/household"), {"content": "Two cats", "version": 1})
    answer = program(nok).patch(at("memory/household"), {"content": "A dog", "version": 1})
    assert answer.status_code == 409
    assert answer.json()["error"]["current"]["content"] == "Two cats"


def test_a_block_holds_so_much(program, nok, at):
    assert program(nok).patch(at("memory/household"), {"content": "x" * 2001, "version": 1}).status_code == 400


def test_what_stood_there_is_told_with_who_wrote_it(program, nok, ben, at):
    for version, who, content in ((1, ben, "Two cats"), (2, nok, "Three cats")):
        program(who).patch(at("memory/household"), {"content": content, "version": version})
    past = program(nok).get(at("memory/household/history")).json()["results"]
    assert [(each["content"], each["version"], each["user_id"]) for each in past] == [
        ("Three cats", 3, str(nok.user_id)),
        ("Two cats", 2, str(ben.user_id)),
        ("", 1, str(nok.user_id)),
    ]


def test_what_is_about_one_is_theirs_alone(program, nok, ben, pixie, at):
    assert program(ben).get(at("memory/member")).json()["version"] == 0
    answer = program(ben).patch(at("memory/member"), {"content": "Eats no fish", "version": 0})
    assert (answer.status_code, answer.json()["user_id"]) == (200, str(ben.user_id))
    assert "member" in labels(program(ben).get(at("memory")))
    assert "member" not in labels(program(nok).get(at("memory")))
    assert program(nok).get(at("memory/member")).json()["content"] == ""
    seen = program(nok).get("events?limit=200").text
    assert "fish" not in seen
    assert "fish" not in program(nok).get("audit").text


def test_a_label_that_is_none_is_not_found(program, nok, at):
    assert program(nok).get(at("memory/secrets")).status_code == 404
    assert program(nok).patch(at("memory/secrets"), {"content": "x", "version": 0}).status_code == 404


def test_a_shared_block_stands_in_for_the_other_agents_own(program, nok, pixie):
    goblin = Agent.objects.create(home=nok.home, slug="goblin", display_name="Goblin")
    MemoryBlock.objects.create(home=nok.home, agent=goblin, label="household", content="Its own")
    block = MemoryBlock.objects.get(agent=pixie, label="household")
    program(nok).patch(f"agents/{pixie.pk}/memory/household", {"content": "Two cats", "version": 1})
    share_block(block, goblin, by=by(nok))
    assert program(nok).get(f"agents/{goblin.pk}/memory/household").json()["content"] == "Two cats"
    assert labels(program(nok).get(f"agents/{goblin.pk}/memory")) == ["household"]


@pytest.fixture
def goblin(nok, pixie):
    return create_agent("Goblin", by=by(nok))


def test_a_block_is_shared_with_another_agent_and_no_more(program, nok, ben, pixie, goblin, at):
    program(nok).patch(at("memory/household"), {"content": "Two cats", "version": 1})
    for _again in range(2):
        answer = program(ben).post(at("memory/household/readers"), {"agent_id": str(goblin.pk)})
        assert (answer.status_code, answer.json()["shared_with"]) == (200, [str(goblin.pk)])
    read = program(nok).get(f"agents/{goblin.pk}/memory/household").json()
    assert (read["content"], read["agent_id"]) == ("Two cats", str(pixie.pk))
    for _again in range(2):
        assert program(ben).delete(at(f"memory/household/readers/{goblin.pk}")).status_code == 204
    assert program(nok).get(f"agents/{goblin.pk}/memory/household").json()["content"] == ""


def test_what_is_shared_is_shared_by_its_own_agent_and_at_home(program, nok, mai, pixie, goblin, at):
    theirs = Agent.objects.get(home=mai.home)
    for label, reader, status in (
        ("household", pixie.pk, 400), ("household", theirs.pk, 404), ("member", goblin.pk, 404),
        ("secrets", goblin.pk, 404),
    ):  # fmt: skip
        answer = program(nok).post(at(f"memory/{label}/readers"), {"agent_id": str(reader)})
        assert answer.status_code == status, (label, answer.text)
    program(nok).post(at("memory/household/readers"), {"agent_id": str(goblin.pk)})
    imp = create_agent("Imp", by=by(nok))
    passed_on = program(nok).post(f"agents/{goblin.pk}/memory/household/readers", {"agent_id": str(imp.pk)})
    assert passed_on.status_code == 404


def test_what_is_about_one_is_shared_by_them_alone(program, nok, ben, goblin, at):
    program(ben).patch(at("memory/member"), {"content": "Eats no fish", "version": 0})
    assert program(nok).post(at("memory/member/readers"), {"agent_id": str(goblin.pk)}).status_code == 404
    assert program(ben).post(at("memory/member/readers"), {"agent_id": str(goblin.pk)}).status_code == 200
    assert program(ben).get(f"agents/{goblin.pk}/memory/member").json()["content"] == "Eats no fish"
    assert "fish" not in program(nok).get("events?limit=200").text


# Passages


def contents(answer):
    return [row["content"] for row in answer.json()["results"]]


def test_a_note_is_for_oneself_or_for_the_home(program, nok, ben, at):
    made = program(nok).post(at("passages"), {"content": "My shoe size is 38"})
    assert made.status_code == 201
    assert program(nok).post(at("passages"), {"content": "My shoe size is 38"}).status_code == 200
    program(nok).post(at("passages"), {"content": "The plumber is Mr. Somchai", "for_home": True})
    assert contents(program(nok).get(at("passages"))) == ["The plumber is Mr. Somchai", "My shoe size is 38"]
    assert contents(program(ben).get(at("passages"))) == ["The plumber is Mr. Somchai"]
    assert program(ben).get(at(f"passages/{made.json()['id']}")).status_code == 404
    assert program(ben).delete(at(f"passages/{made.json()['id']}")).status_code == 404


def test_what_it_is_about_comes_first(program, nok, at):
    for content in ("The rent is due on the 5th", "Ben likes the dark roast", "The bins go out on Tuesday"):
        remember_passage(content, by=by(nok))
    embed_waiting(nok.home_id)
    assert contents(program(nok).get(at("passages?q=which coffee does Ben like")))[:1] == ["Ben likes the dark roast"]
    assert contents(program(nok).get(at("passages?q=quantum physics"))) == []
    assert len(contents(program(nok).get(at("passages?limit=2")))) == 2


def test_what_is_forgotten_is_gone(program, nok, ben, at):
    passage, _new = remember_passage("The rent is due on the 5th", by=by(nok))
    assert program(ben).delete(at(f"passages/{passage.pk}")).status_code == 204
    assert program(nok).get(at(f"passages/{passage.pk}")).status_code == 404
    assert not Passage.objects.exists()


def test_what_is_wrong_is_put_right_as_a_note_of_ones_own(program, nok, ben, general, at):
    send_message(general, "The rent is due on the 5th", by=by(ben))
    ingest.collect(nok.home_id)
    said = Passage.objects.get()
    answer = program(nok).patch(at(f"passages/{said.pk}"), {"content": "The rent is due on the 6th", "version": 1})
    assert answer.status_code == 200
    fields = ("content", "source", "source_id", "user_id", "channel_id", "version")
    assert [answer.json()[name] for name in fields] == [
        "The rent is due on the 6th", "note", None, str(nok.user_id), str(general.pk), 2,
    ]  # fmt: skip
    again = program(ben).patch(at(f"passages/{said.pk}"), {"content": "The rent is due on the 7th", "version": 1})
    assert (again.status_code, again.json()["error"]["current"]["version"]) == (409, 2)
    assert contents(program(nok).get(at("passages?q=rent"))) == ["The rent is due on the 6th"]
    assert "due on the 5th" not in program(nok).get("events?limit=200").text.replace(message_of(general), "")


def message_of(channel):
    return Message.objects.get(channel=channel).body


def test_its_meaning_is_computed_anew(program, nok, at):
    passage, _new = remember_passage("The bins go out on Tuesday", by=by(nok))
    embed_waiting(nok.home_id)
    program(nok).patch(at(f"passages/{passage.pk}"), {"content": "Ben likes the dark roast", "version": 1})
    assert contents(program(nok).get(at("passages?q=which coffee does Ben like"))) == ["Ben likes the dark roast"]
    assert contents(program(nok).get(at("passages?q=when is the rubbish collected"))) == []


def test_who_may_know_it_stays_as_it_was(program, nok, ben, at):
    made = program(nok).post(at("passages"), {"content": "My shoe size is 38"}).json()
    there = at(f"passages/{made['id']}")
    assert program(ben).patch(there, {"content": "It is 39", "version": 1}).status_code == 404
    assert program(nok).patch(there, {"content": "My shoe size is 39", "version": 1}).status_code == 200
    assert program(ben).get(there).status_code == 404
    for wrong in ({"content": " ", "version": 2}, {"content": "x"}, {"content": "x" * 1001, "version": 2}):
        assert program(nok).patch(there, wrong).status_code == 400


def test_strangers_find_nothing(program, nok, ben, mai, pixie, at):
    room = create_channel("presents", by=by(nok), is_private=True)
    secret, _new = remember_passage("Ben gets a bicycle", by=by(nok), channel=room)
    assert contents(program(ben).get(at("passages?q=bicycle"))) == []
    assert program(ben).get(at(f"passages/{secret.pk}")).status_code == 404
    there = f"/api/homes/{nok.home_id}/agents/{pixie.pk}/passages"
    assert program(mai).client.get(there).status_code == 403
    hers = f"/api/homes/{mai.home_id}/agents/{pixie.pk}/passages"
    assert program(mai).client.get(hers).status_code == 404
    remove_member(ben, by=by(nok))
    assert program(ben).client.get(there).status_code == 403


@pytest.mark.parametrize("body", [{}, {"content": ""}, {"content": "x" * 1001}, {"content": 1}, {"for_home": True}])
def test_what_is_no_note_is_refused(program, nok, at, body):
    assert program(nok).post(at("passages"), body).status_code == 400
