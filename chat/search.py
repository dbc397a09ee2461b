"""Search of messages."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Coalesce

from chat.actions.channels import normalize_room_name
from chat.models import ROOM_KINDS, Channel, ChannelKind, ChannelMember, Message, quotable_channels_q
from homes.models import Agent, Membership
from homes.search import MAX_RESULTS_PER_KIND, SearchQuery, SearchResult
from pantry.db import search_substrings, search_words

COLUMNS = [
    "id", "body", "channel_id", "parent_id", "created_at", "author_name", "author_user__name",
    "author_agent__display_name", "channel__kind", "channel__name", "channel__title",
]  # fmt: skip
RECENT_EVENTS = 3000  # scanned first: for a common word this is faster than the text index
ENOUGH_MATCHES = 50  # with as many matches of whole words, parts of words are not searched


def find_messages(member: Membership, query: SearchQuery) -> list[SearchResult]:
    """Find messages in the channels that the member can see, archived ones included."""
    rows = _filtered(member, query).values_list(*COLUMNS, named=True)
    messages = _matches(rows, query, recent=member.home.last_seq - RECENT_EVENTS)
    unnamed = {row.channel_id for row in messages if row.channel__kind not in ROOM_KINDS and not row.channel__title}
    others = ChannelMember.objects.filter(channel__in=unnamed).exclude(user=member.user_id)
    names = dict(others.values_list("channel", Coalesce("user__name", "agent__display_name")))
    return [_to_result(message, query, names) for message in messages]


def _filtered(member: Membership, query: SearchQuery) -> Any:
    rows = Message.objects.visible_to(member).finished().filter(deleted_at=None)
    if query.reply_channel:
        rows = rows.filter(quotable_channels_q(query.reply_channel, "channel__"))
    if query.author:
        rows = rows.filter(_author_is(member, query.author))
    if query.room:
        rooms = Channel.objects.visible_to(member).filter(kind__in=ROOM_KINDS, name=normalize_room_name(query.room))
        rows = rows.filter(channel__in=list(rooms.values_list("pk", flat=True)))
    zone = member.home.zone
    if query.before:
        rows = rows.filter(created_at__lt=datetime.combine(query.before, time.min, zone))
    if query.after and query.after.year < 9999:
        rows = rows.filter(created_at__gte=datetime.combine(query.after + timedelta(days=1), time.min, zone))
    if query.has_link:
        rows = rows.filter(Q(body__icontains="https://") | Q(body__icontains="http://"))
    return rows


def _author_is(member: Membership, name: str) -> Q:
    people = Membership.objects.filter(home=member.home_id, user__name__istartswith=name)
    agents = Agent.objects.filter(home=member.home_id, display_name__istartswith=name)
    return (
        Q(author_user__in=list(people.values_list("user", flat=True)))
        | Q(author_agent__in=list(agents.values_list("pk", flat=True)))
        | Q(author_name__gt="", author_name__istartswith=name)
    )


def _matches(rows: Any, query: SearchQuery, recent: int) -> list[Any]:
    """Return the newest rows with all the words; if these are few, also rows with parts of words."""
    if not query.terms:
        return list(rows.order_by("-seq")[:MAX_RESULTS_PER_KIND])
    options: Any = {"newest": "seq", "recent": recent, "limit": MAX_RESULTS_PER_KIND}
    matches = search_words(rows, "body", query.words, query.phrases, **options)
    has_no_spaces = not all(part.isascii() for part in query.terms)  # in Thai, a word can begin anywhere
    if len(matches) < ENOUGH_MATCHES or has_no_spaces:
        matches += search_substrings(rows, "body", query.terms, **options)
    return list({message.id: message for message in matches}.values())


def _to_result(message: Any, query: SearchQuery, names: dict[UUID, str]) -> SearchResult:
    return SearchResult(
        "message",
        message.id,
        message.body,
        query,
        _channel_title(message, names),
        message.created_at,
        message.author_name or message.author_user__name or message.author_agent__display_name,
        {"channel_id": message.channel_id, "parent_id": message.parent_id},
    )


def _channel_title(message: Any, names: dict[UUID, str]) -> str:
    """Return the room's name, the chat's title or the name of the other member."""
    if message.channel__kind in ROOM_KINDS:
        return f"#{message.channel__name}"
    return message.channel__title or names.get(message.channel_id) or str(ChannelKind(message.channel__kind).label)
