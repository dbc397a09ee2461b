"""Tools to post, react, search and undo, with the rights of the member who asks."""

from uuid import uuid4

import pytest

from chat.actions import create_channel, leave_channel, open_dm, send_message, update_channel
from chat.models import Message, Reaction
from groceries.actions import create_item
from groceries.models import ListEntry
from homes.events.models import Event
from pixie.models import LOCAL, Run, RunStep
from pixie.nlu.outcome import Proposal
from pixie.runs import undo
from pixie.runs.outcomes import Refusal
from pixie.runs.tool_calls import call_tool
from pixie.tools import Result
from tests.factories import by


@pytest.fixture
def use(nok, pixie, agent_chat):
    """Call a tool as Pixie for Nok in their chat and return the outcome: `use("search", query="rent")`."""

    def use_tool(tool, *, who=nok, where=agent_chat, op_id=None, **arguments):
        run = Run.objects.create(home=nok.home, agent=pixie, channel=where)
        step = RunStep.objects.create(run=run, step_number=1, model=LOCAL)
        return call_tool(by(who).as_agent(pixie), Proposal(tool, arguments, 1.0), step, op_id=op_id or uuid4())

    return use_tool


@pytest.fixture
def kitchen(nok):
    return create_channel("kitchen", by=by(nok))


@pytest.fixture
def secret(nok):
    """A private room with Nok as its only member."""
    return create_channel("surprise", by=by(nok), is_private=True)


def bodies_in(room):
    return list(Message.objects.filter(channel=room, deleted_at=None).order_by("seq").values_list("body", flat=True))


# post_message


@pytest.mark.parametrize("name", ["kitchen", "#kitchen", "Kitchen", "kitchne"])
def test_post_message_names_the_person_who_asked(use, kitchen, pixie, name):
    done = use("post_message", room=name, text="dinner is at seven")
    assert bodies_in(kitchen) == ["Nok says: dinner is at seven"]
    assert Message.objects.get(channel=kitchen).author_agent == pixie
    assert (done.facts["room"], done.lines[0].name) == ("kitchen", "dinner is at seven")


def test_post_message_without_a_room_uses_the_first_room(use, kitchen, general):
    use("post_message", text="dinner")
    assert bodies_in(general) == ["Nok says: dinner"]


def test_same_operation_posts_once(use, kitchen):
    op_id = uuid4()
    for _ in range(2):
        use("post_message", room="kitchen", text="dinner", op_id=op_id)
    assert len(bodies_in(kitchen)) == 1


@pytest.mark.parametrize("text", ["", None, "x" * 4001, "x" * 4000, "\x00", "   "])
def test_post_message_with_invalid_text_is_refused(use, kitchen, text, nok, events):
    refusal = use("post_message", room="kitchen", text=text)
    assert isinstance(refusal, Refusal) or text in ("\x00", "   ")
    assert bodies_in(kitchen) in ([], ["Nok says:"])


def test_post_message_in_an_archived_room_is_refused(use, nok, kitchen):
    update_channel(kitchen, by=by(nok), archived=True)
    assert isinstance(use("post_message", room="kitchen", text="dinner"), Refusal)


def test_post_message_in_an_invisible_room_is_refused(use, nok, ben, mai, secret, kitchen):
    create_channel("mais-room", by=by(mai))
    for room, who in (("surprise", ben), ("mais-room", ben), ("mais-room", nok), (str(secret.pk), ben)):
        refusal = use("post_message", room=room, text="boo", who=who)
        assert isinstance(refusal, Refusal)
        assert "#surprise" not in refusal.sentence or who == nok
    leave_channel(secret, nok.user, by=by(nok))
    assert isinstance(use("post_message", room="surprise", text="boo"), Refusal)
    assert bodies_in(secret) == []


# add_reaction


def test_add_reaction_is_by_the_agent(use, nok, general, pixie):
    message = send_message(general, "The lift is mended", by=by(nok))
    use("add_reaction", message=str(message.pk), emoji="🎉")
    assert [(each.agent, each.emoji) for each in Reaction.objects.all()] == [(pixie, "🎉")]


@pytest.mark.parametrize("emoji", ["", "nice", "👍" * 17, None])
def test_add_reaction_needs_one_emoji(use, nok, general, emoji):
    message = send_message(general, "The lift is mended", by=by(nok))
    assert isinstance(use("add_reaction", message=str(message.pk), emoji=emoji), Refusal)


def test_add_reaction_to_an_invisible_message_is_refused(use, nok, ben, mai, secret):
    private_message = send_message(secret, "The cake", by=by(nok))
    foreign_message = send_message(create_channel("mais-room", by=by(mai)), "Hello", by=by(mai))
    for message, who in ((private_message, ben), (foreign_message, nok)):
        assert isinstance(use("add_reaction", message=str(message.pk), emoji="👍", who=who), Refusal)
    assert isinstance(use("add_reaction", message="that one", emoji="👍"), Refusal)
    assert not Reaction.objects.exists()


# search


def excerpts(done):
    return [result["excerpt"] for result in done.facts["found"]]


