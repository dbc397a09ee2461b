"""Tests of the API of memory blocks and passages."""

import pytest

from chat.actions import create_channel, send_message
from chat.models import Message
from homes.actions import remove_member
from homes.models import Agent
from pixie.actions import create_agent, remember_passage, share_block
from pixie.memory import ingest
from pixie.memory.embedding import embed_waiting
from pixie.models import MemoryBlock, Passage
from tests.api.client import ApiClient
from tests.factories import by


@pytest.fixture
def path(nok, pixie):
    """Return a path below Nok's Pixie: `path("memory")`."""
    return lambda suffix: f"agents/{pixie.pk}/{suffix}"


@pytest.fixture
def api_client():
    return ApiClient


def labels(answer):
    return [row["label"] for row in answer.json()["results"]]


# Blocks


def test_new_home_has_three_blocks(api_client, nok, path):
    answer = api_client(nok).get(path("memory"))
    assert labels(answer) == ["household", "personality", "preferences"]
    assert {row["version"] for row in answer.json()["results"]} == {1}


def test_member_edits_a_block(api_client, nok, ben, path):
    answer = api_client(ben).patch(path("memory/household"), {"content": "Two cats", "version": 1})
    assert (answer.status_code, answer.json()["content"], answer.json()["version"]) == (200, "Two cats", 2)
    assert api_client(nok).get(path("memory/household")).json()["content"] == "Two cats"


def test_editing_an_older_version_returns_the_current_one(api_client, nok, ben, path):
    api_client(ben).patch(path("memory/household"), {"content": "Two cats", "version": 1})
    answer = api_client(nok).patch(path("memory/household"), {"content": "A dog", "version": 1})
    assert answer.status_code == 409
    assert answer.json()["error"]["current"]["content"] == "Two cats"


def test_block_over_its_limit_is_rejected(api_client, nok, path):
    assert api_client(nok).patch(path("memory/household"), {"content": "x" * 2001, "version": 1}).status_code == 400


def test_block_history_lists_contents_and_authors(api_client, nok, ben, path):
    for version, member, content in ((1, ben, "Two cats"), (2, nok, "Three cats")):
        api_client(member).patch(path("memory/household"), {"content": content, "version": version})
    history = api_client(nok).get(path("memory/household/history")).json()["results"]
    assert [(row["content"], row["version"], row["user_id"]) for row in history] == [
        ("Three cats", 3, str(nok.user_id)),
        ("Two cats", 2, str(ben.user_id)),
        ("", 1, str(nok.user_id)),
    ]


def test_member_block_is_visible_only_to_that_member(api_client, nok, ben, pixie, path):
    assert api_client(ben).get(path("memory/member")).json()["version"] == 0
    answer = api_client(ben).patch(path("memory/member"), {"content": "Eats no fish", "version": 0})
    assert (answer.status_code, answer.json()["user_id"]) == (200, str(ben.user_id))
    assert "member" in labels(api_client(ben).get(path("memory")))
    assert "member" not in labels(api_client(nok).get(path("memory")))
    assert api_client(nok).get(path("memory/member")).json()["content"] == ""
    assert "fish" not in api_client(nok).get("events?limit=200").text
    assert "fish" not in api_client(nok).get("audit").text


def test_unknown_label_is_not_found(api_client, nok, path):
    assert api_client(nok).get(path("memory/secrets")).status_code == 404
    assert api_client(nok).patch(path("memory/secrets"), {"content": "x", "version": 0}).status_code == 404


def test_shared_block_replaces_the_agents_own(api_client, nok, pixie):
    goblin = Agent.objects.create(home=nok.home, slug="goblin", display_name="Goblin")
    MemoryBlock.objects.create(home=nok.home, agent=goblin, label="household", content="Its own")
    block = MemoryBlock.objects.get(agent=pixie, label="household")
    api_client(nok).patch(f"agents/{pixie.pk}/memory/household", {"content": "Two cats", "version": 1})
    share_block(block, goblin, by=by(nok))
    assert api_client(nok).get(f"agents/{goblin.pk}/memory/household").json()["content"] == "Two cats"
    assert labels(api_client(nok).get(f"agents/{goblin.pk}/memory")) == ["household"]


