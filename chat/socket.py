"""Commands that clients send over the WebSocket: messages, read marks, typing."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import serializers

from chat.actions import mark_read, send_message
from chat.api.serializers import NewMessage, ReadSerializer
from chat.models import Channel, Message
from homes.events.actor import Actor
from homes.models import Membership
from pantry import broadcast
from pantry.api.fields import Id


class TypingFrame(serializers.Serializer):  # type: ignore[type-arg]
    channel_id = Id()


class ReadFrame(ReadSerializer):
    channel_id = Id()


class MessageFrame(NewMessage):
    channel_id = Id()
    parent_id = Id(required=False, allow_null=True, help_text="The message to reply to in a thread.")


def send(by: Actor, channel_id: UUID, content: str, **fields: Any) -> None:
    """Send a message. Its id defaults to the operation's."""
    channel, parent_id = _get_channel(by, channel_id), fields.get("parent_id")
    parent = get_object_or_404(Message, pk=parent_id, channel=channel) if parent_id else None
    send_message(channel, content, by=by, parent=parent, pk=fields.get("id") or by.op_id)


def read(by: Actor, channel_id: UUID, seq: int) -> None:
    assert by.user is not None
    mark_read(_get_channel(by, channel_id), by.user, min(seq, by.home.last_seq))


def send_typing(by: Actor, channel_id: UUID) -> None:
    """Broadcast that the member is typing. Pages show it for a few seconds, so clients repeat it."""
    assert by.user is not None
    channel = _get_channel(by, channel_id)
    frame = {"type": "typing", "channel_id": channel.pk, "user_id": by.user.pk}
    broadcast.send_transient(by.home.pk, frame, audience=channel.audience, exclude=by.user.pk)


def can_view_channel(member: Membership, pk: UUID) -> bool:
    return Channel.objects.visible_to(member).filter(pk=pk).exists()


def _get_channel(by: Actor, channel_id: UUID) -> Channel:
    assert by.member is not None
    return get_object_or_404(Channel.objects.visible_to(by.member), pk=channel_id)
