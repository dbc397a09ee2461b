from chat.models.channel import Channel, ChannelKind, ChannelMember
from chat.models.message import Artifact, Message, MessagePart, MessageState, Reaction

__all__ = [
    "Artifact",
    "Channel",
    "ChannelKind",
    "ChannelMember",
    "Message",
    "MessagePart",
    "MessageState",
    "Reaction",
]
