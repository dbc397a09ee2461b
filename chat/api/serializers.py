"""Serializers of channels, messages and reactions."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import Count
from rest_framework import serializers

from chat.actions.messages import MAX_EMOJI_LENGTH
from chat.models import ChannelKind, Message, MessageState, Reaction
from chat.unread import MAX_UNREAD_COUNT
from pantry.api.fields import Boolean, Id, Integer, Line, OneOf, Text


class ChannelSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=ChannelKind.choices)
    topic = serializers.CharField()
    title = serializers.CharField()
    is_system = serializers.BooleanField()
    archived_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    read_seq = serializers.IntegerField(help_text="The event number up to which you have read.")
    unread = serializers.IntegerField(help_text=f"Unread messages of others, counted up to {MAX_UNREAD_COUNT}.")


class NewChannel(OneOf):
    """A room with a `name`, or a direct message with the member `user_id`."""

    one_of = ("name", "user_id")

    name = Line(40, required=False)
    topic = Line(120, blank=True, required=False)
    is_private = Boolean(required=False)
    user_id = Id(required=False)


class ChannelChange(serializers.Serializer):  # type: ignore[type-arg]
    name = Line(40, required=False)
    topic = Line(120, blank=True, required=False)
    archived = Boolean(required=False)


class ChannelPerson(serializers.Serializer):  # type: ignore[type-arg]
    user_id = serializers.UUIDField(allow_null=True)
    agent_id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()


class PersonChoice(serializers.Serializer):  # type: ignore[type-arg]
    user_id = Id()


class ReadSerializer(serializers.Serializer):  # type: ignore[type-arg]
    seq = Integer(0, help_text="The `seq` of the newest message that you have read.")


class ReactionSerializer(serializers.Serializer):  # type: ignore[type-arg]
    emoji = serializers.CharField()
    count = serializers.IntegerField()
    by = serializers.ListField(child=serializers.UUIDField(), help_text="Ids of people and agents.")
    names = serializers.ListField(child=serializers.CharField(), help_text="Names of people without an account here.")


class MessageSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    channel_id = serializers.UUIDField()
    parent_id = serializers.UUIDField(allow_null=True, help_text="The first message of its thread, if it is a reply.")
    seq = serializers.IntegerField()
    author = serializers.ChoiceField(choices=["user", "pixie"])
    author_id = serializers.UUIDField(allow_null=True)
    author_name = serializers.CharField(help_text="Set only for a message imported from another home.")
    content = serializers.CharField()
    state = serializers.ChoiceField(choices=MessageState.choices)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    deleted_at = serializers.DateTimeField(allow_null=True)
    replies = serializers.IntegerField()
    reactions = ReactionSerializer(many=True)
    metadata = serializers.DictField(help_text="For an agent's message: intent, entities, receipt, …")


class NewMessage(serializers.Serializer):  # type: ignore[type-arg]
    content = Text(Message.MAX_LENGTH)
    id = Id(required=False, help_text="Chosen by the client. Sending the same id again creates no second message.")


class MessageChange(serializers.Serializer):  # type: ignore[type-arg]
    content = Text(Message.MAX_LENGTH)
    version = Integer(1, help_text="The version you edited.")


class NewReaction(serializers.Serializer):  # type: ignore[type-arg]
    emoji = Text(MAX_EMOJI_LENGTH, help_text="One emoji.")


MESSAGE_COLUMNS = [
    "id", "channel_id", "parent_id", "seq", "author_name", "state", "version", "created_at", "edited_at", "deleted_at",
    "metadata",
]  # fmt: skip
COMPUTED_COLUMNS = ["body", "author_user_id", "author_agent_id"]


def message_rows(messages: Any) -> Any:
    """Select only the columns that `serialize_messages` reads."""
    return messages.values_list(*MESSAGE_COLUMNS, *COMPUTED_COLUMNS, named=True)


def serialize_messages(rows: list[Any]) -> list[dict[str, Any]]:
    """Serialize messages or rows of `message_rows`. Two queries, for reactions and counts of replies."""
    ids = [row.id for row in rows]
    reactions: dict[UUID, dict[str, list[UUID | str]]] = defaultdict(lambda: defaultdict(list))
    reaction_rows = Reaction.objects.filter(message__in=ids).order_by("created_at", "id")
    for message, emoji, user, agent, name in reaction_rows.values_list("message", "emoji", "user", "agent", "name"):
        reactions[message][emoji].append(user or agent or name)
    parents = Message.objects.filter(parent__in=ids, deleted_at=None).order_by().values_list("parent")
    reply_counts = dict(parents.annotate(count=Count("pk")))
    return [
        {name: getattr(row, name) for name in MESSAGE_COLUMNS}
        | {
            "author": "pixie" if row.author_agent_id else "user",
            "author_id": row.author_agent_id or row.author_user_id,
            "content": row.body,
            "replies": reply_counts.get(row.id, 0),
            "reactions": [_serialize_reaction(emoji, actors) for emoji, actors in reactions[row.id].items()],
        }
        for row in rows
    ]


def _serialize_reaction(emoji: str, actors: list[UUID | str]) -> dict[str, Any]:
    ids = [actor for actor in actors if isinstance(actor, UUID)]
    names = [actor for actor in actors if isinstance(actor, str)]
    return {"emoji": emoji, "count": len(actors), "by": ids, "names": names}