@pytest.fixture
def goblin(nok, pixie):
    return create_agent("Goblin", by=by(nok))


def test_sharing_and_unsharing_a_block_is_idempotent(api_client, nok, ben, pixie, goblin, path):
    api_client(nok).patch(path("memory/household"), {"content": "Two cats", "version": 1})
    for _again in range(2):
        answer = api_client(ben).post(path("memory/household/readers"), {"agent_id": str(goblin.pk)})
        assert (answer.status_code, answer.json()["shared_with"]) == (200, [str(goblin.pk)])
    read = api_client(nok).get(f"agents/{goblin.pk}/memory/household").json()
    assert (read["content"], read["agent_id"]) == ("Two cats", str(pixie.pk))
    for _again in range(2):
        assert api_client(ben).delete(path(f"memory/household/readers/{goblin.pk}")).status_code == 204
    assert api_client(nok).get(f"agents/{goblin.pk}/memory/household").json()["content"] == ""


def test_only_an_agents_own_block_is_shared_within_the_home(api_client, nok, mai, pixie, goblin, path):
    theirs = Agent.objects.get(home=mai.home)
    for label, reader, status in (
        ("household", pixie.pk, 400), ("household", theirs.pk, 404), ("member", goblin.pk, 404),
        ("secrets", goblin.pk, 404),
    ):  # fmt: skip
        answer = api_client(nok).post(path(f"memory/{label}/readers"), {"agent_id": str(reader)})
        assert answer.status_code == status, (label, answer.text)
    api_client(nok).post(path("memory/household/readers"), {"agent_id": str(goblin.pk)})
    imp = create_agent("Imp", by=by(nok))
    passed_on = api_client(nok).post(f"agents/{goblin.pk}/memory/household/readers", {"agent_id": str(imp.pk)})
    assert passed_on.status_code == 404


def test_member_block_is_shared_only_by_that_member(api_client, nok, ben, goblin, path):
    api_client(ben).patch(path("memory/member"), {"content": "Eats no fish", "version": 0})
    assert api_client(nok).post(path("memory/member/readers"), {"agent_id": str(goblin.pk)}).status_code == 404
    assert api_client(ben).post(path("memory/member/readers"), {"agent_id": str(goblin.pk)}).status_code == 200
    assert api_client(ben).get(f"agents/{goblin.pk}/memory/member").json()["content"] == "Eats no fish"
    assert "fish" not in api_client(nok).get("events?limit=200").text


# Passages


def contents(answer):
    return [row["content"] for row in answer.json()["results"]]


def test_note_is_private_or_for_the_home(api_client, nok, ben, path):
    made = api_client(nok).post(path("passages"), {"content": "My shoe size is 38"})
    assert made.status_code == 201
    assert api_client(nok).post(path("passages"), {"content": "My shoe size is 38"}).status_code == 200
    api_client(nok).post(path("passages"), {"content": "The plumber is Mr. Somchai", "for_home": True})
    assert contents(api_client(nok).get(path("passages"))) == ["The plumber is Mr. Somchai", "My shoe size is 38"]
    assert contents(api_client(ben).get(path("passages"))) == ["The plumber is Mr. Somchai"]
    assert api_client(ben).get(path(f"passages/{made.json()['id']}")).status_code == 404
    assert api_client(ben).delete(path(f"passages/{made.json()['id']}")).status_code == 404


def test_search_returns_the_most_relevant_passage_first(api_client, nok, path):
    for content in ("The rent is due on the 5th", "Ben likes the dark roast", "The bins go out on Tuesday"):
        remember_passage(content, by=by(nok))
    embed_waiting(nok.home_id)
    assert contents(api_client(nok).get(path("passages?q=which coffee does Ben like")))[:1] == [
        "Ben likes the dark roast"
    ]
    assert contents(api_client(nok).get(path("passages?q=quantum physics"))) == []
    assert len(contents(api_client(nok).get(path("passages?limit=2")))) == 2


