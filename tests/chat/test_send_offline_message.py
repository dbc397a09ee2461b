"""What people said without a signal, when it comes in."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.actions import create_channel, join_channel, leave_channel, send_message, send_offline_message, update_channel
from chat.models import Message
from homes.events.offline import MergeResult
from pantry.errors import ActionError
from tests.cast import by


def away(member):
    return replace(by(member, op_id=uuid4()), meant_at=timezone.now() - timedelta(minutes=10))


def test_it_is_said_where_it_was_meant_with_the_operations_id(nok, general):
    actor = away(nok)
    assert send_offline_message("On my way", by=actor, channel=general.pk) == MergeResult()
    message = Message.objects.get(pk=actor.op_id)
    assert (message.channel, message.body, message.author_user) == (general, "On my way", nok.user)


def test_it_is_said_in_its_thread(nok, ben, general):
    root = send_message(general, "Dinner?", by=by(ben))
    actor = away(nok)
    send_offline_message("At eight", by=actor, channel=general.pk, parent=root.pk)
    assert Message.objects.get(pk=actor.op_id).parent == root


def test_the_second_time_it_is_not_said_again(nok, general, events):
    actor = away(nok)
    for _twice in range(2):
        send_offline_message("On my way", by=actor, channel=general.pk)
    assert events(nok.home) == ["chat_message"]


def test_to_pixie_it_is_said_in_ones_own_talk_with_it(nok, pixie):
    actor = away(nok)
    send_offline_message("we need eggs", by=actor, agent=pixie.pk)
    assert Message.objects.get(pk=actor.op_id).channel.kind == "assistant"


def test_into_a_room_that_was_put_away_it_is_said_and_told(nok, ben):
    room = create_channel("holidays", by=by(ben))
    update_channel(room, by=by(ben), archived=True)
    settled = send_offline_message("To the sea!", by=away(nok), channel=room.pk)
    assert settled == MergeResult(message="“holidays” was put away. What you said is in it.")
    assert Message.objects.get(channel=room).body == "To the sea!"


def test_into_a_private_room_that_one_left_it_is_not_said_and_told(nok, ben, events):
    room = create_channel("surprise", by=by(ben), is_private=True)
    join_channel(room, nok.user, by=by(ben))
    leave_channel(room, nok.user, by=by(nok))
    told = events(nok.home)
    with pytest.raises(ActionError, match="You are not in that room any more, so it was not said."):
        send_offline_message("A cake?", by=away(nok), channel=room.pk)
    assert events(nok.home) == told


def test_an_answer_to_nothing_is_not_said(nok, general):
    with pytest.raises(ActionError, match="What you answered is not there"):
        send_offline_message("At eight", by=away(nok), channel=general.pk, parent=uuid4())


def test_nothing_reaches_another_home(mai, general, pixie, events):
    for where in ({"channel": general.pk}, {"agent": pixie.pk}):
        with pytest.raises(ActionError):
            send_offline_message("Hello", by=away(mai), **where)
    assert events(mai.home) == events(general.home) == []
