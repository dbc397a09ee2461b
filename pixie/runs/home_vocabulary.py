"""The home's vocabulary: names of items, people and rooms, for local understanding."""

import re

from django.db.models import Q

from chat.models import ROOM_KINDS, Channel, ChannelKind, ChannelMember, Message
from groceries.models import GroceryList, Item, ListEntry
from homes.models import Agent, Home, Membership
from pixie.nlu.vocabulary import Vocabulary

MAX_ITEMS, MAX_ROOMS = 2000, 200
_PRONOUNS = re.compile(r"\b(?:it|that|this|them|those|these)\b", re.I)


def home_vocabulary(home: Home, agent: Agent, message: Message) -> Vocabulary:
    """Load the vocabulary for a message, with the rooms that its author may post in. Five queries, and one more to
    resolve a pronoun."""
    open_lists = GroceryList.objects.filter(home=home).open()
    on_list = ListEntry.objects.pending().filter(list__in=open_lists)
    joined = ChannelMember.objects.filter(user=message.author_user_id).values("channel")
    rooms = Channel.objects.filter(Q(kind=ChannelKind.PUBLIC) | Q(pk__in=joined), home=home, kind__in=ROOM_KINDS)
    others = Agent.objects.filter(home=home).exclude(pk=agent.pk).values_list("display_name", "slug")
    return Vocabulary(
        items=tuple(Item.objects.filter(home=home).order_by("name").values_list("name", flat=True)[:MAX_ITEMS]),
        on_list=tuple(on_list.values_list("item__name", flat=True)),
        members=tuple(Membership.objects.filter(home=home).values_list("user__name", flat=True)),
        rooms=tuple(rooms.filter(archived_at=None).order_by("name").values_list("name", flat=True)[:MAX_ROOMS]),
        agents=(agent.display_name, agent.slug, *(name for pair in others for name in pair)),
        now=message.created_at,
        timezone=home.timezone,
        topic=_topic(agent, message) if _PRONOUNS.search(message.body) else "",
    )


def _topic(agent: Agent, message: Message) -> str:
    """Return the item that the agent's last answer was about, if it was a single one."""
    earlier = Message.objects.filter(channel=message.channel_id, parent=message.parent_id, seq__lt=message.seq)
    last = earlier.filter(author_agent=agent).order_by("-seq").first()
    lines = ((last.metadata.get("receipt") or {}).get("lines") or []) if last else []
    return str(lines[0]["name"]) if len(lines) == 1 else ""