def test_forgetting_deletes_the_passage(api_client, nok, ben, path):
    passage, _new = remember_passage("The rent is due on the 5th", by=by(nok))
    assert api_client(ben).delete(path(f"passages/{passage.pk}")).status_code == 204
    assert api_client(nok).get(path(f"passages/{passage.pk}")).status_code == 404
    assert not Passage.objects.exists()


def test_corrected_passage_becomes_the_members_note(api_client, nok, ben, general, path):
    send_message(general, "The rent is due on the 5th", by=by(ben))
    ingest.collect(nok.home_id)
    passage = Passage.objects.get()
    answer = api_client(nok).patch(
        path(f"passages/{passage.pk}"), {"content": "The rent is due on the 6th", "version": 1}
    )
    assert answer.status_code == 200
    fields = ("content", "source", "source_id", "user_id", "channel_id", "version")
    assert [answer.json()[name] for name in fields] == [
        "The rent is due on the 6th", "note", None, str(nok.user_id), str(general.pk), 2,
    ]  # fmt: skip
    again = api_client(ben).patch(
        path(f"passages/{passage.pk}"), {"content": "The rent is due on the 7th", "version": 1}
    )
    assert (again.status_code, again.json()["error"]["current"]["version"]) == (409, 2)
    assert contents(api_client(nok).get(path("passages?q=rent"))) == ["The rent is due on the 6th"]
    assert "due on the 5th" not in api_client(nok).get("events?limit=200").text.replace(message_of(general), "")


def message_of(channel):
    return Message.objects.get(channel=channel).body


def test_editing_a_passage_recomputes_its_embedding(api_client, nok, path):
    passage, _new = remember_passage("The bins go out on Tuesday", by=by(nok))
    embed_waiting(nok.home_id)
    api_client(nok).patch(path(f"passages/{passage.pk}"), {"content": "Ben likes the dark roast", "version": 1})
    assert contents(api_client(nok).get(path("passages?q=which coffee does Ben like"))) == ["Ben likes the dark roast"]
    assert contents(api_client(nok).get(path("passages?q=when is the rubbish collected"))) == []


def test_editing_a_passage_keeps_its_audience(api_client, nok, ben, path):
    made = api_client(nok).post(path("passages"), {"content": "My shoe size is 38"}).json()
    url = path(f"passages/{made['id']}")
    assert api_client(ben).patch(url, {"content": "It is 39", "version": 1}).status_code == 404
    assert api_client(nok).patch(url, {"content": "My shoe size is 39", "version": 1}).status_code == 200
    assert api_client(ben).get(url).status_code == 404
    for body in ({"content": " ", "version": 2}, {"content": "x"}, {"content": "x" * 1001, "version": 2}):
        assert api_client(nok).patch(url, body).status_code == 400


def test_passages_are_hidden_from_others(api_client, nok, ben, mai, pixie, path):
    room = create_channel("presents", by=by(nok), is_private=True)
    secret, _new = remember_passage("Ben gets a bicycle", by=by(nok), channel=room)
    assert contents(api_client(ben).get(path("passages?q=bicycle"))) == []
    assert api_client(ben).get(path(f"passages/{secret.pk}")).status_code == 404
    url = f"/api/homes/{nok.home_id}/agents/{pixie.pk}/passages"
    assert api_client(mai).client.get(url).status_code == 403
    mais_url = f"/api/homes/{mai.home_id}/agents/{pixie.pk}/passages"
    assert api_client(mai).client.get(mais_url).status_code == 404
    remove_member(ben, by=by(nok))
    assert api_client(ben).client.get(url).status_code == 403


@pytest.mark.parametrize("body", [{}, {"content": ""}, {"content": "x" * 1001}, {"content": 1}, {"for_home": True}])
def test_invalid_note_is_rejected(api_client, nok, path, body):
    assert api_client(nok).post(path("passages"), body).status_code == 400
