from chat.models.channel import ROOM_KINDS, Channel, ChannelKind, ChannelMember, visible_channels_q
from chat.models.message import Message, MessageState, Reaction

__all__ = [
    "ROOM_KINDS",
    "Channel",
    "ChannelKind",
    "ChannelMember",
    "Message",
    "MessageState",
    "Reaction",
    "visible_channels_q",
]