def test_search_filters_by_author_and_limits_results(use, nok, ben, general):
    send_message(general, "The rent is 9,000", by=by(ben))
    send_message(general, "The rent is paid", by=by(nok))
    assert excerpts(use("search", query="rent", author="Ben")) == ["The rent is 9,000"]
    assert use("search", query="rent", limit=1).facts["count"] == 2


def test_search_falls_back_to_most_of_the_words(use, nok, general):
    send_message(general, "Plumber: 555 1234", by=by(nok))
    send_message(general, "My phone is broken", by=by(nok))
    assert excerpts(use("search", query="the plumber's phone number 555")) == [
        "Plumber: 555 1234",
        "My phone is broken",
    ]


def test_search_finds_items(use, nok):
    create_item("Oat milk", by=by(nok))
    assert [result["kind"] for result in use("search", query="milk").facts["found"]] == ["item"]
    assert excerpts(use("search", query="milk", kind="message")) == []


def test_search_returns_visible_messages_only(use, nok, ben, mai, secret, pixie):
    send_message(secret, "The cake is hidden", by=by(nok))
    send_message(create_channel("mais-room", by=by(mai)), "The cake is mine", by=by(mai))
    assert excerpts(use("search", query="cake")) == ["The cake is hidden"]
    assert excerpts(use("search", query="cake", who=ben)) == []


def test_search_in_a_room_leaves_out_private_rooms(use, nok, ben, secret, general):
    """A search in a public room does not return messages of private rooms."""
    send_message(secret, "The cake is hidden", by=by(nok))
    send_message(open_dm(ben.user, by=by(nok)), "The cake costs 400", by=by(nok))
    send_message(general, "Who likes cake?", by=by(nok))
    assert excerpts(use("search", query="cake", where=general)) == ["Who likes cake?"]
    assert set(excerpts(use("search", query="cake", where=secret))) == {"Who likes cake?", "The cake is hidden"}


# undo


def test_undo_reverts_the_last_change_step_by_step(tell, weekly):
    tell("We need eggs")
    tell("We need milk")
    tell("tell me a joke")
    assert tell("undo that").body == "Undone: Milk."
    assert [str(entry) for entry in ListEntry.objects.pending()] == ["Eggs (1 piece)"]
    assert tell("undo").body == "Undone: Eggs."
    assert tell("undo").body == "There is nothing to undo."


def test_undo_marks_the_receipt_as_undone(tell, weekly):
    answer = tell("We need eggs")
    assert tell("undo that").metadata["receipt"] is None
    answer.refresh_from_db()
    assert answer.metadata["receipt"]["undone"] is True


def test_undo_of_another_members_change_is_refused(tell, ben, weekly, general):
    tell("Pixie, we need eggs", where=general)
    assert tell("Pixie, undo that", who=ben, where=general).body == "There is nothing to undo."
    assert ListEntry.objects.pending().count() == 1


def test_undo_of_a_named_answer(use, tell, weekly, ben, mai):
    first_answer = tell("We need eggs")
    tell("We need milk")
    for stranger in (ben, mai):
        assert isinstance(use("undo", message=str(first_answer.pk), who=stranger), Refusal)
    assert isinstance(use("undo", message=str(first_answer.pk)), Result)
    assert [str(entry) for entry in ListEntry.objects.pending()] == ["Milk (1 piece)"]


def test_undo_of_a_posted_message_is_for_its_requester_only(nok, ben, tell, kitchen):
    answer = tell("tell everybody in kitchen that dinner is at seven")
    assert bodies_in(kitchen) == ["Nok says: dinner is at seven"]
    with pytest.raises(Exception, match="Only the person who asked"):
        undo.undo_message(answer, by=by(ben))
    assert tell("undo that").body == "Undone: dinner is at seven."
    assert bodies_in(kitchen) == []


def test_undo_of_a_reaction(use, nok, general, pixie):
    message = send_message(general, "The lift is mended", by=by(nok))
    use("add_reaction", message=str(message.pk), emoji="🎉")
    from homes.events.undo import undo_event

    undo_event(Event.objects.get(type="reaction_added"), by=by(nok))
    assert not Reaction.objects.exists()


# Several in one message


def test_one_message_can_do_several_things(tell, weekly, eggs, kitchen):
    answer = tell("got the eggs and add milk every week")
    assert answer.metadata["receipt"]["title"] == "Ticked off 1 item; Set 1 recurring item"
    answer = tell("add 2 kg rice and tell everybody in kitchen that dinner is at seven and bring wine")
    assert bodies_in(kitchen) == ["Nok says: dinner is at seven and bring wine"]
    assert [(line["name"], line["amount"]) for line in answer.metadata["receipt"]["lines"]] == [
        ("Rice", "2 kg"), ("dinner is at seven and bring wine", "#kitchen"),
    ]  # fmt: skip


def test_search_results_are_quoted_in_the_answer(tell, nok, ben, general):
    send_message(general, "The rent is 9,000 from May on", by=by(ben))
    assert "Ben in #general" in (body := tell("what did Ben say about the rent?").body)
    assert "“The rent is 9,000 from May on”" in body
    assert tell("search for the plumber's number").body == "I found nothing about “plumber's number”."
