from functools import partial

import pytest

from chat.actions import join_channel, leave_channel, open_assistant, open_dm, send_message
from chat.models import Channel, Message
from pantry.errors import ActionError, Forbidden
from tests.factories import by, run_concurrently


def test_direct_message_is_visible_to_both_members_only(nok, ben, ploy):
    channel = open_dm(ben.user, by=by(nok))
    send_message(channel, "Ploy's present?", by=by(nok))
    assert [Message.objects.visible_to(member).count() for member in (nok, ben, ploy)] == [1, 1, 0]


def test_direct_message_is_the_same_for_both_members(nok, ben, events):
    assert open_dm(ben.user, by=by(nok)) == open_dm(nok.user, by=by(ben))
    assert events(nok.home) == ["channel_joined", "channel_joined", "channel_created"]


def test_direct_message_with_self_or_stranger_is_rejected(nok, mai):
    for other in (nok.user, mai.user):
        with pytest.raises(ActionError):
            open_dm(other, by=by(nok))


def test_direct_message_cannot_be_joined_or_left(nok, ben, ploy):
    channel = open_dm(ben.user, by=by(nok))
    with pytest.raises(Forbidden):
        join_channel(channel, ploy.user, by=by(nok))
    with pytest.raises(Forbidden):
        leave_channel(channel, nok.user, by=by(nok))
    assert open_dm(ben.user, by=by(nok)) in Channel.objects.visible_to(nok)


def test_agent_chat_is_visible_to_its_creator_only(nok, ben, pixie):
    mine, bens = (open_assistant(pixie, by=by(member)) for member in (nok, ben))
    assert mine != bens
    assert mine in Channel.objects.visible_to(nok)
    assert mine not in Channel.objects.visible_to(ben)


def test_agent_chat_with_a_title_is_separate(nok, pixie):
    mine = open_assistant(pixie, by=by(nok))
    party = open_assistant(pixie, by=by(nok), title="Party")
    assert party != mine
    assert open_assistant(pixie, by=by(nok), title="Party") == party
    assert open_assistant(pixie, by=by(nok)) == mine


@pytest.mark.django_db(transaction=True)
def test_concurrent_direct_messages_create_one_channel(nok, ben):
    channels = run_concurrently(*[partial(open_dm, ben.user, by=by(nok)), partial(open_dm, nok.user, by=by(ben))] * 3)
    assert len(set(channels)) == 1
