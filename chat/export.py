"""Export and import of the chat, as part of the home's file."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, NamedTuple
from uuid import UUID, uuid4

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _
from emoji import is_emoji
from pydantic import AfterValidator, Field, TypeAdapter

from chat.actions.channels import add_member, normalize_room_name
from chat.actions.messages import reaction_data
from chat.models import ROOM_KINDS, Channel, ChannelKind, ChannelMember, Message, MessageState, Reaction
from homes.events.actor import Actor
from homes.events.log import new_event, record
from homes.events.schemas import Snapshot
from homes.export import Moment
from homes.hooks import Export
from homes.imports import Built, import_each, import_rows, insert_rows, keep_row, require_row, validate_row
from homes.models import Agent, Membership
from pantry.errors import ActionError
from pantry.text import clean_line, clean_text

MAX_CHANNELS = 5000
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
    version: Annotated[int, Field(ge=1, lt=2**30)] = 1  # it grows with each change
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
    messages: Iterable[MessageRow]
    reactions: Iterable[ReactionRow] = ()


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


class ImportedMessage(NamedTuple):
    """The fields of a message that other rows need. Messages themselves would take too much memory."""

    pk: UUID
    channel: Channel
    root: UUID


class ChatImport:
    """The import of the chat into a new home. Every row gets a new id and an event."""

    def __init__(self, by: Actor) -> None:
        agents = Agent.objects.filter(home=by.home).order_by("created_at")
        self.by, self.agents = by, {agent.display_name: agent for agent in agents}
        self.channels: dict[UUID, Channel] = {}
        self.messages: dict[UUID, ImportedMessage] = {}

    def run(self, chat: ChatExport) -> None:
        import_each(self.by, "channels", chat.channels, self.import_channel)
        import_rows(self.by, "messages", chat.messages, self.build_message, _insert_messages)
        import_rows(self.by, "reactions", chat.reactions, self.build_reaction)
        import_each(self.by, "channels", chat.channels, self.set_read_mark)

    def import_channel(self, row: ChannelRow) -> None:
        by = self.by
        if row.kind in ROOM_KINDS and row.name != normalize_room_name(row.name):
            raise ActionError(_("A room needs a name, like “holidays”."))
        agent = self.agents.get(row.agent) or next(iter(self.agents.values()))
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
        keep_row(self.channels, row.id, channel)

    def set_read_mark(self, row: ChannelRow) -> None:
        if row.read:
            seq = Message.objects.values_list("seq", flat=True).get(pk=require_row(self.messages, row.read).pk)
            ChannelMember.objects.filter(channel=self.channels[row.id], user=self.by.user).update(last_read_seq=seq)

    def build_message(self, row: MessageRow) -> Built:
        channel = require_row(self.channels, row.channel)
        parent = require_row(self.messages, row.parent) if row.parent else None  # replies follow their message
        if parent is not None and parent.channel.pk != channel.pk:
            raise ActionError(_("That thread is in another room."))
        user, agent, name = self.author(row)
        message = Message(
            home=self.by.home,
            channel=channel,
            parent_id=parent.root if parent else None,
            author_user=user,
            author_agent=agent,
            author_name=name,
            **row.model_dump(include={"body", "version", "created_at", "edited_at", "deleted_at", "metadata"}),
            state=MessageState.ABORTED if row.state in (MessageState.PENDING, MessageState.STREAMING) else row.state,
        )
        validate_row(message, "seq", *(["body"] if row.deleted_at else []))
        imported = ImportedMessage(message.pk, channel, parent.root if parent else message.pk)
        keep_row(self.messages, row.id, imported)
        return message, new_event("chat_message", message, by=self.by, audience=channel.audience)

    def build_reaction(self, row: ReactionRow) -> Built:
        pk, channel, _root = require_row(self.messages, row.message)
        if not is_emoji(row.emoji):
            raise ActionError(_("Pick one emoji."))
        user, agent, name = self.author(row)
        message = Message(pk=pk, home=self.by.home, channel=channel)
        fields = {"user": user, "agent": agent, "name": name, "emoji": row.emoji, "created_at": row.created_at}
        reaction = Reaction(message=message, **fields)
        validate_row(reaction)
        data = reaction_data(reaction)
        return reaction, new_event("reaction_added", message, by=self.by, audience=channel.audience, data=data)

    def author(self, row: AuthoredRow) -> tuple[Any, Agent | None, str]:
        """Return the user, the agent or the name of the author.

        Only agents and the importing user are matched: a file cannot attribute messages to anybody else's account.
        """
        if row.agent and row.by in self.agents:
            return None, self.agents[row.by], ""
        if self.by.user is not None and row.user == self.by.user.pk:
            return self.by.user, None, ""
        return None, None, row.by or _("Someone")


def _existing_channel(row: ChannelRow, agent: Agent, by: Actor) -> Channel | None:
    """Return the channel of this kind that the new home was created with, unless an imported one has replaced it."""
    initial = Channel.objects.filter(home=by.home, kind=row.kind, created_at__gte=by.home.created_at)
    if row.is_system:
        return initial.filter(is_system=True, name=row.name).first()
    if row.kind == ChannelKind.ASSISTANT and not row.title:
        return initial.filter(title="", members__agent=agent).first()
    return None


def _insert_messages(built: Sequence[Built]) -> None:
    """A message stores the number of its event."""
    for message, event in built:
        assert isinstance(message, Message)
        message.seq = event.seq
    insert_rows(built)


CHAT = Export(write_chat, TypeAdapter(ChatExport), lambda by, chat: ChatImport(by).run(chat))
