"""What changes rooms and messages."""

import chat.schemas  # noqa: F401 (registers the events' schemas)
from chat.actions.channels import (
    create_channel,
    furnish_rooms,
    join_channel,
    leave_channel,
    leave_private_rooms,
    mark_read,
    open_assistant,
    open_dm,
    update_channel,
)
from chat.actions.messages import (
    add_reaction,
    annotate_message,
    begin_message,
    delete_message,
    edit_message,
    keep_draft,
    remove_reaction,
    send_message,
)
from chat.actions.offline import settle_message

__all__ = [
    "add_reaction",
    "annotate_message",
    "begin_message",
    "create_channel",
    "delete_message",
    "edit_message",
    "furnish_rooms",
    "join_channel",
    "keep_draft",
    "leave_channel",
    "leave_private_rooms",
    "mark_read",
    "open_assistant",
    "open_dm",
    "remove_reaction",
    "send_message",
    "settle_message",
    "update_channel",
]
