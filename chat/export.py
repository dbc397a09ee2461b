"""Export and import of the chat, as part of the home's file."""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID, uuid4

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _
from emoji import is_emoji
from pydantic import AfterValidator, Field

from chat.actions.channels import add_member, normalize_room_name
from chat.actions.messages import record_reaction
from chat.models import ROOM_KINDS, Channel, ChannelKind, ChannelMember, Message, MessageState, Reaction
from homes.events.actor import Actor
from homes.events.log import record
from homes.events.schemas import Snapshot
from homes.export import Moment, file_location, import_rows, require_row, validate_row
from homes.models import Agent, Membership
from pantry.errors import ActionError
from pantry.text import clean_line, clean_text

MAX_CHANNELS, MAX_ROWS = 1000, 20_000
EXPORTED_METADATA = ("intent", "entities", "confidence")  # the rest refers to runs and receipts, which stay here

Line = Annotated[str, AfterValidator(clean_line)]
Text = Annotated[str, AfterValidator(clean_text)]


def _exported_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    return {name: metadata[name] for name in EXPORTED_METADATA if name in metadata}


class ChannelRow(Snapshot):
    """A channel. `is_mine`, `is_inside` and `read` (the last read message) are those of the member who exports.

    `agent` is the name of the agent of an assistant channel.
    """

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


class AuthoredRow(Snapshot):
    """A row with its author's id and name."""

    user: UUID | None = None
    agent: UUID | None = None
    by: Annotated[Line, Field(max_length=80)] = ""


class MessageRow(AuthoredRow):
    id: UUID
    channel: UUID
    parent: UUID | None
    body: Annotated[Text, Field(max_length=Message.MAX_LENGTH)]
    state: MessageState = MessageState.COMPLETE
    version: int = 1
    created_at: Moment
    edited_at: Moment | None
    deleted_at: Moment | None = None
    metadata: Annotated[dict[str, Any], AfterValidator(_exported_metadata)] = {}


class ReactionRow(AuthoredRow):
    message: UUID
    emoji: Text
    created_at: Moment


class ChatExport(Snapshot):
    channels: list[ChannelRow] = Field(max_length=MAX_CHANNELS)
    messages: list[MessageRow] = Field(max_length=MAX_ROWS)
    reactions: list[ReactionRow] = Field(default=[], max_length=MAX_ROWS)


# Export


def write_chat(member: Membership) -> Any:
    """Return the channels, messages and reactions that the member can see, as lazy rows."""
    messages = Message.objects.visible_to(member).finished().order_by("seq")
    reactions = Reaction.objects.filter(message__in=messages.order_by()).order_by("message__seq", "created_at", "id")
    return {
        "reactions": _authored_rows(ReactionRow, reactions, ""),
        "messages": _authored_rows(MessageRow, messages, "author_"),
        "channels": (row.model_dump(mode="json") for row in _channels(member, messages)),
    }


def _authored_rows(schema: type[AuthoredRow], rows: QuerySet[Any], prefix: str) -> Iterator[dict[str, Any]]:
    """Select the schema's fields. The names of the author's columns begin with `prefix`."""
    names: Any = (NullIf(f"{prefix}name", Value("")), NullIf(f"{prefix}user__name", Value("")))
    names += (f"{prefix}user__email", f"{prefix}agent__display_name")
    rows = rows.annotate(by=Coalesce(*names, output_field=CharField()))
    columns = schema.model_fields.keys() - {"user", "agent"}
    for row in rows.values(*columns, f"{prefix}user", f"{prefix}agent").iterator():
        fields = {name.removeprefix(prefix): value for name, value in row.items()}
        yield schema.model_validate(fields).model_dump(mode="json")


def _channels(member: Membership, messages: QuerySet[Message]) -> list[ChannelRow]:
    members = ChannelMember.objects.filter(channel__home=member.home_id)
    mine = {row.channel_id: row for row in members.filter(user=member.user_id)}
    others = members.filter(channel__kind=ChannelKind.DM).exclude(user=member.user_id)
    dm_names = dict(others.values_list("channel", "user__name"))
    agents = dict(members.filter(agent__isnull=False).values_list("channel", "agent__display_name"))
    last_read: dict[UUID, UUID] = {}
    for channel_id, pk, seq in messages.values_list("channel", "pk", "seq").iterator():
        if channel_id in mine and seq <= mine[channel_id].last_read_seq:
            last_read[channel_id] = pk
    return [
        ChannelRow.model_validate(channel).model_copy(
            update={
                "title": dm_names.get(channel.pk) or channel.title,
                "agent": agents.get(channel.pk, ""),
                "is_mine": channel.created_by_id == member.user_id,
                "is_inside": channel.pk in mine,
                "read": last_read.get(channel.pk),
            }
        )
        for channel in Channel.objects.visible_to(member).order_by("created_at", "id")
    ]


