"""Tests of the memory tools."""

from uuid import uuid4

import pytest

from chat.actions import create_channel, join_channel, leave_channel, open_assistant
from chat.models import Channel, ChannelKind
from pixie.actions import remember_passage
from pixie.memory.embedding import embed_waiting
from pixie.models import LOCAL, Passage, Run, RunStep
from pixie.nlu.outcome import Proposal
from pixie.runs.outcomes import Doubt, Refusal
from pixie.runs.tool_calls import call_tool
from tests.factories import by


@pytest.fixture
def use(nok, pixie, agent_chat):
    """Call a tool as Pixie, for Nok in her own chat: `use("remember", content="…")`."""

    def run_tool(tool, *, who=nok, where=agent_chat, confirmed=True, **arguments):
        run = Run.objects.create(home=who.home, agent=pixie, channel=where)
        step = RunStep.objects.create(run=run, step_number=1, model=LOCAL)
        actor = by(who).as_agent(pixie)
        result = call_tool(actor, Proposal(tool, arguments, 1.0), step, op_id=uuid4(), is_confirmed=confirmed)
        embed_waiting(who.home_id)
        return result

    return run_tool


@pytest.fixture
def room(nok, ben):
    """A private room with Nok and Ben in it."""
    room = create_channel("presents", by=by(nok), is_private=True)
    join_channel(room, ben.user, by=by(nok))
    return room


def contents(result):
    return [row["content"] for row in result.facts["found"]]


# remember


def test_fact_from_the_assistant_chat_is_private(nok, ben, pixie, agent_chat, use):
    result = use("remember", content="My shoe size is 38")
    assert (result.facts["for"], result.facts["is_new"]) == ("you", True)
    passage = Passage.objects.get()
    assert (passage.channel, passage.agent, passage.user) == (agent_chat, pixie, nok.user)
    assert contents(use("search_memory", query="shoe size")) == ["My shoe size is 38"]
    assert contents(use("search_memory", query="shoe size", who=ben, where=open_assistant(pixie, by=by(ben)))) == []


def test_fact_for_the_home_is_visible_to_everyone(nok, ben, pixie, use):
    assert use("remember", content="The plumber is Mr. Somchai", for_home=True).facts["for"] == "home"
    bens = open_assistant(pixie, by=by(ben))
    assert contents(use("search_memory", query="who is the plumber", who=ben, where=bens)) == [
        "The plumber is Mr. Somchai"
    ]


def test_fact_from_a_public_room_is_for_the_home(nok, general, use):
    assert use("remember", content="The rent is due on the 5th", where=general).facts["for"] == "home"
    assert Passage.objects.get().channel is None


def test_fact_from_a_private_room_is_for_its_current_members(nok, ben, ploy, pixie, room, use):
    assert use("remember", content="Ploy wants a red bicycle", where=room).facts["for"] == "room"
    chats = {member: open_assistant(pixie, by=by(member)) for member in (ben, ploy)}
    assert contents(use("search_memory", query="bicycle", who=ben, where=chats[ben]))
    assert not contents(use("search_memory", query="bicycle", who=ploy, where=chats[ploy]))
    leave_channel(room, ben.user, by=by(ben))
    assert not contents(use("search_memory", query="bicycle", who=ben, where=chats[ben]))
    join_channel(room, ben.user, by=by(nok))
    assert contents(use("search_memory", query="bicycle", who=ben, where=chats[ben]))


def test_same_fact_is_stored_once(nok, use):
    for content in ("The rent is due on the 5th", "the RENT is due on the 5th."):
        result = use("remember", content=content, for_home=True)
    assert result.facts["is_new"] is False
    assert Passage.objects.count() == 1


def test_same_fact_for_another_audience_is_stored_again(nok, ben, pixie, use):
    use("remember", content="The code is 4711")
    use("remember", content="The code is 4711", who=ben, where=open_assistant(pixie, by=by(ben)))
    assert Passage.objects.count() == 2


