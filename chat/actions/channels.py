"""Actions on channels and their members."""

import re
import unicodedata
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chat.models import Channel, ChannelKind, ChannelMember
from chat.schemas import ChannelMemberEvent
from chat.unread import clear_unread_cache
from homes.accounts.models import User
from homes.events.actor import Actor
from homes.events.log import action, record, save_changes
from homes.events.queries import JOINED, LEFT
from homes.models import Agent, Membership
from pantry import broadcast
from pantry.errors import ActionError, Forbidden, check_length
from pantry.text import clean_line

GENERAL_ROOM = "general"
MAX_NAME_LENGTH = 40


def create_general_room(by: Actor) -> None:
    """Create the room that every home starts with."""
    general = Channel(home=by.home, name=GENERAL_ROOM, kind=ChannelKind.PUBLIC, created_by=by.user, is_system=True)
    general.topic = _("For everyone at home")
    general.save()
    record("channel_created", general, by=by)


@action
def create_channel(name: str, *, by: Actor, topic: str = "", is_private: bool = False) -> Channel:
    """Create a room. Raises ActionError if the name is empty once normalized, or taken."""
    name = _free_name(name, by)
    kind = ChannelKind.PRIVATE if is_private else ChannelKind.PUBLIC
    channel = Channel.objects.create(
        home=by.home, name=name, kind=kind, topic=check_length(clean_line(topic), 120), created_by=by.user
    )
    return _announce(channel, [by.user] if is_private and by.user else [], by=by)


@action
def update_channel(channel: Channel, *, by: Actor, archived: bool | None = None, **fields: str) -> Channel:
    """Change `name`, `topic` or `title`, or archive and restore the channel.

    Raises ActionError for a direct message, for renaming or archiving the home's first room, and for a name that is
    empty or taken.
    """
    channel = Channel.objects.get(pk=channel.pk)
    if channel.kind == ChannelKind.DM:
        raise ActionError(_("A direct chat can't be changed."))
    if channel.is_system and ("name" in fields or archived):
        raise ActionError(_("The home's first room can't be renamed or archived."))
    if "name" in fields:
        fields["name"] = _free_name(fields["name"], by, channel)
    values: dict[str, Any] = {name: check_length(clean_line(text), 120) for name, text in fields.items()}
    if archived is not None and archived != (channel.archived_at is not None):
        values["archived_at"] = timezone.now() if archived else None
    save_changes(channel, "channel_updated", by=by, audience=channel.audience, **values)
    return channel


@action
def open_dm(other: User, *, by: Actor) -> Channel:
    """Return the direct message with another member, creating it if needed."""
    assert by.user is not None
    if other.pk == by.user.pk or not Membership.objects.filter(home=by.home, user=other).exists():
        raise ActionError(_("Choose another member of this home."))
    pair = Channel.pair_of(by.user, other)
    existing = Channel.objects.filter(home=by.home, kind=ChannelKind.DM, pair=pair).first()
    if existing is not None:
        return existing
    channel = Channel.objects.create(home=by.home, kind=ChannelKind.DM, pair=pair, created_by=by.user)
    return _announce(channel, [by.user, other], by=by)


@action
def open_assistant(agent: Agent, *, by: Actor, title: str = "") -> Channel:
    """Return the member's newest chat with an agent that has this `title`, creating it if needed."""
    assert by.user is not None
    title = check_length(clean_line(title), 120)
    own = Channel.objects.filter(home=by.home, kind=ChannelKind.ASSISTANT, created_by=by.user, archived_at=None)
    existing = own.filter(title=title, members__agent=agent).last()
    if existing is not None:
        return existing
    channel = Channel.objects.create(home=by.home, kind=ChannelKind.ASSISTANT, title=title, created_by=by.user)
    ChannelMember.objects.create(channel=channel, agent=agent)
    return _announce(channel, [by.user], by=by)


@action
def join_channel(channel: Channel, user: User, *, by: Actor) -> None:
    """Add a member to a room. Idempotent. A private room can only be joined through one of its members."""
    if channel.kind in (ChannelKind.DM, ChannelKind.ASSISTANT):
        raise Forbidden(_("You can't add anyone to this chat."))
    if not Membership.objects.filter(home=channel.home_id, user=user).exists():
        raise ActionError(_("Choose a member of this home."))
    add_member(channel, user, by)


def add_member(channel: Channel, user: User, by: Actor) -> None:
    """Add a member to a channel of any kind. Idempotent. The caller must hold the home's lock."""
    _member, is_new = ChannelMember.objects.get_or_create(channel=channel, user=user)
    if is_new:
        _record_membership(JOINED, channel, user, by)


@action
def leave_channel(channel: Channel, user: User, *, by: Actor) -> None:
    if channel.kind in (ChannelKind.DM, ChannelKind.ASSISTANT):
        raise Forbidden(_("You can't leave this chat."))
    if ChannelMember.objects.filter(channel=channel, user=user).delete()[0]:
        _record_membership(LEFT, channel, user, by)


def leave_private_rooms(member: Membership, by: Actor) -> None:
    """Remove a member who leaves the home from its private rooms, but not from direct messages."""
    for room in Channel.objects.filter(home=member.home_id, kind=ChannelKind.PRIVATE, members__user=member.user_id):
        leave_channel(room, member.user, by=by)


@transaction.atomic
def mark_read(channel: Channel, user: User, seq: int) -> None:
    """Move the user's read mark up to `seq`, never back. Records no event, since it concerns nobody else."""
    member, _new = ChannelMember.objects.get_or_create(channel=channel, user=user)
    if seq > member.last_read_seq:
        ChannelMember.objects.filter(pk=member.pk, last_read_seq__lt=seq).update(last_read_seq=seq)
        transaction.on_commit(partial(clear_unread_cache, channel.home_id, user.pk))
        transaction.on_commit(partial(broadcast.recount_unread, channel.home_id, user.pk), robust=True)


def normalize_room_name(text: str) -> str:
    """Turn “Food & Shopping” into “food-shopping”. Keeps letters, combining marks and digits of every script."""
    line = clean_line(text).casefold()
    chars = (char if char == "_" or unicodedata.category(char)[0] in "LMN" else "-" for char in line)
    return re.sub("-+", "-", "".join(chars)).strip("-_")[:MAX_NAME_LENGTH]


def _free_name(text: str, by: Actor, channel: Channel | None = None) -> str:
    if channel is not None and channel.kind == ChannelKind.ASSISTANT:
        raise ActionError(_("A chat with an agent has a title, not a name."))
    name = normalize_room_name(check_length(clean_line(text), MAX_NAME_LENGTH))
    if not name:
        raise ActionError(_("A room needs a name, like “holidays”."))
    rooms = Channel.objects.filter(home=by.home, name=name, kind__in=[ChannelKind.PUBLIC, ChannelKind.PRIVATE])
    if any(room != channel for room in rooms):
        raise ActionError(_("There is already a room with that name."))
    return name


def _announce(channel: Channel, users: list[User], *, by: Actor) -> Channel:
    for user in users:
        add_member(channel, user, by)
    record("channel_created", channel, by=by, audience=channel.audience)
    return channel


def _record_membership(event_type: str, channel: Channel, user: User, by: Actor) -> None:
    data = ChannelMemberEvent(channel_id=channel.pk, user_id=user.pk)
    record(event_type, channel, by=by, audience=channel.audience, data=data)
