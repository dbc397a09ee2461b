"""Export and import of agents, their memory and schedules, and of the hour of the morning summary."""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from django.utils import timezone
from pydantic import Field, TypeAdapter

from chat.actions import open_assistant
from chat.export import Line, Text
from chat.models import ROOM_KINDS, Channel, ChannelKind
from homes.events.actor import Actor
from homes.events.schemas import Number, Snapshot
from homes.export import Moment, file_location
from homes.models import Agent, AgentColour, Home, Membership
from pixie.actions import change_agent, choose_summary, create_agent, remember_passage, schedule_message, write_block
from pixie.actions.agents import MAX_AGENTS
from pixie.models import MemoryBlock, MemoryPosition, Passage, ScheduledMessage, Source, SummaryChoice

MAX_BLOCKS, MAX_PASSAGES = 200, 20_000


class AgentRow(Snapshot):
    """An agent. The first one in the file is the one that every new home has."""

    display_name: Annotated[Line, Field(max_length=40)]
    title: Annotated[Line, Field(max_length=80)] = ""
    avatar_color: AgentColour = AgentColour.MARIGOLD
    system_prompt: Annotated[Text, Field(max_length=Agent.MAX_INSTRUCTIONS_CHARS)] = ""
    model: Annotated[Line, Field(max_length=80)] = ""
    max_turns: int = 8
    max_budget_usd: Number
    monthly_budget_usd: Number | None = None
    is_active: bool = True


class BlockRow(Snapshot):
    """A memory block. `agent` is a slug; the label `member` is about the exporting member."""

    agent: Line
    label: Annotated[Line, Field(max_length=40)]
    content: Annotated[Text, Field(max_length=MemoryBlock.MAX_CHARS)]


class PassageRow(Snapshot):
    """A passage for the whole home, for the private room `room`, or, if `alone`, for the exporting member.

    `agent` is the slug of the only agent that knows it.
    """

    agent: Line = ""
    user: UUID | None
    by: Annotated[Line, Field(max_length=80)]
    room: Line = ""
    alone: bool = False
    source: Source
    content: Annotated[Text, Field(min_length=1, max_length=Passage.MAX_LENGTH)]
    tags: Annotated[list[Line], Field(max_length=20)]
    said_at: Moment


class Knowledge(Snapshot):
    blocks: list[BlockRow] = Field(max_length=MAX_BLOCKS)
    passages: list[PassageRow] = Field(max_length=MAX_PASSAGES)


class ScheduledRow(Snapshot):
    """A schedule that posts in the room of that name; without one, in the importer's own chat with the agent."""

    prompt: Annotated[Text, Field(min_length=1, max_length=ScheduledMessage.MAX_LENGTH)]
    starts_at: Moment
    trigger_at: Moment
    rrule: Annotated[Line, Field(max_length=200)] = ""
    room: Line = ""


class Schedules(Snapshot):
    summary_hour: int | None = Field(default=SummaryChoice.DEFAULT_HOUR, ge=0, le=23)
    waiting: list[ScheduledRow] = Field(max_length=ScheduledMessage.MAX_PENDING)


def export_agents(member: Membership) -> Any:
    agents = Agent.objects.filter(home=member.home_id).order_by("created_at")
    return [AgentRow.model_validate(agent).model_dump(mode="json") for agent in agents]


def import_agents(by: Actor, part: Any) -> None:
    """Import agents into a new home. Agents are put to sleep last, since one must always be awake."""
    data = TypeAdapter(Annotated[list[AgentRow], Field(max_length=MAX_AGENTS)]).validate_python(part)
    agents = {}
    for index, row in enumerate(data):
        with file_location(index):
            fields = {name: value for name, value in row if name != "is_active"}
            if index:
                agents[index] = create_agent(by=by, **fields)
            else:
                agents[index] = change_agent(Agent.objects.get(home=by.home), by=by, **fields)
    if any(row.is_active for row in data):
        for index, row in enumerate(data):
            with file_location(index):
                change_agent(agents[index], by=by, is_active=row.is_active)


