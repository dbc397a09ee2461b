"""Remembering, finding and forgetting, tool by tool: who may know what, and what is said of it."""

from uuid import uuid4

import pytest

from chat.actions import create_channel, join_channel, leave_channel, open_assistant
from chat.models import Channel, ChannelKind
from pixie.actions import remember_passage
from pixie.memory.embedding_jobs import embed_waiting
from pixie.models import Passage, Run
from pixie.nlu.outcome import Proposal
from pixie.runs.outcomes import Doubt, Refusal
from pixie.runs.tool_calls import Trace, call_tool
from tests.cast import by


@pytest.fixture
def use(nok, pixie, talk):
    """`use("remember", content="…")`: what comes of the call, made by Pixie for Nok in Nok's own talk."""

    def made(tool, *, who=nok, where=talk, confirmed=True, **arguments):
        trace = Trace(Run.objects.create(home=who.home, agent=pixie, channel=where))
        hands = by(who).as_agent(pixie)
        done = call_tool(hands, Proposal(tool, arguments, 1.0), op_id=uuid4(), trace=trace, is_confirmed=confirmed)
        embed_waiting(who.home_id)
        return done

    return made


@pytest.fixture
def room(nok, ben):
    """A private room with Nok and Ben in it."""
    room = create_channel("presents", by=by(nok), is_private=True)
    join_channel(room, ben.user, by=by(nok))
    return room


def found(result):
    return [each["content"] for each in result.facts["found"]]


# remember


def test_what_is_told_to_pixie_alone_is_for_who_told_it(nok, ben, pixie, talk, use):
    done = use("remember", content="My shoe size is 38")
    assert (done.facts["for"], done.facts["is_new"]) == ("you", True)
    passage = Passage.objects.get()
    assert (passage.channel, passage.agent, passage.user) == (talk, pixie, nok.user)
    assert found(use("search_memory", query="shoe size")) == ["My shoe size is 38"]
    assert found(use("search_memory", query="shoe size", who=ben, where=open_assistant(pixie, by=by(ben)))) == []


def test_what_is_told_for_the_home_is_for_everybody(nok, ben, pixie, use):
    assert use("remember", content="The plumber is Mr. Somchai", for_home=True).facts["for"] == "home"
    bens = open_assistant(pixie, by=by(ben))
    assert found(use("search_memory", query="who is the plumber", who=ben, where=bens)) == [
        "The plumber is Mr. Somchai"
    ]


def test_what_is_told_in_an_open_room_is_for_the_home(nok, general, use):
    assert use("remember", content="The rent is due on the 5th", where=general).facts["for"] == "home"
    assert Passage.objects.get().channel is None


def test_what_is_told_in_a_private_room_is_for_those_inside_now(nok, ben, ploy, pixie, room, use):
    assert use("remember", content="Ploy wants a red bicycle", where=room).facts["for"] == "room"
    talks = {who: open_assistant(pixie, by=by(who)) for who in (ben, ploy)}
    assert found(use("search_memory", query="bicycle", who=ben, where=talks[ben]))
    assert not found(use("search_memory", query="bicycle", who=ploy, where=talks[ploy]))
    leave_channel(room, ben.user, by=by(ben))
    assert not found(use("search_memory", query="bicycle", who=ben, where=talks[ben]))
    join_channel(room, ben.user, by=by(nok))
    assert found(use("search_memory", query="bicycle", who=ben, where=talks[ben]))


def test_the_same_words_are_kept_once(nok, use):
    for content in ("The rent is due on the 5th", "the RENT is due on the 5th."):
        done = use("remember", content=content, for_home=True)
    assert done.facts["is_new"] is False
    assert Passage.objects.count() == 1


def test_the_same_words_to_others_are_kept_for_them(nok, ben, pixie, use):
    use("remember", content="The code is 4711")
    use("remember", content="The code is 4711", who=ben, where=open_assistant(pixie, by=by(ben)))
    assert Passage.objects.count() == 2


