"""Saying something in a room, reacting, looking for something, taking back: by Pixie's hands, with one's own rights."""

from uuid import uuid4

import pytest

from chat.actions import create_channel, leave_channel, open_dm, send_message, update_channel
from chat.models import Message, Reaction
from groceries.actions import create_item
from groceries.models import ListEntry
from homes.events.models import Event
from pixie.models import Run
from pixie.nlu.outcome import Proposal
from pixie.runs import undo
from pixie.runs.outcomes import Refusal
from pixie.runs.tool_calls import Trace, call
from pixie.tools import Result
from tests.cast import by


@pytest.fixture
def use(nok, pixie, talk):
    """`use("search", query="rent")`: what comes of the call, made by Pixie for Nok, in their own talk."""

    def made(tool, *, who=nok, where=talk, op_id=None, **arguments):
        trace = Trace(Run.objects.create(home=nok.home, agent=pixie, channel=where))
        return call(by(who).as_agent(pixie), Proposal(tool, arguments, 1.0), op_id=op_id or uuid4(), trace=trace)

    return made


@pytest.fixture
def kitchen(nok):
    return create_channel("kitchen", by=by(nok))


@pytest.fixture
def secret(nok):
    """A private room that Nok alone is in."""
    return create_channel("surprise", by=by(nok), is_private=True)


def said_in(room):
    return list(Message.objects.filter(channel=room, deleted_at=None).order_by("seq").values_list("body", flat=True))


# post_message


@pytest.mark.parametrize("name", ["kitchen", "#kitchen", "Kitchen", "kitchne"])
def test_pixie_says_it_in_a_room_and_for_whom(use, kitchen, pixie, name):
    done = use("post_message", room=name, text="dinner is at seven")
    assert said_in(kitchen) == ["Nok says: dinner is at seven"]
    assert Message.objects.get(channel=kitchen).author_agent == pixie
    assert (done.facts["room"], done.lines[0].name) == ("kitchen", "dinner is at seven")


def test_without_a_room_it_is_the_homes_first(use, kitchen, general):
    use("post_message", text="dinner")
    assert said_in(general) == ["Nok says: dinner"]


def test_the_same_operation_says_it_once(use, kitchen):
    op_id = uuid4()
    for _twice in range(2):
        use("post_message", room="kitchen", text="dinner", op_id=op_id)
    assert len(said_in(kitchen)) == 1


@pytest.mark.parametrize("text", ["", None, "x" * 4001, "x" * 4000, "\x00", "   "])
def test_what_is_no_message_is_refused(use, kitchen, text, nok, events):
    refused = use("post_message", room="kitchen", text=text)
    assert isinstance(refused, Refusal) or text in ("\x00", "   ")
    assert said_in(kitchen) in ([], ["Nok says:"])


def test_a_room_that_is_put_away_takes_no_more(use, nok, kitchen):
    update_channel(kitchen, by=by(nok), archived=True)
    assert isinstance(use("post_message", room="kitchen", text="dinner"), Refusal)


def test_nobody_speaks_where_they_are_not(use, nok, ben, mai, secret, kitchen):
    create_channel("mais-room", by=by(mai))
    for room, who in (("surprise", ben), ("mais-room", ben), ("mais-room", nok), (str(secret.pk), ben)):
        refused = use("post_message", room=room, text="boo", who=who)
        assert isinstance(refused, Refusal)
        assert "#surprise" not in refused.sentence or who == nok
    leave_channel(secret, nok.user, by=by(nok))
    assert isinstance(use("post_message", room="surprise", text="boo"), Refusal)
    assert said_in(secret) == []


# add_reaction


def test_pixie_reacts(use, nok, general, pixie):
    message = send_message(general, "The lift is mended", by=by(nok))
    use("add_reaction", message=str(message.pk), emoji="🎉")
    assert [(each.agent, each.emoji) for each in Reaction.objects.all()] == [(pixie, "🎉")]


@pytest.mark.parametrize("emoji", ["", "nice", "👍" * 17, None])
def test_a_reaction_is_one_sign(use, nok, general, emoji):
    message = send_message(general, "The lift is mended", by=by(nok))
    assert isinstance(use("add_reaction", message=str(message.pk), emoji=emoji), Refusal)


def test_nobody_reacts_to_what_they_do_not_see(use, nok, ben, mai, secret):
    here = send_message(secret, "The cake", by=by(nok))
    there = send_message(create_channel("mais-room", by=by(mai)), "Hello", by=by(mai))
    for message, who in ((here, ben), (there, nok)):
        assert isinstance(use("add_reaction", message=str(message.pk), emoji="👍", who=who), Refusal)
    assert isinstance(use("add_reaction", message="that one", emoji="👍"), Refusal)
    assert not Reaction.objects.exists()


# search


def excerpts(done):
    return [found["excerpt"] for found in done.facts["found"]]


def test_what_was_said_is_found_by_who_said_it(use, nok, ben, general):
    send_message(general, "The rent is 9,000", by=by(ben))
    send_message(general, "The rent is paid", by=by(nok))
    assert excerpts(use("search", query="rent", author="Ben")) == ["The rent is 9,000"]
    assert use("search", query="rent", limit=1).facts["count"] == 2