def export_memory(member: Membership) -> Any:
    blocks = MemoryBlock.objects.visible_to(member).select_related("agent").order_by("created_at", "id")
    passages = Passage.objects.visible_to(member).select_related("agent", "user", "channel").defer("embedding", "words")
    return {
        "blocks": _dump(BlockRow(agent=row.agent.slug, label=row.label, content=row.content) for row in blocks),
        "passages": _dump(map(_passage_row, passages.order_by("pk").iterator())),
    }


def _dump(rows: Iterator[Snapshot]) -> Iterator[dict[str, Any]]:
    return (row.model_dump(mode="json") for row in rows)


def _passage_row(passage: Passage) -> PassageRow:
    channel = passage.channel
    return PassageRow(
        agent=passage.agent.slug if passage.agent else "",
        user=passage.user_id,
        by=passage.author_label,
        room=channel.name if channel and channel.is_private else "",
        alone=bool(channel and channel.is_private and not channel.name),
        source=Source(passage.source),
        content=passage.content,
        tags=passage.tags,
        said_at=passage.said_at,
    )


def import_memory(by: Actor, part: Any) -> None:
    """Import memory into a new home, after its rooms. Imported events are not remembered again."""
    data = Knowledge.model_validate(part)
    agents = {agent.slug: agent for agent in Agent.objects.filter(home=by.home).order_by("created_at")}
    for index, row in enumerate(data.blocks):
        with file_location("blocks", index):
            if row.agent in agents:
                write_block(agents[row.agent], row.label, row.content, by=by)
    for index, passage in enumerate(data.passages):
        with file_location("passages", index):
            _import_passage(passage, agents, by)
    last_seq = Home.objects.values_list("last_seq", flat=True).get(pk=by.home.pk)
    MemoryPosition.objects.update_or_create(home=by.home, defaults={"seq": last_seq})


def _import_passage(row: PassageRow, agents: dict[str, Agent], by: Actor) -> None:
    """Import a passage. If its room was not imported, only the importing member may see it, and if its agent was not,
    only the first agent knows it.
    """
    channel, pixie = None, next(iter(agents.values()))
    agent = agents.get(row.agent, pixie) if row.agent else None
    if row.room:
        channel = Channel.objects.filter(home=by.home, kind=ChannelKind.PRIVATE, name=row.room).first()
    if channel is None and (row.room or row.alone):
        channel = open_assistant(agent or pixie, by=by)
    is_me = by.user is not None and row.user == by.user.pk
    remember_passage(
        row.content,
        by=by,
        source=row.source,
        channel=channel,
        agent=agent,
        user=by.user if is_me else None,
        author_name="" if is_me else row.by,
        tags=row.tags,
        said_at=row.said_at,
    )


def export_schedules(member: Membership) -> Any:
    """Export the pending schedules that the member can see."""
    rows = ScheduledMessage.objects.visible_to(member).pending().select_related("channel").order_by("trigger_at", "pk")
    return {"summary_hour": SummaryChoice.hour_of(member.home), "waiting": _dump(map(_schedule_row, rows.iterator()))}


def _schedule_row(row: ScheduledMessage) -> ScheduledRow:
    fields = {name: getattr(row, name) for name in ("prompt", "starts_at", "trigger_at", "rrule")}
    return ScheduledRow(**fields, room=row.channel.name)


def import_schedules(by: Actor, part: Any) -> None:
    """Import into a new home that already has its rooms, with the rights of the importing member. Skips reminders whose
    time has passed."""
    rooms = {room.name: room for room in Channel.objects.filter(home=by.home, kind__in=ROOM_KINDS, archived_at=None)}
    now, schedules = timezone.now(), Schedules.model_validate(part)
    if schedules.summary_hour != SummaryChoice.DEFAULT_HOUR:
        choose_summary(schedules.summary_hour, by=by)
    for index, row in enumerate(schedules.waiting):
        if row.rrule or row.trigger_at > now:
            with file_location("waiting", index):
                start = row.starts_at if row.rrule else row.trigger_at
                schedule_message(row.prompt, start, by=by, rrule=row.rrule, channel=rooms.get(row.room))
