"""What changes rooms and messages."""

import chat.schemas  # noqa: F401 (registers the events' schemas)
from chat.actions.channels import (
    create_channel,
    furnish_rooms,
    join_channel,
    leave_channel,
    mark_read,
    open_assistant,
    open_dm,
)
from chat.actions.messages import add_reaction, delete_message, edit_message, remove_reaction, send_message

__all__ = [
    "add_reaction",
    "create_channel",
    "delete_message",
    "edit_message",
    "furnish_rooms",
    "join_channel",
    "leave_channel",
    "mark_read",
    "open_assistant",
    "open_dm",
    "remove_reaction",
    "send_message",
]
