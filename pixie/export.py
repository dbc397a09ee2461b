"""Export and import of agents, their memory and schedules, and of the hour of the morning summary."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from django.utils import timezone
from pydantic import Field, TypeAdapter

from chat.actions import open_assistant
from chat.export import Line, Text
from chat.models import ROOM_KINDS, Channel, ChannelKind
from homes.events.actor import Actor
from homes.events.log import new_event
from homes.events.schemas import Number, Snapshot
from homes.export import Moment
from homes.hooks import Export
from homes.imports import Built, file_location, import_each, import_lock, import_rows, insert_rows
from homes.models import Agent, AgentColour, Home, Membership
from pantry.db import index_row
from pixie.actions import change_agent, choose_summary, create_agent, learn_lesson, schedule_message, write_block
from pixie.actions.agents import MAX_AGENTS
from pixie.actions.passages import build_passage
from pixie.models import Lesson, MemoryBlock, MemoryPosition, Passage, ScheduledMessage, Source, SummaryChoice

MAX_BLOCKS = 200


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


class CallRow(Snapshot):
    type: Annotated[Line, Field(max_length=60)]
    payload: dict[str, Any]


class LessonRow(Snapshot):
    """A message of the exporting member, and what it was taken for."""

    text: Annotated[Text, Field(min_length=1, max_length=Lesson.MAX_LENGTH)]
    intent: Annotated[Line, Field(max_length=40)]
    calls: Annotated[list[CallRow], Field(max_length=Lesson.MAX_LENGTH)] = []
    is_right: bool


class Knowledge(Snapshot):
    blocks: list[BlockRow] = Field(max_length=MAX_BLOCKS)
    passages: Iterable[PassageRow]
    lessons: Annotated[list[LessonRow], Field(max_length=Lesson.MAX_PER_HOME)] = []


class ScheduledRow(Snapshot):
    """A schedule that posts in the room of that name; without one, in the importer's own chat with the agent.

    It may do no more than the `scopes` of the token that it was made with; None for all.
    """

    prompt: Annotated[Text, Field(min_length=1, max_length=ScheduledMessage.MAX_LENGTH)]
    starts_at: Moment
    trigger_at: Moment
    rrule: Annotated[Line, Field(max_length=200)] = ""
    room: Line = ""
    scopes: Annotated[list[Line], Field(max_length=10)] | None = None


class Schedules(Snapshot):
    summary_hour: int | None = Field(default=SummaryChoice.DEFAULT_HOUR, ge=0, le=23)
    waiting: list[ScheduledRow] = Field(max_length=ScheduledMessage.MAX_PENDING)


def export_agents(member: Membership) -> Any:
    agents = Agent.objects.filter(home=member.home_id).order_by("created_at")
    return [AgentRow.model_validate(agent).model_dump(mode="json") for agent in agents]


def import_agents(by: Actor, rows: list[AgentRow]) -> None:
    """Import agents into a new home. Agents are put to sleep last, since one must always be awake."""
    agents = {}
    for index, row in enumerate(rows):
        with file_location(index):
            fields = {name: value for name, value in row if name != "is_active"}
            if index:
                agents[index] = create_agent(by=by, **fields)
            else:
                agents[index] = change_agent(Agent.objects.get(home=by.home), by=by, **fields)
    if any(row.is_active for row in rows):
        for index, row in enumerate(rows):
            with file_location(index):
                change_agent(agents[index], by=by, is_active=row.is_active)


def export_memory(member: Membership) -> Any:
    blocks = MemoryBlock.objects.visible_to(member).select_related("agent").order_by("created_at", "id")
    lessons = Lesson.objects.visible_to(member).order_by("updated_at", "pk")
    passages = Passage.objects.visible_to(member).select_related("agent", "user", "channel").defer("embedding", "words")
    return {
        "blocks": _dump(BlockRow(agent=row.agent.slug, label=row.label, content=row.content) for row in blocks),
        "passages": _dump(map(_passage_row, passages.order_by("pk").iterator())),
        "lessons": _dump(LessonRow.model_validate(row) for row in lessons),
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


def import_memory(by: Actor, knowledge: Knowledge) -> None:
    """Import memory into a new home, after its rooms. Imported events are not remembered again."""
    agents = {agent.slug: agent for agent in Agent.objects.filter(home=by.home).order_by("created_at")}
    pixie = next(iter(agents.values()))
    rooms = {room.name: room for room in Channel.objects.filter(home=by.home, kind=ChannelKind.PRIVATE)}
    own_chat = cache(lambda agent: open_assistant(agent, by=by))

    def import_block(row: BlockRow) -> None:
        if row.agent in agents:
            write_block(agents[row.agent], row.label, row.content, by=by)

    def import_lesson(row: LessonRow) -> None:
        learn_lesson(**row.model_dump(), by=by)

    def build(row: PassageRow) -> Built:
        """If its room was not imported, only the importing member may see the passage, and if its agent was not, only
        the first agent knows it."""
        agent = agents.get(row.agent, pixie) if row.agent else None
        channel = rooms.get(row.room)
        if channel is None and (row.room or row.alone):
            channel = own_chat(agent or pixie)
        is_me = by.user is not None and row.user == by.user.pk
        passage = build_passage(
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
        return passage, new_event("passage_remembered", passage, by=by, audience=passage.audience)

    import_each(by, "blocks", knowledge.blocks, import_block)
    import_rows(by, "passages", knowledge.passages, build, _insert_passages)
    import_each(by, "lessons", knowledge.lessons, import_lesson)
    with import_lock(by):
        last_seq = Home.objects.values_list("last_seq", flat=True).get(pk=by.home.pk)
        MemoryPosition.objects.update_or_create(home=by.home, defaults={"seq": last_seq})


def _insert_passages(built: Sequence[Built]) -> None:
    insert_rows(built)
    for passage, _event in built:
        index_row(passage)


def export_schedules(member: Membership) -> Any:
    """Export the pending schedules that the member can see."""
    rows = ScheduledMessage.objects.visible_to(member).pending().select_related("channel").order_by("trigger_at", "pk")
    return {"summary_hour": SummaryChoice.hour_of(member.home), "waiting": _dump(map(_schedule_row, rows.iterator()))}


def _schedule_row(row: ScheduledMessage) -> ScheduledRow:
    fields = {name: getattr(row, name) for name in ("prompt", "starts_at", "trigger_at", "rrule", "scopes")}
    return ScheduledRow(**fields, room=row.channel.name)


def import_schedules(by: Actor, schedules: Schedules) -> None:
    """Import into a new home that already has its rooms, with the rights of the importing member, as far as the scopes
    allow. Skips reminders whose time has passed."""
    rooms = {room.name: room for room in Channel.objects.filter(home=by.home, kind__in=ROOM_KINDS, archived_at=None)}
    now = timezone.now()

    def import_schedule(row: ScheduledRow) -> None:
        if row.rrule or row.trigger_at > now:
            start = row.starts_at if row.rrule else row.trigger_at
            limited = replace(by, scopes=by.limit(row.scopes))
            schedule_message(row.prompt, start, by=limited, rrule=row.rrule, channel=rooms.get(row.room))

    if schedules.summary_hour != SummaryChoice.DEFAULT_HOUR:
        choose_summary(schedules.summary_hour, by=by)
    import_each(by, "waiting", schedules.waiting, import_schedule)


AGENTS = Export(export_agents, TypeAdapter(Annotated[list[AgentRow], Field(max_length=MAX_AGENTS)]), import_agents)
MEMORY = Export(export_memory, TypeAdapter(Knowledge), import_memory)
SCHEDULES = Export(export_schedules, TypeAdapter(Schedules), import_schedules)