@pytest.mark.parametrize("content", ["", "   ", "\x00", "x" * 1001, None])
def test_invalid_fact_is_refused(use, nok, agent_chat, content, events):
    assert isinstance(use("remember", content=content), Refusal)
    assert events(nok.home) == []


# search_memory


def test_search_in_a_room_hides_what_its_readers_may_not_see(nok, general, room, use):
    use("remember", content="My salary is 40,000")
    use("remember", content="The salary talk is on Friday", where=room)
    assert contents(use("search_memory", query="salary", where=general)) == []
    assert contents(use("search_memory", query="salary", where=room)) == ["The salary talk is on Friday"]
    assert len(contents(use("search_memory", query="salary"))) == 2


def test_search_does_not_cross_homes(nok, mai, use):
    use("remember", content="The rent is due on the 5th", for_home=True)
    mais_chat = Channel.objects.get(home=mai.home, kind=ChannelKind.ASSISTANT)
    assert contents(use("search_memory", query="rent", who=mai, where=mais_chat)) == []


def test_search_without_a_relevant_passage_finds_nothing(nok, use):
    assert contents(use("search_memory", query="what did we decide about the rent?")) == []
    use("remember", content="We decided to paint the kitchen yellow", for_home=True)
    assert contents(use("search_memory", query="what did we decide about the rent?")) == []


def test_passage_is_found_by_meaning(nok, use):
    use("remember", content="Ben cannot stand coriander", for_home=True)
    use("remember", content="The bins go out on Tuesday night", for_home=True)
    assert contents(use("search_memory", query="which herb does Ben hate?")) == ["Ben cannot stand coriander"]
    assert contents(use("search_memory", query="when is the rubbish collected?")) == [
        "The bins go out on Tuesday night"
    ]


def test_thai_passage_is_found_by_its_words(nok, use):
    use("remember", content="กุญแจสำรองอยู่ใต้กระถางต้นไม้", for_home=True)
    assert contents(use("search_memory", query="กุญแจสำรองอยู่ที่ไหน")) == ["กุญแจสำรองอยู่ใต้กระถางต้นไม้"]


def test_passage_of_another_agent_is_not_found(nok, pixie, use):
    use("remember", content="My shoe size is 38")
    Passage.objects.update(agent=None)
    assert contents(use("search_memory", query="shoe size"))
    other = type(pixie).objects.create(home=nok.home, slug="goblin", display_name="Goblin")
    Passage.objects.update(agent=other)
    assert not contents(use("search_memory", query="shoe size"))


# forget


def test_forget_asks_for_confirmation(nok, use):
    use("remember", content="My allergy is peanuts")
    doubt = use("forget", query="peanuts", confirmed=False)
    assert isinstance(doubt, Doubt)
    assert doubt.why == "Forget this for good? “My allergy is peanuts”"
    assert Passage.objects.count() == 1
    assert use("forget", query="peanuts").facts["count"] == 1
    assert not Passage.objects.exists()


def test_forget_removes_the_fact_from_the_log(nok, use):
    use("remember", content="My allergy is peanuts")
    use("forget", query="peanuts")
    assert "peanuts" not in str(list(nok.home.events.values_list("data", "changes")))
    assert contents(use("search_memory", query="peanuts")) == []


def test_forget_without_a_match_is_refused(nok, use):
    assert use("forget", query="peanuts", confirmed=False).sentence.startswith("I know nothing about that")


def test_forget_does_not_reach_another_members_passages(nok, ben, pixie, use):
    use("remember", content="My allergy is peanuts")
    assert isinstance(use("forget", query="peanuts", who=ben, where=open_assistant(pixie, by=by(ben))), Refusal)
    assert Passage.objects.count() == 1


# Special characters


@pytest.mark.parametrize(
    "text", ['" OR home:*', "rent & !due | (", "'; DROP TABLE pixie_passage; --", "NEAR(rent due)", "%_\\", "* ^ :"]
)
def test_special_characters_do_not_break_search(nok, use, text):
    remember_passage("The rent is due on the 5th", by=by(nok))
    use("search_memory", query=text)
    use("remember", content=text)
    assert Passage.objects.filter(content=text.strip()).exists()
