from django.apps import AppConfig


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
        from homes import registry
        from homes.registry import Command

        registry.founding.append(furnish_rooms)
        registry.parting.append(leave_private_rooms)
        registry.audiences.append(private_audiences)
        registry.private_channels.append(private_channels)
        registry.exports["chat"] = (write_chat, read_chat)
        registry.intents |= INTENTS
        registry.announce("chat_message", MENTIONED, mentioned)
        registry.undoing |= UNDO
        registry.finders["message"] = find_messages
        registry.places.append(socket.sees_channel)
        registry.unread.append(unread_counts)
        registry.unread_after |= {"chat_message", "message_deleted"}
        registry.unread_after |= {"channel_joined", "channel_left", "channel_created", "channel_updated"}
        registry.commands |= {
            "chat_message": Command(socket.say, socket.MessageFrame, "chat"),
            "read": Command(socket.read, socket.ReadFrame, "chat", is_recorded=False),
            "typing": Command(socket.type_in, socket.TypingFrame, "chat", is_recorded=False),
        }
