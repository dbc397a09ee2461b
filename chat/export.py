"""What was said, as part of the home's file."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any
from uuid import UUID, uuid4

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from emoji import is_emoji
from pydantic import AfterValidator, Field

from chat.actions.channels import room_name
from chat.models import NAMED, Channel, ChannelKind, ChannelMember, Message, MessageState, Reaction
from chat.schemas import ChannelMemberEvent, ReactionEvent
from homes.events.actor import Actor
from homes.events.log import record
from homes.events.queries import JOINED
from homes.events.schemas import Snapshot
from homes.export import Moment, file_location, require_row, validate_row
from homes.models import Agent, Membership
from pantry.errors import ActionError
from pantry.text import clean_line, clean_text

MOST_CHANNELS, MOST_ROWS = 1000, 20_000
KEPT_METADATA = ("intent", "entities", "confidence")  # the rest leads to what is not taken along: runs, receipts

Line = Annotated[str, AfterValidator(clean_line)]
Text = Annotated[str, AfterValidator(clean_text)]


class ChannelRow(Snapshot):
    """`is_mine`, `is_inside` and `read`, the last message that was read, are those of the member who exports the home.
    `agent` is the name of the agent of an assistant channel."""

    id: UUID
    name: Line
    kind: ChannelKind
    topic: Line
    title: Line
    agent: Line = ""
    is_system: bool = False
    is_mine: bool = False
    is_inside: bool = False
    read: UUID | None = None
    created_at: Moment
    archived_at: Moment | None


class Said(Snapshot):
    """Who said it: the person who takes the home along by id, everybody by name."""

    user: UUID | None = None
    agent: UUID | None = None
    by: Annotated[Line, Field(max_length=80)] = ""


class MessageRow(Said):
    id: UUID
    channel: UUID
    parent: UUID | None
    body: Annotated[Text, Field(max_length=Message.MAX_LENGTH)]
    state: MessageState = MessageState.COMPLETE
    version: int = 1
    created_at: Moment
    edited_at: Moment | None
    deleted_at: Moment | None = None
    metadata: dict[str, Any] = {}


class ReactionRow(Said):
    message: UUID
    emoji: Text
    created_at: Moment


class Chat(Snapshot):
    channels: list[ChannelRow] = Field(max_length=MOST_CHANNELS)
    messages: list[MessageRow] = Field(max_length=MOST_ROWS)
    reactions: list[ReactionRow] = Field(default=[], max_length=MOST_ROWS)


# Out


def write_chat(member: Membership) -> Any:
    """The channels that the member sees, and no others."""
    messages = Message.objects.visible_to(member).told().order_by("seq")
    reactions = Reaction.objects.filter(message__in=messages.order_by()).order_by("message__seq", "created_at", "id")
    said = messages.select_related("author_user", "author_agent")
    return {
        "reactions": _plain(map(_reaction_row, reactions.select_related("user", "agent").iterator())),
        "messages": _plain(map(_message_row, said.iterator())),
        "channels": _plain(_channels(member, messages)),
    }


def _plain(rows: Iterable[Snapshot]) -> Iterator[dict[str, Any]]:
    return (row.model_dump(mode="json") for row in rows)


def _channels(member: Membership, messages: QuerySet[Message]) -> list[ChannelRow]:
    inside = ChannelMember.objects.filter(channel__home=member.home_id)
    mine = {each.channel_id: each for each in inside.filter(user=member.user_id)}
    others = inside.filter(channel__kind=ChannelKind.DM).exclude(user=member.user_id)
    names = dict(others.values_list("channel", "user__name"))
    agents = dict(inside.filter(agent__isnull=False).values_list("channel", "agent__display_name"))
    read: dict[UUID, UUID] = {}
    for channel_id, pk, seq in messages.values_list("channel", "pk", "seq").iterator():
        if channel_id in mine and seq <= mine[channel_id].last_read_seq:
            read[channel_id] = pk
    return [
        ChannelRow(
            id=channel.pk,
            name=channel.name,
            kind=ChannelKind(channel.kind),
            topic=channel.topic,
            title=names.get(channel.pk) or channel.title,
            agent=agents.get(channel.pk, ""),
            is_system=channel.is_system,
            is_mine=channel.created_by_id == member.user_id,
            is_inside=channel.pk in mine,
            read=read.get(channel.pk),
            created_at=channel.created_at,
            archived_at=channel.archived_at,
        )
        for channel in Channel.objects.visible_to(member).order_by("created_at", "id")
    ]


def _message_row(message: Message) -> MessageRow:
    return MessageRow(
        id=message.pk,
        channel=message.channel_id,
        parent=message.parent_id,
        user=message.author_user_id,
        agent=message.author_agent_id,
        by=message.author_name or str(message.author_user or message.author_agent),
        body=message.body,
        state=MessageState(message.state),
        version=message.version,
        created_at=message.created_at,
        edited_at=message.edited_at,
        deleted_at=message.deleted_at,
        metadata={name: message.metadata[name] for name in KEPT_METADATA if name in message.metadata},
    )


def _reaction_row(given: Reaction) -> ReactionRow:
    return ReactionRow(
        message=given.message_id,
        user=given.user_id,
        agent=given.agent_id,
        by=given.name or str(given.user or given.agent),
        emoji=given.emoji,
        created_at=given.created_at,
    )


# In


def read_chat(by: Actor, part: Any) -> None:
    """Into a home that was just founded. Every row gets an id of this home, and its event."""
    told = Chat.model_validate(part)
    agents = {agent.display_name: agent for agent in Agent.objects.filter(home=by.home).order_by("created_at")}
    rooms: dict[UUID, Channel] = {}
    for index, row in enumerate(told.channels):
        with file_location("channels", index):
            rooms[row.id] = _channel(row, agents, by)
    messages: dict[UUID, Message] = {}
    for index, said in enumerate(told.messages):
        with file_location("messages", index):
            parent = require_row(messages, said.parent) if said.parent else None
            messages[said.id] = _message(said, require_row(rooms, said.channel), parent, agents, by)
    for index, given in enumerate(told.reactions):
        with file_location("reactions", index):
            _reaction(given, require_row(messages, given.message), agents, by)
    for index, row in enumerate(told.channels):
        with file_location("channels", index):
            _mark(row, rooms[row.id], messages, by)


def _channel(row: ChannelRow, agents: dict[str, Agent], by: Actor) -> Channel:
    if row.kind in NAMED and row.name != room_name(row.name):
        raise ActionError(_("A room needs a name, like “holidays”."))
    agent = agents.get(row.agent) or next(iter(agents.values()))
    channel = _founded(row, agent, by)
    is_new = channel is None
    channel = channel or Channel(home=by.home, kind=row.kind, created_by=by.user if row.is_mine else None)
    changes = channel.assign(
        name=row.name,
        topic=row.topic,
        title=row.title,
        created_at=row.created_at,
        archived_at=row.archived_at,
    )
    if row.kind == ChannelKind.DM:
        channel.pair = f"{by.user.pk if by.user else ''}:{uuid4()}"  # with somebody who is nobody here
    validate_row(channel, "name", "pair")
    channel.save(force_insert=is_new)
    if is_new and row.kind == ChannelKind.ASSISTANT:
        ChannelMember.objects.create(channel=channel, agent=agent)
    if row.is_inside or channel.is_private:
        _let_in(channel, by)
    if is_new:
        record("channel_created", channel, by=by, audience=channel.audience)
    elif changes:
        record("channel_updated", channel, by=by, changes=changes, audience=channel.audience)
    return channel


def _let_in(channel: Channel, by: Actor) -> None:
    assert by.user is not None
    _member, is_new = ChannelMember.objects.get_or_create(channel=channel, user=by.user)
    if is_new:
        data = ChannelMemberEvent(channel_id=channel.pk, user_id=by.user.pk)
        record(JOINED, channel, by=by, audience=channel.audience, data=data)


def _founded(row: ChannelRow, agent: Agent, by: Actor) -> Channel | None:
    """The channel of that kind that the home was born with, until another has taken its place."""
    born = Channel.objects.filter(home=by.home, kind=row.kind, created_at__gte=by.home.created_at)
    if row.is_system:
        found: Channel | None = born.filter(is_system=True, name=row.name).first()
    elif row.kind == ChannelKind.ASSISTANT and not row.title:
        found = born.filter(title="", members__agent=agent).first()
    else:
        found = None
    return found


def _message(row: MessageRow, channel: Channel, parent: Message | None, agents: dict[str, Agent], by: Actor) -> Message:
    if parent is not None and parent.channel_id != channel.pk:
        raise ActionError(_("That thread is in another room."))
    user, agent, name = _who(row, agents, by)
    message = Message(
        home=by.home,
        channel=channel,
        parent_id=(parent.parent_id or parent.pk) if parent else None,
        author_user=user,
        author_agent=agent,
        author_name=name,
        **row.model_dump(include={"body", "version", "created_at", "edited_at", "deleted_at", "metadata"}),
        state=MessageState.ABORTED if row.state in (MessageState.PENDING, MessageState.STREAMING) else row.state,
    )
    validate_row(message, "seq", *(["body"] if row.deleted_at else []))
    message.seq = record("chat_message", message, by=by, audience=channel.audience).seq
    message.save(force_insert=True)
    return message


def _reaction(row: ReactionRow, message: Message, agents: dict[str, Agent], by: Actor) -> None:
    if not is_emoji(row.emoji):
        raise ActionError(_("Choose one sign to react with."))
    user, agent, name = _who(row, agents, by)
    given = Reaction(message=message, user=user, agent=agent, name=name, emoji=row.emoji, created_at=row.created_at)
    validate_row(given)
    given.save(force_insert=True)
    data = ReactionEvent(
        channel_id=message.channel_id,
        message_id=message.pk,
        emoji=row.emoji,
        user_id=user.pk if user else None,
        agent_id=agent.pk if agent else None,
        name=name,
    )
    record("reaction_added", message, by=by, audience=message.channel.audience, data=data)


def _who(row: Said, agents: dict[str, Agent], by: Actor) -> tuple[Any, Agent | None, str]:
    """The person, the agent, or the name of somebody who is nobody here: no file puts words into another's mouth."""
    if row.agent and row.by in agents:
        return None, agents[row.by], ""
    if by.user is not None and row.user == by.user.pk:
        return by.user, None, ""
    return None, None, row.by or _("Somebody")


def _mark(row: ChannelRow, channel: Channel, messages: dict[UUID, Message], by: Actor) -> None:
    seq = require_row(messages, row.read).seq if row.read else 0
    ChannelMember.objects.filter(channel=channel, user=by.user).update(last_read_seq=seq)