@pytest.mark.parametrize("content", ["", "   ", "\x00", "x" * 1001, None])
def test_nothing_is_not_remembered(use, nok, talk, content, events):
    assert isinstance(use("remember", content=content), Refusal)
    assert events(nok.home) == []


# search_memory


def test_what_may_not_be_said_aloud_is_not_found_in_a_room(nok, general, room, use):
    use("remember", content="My salary is 40,000")
    use("remember", content="The salary talk is on Friday", where=room)
    assert found(use("search_memory", query="salary", where=general)) == []
    assert found(use("search_memory", query="salary", where=room)) == ["The salary talk is on Friday"]
    assert len(found(use("search_memory", query="salary"))) == 2


def test_another_home_finds_nothing(nok, mai, use):
    use("remember", content="The rent is due on the 5th", for_home=True)
    hers = Channel.objects.get(home=mai.home, kind=ChannelKind.ASSISTANT)
    assert found(use("search_memory", query="rent", who=mai, where=hers)) == []


def test_nothing_is_found_where_nothing_is_known(nok, use):
    assert found(use("search_memory", query="what did we decide about the rent?")) == []
    use("remember", content="We decided to paint the kitchen yellow", for_home=True)
    assert found(use("search_memory", query="what did we decide about the rent?")) == []


def test_it_is_found_by_its_meaning(nok, use):
    use("remember", content="Ben cannot stand coriander", for_home=True)
    use("remember", content="The bins go out on Tuesday night", for_home=True)
    assert found(use("search_memory", query="which herb does Ben hate?")) == ["Ben cannot stand coriander"]
    assert found(use("search_memory", query="when is the rubbish collected?")) == ["The bins go out on Tuesday night"]


def test_thai_is_found_by_its_letters(nok, use):
    use("remember", content="กุญแจสำรองอยู่ใต้กระถางต้นไม้", for_home=True)
    assert found(use("search_memory", query="กุญแจสำรองอยู่ที่ไหน")) == ["กุญแจสำรองอยู่ใต้กระถางต้นไม้"]


def test_what_was_told_to_one_agent_another_does_not_know(nok, pixie, use):
    use("remember", content="My shoe size is 38")
    Passage.objects.update(agent=None)
    assert found(use("search_memory", query="shoe size"))
    other = type(pixie).objects.create(home=nok.home, slug="goblin", display_name="Goblin")
    Passage.objects.update(agent=other)
    assert not found(use("search_memory", query="shoe size"))


# forget


def test_forgetting_is_asked_about_first(nok, use):
    use("remember", content="My allergy is peanuts")
    asked = use("forget", query="peanuts", confirmed=False)
    assert isinstance(asked, Doubt)
    assert asked.why == "Forget this for good? “My allergy is peanuts”"
    assert Passage.objects.count() == 1
    assert use("forget", query="peanuts").facts["count"] == 1
    assert not Passage.objects.exists()


def test_what_is_forgotten_is_gone_from_the_log_too(nok, use):
    use("remember", content="My allergy is peanuts")
    use("forget", query="peanuts")
    assert "peanuts" not in str(list(nok.home.events.values_list("data", "changes")))
    assert found(use("search_memory", query="peanuts")) == []


def test_what_is_not_known_cannot_be_forgotten(nok, use):
    assert use("forget", query="peanuts", confirmed=False).sentence.startswith("I know nothing about that")


def test_another_persons_own_cannot_be_forgotten(nok, ben, pixie, use):
    use("remember", content="My allergy is peanuts")
    assert isinstance(use("forget", query="peanuts", who=ben, where=open_assistant(pixie, by=by(ben))), Refusal)
    assert Passage.objects.count() == 1


# Remembered words are data


@pytest.mark.parametrize(
    "words", ['" OR home:*', "rent & !due | (", "'; DROP TABLE pixie_passage; --", "NEAR(rent due)", "%_\\", "* ^ :"]
)
def test_no_question_breaks_the_index(nok, use, words):
    remember_passage("The rent is due on the 5th", by=by(nok))
    use("search_memory", query=words)
    use("remember", content=words)
    assert Passage.objects.filter(content=words.strip()).exists()
