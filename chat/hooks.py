"""Hooks of the chat app: home, events, live connections, notifications."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from chat import socket
from chat.actions import create_general_room, leave_private_rooms
from chat.actions.messages import UNDO
from chat.activity import CHAT as ACTIVITY
from chat.activity import names_of
from chat.api.offline import INTENTS
from chat.export import CHAT
from chat.models import ChannelKind, ChannelMember
from chat.notifications import MENTIONED, mentioned
from chat.search import find_messages
from chat.unread import unread_counts
from homes import hooks
from homes.events import hooks as event_hooks
from homes.events import offline, undo
from homes.live import hooks as live_hooks
from homes.live.hooks import Command
from homes.models import Membership
from homes.notifications import hooks as notification_hooks


def private_audiences(home_id: UUID) -> dict[UUID, set[UUID]]:
    """Return the user ids in each private channel of the home, by channel id."""
    audiences: dict[UUID, set[UUID]] = defaultdict(set)
    members = ChannelMember.objects.exclude(channel__kind=ChannelKind.PUBLIC).filter(user__isnull=False)
    for channel_id, user_id in members.filter(channel__home=home_id).values_list("channel", "user"):
        audiences[channel_id].add(user_id)
    return dict(audiences)


def private_channels(member: Membership) -> Any:
    """Return a subquery of the private channels the member is in."""
    members = ChannelMember.objects.exclude(channel__kind=ChannelKind.PUBLIC)
    return members.filter(channel__home=member.home_id, user=member.user_id).values("channel")


HOUSEHOLD = hooks.AppHooks(
    on_home_created=create_general_room,
    on_member_left=leave_private_rooms,
    exports={"chat": CHAT},
    finders={"message": find_messages},
    activities={"chat": ACTIVITY},
    names=names_of,
)
PRIVATE = event_hooks.PrivateChannels(audiences=private_audiences, of_member=private_channels)
LIVE = live_hooks.LiveHooks(
    can_view=socket.can_view_channel,
    unread_counts=unread_counts,
    unread_after={
        "chat_message",
        "message_deleted",
        "channel_joined",
        "channel_left",
        "channel_created",
        "channel_updated",
    },
    commands={
        "chat_message": Command(socket.send, socket.MessageFrame, "chat"),
        "read": Command(socket.read, socket.ReadFrame, "chat", is_recorded=False),
        "typing": Command(socket.send_typing, socket.TypingFrame, "chat", is_recorded=False),
    },
)


def register() -> None:
    hooks.register(HOUSEHOLD)
    event_hooks.register(PRIVATE)
    live_hooks.register(LIVE)
    offline.register(INTENTS)
    undo.register(UNDO, scope="chat")
    notification_hooks.register("chat_message", MENTIONED, mentioned)
