"""Counts of unread messages."""

from functools import partial
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import Exists, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from chat.models import Channel, ChannelKind, ChannelMember, Message
from homes.models import Membership

MAX_UNREAD_COUNT = 100  # shown as “99+”; bounds the query for a room that nobody opens


class SubqueryCount(Subquery):
    """The number of rows of a subquery, up to its limit if it is sliced."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def with_unread(member: Membership, *, archived: bool = False) -> Any:
    """Return the member's channels, annotated with `read_seq` and `unread`. One query.

    `unread` counts messages of others after `read_seq` and since the member joined, up to MAX_UNREAD_COUNT.
    Archived channels are included only with `archived`.
    """
    memberships = ChannelMember.objects.filter(channel=OuterRef("pk"), user=member.user_id)
    unread = (
        Message.objects.filter(
            channel=OuterRef("pk"), seq__gt=OuterRef("read_seq"), created_at__gte=member.joined_at, deleted_at=None
        )
        .exclude(author_user=member.user_id)
        .finished()
        .order_by()
        .values("pk")[:MAX_UNREAD_COUNT]
    )
    channels: Any = Channel.objects.visible_to(member)
    if not archived:
        channels = channels.filter(archived_at=None)
    read_seq = Subquery(memberships.values("last_read_seq"))
    return channels.annotate(read_seq=Coalesce(read_seq, Value(0), output_field=IntegerField())).annotate(
        unread=SubqueryCount(unread)
    )


def unread_counts(home_id: UUID, users: set[UUID]) -> dict[UUID, dict[UUID, int]]:
    """Return the unread counts of several users, by user and channel id. One query."""
    memberships = ChannelMember.objects.filter(channel=OuterRef("home__channels"), user=OuterRef("user"))
    read_marks = ChannelMember.objects.filter(channel=OuterRef("channel"), user=OuterRef(OuterRef("user")))
    read_seq = Subquery(read_marks.values("last_read_seq"))
    unread = (
        Message.objects.filter(channel=OuterRef("home__channels"), deleted_at=None)
        .filter(created_at__gte=OuterRef("joined_at"))
        .filter(seq__gt=Coalesce(read_seq, Value(0), output_field=IntegerField()))
        .exclude(author_user=OuterRef("user"))
        .finished()
        .order_by()[:MAX_UNREAD_COUNT]
    )
    visible = Membership.objects.filter(home=home_id, user__in=users, home__channels__archived_at=None)
    visible = visible.filter(Q(home__channels__kind=ChannelKind.PUBLIC) | Exists(memberships))
    counts: dict[UUID, dict[UUID, int]] = {}
    rows = visible.annotate(unread=SubqueryCount(unread)).values_list("user", "home__channels", "unread")
    for user_id, channel_id, count in rows:
        counts.setdefault(user_id, {})[channel_id] = count
    return counts


def unread_total(member: Membership) -> int:
    """Return the unread count over all channels, cached until the home's next event or `clear_unread_cache`."""
    key, seq = _cache_key(member.home_id, member.user_id), member.home.last_seq
    cached_seq, total = cache.get(key, (None, 0))
    if cached_seq != seq:
        total = sum(with_unread(member).values_list("unread", flat=True))
        cache.set(key, (seq, total))
    return total


def unread(request: HttpRequest) -> dict[str, Any]:
    """Context processor for the badge on the Chat tab. Runs its query only if a template uses `unread_total`."""
    member = getattr(request, "member", None)
    return {"unread_total": partial(unread_total, member)} if member else {}


def clear_unread_cache(home_id: UUID, user_id: UUID) -> None:
    cache.delete(_cache_key(home_id, user_id))


def _cache_key(home_id: UUID, user_id: UUID) -> str:
    return f"unread:{home_id}:{user_id}"
