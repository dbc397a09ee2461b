"""What a member has not read yet."""

from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import Exists, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from chat.models import Channel, ChannelKind, ChannelMember, Message
from homes.models import Membership

MOST_COUNTED = 100  # “99+”: a room that nobody opens may have any number


class CountOf(Subquery):
    """How many rows a queryset has, as a column of another one; up to its limit, if it is sliced."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def with_unread(member: Membership, *, archived: bool = False) -> Any:
    """The member's channels, each with `read_seq` and `unread`: messages of others since then, and since the
    member came to the home, counted up to MOST_COUNTED; with `archived`, those that were put away, too. One query."""
    me = ChannelMember.objects.filter(channel=OuterRef("pk"), user=member.user_id)
    fresh = (
        Message.objects.filter(
            channel=OuterRef("pk"), seq__gt=OuterRef("read_seq"), created_at__gte=member.joined_at, deleted_at=None
        )
        .exclude(author_user=member.user_id)
        .finished()
        .order_by()
        .values("pk")[:MOST_COUNTED]
    )
    channels: Any = Channel.objects.visible_to(member)
    if not archived:
        channels = channels.filter(archived_at=None)
    return channels.annotate(
        read_seq=Coalesce(Subquery(me.values("last_read_seq")), Value(0), output_field=IntegerField()),
    ).annotate(unread=CountOf(fresh))


def unread_counts(home_id: UUID, users: set[UUID]) -> dict[UUID, dict[UUID, int]]:
    """The same for several people at once: by person and channel. One query."""
    me = ChannelMember.objects.filter(channel=OuterRef("home__channels"), user=OuterRef("user"))
    read = ChannelMember.objects.filter(channel=OuterRef("channel"), user=OuterRef(OuterRef("user")))
    fresh = (
        Message.objects.filter(channel=OuterRef("home__channels"), deleted_at=None)
        .filter(created_at__gte=OuterRef("joined_at"))
        .filter(seq__gt=Coalesce(Subquery(read.values("last_read_seq")), Value(0), output_field=IntegerField()))
        .exclude(author_user=OuterRef("user"))
        .finished()
        .order_by()[:MOST_COUNTED]
    )
    seen = Membership.objects.filter(home=home_id, user__in=users, home__channels__archived_at=None)
    seen = seen.filter(Q(home__channels__kind=ChannelKind.PUBLIC) | Exists(me))
    found: dict[UUID, dict[UUID, int]] = {}
    rows = seen.annotate(unread=CountOf(fresh)).values_list("user", "home__channels", "unread")
    for user, channel, unread in rows:
        found.setdefault(user, {})[channel] = unread
    return found


def unread_total(member: Membership) -> int:
    """Of all channels. Counted anew when anything happened in the home or the member read something."""
    key, seq = _key(member.home_id, member.user_id), member.home.last_seq
    counted_at, total = cache.get(key, (None, 0))
    if counted_at != seq:
        total = sum(with_unread(member).values_list("unread", flat=True))
        cache.set(key, (seq, total))
    return total


def clear_unread_cache(home_id: UUID, user_id: UUID) -> None:
    cache.delete(_key(home_id, user_id))


def _key(home_id: UUID, user_id: UUID) -> str:
    return f"unread:{home_id}:{user_id}"
