"""Who is in which private channel."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from chat.models import ChannelKind, ChannelMember
from homes.models import Membership


def private_audiences(home_id: UUID) -> dict[UUID, set[UUID]]:
    inside: dict[UUID, set[UUID]] = defaultdict(set)
    for channel, user in _private(channel__home=home_id, user__isnull=False).values_list("channel", "user"):
        inside[channel].add(user)
    return dict(inside)


def private_channels(member: Membership) -> Any:
    return _private(channel__home=member.home_id, user=member.user_id).values("channel")


def _private(**whose: Any) -> Any:
    return ChannelMember.objects.filter(**whose).exclude(channel__kind=ChannelKind.PUBLIC)
