"""What was said, as part of the home's file."""

from typing import Any

from chat.models import Channel, Message
from homes.models import Membership
from pantry.models import as_json

CHANNEL = ("id", "name", "kind", "topic", "title", "created_at", "archived_at")
MESSAGE = ("id", "channel", "parent", "author_user", "author_agent", "body", "created_at", "edited_at")


def write_chat(member: Membership) -> Any:
    """The channels that the member sees, and no others."""
    channels = Channel.objects.visible_to(member).order_by("created_at").values(*CHANNEL)
    messages = Message.objects.visible_to(member).filter(deleted_at=None).order_by("seq").values(*MESSAGE)
    return {"channels": [_plain(row) for row in channels], "messages": [_plain(row) for row in messages]}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: as_json(value) for name, value in row.items()}
