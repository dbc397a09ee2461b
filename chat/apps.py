from django.apps import AppConfig

from homes import hooks
from homes.events import hooks as event_hooks
from homes.events import offline
from homes.events.undo import undo_handlers
from homes.notifications import registry


class ChatConfig(AppConfig):
    name = "chat"

    def ready(self) -> None:
        from chat import socket
        from chat.actions import furnish_rooms, leave_private_rooms
        from chat.actions.undo import UNDO
        from chat.api.offline import INTENTS
        from chat.export import read_chat, write_chat
        from chat.notifications import MENTIONED, mentioned
        from chat.search import find_messages
        from chat.unread import unread_counts
        from chat.visibility import private_audiences, private_channels
        from homes.live import hooks as live_hooks

        hooks.on_home_created.append(furnish_rooms)
        hooks.on_member_left.append(leave_private_rooms)
        event_hooks.audiences.append(private_audiences)
        event_hooks.private_channels.append(private_channels)
        hooks.exports["chat"] = (write_chat, read_chat)
        offline.commands |= INTENTS
        registry.register("chat_message", MENTIONED, mentioned)
        undo_handlers |= UNDO
        hooks.finders["message"] = find_messages
        live_hooks.can_view.append(socket.sees_channel)
        live_hooks.unread_counts.append(unread_counts)
        live_hooks.unread_after |= {"chat_message", "message_deleted"}
        live_hooks.unread_after |= {"channel_joined", "channel_left", "channel_created", "channel_updated"}
        live_hooks.commands |= {
            "chat_message": live_hooks.Command(socket.say, socket.MessageFrame, "chat"),
            "read": live_hooks.Command(socket.read, socket.ReadFrame, "chat", is_recorded=False),
            "typing": live_hooks.Command(socket.type_in, socket.TypingFrame, "chat", is_recorded=False),
        }
