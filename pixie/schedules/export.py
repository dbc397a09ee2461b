"""Export and import of schedules and of the hour of the morning summary."""

from collections.abc import Iterator
from typing import Annotated, Any

from django.utils import timezone
from pydantic import AfterValidator, Field

from chat.models import ROOM_KINDS, Channel
from homes.events.actor import Actor
from homes.events.schemas import Snapshot
from homes.export import Moment, file_location
from homes.models import Membership
from pantry.text import clean_line, clean_text
from pixie.actions import choose_summary, schedule_message
from pixie.models import ScheduledMessage, SummaryChoice

Line = Annotated[str, AfterValidator(clean_line)]
Text = Annotated[str, AfterValidator(clean_text)]


class ScheduledRow(Snapshot):
    """A schedule that posts in the room of that name; without one, in the importer's own chat with the agent."""

    prompt: Annotated[Text, Field(min_length=1, max_length=ScheduledMessage.MAX_LENGTH)]
    starts_at: Moment
    trigger_at: Moment
    rrule: Annotated[Line, Field(max_length=200)] = ""
    room: Line = ""


class Schedules(Snapshot):
    """The part of a home's export file."""

    summary_hour: int | None = Field(default=SummaryChoice.DEFAULT_HOUR, ge=0, le=23)
    waiting: list[ScheduledRow] = Field(max_length=ScheduledMessage.MAX_PENDING)


def write_schedules(member: Membership) -> Any:
    """Export the pending schedules that the member can see."""
    rows = ScheduledMessage.objects.visible_to(member).pending().select_related("channel")
    hour = SummaryChoice.hour_of(member.home)
    return {"summary_hour": hour, "waiting": _export_rows(rows.order_by("trigger_at", "pk").iterator())}


def _export_rows(rows: Iterator[ScheduledMessage]) -> Iterator[dict[str, Any]]:
    for row in rows:
        exported = ScheduledRow(
            prompt=row.prompt,
            starts_at=row.starts_at,
            trigger_at=row.trigger_at,
            rrule=row.rrule,
            room=row.channel.name,
        )
        yield exported.model_dump(mode="json")


def read_schedules(by: Actor, part: Any) -> None:
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
