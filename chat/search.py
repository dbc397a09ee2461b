"""Looking for what was said."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Coalesce

from chat.actions.channels import room_name
from chat.models import NAMED, Channel, ChannelKind, ChannelMember, Message
from homes.models import Agent, Membership
from homes.search import MOST_FOUND, Found, Wanted
from pantry.db import search_substrings, search_words

COLUMNS = [
    "id", "body", "channel_id", "parent_id", "created_at", "author_name", "author_user__name",
    "author_agent__display_name", "channel__kind", "channel__name", "channel__title",
]  # fmt: skip
RECENT = 3000  # events of the log: for a word that many messages have, the index of words costs more than these
ENOUGH = 50  # found by whole words: then nobody asks for parts of them


def find_messages(member: Membership, wanted: Wanted) -> list[Found]:
    """In the rooms and talks that the member sees, also those that are put away."""
    rows = _allowed(member, wanted).values_list(*COLUMNS, named=True)
    messages = _having(rows, wanted, recent=member.home.last_seq - RECENT)
    others = _others(member, {message.channel_id for message in messages if _is_unnamed(message)})
    return [_found(message, wanted, others) for message in messages]


def _allowed(member: Membership, wanted: Wanted) -> Any:
    rows = Message.objects.visible_to(member).told().filter(deleted_at=None)
    if wanted.reply_channel:
        rows = rows.filter(_for_all_ears(member, wanted.reply_channel))
    if wanted.author:
        rows = rows.filter(_by(member, wanted.author))
    if wanted.room:
        rooms = Channel.objects.visible_to(member).filter(kind__in=NAMED, name=room_name(wanted.room))
        rows = rows.filter(channel__in=list(rooms.values_list("pk", flat=True)))
    zone = member.home.zone
    if wanted.before:
        rows = rows.filter(created_at__lt=datetime.combine(wanted.before, time.min, zone))
    if wanted.after and wanted.after.year < 9999:
        rows = rows.filter(created_at__gte=datetime.combine(wanted.after + timedelta(days=1), time.min, zone))
    if wanted.has_link:
        rows = rows.filter(Q(body__icontains="https://") | Q(body__icontains="http://"))
    return rows


def _for_all_ears(member: Membership, reply_channel: UUID) -> Q:
    """In a talk with an agent one is alone with it; in a room, its own words and those of the open rooms."""
    here = Channel.objects.visible_to(member).filter(pk=reply_channel).first()
    if here is not None and here.kind == ChannelKind.ASSISTANT:
        return Q()
    return Q(channel__kind=ChannelKind.PUBLIC) | Q(channel=reply_channel)


def _by(member: Membership, name: str) -> Q:
    people = Membership.objects.filter(home=member.home_id, user__name__istartswith=name)
    agents = Agent.objects.filter(home=member.home_id, display_name__istartswith=name)
    return (
        Q(author_user__in=list(people.values_list("user", flat=True)))
        | Q(author_agent__in=list(agents.values_list("pk", flat=True)))
        | Q(author_name__gt="", author_name__istartswith=name)
    )


def _having(rows: Any, wanted: Wanted, recent: int) -> list[Any]:
    """The newest that have all the words; where these are few, also those that have them inside of others."""
    if not wanted.parts:
        return list(rows.order_by("-seq")[:MOST_FOUND])
    among: Any = {"newest": "seq", "recent": recent, "limit": MOST_FOUND}
    found = search_words(rows, "body", wanted.words, wanted.phrases, **among)
    has_no_spaces = not all(part.isascii() for part in wanted.parts)  # Thai: a word begins anywhere
    if len(found) < ENOUGH or has_no_spaces:
        found += search_substrings(rows, "body", wanted.parts, **among)
    return list({message.id: message for message in found}.values())


def _found(message: Any, wanted: Wanted, others: dict[UUID, str]) -> Found:
    return Found(
        "message",
        message.id,
        message.body,
        wanted,
        _place(message, others),
        message.created_at,
        message.author_name or message.author_user__name or message.author_agent__display_name,
        {"channel_id": message.channel_id, "parent_id": message.parent_id},
    )


def _place(message: Any, others: dict[UUID, str]) -> str:
    """What the member calls it: a room's name, a talk's title, the other person."""
    if message.channel__kind in NAMED:
        return f"#{message.channel__name}"
    return message.channel__title or others.get(message.channel_id) or str(ChannelKind(message.channel__kind).label)


def _is_unnamed(message: Any) -> bool:
    return message.channel__kind not in NAMED and not message.channel__title


def _others(member: Membership, channels: set[UUID]) -> dict[UUID, str]:
    """With whom the member is in these."""
    if not channels:
        return {}
    others = ChannelMember.objects.filter(channel__in=channels).exclude(user=member.user_id)
    return dict(others.values_list("channel", Coalesce("user__name", "agent__display_name")))
