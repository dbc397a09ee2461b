from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"

    def ready(self) -> None:
        from chat.actions import furnish_rooms, leave_private_rooms
        from chat.api.intents import INTENTS
        from chat.audiences import private_audiences
        from chat.export import read_chat, write_chat
        from chat.notices import MENTIONED, mentioned
        from homes import registry

        registry.founding.append(furnish_rooms)
        registry.parting.append(leave_private_rooms)
        registry.audiences.append(private_audiences)
        registry.exports["chat"] = (write_chat, read_chat)
        registry.intents |= INTENTS
        registry.announce("chat_message", MENTIONED, mentioned)
