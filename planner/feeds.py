"""The key of a member's calendar program. It is the member's own, like a personal token: the log has no event."""

from homes.models import Membership
from planner.models import CalendarFeed


def renew_feed(member: Membership) -> str:
    """Let the home's events be read with a new key, which is returned and not stored. An earlier one ends."""
    token = CalendarFeed.new_token()
    fields = {"token_hash": CalendarFeed.hash_token(token), "session_version": member.user.session_version}
    CalendarFeed.objects.update_or_create(home=member.home, user=member.user, defaults=fields)
    return token


def end_feed(member: Membership) -> None:
    """End the member's feed. Idempotent."""
    CalendarFeed.objects.filter(home=member.home_id, user=member.user_id).delete()
