from chat.models.channel import NAMED, Channel, ChannelKind, ChannelMember, seen_by
from chat.models.message import Artifact, Message, MessagePart, MessageState, Reaction

__all__ = [
    "NAMED",
    "Artifact",
    "Channel",
    "ChannelKind",
    "ChannelMember",
    "Message",
    "MessagePart",
    "MessageState",
    "Reaction",
    "seen_by",
]
