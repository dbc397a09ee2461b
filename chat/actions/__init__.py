"""Actions on channels, messages and reactions."""

import chat.schemas  # noqa: F401 (registers the events' schemas)
from chat.actions.channels import (
    create_channel,
    create_general_room,
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
    delete_message,
    edit_message,
    remove_reaction,
    save_draft,
    send_message,
    start_draft,
    update_message_metadata,
)
from chat.actions.offline import send_offline_message

__all__ = [
    "add_reaction",
    "update_message_metadata",
    "start_draft",
    "create_channel",
    "delete_message",
    "edit_message",
    "create_general_room",
    "join_channel",
    "save_draft",
    "leave_channel",
    "leave_private_rooms",
    "mark_read",
    "open_assistant",
    "open_dm",
    "remove_reaction",
    "send_message",
    "send_offline_message",
    "update_channel",
]
