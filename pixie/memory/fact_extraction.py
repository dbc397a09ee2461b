"""What of people's talk is worth remembering: decisions, preferences, facts of the home."""

from typing import Any
from uuid import UUID

from chat.models import ChannelKind, Message
from homes import hooks
from homes.events.models import Event
from homes.models import Membership
from pixie.models import Source
from pixie.nlu.facts import read_facts


def overheard(event: Event) -> hooks.Memory | None:
    """Of a message as it is now; None where nothing in it is worth it, or it was taken back. Between two people an
    agent keeps out, and what agents say it has from somewhere else."""
    subject: Any = event.subject_id
    messages = Message.objects.filter(home=event.home_id, pk=subject, deleted_at=None, author_agent=None)
    message = messages.select_related("channel").first()
    if message is None or message.channel.kind == ChannelKind.DM:
        return None
    names = Membership.objects.filter(home=event.home_id).values_list("user__name", flat=True)
    found = read_facts(message.body, tuple(names))
    if found is None:
        return None
    kind, said = found
    return hooks.Memory(
        said,
        Source(kind),
        user=message.author_user_id,
        author_name=message.author_name,
        channel=message.channel_id,
        at=message.created_at,
    )


def still_said(messages: set[UUID]) -> set[UUID]:
    """Which of these messages still stand."""
    return set(Message.objects.filter(pk__in=messages, deleted_at=None).values_list("pk", flat=True))


MEMORIES = dict.fromkeys(("chat_message", "message_edited", "message_deleted"), overheard)
