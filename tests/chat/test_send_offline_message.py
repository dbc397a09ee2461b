"""Messages that were written offline."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.actions import create_channel, join_channel, leave_channel, send_message, send_offline_message, update_channel
from chat.models import Message
from homes.events.offline import MergeResult
from pantry.errors import ActionError
from tests.factories import by


def offline_actor(member):
    return replace(by(member, op_id=uuid4()), meant_at=timezone.now() - timedelta(minutes=10))


def test_offline_message_is_sent_with_the_operation_id(nok, general):
    actor = offline_actor(nok)
    assert send_offline_message("On my way", by=actor, channel=general.pk) == MergeResult()
    message = Message.objects.get(pk=actor.op_id)
    assert (message.channel, message.body, message.author_user) == (general, "On my way", nok.user)


def test_offline_reply_is_sent_to_its_thread(nok, ben, general):
    root = send_message(general, "Dinner?", by=by(ben))
    actor = offline_actor(nok)
    send_offline_message("At eight", by=actor, channel=general.pk, parent=root.pk)
    assert Message.objects.get(pk=actor.op_id).parent == root


def test_sending_an_offline_message_is_idempotent(nok, general, events):
    actor = offline_actor(nok)
    for _ in range(2):
        send_offline_message("On my way", by=actor, channel=general.pk)
    assert events(nok.home) == ["chat_message"]


def test_offline_message_to_an_agent_is_sent_to_own_chat(nok, pixie):
    actor = offline_actor(nok)
    send_offline_message("we need eggs", by=actor, agent=pixie.pk)
    assert Message.objects.get(pk=actor.op_id).channel.kind == "assistant"


def test_offline_message_to_an_archived_room_is_sent_with_notice(nok, ben):
    room = create_channel("holidays", by=by(ben))
    update_channel(room, by=by(ben), archived=True)
    result = send_offline_message("To the sea!", by=offline_actor(nok), channel=room.pk)
    assert result == MergeResult(message="“holidays” was archived. Your message is still in it.")
    assert Message.objects.get(channel=room).body == "To the sea!"


def test_offline_message_to_a_room_one_left_is_rejected(nok, ben, events):
    room = create_channel("surprise", by=by(ben), is_private=True)
    join_channel(room, nok.user, by=by(ben))
    leave_channel(room, nok.user, by=by(nok))
    recorded = events(nok.home)
    with pytest.raises(ActionError, match="You're no longer in that room, so the message wasn't sent."):
        send_offline_message("A cake?", by=offline_actor(nok), channel=room.pk)
    assert events(nok.home) == recorded


def test_offline_reply_to_a_missing_message_is_rejected(nok, general):
    with pytest.raises(ActionError, match="The message you replied to is gone"):
        send_offline_message("At eight", by=offline_actor(nok), channel=general.pk, parent=uuid4())


def test_offline_message_to_another_home_is_rejected(mai, general, pixie, events):
    for target in ({"channel": general.pk}, {"agent": pixie.pk}):
        with pytest.raises(ActionError):
            send_offline_message("Hello", by=offline_actor(mai), **target)
    assert events(mai.home) == events(general.home) == []
