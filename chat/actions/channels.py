"""Rooms, and who is in them."""

import re
import unicodedata
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chat.models import Channel, ChannelKind, ChannelMember
from chat.schemas import ChannelMemberEvent
from chat.unread import clear_unread_cache
from homes.accounts.models import User
from homes.events.actor import Actor
from homes.events.log import action, record
from homes.events.queries import JOINED, LEFT
from homes.models import Agent, Membership
from pantry import broadcast
from pantry.errors import ActionError, Forbidden
from pantry.text import clean_line

FIRST_ROOM = "general"


def create_general_room(by: Actor) -> None:
    """The room that every home is born with."""
    general = Channel(home=by.home, name=FIRST_ROOM, kind=ChannelKind.PUBLIC, created_by=by.user, is_system=True)
    general.topic = _("Everything that concerns the whole home")
    general.save()
    record("channel_created", general, by=by)


@action
def create_channel(name: str, *, by: Actor, topic: str = "", is_private: bool = False) -> Channel:
    """Open a room. Names are written like addresses: small letters, no spaces. Raises ActionError for a name that
    is empty or taken."""
    name = _free_name(name, by)
    kind = ChannelKind.PRIVATE if is_private else ChannelKind.PUBLIC
    channel = Channel.objects.create(
        home=by.home, name=name, kind=kind, topic=clean_line(topic)[:120], created_by=by.user
    )
    return _open(channel, [by.user] if is_private and by.user else [], by=by)


@action
def update_channel(channel: Channel, *, by: Actor, archived: bool | None = None, **fields: str) -> Channel:
    """Another `name` or `topic` for a room, another `title` for a talk with an agent; put away, or taken out again.

    Raises ActionError for the home's first room, a talk between two, and a name that is empty or taken.
    """
    channel = Channel.objects.get(pk=channel.pk)
    if channel.kind == ChannelKind.DM:
        raise ActionError(_("A talk between two stays as it is."))
    if channel.is_system and ("name" in fields or archived):
        raise ActionError(_("The home's first room keeps its name and its place."))
    if "name" in fields:
        fields["name"] = _free_name(fields["name"], by, channel)
    lengths = {"topic": 120, "title": 120}
    cleaned = {name: clean_line(text)[: lengths.get(name)] for name, text in fields.items()}
    if archived is not None and archived != (channel.archived_at is not None):
        changes = channel.assign(**cleaned, archived_at=timezone.now() if archived else None)
    else:
        changes = channel.assign(**cleaned)
    if changes:
        channel.save()
        record("channel_updated", channel, by=by, changes=changes, audience=channel.audience)
    return channel


@action
def open_dm(other: User, *, by: Actor) -> Channel:
    """The talk between two members, begun if there is none yet."""
    assert by.user is not None
    if other.pk == by.user.pk or not Membership.objects.filter(home=by.home, user=other).exists():
        raise ActionError(_("Choose somebody of this home to talk with."))
    pair = Channel.pair_of(by.user, other)
    found = Channel.objects.filter(home=by.home, kind=ChannelKind.DM, pair=pair).first()
    if found is not None:
        return found
    channel = Channel.objects.create(home=by.home, kind=ChannelKind.DM, pair=pair, created_by=by.user)
    return _open(channel, [by.user, other], by=by)


@action
def open_assistant(agent: Agent, *, by: Actor, title: str = "") -> Channel:
    """A person's talk with an agent: the newest of theirs without a title, or a new one under `title`."""
    assert by.user is not None
    title = clean_line(title)[:120]
    found = Channel.objects.filter(
        home=by.home,
        kind=ChannelKind.ASSISTANT,
        created_by=by.user,
        title=title,
        archived_at=None,
        members__agent=agent,
    ).last()
    if found is not None:
        return found
    channel = Channel.objects.create(home=by.home, kind=ChannelKind.ASSISTANT, title=title, created_by=by.user)
    ChannelMember.objects.create(channel=channel, agent=agent)
    return _open(channel, [by.user], by=by)


@action
def join_channel(channel: Channel, user: User, *, by: Actor) -> None:
    """Into a room oneself, or, in a private one, brought by somebody who is inside."""
    if channel.kind in (ChannelKind.DM, ChannelKind.ASSISTANT):
        raise Forbidden(_("Nobody can be added to a talk between two."))
    if not Membership.objects.filter(home=channel.home_id, user=user).exists():
        raise ActionError(_("Choose somebody of this home."))
    _member, is_new = ChannelMember.objects.get_or_create(channel=channel, user=user)
    if is_new:
        _tell(JOINED, channel, user, by)


@action
def leave_channel(channel: Channel, user: User, *, by: Actor) -> None:
    if channel.kind in (ChannelKind.DM, ChannelKind.ASSISTANT):
        raise Forbidden(_("A talk between two has both in it."))
    if ChannelMember.objects.filter(channel=channel, user=user).delete()[0]:
        _tell(LEFT, channel, user, by)


def leave_private_rooms(member: Membership, by: Actor) -> None:
    """Who leaves the home is out of its private rooms, and still is on coming back. Talks between two stay theirs."""
    inside = Channel.objects.filter(home=member.home_id, kind=ChannelKind.PRIVATE, members__user=member.user_id)
    for channel in inside:
        leave_channel(channel, member.user, by=by)


@transaction.atomic
def mark_read(channel: Channel, user: User, seq: int) -> None:
    """Everything up to `seq` was seen. Never goes back. A person's own affair, so no event tells it."""
    member, _new = ChannelMember.objects.get_or_create(channel=channel, user=user)
    if seq > member.last_read_seq:
        ChannelMember.objects.filter(pk=member.pk, last_read_seq__lt=seq).update(last_read_seq=seq)
        transaction.on_commit(partial(clear_unread_cache, channel.home_id, user.pk))
        transaction.on_commit(partial(broadcast.recount_unread, channel.home_id, user.pk), robust=True)


def normalize_room_name(text: str) -> str:
    """“Food & Shopping” → “food-shopping”. Letters of every script stay, with the marks above and below them."""
    line = clean_line(text).casefold()
    kept = (char if char == "_" or unicodedata.category(char)[0] in "LMN" else "-" for char in line)
    return re.sub("-+", "-", "".join(kept)).strip("-_")[:40]


def _free_name(text: str, by: Actor, channel: Channel | None = None) -> str:
    """Return the name as rooms write it. Raises ActionError for one that is empty or taken."""
    if channel is not None and channel.kind == ChannelKind.ASSISTANT:
        raise ActionError(_("A talk has a title, not a name."))
    name = normalize_room_name(text)
    if not name:
        raise ActionError(_("A room needs a name, like “holidays”."))
    rooms = Channel.objects.filter(home=by.home, name=name, kind__in=[ChannelKind.PUBLIC, ChannelKind.PRIVATE])
    if any(room != channel for room in rooms):
        raise ActionError(_("There is a room of that name. Choose another."))
    return name


def _open(channel: Channel, users: list[User], *, by: Actor) -> Channel:
    ChannelMember.objects.bulk_create([ChannelMember(channel=channel, user=user) for user in users])
    for user in users:
        _tell(JOINED, channel, user, by)
    record("channel_created", channel, by=by, audience=channel.audience)
    return channel


def _tell(event_type: str, channel: Channel, user: User, by: Actor) -> None:
    data = ChannelMemberEvent(channel_id=channel.pk, user_id=user.pk)
    record(event_type, channel, by=by, audience=channel.audience, data=data)
