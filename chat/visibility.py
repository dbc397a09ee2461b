"""Members of private channels."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from chat.models import ChannelKind, ChannelMember
from homes.models import Membership


def private_audiences(home_id: UUID) -> dict[UUID, set[UUID]]:
    """Return the user ids in each private channel of the home, by channel id."""
    audiences: dict[UUID, set[UUID]] = defaultdict(set)
    members = _private_members(channel__home=home_id, user__isnull=False)
    for channel_id, user_id in members.values_list("channel", "user"):
        audiences[channel_id].add(user_id)
    return dict(audiences)


def private_channels(member: Membership) -> Any:
    """Return a subquery of the private channels the member is in."""
    return _private_members(channel__home=member.home_id, user=member.user_id).values("channel")


def _private_members(**filters: Any) -> Any:
    return ChannelMember.objects.filter(**filters).exclude(channel__kind=ChannelKind.PUBLIC)
