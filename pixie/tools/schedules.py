"""Tools for reminders and scheduled questions."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from pydantic import Field

from chat.models import ROOM_KINDS, Channel
from homes.events.actor import Actor
from pantry.errors import ActionError
from pixie.actions import cancel_scheduled, schedule_message
from pixie.models import ScheduledMessage
from pixie.nlu.keywords import coverage, index_words, query_words
from pixie.tools.registry import Arguments, Line, Result, tool

MAX_RESULTS = 20


class ScheduleMessage(Arguments):
    prompt: str = Field(
        min_length=1,
        max_length=ScheduledMessage.MAX_LENGTH,
        description="“Remind us: take the bins out”, or the question or request to handle then",
    )
    at: datetime = Field(description="The first time, in ISO 8601; without an offset, in the home's time zone")
    rrule: str | None = Field(
        default=None, max_length=200, description="An iCalendar recurrence rule, such as FREQ=WEEKLY;BYDAY=MO"
    )
    for_home: bool = Field(
        default=False, description="True to post it in a room; otherwise in the person's own chat with the agent"
    )


class ListScheduled(Arguments):
    pass


class CancelScheduled(Arguments):
    what: str = Field(default="", max_length=500, description="Words from its text; empty if there is only one")


@tool(
    "schedule_message",
    "Schedule a reminder or a request, once or repeatedly.",
    ScheduleMessage,
    scope="chat",
    writes=("schedule_created",),
)
def schedule(actor: Actor, call: ScheduleMessage) -> Result:
    at = call.at if call.at.tzinfo else call.at.replace(tzinfo=actor.home.zone)
    channel = _room(actor) if call.for_home else None
    scheduled = schedule_message(call.prompt, at, by=actor, rrule=call.rrule or "", channel=channel, agent=actor.agent)
    return Result("schedule_message", _facts(scheduled), (Line(scheduled.what),))


@tool("list_scheduled", "List scheduled reminders and requests, soonest first.", ListScheduled,
      scope="read")  # fmt: skip
def list_scheduled(actor: Actor, call: ListScheduled) -> Result:
    rows = list(_pending(actor)[:MAX_RESULTS])
    return Result("list_scheduled", {"count": len(rows), "scheduled": [_facts(scheduled) for scheduled in rows]})


@tool(
    "cancel_scheduled",
    "Cancel a scheduled reminder or request.",
    CancelScheduled,
    scope="chat",
    writes=("schedule_cancelled",),
)
def cancel(actor: Actor, call: CancelScheduled) -> Result:
    scheduled = cancel_scheduled(_find_scheduled(actor, call.what), by=actor)
    return Result("cancel_scheduled", _facts(scheduled), (Line(scheduled.what),))


def _pending(actor: Actor) -> Any:
    """Return the pending schedules that the person, and in a room all of its members, may see."""
    assert actor.member is not None
    rows = ScheduledMessage.objects.visible_to(actor.member).pending().select_related("channel", "home")
    if actor.reply_channel is not None:
        channel = Channel.objects.filter(pk=actor.reply_channel).first()
        if channel is not None and channel.kind in ROOM_KINDS:
            open_to_all = Channel.objects.filter(home=actor.home, kind="public").values("pk")
            rows = rows.filter(channel__in=open_to_all) | rows.filter(channel=channel)
    return rows.order_by("trigger_at", "pk")


def _find_scheduled(actor: Actor, what: str) -> ScheduledMessage:
    """Return the best match. Raises ActionError for no match or several equally good ones."""
    rows = list(_pending(actor))
    words = query_words(what)
    if words:
        scored = [(coverage(words, index_words(scheduled.prompt)), scheduled) for scheduled in rows]
        best = max((score for score, _scheduled in scored), default=0)
        rows = [scheduled for score, scheduled in scored if score == best and score > 0]
    if not rows:
        raise ActionError(_("Nothing like that is scheduled."))
    if len(rows) > 1:
        choices = ", ".join(f"“{scheduled.what}”" for scheduled in rows[:5])
        raise ActionError(_("Which one: %(named)s?") % {"named": choices})
    scheduled: ScheduledMessage = rows[0]
    return scheduled


def _room(actor: Actor) -> Channel:
    """Return the room of the conversation, else the home's first room."""
    rooms = Channel.objects.filter(home=actor.home, kind__in=ROOM_KINDS, archived_at=None)
    channel = rooms.filter(pk=actor.reply_channel).first() if actor.reply_channel else None
    return channel or rooms.get(is_system=True)


def _facts(scheduled: ScheduledMessage) -> dict[str, Any]:
    return {
        "id": str(scheduled.pk),
        "what": scheduled.what,
        "at": scheduled.trigger_at,
        "often": scheduled.how_often,
        "rrule": scheduled.rrule,
        "room": scheduled.channel.name,
    }
