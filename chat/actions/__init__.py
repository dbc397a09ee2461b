"""Actions on channels, messages and reactions."""

import chat.schemas  # registers the events' schemas
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
    send_offline_message,
    start_draft,
    update_message_metadata,
)