def test_most_of_the_words_will_do_where_nothing_has_all(use, nok, general):
    send_message(general, "Plumber: 555 1234", by=by(nok))
    send_message(general, "My phone is broken", by=by(nok))
    assert excerpts(use("search", query="the plumber's phone number 555")) == [
        "Plumber: 555 1234",
        "My phone is broken",
    ]


def test_things_are_found_too(use, nok):
    create_item("Oat milk", by=by(nok))
    assert [found["kind"] for found in use("search", query="milk").facts["found"]] == ["item"]
    assert excerpts(use("search", query="milk", kind="message")) == []


def test_nobody_finds_what_they_may_not_see(use, nok, ben, mai, secret, pixie):
    send_message(secret, "The cake is hidden", by=by(nok))
    send_message(create_channel("mais-room", by=by(mai)), "The cake is mine", by=by(mai))
    assert excerpts(use("search", query="cake")) == ["The cake is hidden"]
    assert excerpts(use("search", query="cake", who=ben)) == []


def test_where_others_read_along_nothing_is_told_of_closed_rooms(use, nok, ben, secret, general):
    """Nok asks in the room for all: what stands in a private one stays there."""
    send_message(secret, "The cake is hidden", by=by(nok))
    send_message(open_dm(ben.user, by=by(nok)), "The cake costs 400", by=by(nok))
    send_message(general, "Who likes cake?", by=by(nok))
    assert excerpts(use("search", query="cake", where=general)) == ["Who likes cake?"]
    assert set(excerpts(use("search", query="cake", where=secret))) == {"Who likes cake?", "The cake is hidden"}


# undo


def test_the_last_turn_that_did_something_is_taken_back(tell, weekly):
    tell("We need eggs")
    tell("We need milk")
    tell("tell me a joke")
    assert tell("undo that").body == "Conflict back: Milk."
    assert [str(entry) for entry in ListEntry.objects.pending()] == ["Eggs (1 piece)"]
    assert tell("undo").body == "Conflict back: Eggs."
    assert tell("undo").body == "There is nothing to undo."


def test_the_receipt_says_that_it_was_undone(tell, weekly):
    answer = tell("We need eggs")
    assert tell("undo that").metadata["receipt"] is None
    answer.refresh_from_db()
    assert answer.metadata["receipt"]["undone"] is True


def test_only_ones_own_turns_are_taken_back(tell, ben, weekly, general):
    tell("Pixie, we need eggs", where=general)
    assert tell("Pixie, undo that", who=ben, where=general).body == "There is nothing to undo."
    assert ListEntry.objects.pending().count() == 1


def test_a_given_answer_is_taken_back(use, tell, weekly, ben, mai):
    first = tell("We need eggs")
    tell("We need milk")
    for stranger in (ben, mai):
        assert isinstance(use("undo", message=str(first.pk), who=stranger), Refusal)
    assert isinstance(use("undo", message=str(first.pk)), Result)
    assert [str(entry) for entry in ListEntry.objects.pending()] == ["Milk (1 piece)"]


def test_what_pixie_said_for_somebody_is_taken_back_by_them_alone(nok, ben, tell, kitchen):
    answer = tell("tell everybody in kitchen that dinner is at seven")
    assert said_in(kitchen) == ["Nok says: dinner is at seven"]
    with pytest.raises(Exception, match="Only the person who asked for this"):
        undo.undo(answer, by=by(ben))
    assert tell("undo that").body == "Conflict back: dinner is at seven."
    assert said_in(kitchen) == []


def test_a_reaction_is_taken_back(use, nok, general, pixie):
    message = send_message(general, "The lift is mended", by=by(nok))
    use("add_reaction", message=str(message.pk), emoji="🎉")
    from homes.events.undo import undo_event

    undo_event(Event.objects.get(type="reaction_added"), by=by(nok))
    assert not Reaction.objects.exists()


# Several in one message


def test_one_message_may_do_several_things(tell, weekly, eggs, kitchen):
    answer = tell("got the eggs and add milk every week")
    assert answer.metadata["receipt"]["title"] == "One thing bought; Set one to come back"
    answer = tell("add 2 kg rice and tell everybody in kitchen that dinner is at seven and bring wine")
    assert said_in(kitchen) == ["Nok says: dinner is at seven and bring wine"]
    assert [(line["name"], line["amount"]) for line in answer.metadata["receipt"]["lines"]] == [
        ("Rice", "2 kg"), ("dinner is at seven and bring wine", "#kitchen"),
    ]  # fmt: skip


def test_what_pixie_finds_is_quoted(tell, nok, ben, general):
    send_message(general, "The rent is 9,000 from May on", by=by(ben))
    assert "Ben in #general" in (said := tell("what did Ben say about the rent?").body)
    assert "“The rent is 9,000 from May on”" in said
    assert tell("search for the plumber's number").body == "I found nothing about “plumber's number”."
