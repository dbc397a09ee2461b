from functools import partial

import pytest

from chat.actions import add_reaction, create_channel, remove_reaction, send_message
from pantry.errors import ActionError
from tests.factories import by, run_concurrently


@pytest.fixture
def hello(nok, general):
    return send_message(general, "Hello", by=by(nok))


def test_adding_a_reaction_records_author_and_message(nok, ben, hello, events):
    add_reaction(hello, "👍", by=by(ben))
    (event,) = events.of(nok.home)
    assert event.type == "reaction_added"
    assert event.data == {
        "channel_id": str(hello.channel_id),
        "message_id": str(hello.pk),
        "emoji": "👍",
        "user_id": str(ben.user_id),
        "agent_id": None,
        "name": "",
    }


def test_adding_and_removing_a_reaction_is_idempotent(nok, hello, events):
    add_reaction(hello, "👍", by=by(nok))
    add_reaction(hello, "👍", by=by(nok))
    assert hello.reactions.count() == 1
    remove_reaction(hello, "👍", by=by(nok))
    remove_reaction(hello, "👍", by=by(nok))
    assert not hello.reactions.exists()
    assert events(nok.home) == ["reaction_added", "reaction_removed"]


def test_removing_a_reaction_keeps_those_of_others(nok, ben, pixie, hello):
    for actor in (by(nok), by(ben), by(nok).as_agent(pixie)):
        add_reaction(hello, "👍", by=actor)
    add_reaction(hello, "🎉", by=by(nok))
    remove_reaction(hello, "👍", by=by(nok))
    assert sorted(reaction.emoji for reaction in hello.reactions.all()) == sorted(["👍", "👍", "🎉"])


@pytest.mark.parametrize("emoji", ["", " ", "\x00", "ok", "7", "👍" * 17, "buy milk, ok?", "👍👍", "+1", "!?", "👍 🎉"])
def test_reacting_with_other_text_is_rejected(nok, hello, emoji):
    with pytest.raises(ActionError):
        add_reaction(hello, emoji, by=by(nok))


@pytest.mark.parametrize("emoji", ["👍", "❤️", "👨‍👩‍👧‍👦", "🇹🇭"])
def test_reacting_with_a_composed_emoji_is_accepted(nok, hello, emoji):
    add_reaction(hello, emoji, by=by(nok))
    assert hello.reactions.get().emoji == emoji


def test_reaction_event_in_a_private_room_is_private(nok, events):
    surprise = create_channel("surprise", by=by(nok), is_private=True)
    add_reaction(send_message(surprise, "Hush", by=by(nok)), "🤫", by=by(nok))
    assert events.of(nok.home)[-1].channel_id == surprise.pk


@pytest.mark.django_db(transaction=True)
def test_concurrent_reactions_are_recorded_once(nok, hello, events):
    run_concurrently(*[partial(add_reaction, hello, "👍", by=by(nok))] * 6)
    assert events(nok.home) == ["reaction_added"]


@pytest.mark.parametrize("emoji", ["👍", "❤", "❤️", "👍🏽", "👨‍👩‍👧", "🇹🇭", "1️⃣", "👩🏽‍🚀"])
def test_reacting_with_one_emoji_of_several_characters_is_accepted(nok, hello, emoji):
    add_reaction(hello, emoji, by=by(nok))
    assert hello.reactions.get().emoji == emoji
