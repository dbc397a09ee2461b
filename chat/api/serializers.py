"""Rooms and messages, in the shapes that clients know."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import Count
from rest_framework import serializers

from chat.actions.messages import LONGEST_EMOJI
from chat.models import ChannelKind, Message, MessageState, Reaction
from chat.unread import MOST_COUNTED
from pantry.api.fields import Boolean, Id, Integer, Line, OneOf, Text

# Rooms


class ChannelSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=ChannelKind.choices)
    topic = serializers.CharField()
    title = serializers.CharField()
    is_system = serializers.BooleanField()
    archived_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    read_seq = serializers.IntegerField(help_text="The number up to which one has read.")
    unread = serializers.IntegerField(help_text=f"Messages of others since then; {MOST_COUNTED} is that many or more.")


class NewChannel(OneOf):
    """A room by its `name`, or a talk between two with the member `user_id`."""

    one_of = ("name", "user_id")

    name = Line(80, required=False)
    topic = Line(120, blank=True, required=False)
    is_private = Boolean(required=False)
    user_id = Id(required=False)


class ChannelChange(serializers.Serializer):  # type: ignore[type-arg]
    name = Line(80, required=False)
    topic = Line(120, blank=True, required=False)
    archived = Boolean(required=False)


class ChannelPerson(serializers.Serializer):  # type: ignore[type-arg]
    user_id = serializers.UUIDField(allow_null=True)
    agent_id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()


class PersonChoice(serializers.Serializer):  # type: ignore[type-arg]
    user_id = Id()


class ReadSerializer(serializers.Serializer):  # type: ignore[type-arg]
    seq = Integer(0, help_text="The number of the newest message that was seen.")


# Messages


class ReactionSerializer(serializers.Serializer):  # type: ignore[type-arg]
    emoji = serializers.CharField()
    count = serializers.IntegerField()
    by = serializers.ListField(child=serializers.UUIDField(), help_text="Ids of people and agents.")
    names = serializers.ListField(child=serializers.CharField(), help_text="Of those who are nobody here.")


class MessageSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    channel_id = serializers.UUIDField()
    parent_id = serializers.UUIDField(allow_null=True, help_text="The message that its thread hangs on.")
    seq = serializers.IntegerField()
    author = serializers.ChoiceField(choices=["user", "pixie"])
    author_id = serializers.UUIDField(allow_null=True)
    author_name = serializers.CharField(help_text="Of who is nobody here: brought along from another home. Else empty.")
    content = serializers.CharField()
    state = serializers.ChoiceField(choices=MessageState.choices)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    deleted_at = serializers.DateTimeField(allow_null=True)
    replies = serializers.IntegerField()
    reactions = ReactionSerializer(many=True)
    metadata = serializers.DictField(help_text="Of an agent's message: intent, entities, receipt, …")


class NewMessage(serializers.Serializer):  # type: ignore[type-arg]
    content = Text(Message.MAX_LENGTH)
    id = Id(required=False, help_text="A client may name it; the same one is one message.")


class MessageChange(serializers.Serializer):  # type: ignore[type-arg]
    content = Text(Message.MAX_LENGTH)
    version = Integer(1, help_text="The one that was seen.")


class NewReaction(serializers.Serializer):  # type: ignore[type-arg]
    emoji = Text(LONGEST_EMOJI, help_text="One sign; letters and numbers are none.")


MESSAGE_COLUMNS = [
    "id", "channel", "parent", "seq", "author_user", "author_agent", "author_name", "body", "state", "version",
    "created_at", "edited_at", "deleted_at", "metadata",
]  # fmt: skip


def messages(rows: list[Any]) -> list[dict[str, Any]]:
    """Of rows of MESSAGE_COLUMNS. Two queries more, however many they are: reactions, and counts of replies."""
    ids = [row.id for row in rows]
    reactions: dict[UUID, dict[str, list[UUID | str]]] = defaultdict(lambda: defaultdict(list))
    given = Reaction.objects.filter(message__in=ids).order_by("created_at", "id")
    for message, emoji, user, agent, name in given.values_list("message", "emoji", "user", "agent", "name"):
        reactions[message][emoji].append(user or agent or name)
    counted = Message.objects.filter(parent__in=ids, deleted_at=None).order_by().values_list("parent")
    replies = dict(counted.annotate(count=Count("pk")))
    return [_message(row, replies.get(row.id, 0), reactions.get(row.id, {})) for row in rows]


def _message(row: Any, replies: int, reactions: dict[str, list[UUID | str]]) -> dict[str, Any]:
    return {
        "id": row.id,
        "channel_id": row.channel,
        "parent_id": row.parent,
        "seq": row.seq,
        "author": "pixie" if row.author_agent else "user",
        "author_id": row.author_agent or row.author_user,
        "author_name": row.author_name,
        "content": row.body,
        "state": row.state,
        "version": row.version,
        "created_at": row.created_at,
        "edited_at": row.edited_at,
        "deleted_at": row.deleted_at,
        "replies": replies,
        "reactions": [_reaction(emoji, who) for emoji, who in reactions.items()],
        "metadata": row.metadata,
    }


def _reaction(emoji: str, who: list[UUID | str]) -> dict[str, Any]:
    ids, names = [each for each in who if isinstance(each, UUID)], [each for each in who if isinstance(each, str)]
    return {"emoji": emoji, "count": len(who), "by": ids, "names": names}


def one_message(message: Message) -> dict[str, Any]:
    return messages(list(Message.objects.filter(pk=message.pk).values_list(*MESSAGE_COLUMNS, named=True)))[0]
