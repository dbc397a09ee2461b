"""What happened in rooms and chats, as sentences."""

from collections.abc import Collection
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.models import Channel
from homes.events.models import Event
from homes.hooks import Activity, Names
from homes.models import Agent, Home

MAX_QUOTED_CHARS = 80


def names_of(home: Home, ids: Collection[str]) -> Names:
    """Return the names of rooms, chats and agents. Two queries.

    A chat is named only by the events in it, which its readers alone get.
    """
    channels = {
        str(row.pk): row.name or row.title or _("a private chat")
        for row in Channel.objects.filter(home=home, pk__in=ids)
    }
    agents = Agent.objects.filter(home=home, pk__in=ids).values_list("pk", "display_name")
    return channels | {str(pk): name for pk, name in agents}


def _facts(event: Event, names: Names) -> dict[str, object]:
    data: dict[str, Any] = event.data
    message, channel = data.get("message") or {}, data.get("channel") or {}
    channel_id = channel.get("id") or message.get("channel_id") or data.get("channel_id") or ""
    body = " ".join(str(message.get("body", "")).split())
    return {
        "room": channel.get("name") or names.get(channel_id) or _("a room"),
        "text": Truncator(body).chars(MAX_QUOTED_CHARS),
        "emoji": data.get("emoji", ""),
        "name": names.get(data.get("user_id") or data.get("agent_id") or "") or _("Former member"),
    }


def _joined(event: Event) -> str:
    is_own = str(event.actor_user_id) == event.data.get("user_id")
    return _("%(name)s joined %(room)s.") if is_own else _("%(who)s added %(name)s to %(room)s.")


def _left(event: Event) -> str:
    is_own = str(event.actor_user_id) == event.data.get("user_id")
    return _("%(name)s left %(room)s.") if is_own else _("%(who)s removed %(name)s from %(room)s.")


CHAT = Activity(
    label=gettext_lazy("Messages"),
    facts=_facts,
    sentences={
        "channel_created": gettext_lazy("%(who)s opened %(room)s."),
        "channel_updated": gettext_lazy("%(who)s changed %(room)s."),
        "channel_joined": _joined,
        "channel_left": _left,
        "chat_message": gettext_lazy("%(who)s wrote in %(room)s: “%(text)s”"),
        "message_edited": gettext_lazy("%(who)s edited a message in %(room)s: “%(text)s”"),
        "message_deleted": gettext_lazy("%(who)s deleted a message in %(room)s."),
        "reaction_added": gettext_lazy("%(who)s reacted with %(emoji)s in %(room)s."),
        "reaction_removed": gettext_lazy("%(who)s took %(emoji)s back in %(room)s."),
    },
)
