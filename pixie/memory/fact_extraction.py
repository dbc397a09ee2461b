"""Memories of messages: decisions, preferences and facts that members mention."""

from typing import Any
from uuid import UUID

from chat.models import ChannelKind, Message
from homes import hooks
from homes.events.models import Event
from homes.models import Membership
from pixie.models import Source
from pixie.nlu.facts import read_facts


def memory_of_message(event: Event) -> hooks.Memory | None:
    """Extract a memory from the message as it is now; None for a deleted one, or one without a fact. Ignores direct
    messages, and those of agents."""
    subject: Any = event.subject_id
    messages = Message.objects.filter(home=event.home_id, pk=subject, deleted_at=None, author_agent=None)
    message = messages.select_related("channel").first()
    if message is None or message.channel.kind == ChannelKind.DM:
        return None
    names = Membership.objects.filter(home=event.home_id).values_list("user__name", flat=True)
    fact = read_facts(message.body, tuple(names))
    if fact is None:
        return None
    kind, sentence = fact
    return hooks.Memory(
        sentence,
        Source(kind),
        user=message.author_user_id,
        author_name=message.author_name,
        channel=message.channel_id,
        at=message.created_at,
    )


def undeleted_messages(ids: set[UUID]) -> set[UUID]:
    """Return those of the ids whose message was not deleted."""
    return set(Message.objects.filter(pk__in=ids, deleted_at=None).values_list("pk", flat=True))


MEMORIES = dict.fromkeys(("chat_message", "message_edited", "message_deleted"), memory_of_message)
