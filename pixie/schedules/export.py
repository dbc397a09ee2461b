"""What is done later and each morning, as part of the home's file."""

from collections.abc import Iterator
from typing import Annotated, Any

from django.utils import timezone
from pydantic import AfterValidator, Field

from chat.models import NAMED, Channel
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
    """Said in the room of that name; without one, to who takes the home along, alone."""

    prompt: Annotated[Text, Field(min_length=1, max_length=ScheduledMessage.MAX_LENGTH)]
    starts_at: Moment
    trigger_at: Moment
    rrule: Annotated[Line, Field(max_length=200)] = ""
    room: Line = ""


class Schedules(Snapshot):
    summary_hour: int | None = Field(default=SummaryChoice.USUAL, ge=0, le=23)
    waiting: list[ScheduledRow] = Field(max_length=ScheduledMessage.MOST)


def write_schedules(member: Membership) -> Any:
    """What waits, and the member sees."""
    rows = ScheduledMessage.objects.visible_to(member).pending().select_related("channel")
    hour = SummaryChoice.hour_of(member.home)
    return {"summary_hour": hour, "waiting": _plain(rows.order_by("trigger_at", "pk").iterator())}


def _plain(rows: Iterator[ScheduledMessage]) -> Iterator[dict[str, Any]]:
    for row in rows:
        told = ScheduledRow(
            prompt=row.prompt,
            starts_at=row.starts_at,
            trigger_at=row.trigger_at,
            rrule=row.rrule,
            room=row.channel.name,
        )
        yield told.model_dump(mode="json")


def read_schedules(by: Actor, part: Any) -> None:
    """Into a home that was just founded, after its rooms. It is done with the rights of who brings it; what is over by
    now is left out."""
    rooms = {room.name: room for room in Channel.objects.filter(home=by.home, kind__in=NAMED, archived_at=None)}
    now, told = timezone.now(), Schedules.model_validate(part)
    if told.summary_hour != SummaryChoice.USUAL:
        choose_summary(told.summary_hour, by=by)
    for index, row in enumerate(told.waiting):
        if row.rrule or row.trigger_at > now:
            with file_location("waiting", index):
                begins = row.starts_at if row.rrule else row.trigger_at
                schedule_message(row.prompt, begins, by=by, rrule=row.rrule, channel=rooms.get(row.room))