# Import


def read_chat(by: Actor, part: Any) -> None:
    """Import the chat into a new home. Every row gets a new id and an event."""
    chat = ChatExport.model_validate(part)
    agents = {agent.display_name: agent for agent in Agent.objects.filter(home=by.home).order_by("created_at")}
    channels = import_rows("channels", chat.channels, lambda row: _import_channel(row, agents, by))
    messages: dict[UUID, Message] = {}
    for index, message in enumerate(chat.messages):  # replies refer to messages before them
        with file_location("messages", index):
            messages[message.id] = _import_message(message, channels, messages, agents, by)
    import_rows("reactions", chat.reactions, lambda row: _import_reaction(row, messages, agents, by))
    import_rows("channels", chat.channels, lambda row: _set_read_mark(row, channels[row.id], messages, by))


def _import_channel(row: ChannelRow, agents: dict[str, Agent], by: Actor) -> Channel:
    if row.kind in ROOM_KINDS and row.name != normalize_room_name(row.name):
        raise ActionError(_("A room needs a name, like “holidays”."))
    agent = agents.get(row.agent) or next(iter(agents.values()))
    channel = _existing_channel(row, agent, by)
    is_new = channel is None
    channel = channel or Channel(home=by.home, kind=row.kind, created_by=by.user if row.is_mine else None)
    changes = channel.assign(**row.model_dump(include={"name", "topic", "title", "created_at", "archived_at"}))
    if row.kind == ChannelKind.DM:
        channel.pair = f"{by.user.pk if by.user else ''}:{uuid4()}"  # the other person has no account here
    validate_row(channel, "name", "pair")
    channel.save(force_insert=is_new)
    if is_new and row.kind == ChannelKind.ASSISTANT:
        ChannelMember.objects.create(channel=channel, agent=agent)
    if by.user is not None and (row.is_inside or channel.is_private):
        add_member(channel, by.user, by)
    if is_new:
        record("channel_created", channel, by=by, audience=channel.audience)
    elif changes:
        record("channel_updated", channel, by=by, changes=changes, audience=channel.audience)
    return channel


def _existing_channel(row: ChannelRow, agent: Agent, by: Actor) -> Channel | None:
    """Return the channel of this kind that the new home was created with, unless an imported one has replaced it."""
    initial = Channel.objects.filter(home=by.home, kind=row.kind, created_at__gte=by.home.created_at)
    if row.is_system:
        return initial.filter(is_system=True, name=row.name).first()
    if row.kind == ChannelKind.ASSISTANT and not row.title:
        return initial.filter(title="", members__agent=agent).first()
    return None


def _import_message(
    row: MessageRow, channels: dict[UUID, Channel], messages: dict[UUID, Message], agents: dict[str, Agent], by: Actor
) -> Message:
    channel = require_row(channels, row.channel)
    parent = require_row(messages, row.parent) if row.parent else None
    if parent is not None and parent.channel_id != channel.pk:
        raise ActionError(_("That thread is in another room."))
    user, agent, name = _author(row, agents, by)
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


def _import_reaction(row: ReactionRow, messages: dict[UUID, Message], agents: dict[str, Agent], by: Actor) -> None:
    message = require_row(messages, row.message)
    if not is_emoji(row.emoji):
        raise ActionError(_("Pick one emoji."))
    user, agent, name = _author(row, agents, by)
    reaction = Reaction(message=message, user=user, agent=agent, name=name, emoji=row.emoji, created_at=row.created_at)
    validate_row(reaction)
    reaction.save(force_insert=True)
    record_reaction("reaction_added", reaction, by)


def _author(row: AuthoredRow, agents: dict[str, Agent], by: Actor) -> tuple[Any, Agent | None, str]:
    """Return the user, the agent or the name of the author.

    Only agents and the importing user are matched: a file cannot attribute messages to anybody else's account.
    """
    if row.agent and row.by in agents:
        return None, agents[row.by], ""
    if by.user is not None and row.user == by.user.pk:
        return by.user, None, ""
    return None, None, row.by or _("Someone")


def _set_read_mark(row: ChannelRow, channel: Channel, messages: dict[UUID, Message], by: Actor) -> None:
    seq = require_row(messages, row.read).seq if row.read else 0
    ChannelMember.objects.filter(channel=channel, user=by.user).update(last_read_seq=seq)
