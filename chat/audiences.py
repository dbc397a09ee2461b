"""Who is in which private channel."""

from collections import defaultdict
from uuid import UUID

from chat.models import ChannelKind, ChannelMember


def private_audiences(home_id: UUID) -> dict[UUID, set[UUID]]:
    inside: dict[UUID, set[UUID]] = defaultdict(set)
    members = ChannelMember.objects.filter(channel__home=home_id, user__isnull=False)
    for channel, user in members.exclude(channel__kind=ChannelKind.PUBLIC).values_list("channel", "user"):
        inside[channel].add(user)
    return dict(inside)
