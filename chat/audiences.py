"""Who is in which private channel."""

from collections import defaultdict
from uuid import UUID

from chat.models import ChannelKind, ChannelMember


def private_audiences(home_id: UUID, user_id: UUID | None = None) -> dict[UUID, set[UUID]]:
    """Of the whole home, or only where that person is, and then only that they are."""
    inside: dict[UUID, set[UUID]] = defaultdict(set)
    members = ChannelMember.objects.filter(channel__home=home_id, user__isnull=False)
    if user_id is not None:
        members = members.filter(user=user_id)
    for channel, user in members.exclude(channel__kind=ChannelKind.PUBLIC).values_list("channel", "user"):
        inside[channel].add(user)
    return dict(inside)
