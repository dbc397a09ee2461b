"""Looking for what was said."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from chat.actions.channels import room_name
from chat.models import NAMED, Channel, ChannelKind, ChannelMember, Message
from homes.models import Agent, Membership
from homes.search import MOST_FOUND, Found, Wanted
from pantry.db import find_parts, find_words

COLUMNS = [
    "id", "body", "channel_id", "parent_id", "created_at", "author_name", "author_user__name",
    "author_agent__display_name",
]  # fmt: skip
RECENT = 3000  # events of the log: for a word that many messages have, the index of words costs more than these
ENOUGH = 50  # found by whole words: then nobody asks for parts of them


def find_messages(member: Membership, wanted: Wanted) -> list[Found]:
    """In the rooms and talks that the member sees, also those that are put away."""
    rows = _allowed(member, wanted)
    keys = _keys(rows, wanted, recent=member.home.last_seq - RECENT)
    messages = list(Message.objects.filter(pk__in=keys).values_list(*COLUMNS, named=True))  # of those that are allowed
    places = _places(member, {message.channel_id for message in messages})
    return [_found(message, wanted, places) for message in messages]


def _allowed(member: Membership, wanted: Wanted) -> Any:
    rows = Message.objects.visible_to(member).told().filter(deleted_at=None)
    if wanted.heard_in:
        rows = rows.filter(_for_all_ears(member, wanted.heard_in))
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


def _for_all_ears(member: Membership, heard_in: UUID) -> Q:
    """In a talk with an agent one is alone with it; in a room, its own words and those of the open rooms."""
    here = Channel.objects.visible_to(member).filter(pk=heard_in).first()
    if here is not None and here.kind == ChannelKind.ASSISTANT:
        return Q()
    return Q(channel__kind=ChannelKind.PUBLIC) | Q(channel=heard_in)


def _by(member: Membership, name: str) -> Q:
    people = Membership.objects.filter(home=member.home_id, user__name__istartswith=name)
    agents = Agent.objects.filter(home=member.home_id, display_name__istartswith=name)
    return (
        Q(author_user__in=list(people.values_list("user", flat=True)))
        | Q(author_agent__in=list(agents.values_list("pk", flat=True)))
        | Q(author_name__gt="", author_name__istartswith=name)
    )


def _keys(rows: Any, wanted: Wanted, recent: int) -> list[Any]:
    """Of the newest that have all the words; where these are few, also of those that have them inside of others."""
    if not wanted.parts:
        return list(rows.order_by("-seq").values_list("pk", flat=True)[:MOST_FOUND])
    among: Any = {"newest": "seq", "recent": recent, "limit": MOST_FOUND}
    keys = find_words(rows, "body", wanted.words, wanted.phrases, **among)
    has_no_spaces = not all(part.isascii() for part in wanted.parts)  # Thai: a word begins anywhere
    if len(keys) < ENOUGH or has_no_spaces:
        keys += find_parts(rows, "body", wanted.parts, **among)
    return list(dict.fromkeys(keys))


def _found(message: Any, wanted: Wanted, places: dict[UUID, str]) -> Found:
    return Found(
        "message",
        message.id,
        message.body,
        wanted,
        places[message.channel_id],
        message.created_at,
        message.author_name or message.author_user__name or message.author_agent__display_name,
        {"channel_id": message.channel_id, "parent_id": message.parent_id},
    )


def _places(member: Membership, channels: set[UUID]) -> dict[UUID, str]:
    """What the member calls them: a room's name, the other person, a talk's title."""
    others = ChannelMember.objects.filter(channel=OuterRef("pk")).exclude(user=member.user_id)
    named = others.values_list(Coalesce("user__name", "agent__display_name"))
    rooms = Channel.objects.filter(pk__in=channels).annotate(with_whom=Subquery(named[:1]))
    return {
        pk: f"#{name}" if kind in NAMED else title or with_whom or str(ChannelKind(kind).label)
        for pk, kind, name, title, with_whom in rooms.values_list("pk", "kind", "name", "title", "with_whom")
    }
