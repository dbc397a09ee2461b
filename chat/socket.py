"""What a client may say of rooms and messages over its socket."""

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


class TypingFrame(serializers.Serializer):  # type: ignore[type-arg]
    channel_id = serializers.UUIDField()


class ReadFrame(ReadSerializer):
    channel_id = serializers.UUIDField()


class MessageFrame(NewMessage):
    channel_id = serializers.UUIDField()
    parent_id = serializers.UUIDField(required=False, allow_null=True, help_text="The message whose thread it is for.")


def say(by: Actor, channel_id: UUID, content: str, **more: Any) -> None:
    """The operation's id is the message's, unless the client names another."""
    channel, parent_id = the_channel(by, channel_id), more.get("parent_id")
    parent = get_object_or_404(Message, pk=parent_id, channel=channel) if parent_id else None
    send_message(channel, content, by=by, parent=parent, pk=more.get("id") or by.op_id)


def read(by: Actor, channel_id: UUID, seq: int) -> None:
    mark_read(the_channel(by, channel_id), _user(by), min(seq, by.home.last_seq))


def type_in(by: Actor, channel_id: UUID) -> None:
    """Holds for a few seconds: whoever goes on typing says so again."""
    channel, user_id = the_channel(by, channel_id), _user(by).pk
    said = {"type": "typing", "channel_id": channel.pk, "user_id": user_id}
    broadcast.send_transient(by.home.pk, said, audience=channel.audience, exclude=user_id)


def the_channel(by: Actor, channel_id: UUID) -> Channel:
    assert by.member is not None
    found: Channel = get_object_or_404(Channel.objects.visible_to(by.member), pk=channel_id)
    return found


def sees_channel(member: Membership, pk: UUID) -> bool:
    return Channel.objects.visible_to(member).filter(pk=pk).exists()


def _user(by: Actor) -> Any:
    assert by.member is not None
    return by.member.user
