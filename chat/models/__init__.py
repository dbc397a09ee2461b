from chat.models.channel import NAMED, Channel, ChannelKind, ChannelMember, seen_by
from chat.models.message import Message, MessageState, Reaction

__all__ = [
    "NAMED",
    "Channel",
    "ChannelKind",
    "ChannelMember",
    "Message",
    "MessageState",
    "Reaction",
    "seen_by",
]
