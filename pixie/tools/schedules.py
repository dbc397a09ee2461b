"""What is done later: reminders, and questions that are asked again and again."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from pydantic import Field

from chat.models import ROOM_KINDS, Channel
from homes.events.actor import Actor
from pantry.errors import ActionError
from pixie.actions import cancel_scheduled, schedule_message
from pixie.models import ScheduledMessage
from pixie.nlu.keywords import asked_words, covers, index_words
from pixie.tools.registry import Arguments, Line, Result, tool

MOST_TOLD = 20


class ScheduleMessage(Arguments):
    prompt: str = Field(
        min_length=1,
        max_length=ScheduledMessage.MAX_LENGTH,
        description="“Remind us: take the bins out”, or what is to be done or answered then",
    )
    at: datetime = Field(description="The first time, in ISO 8601; without an offset by the home's clock")
    rrule: str | None = Field(
        default=None, max_length=200, description="How it repeats, as iCalendar writes it: FREQ=WEEKLY;BYDAY=MO"
    )
    for_home: bool = Field(
        default=False, description="Said where the home reads it; else in the person's own talk with the agent"
    )


class ListScheduled(Arguments):
    pass


class CancelScheduled(Arguments):
    what: str = Field(default="", max_length=500, description="Words of what it says; empty when there is only one")


@tool(
    "schedule_message",
    "Remind somebody at a time, or do something then: once, or again and again.",
    ScheduleMessage,
    scope="chat",
    writes=("schedule_created",),
)
def schedule(actor: Actor, call: ScheduleMessage) -> Result:
    at = call.at if call.at.tzinfo else call.at.replace(tzinfo=actor.home.zone)
    channel = _room(actor) if call.for_home else None
    scheduled = schedule_message(call.prompt, at, by=actor, rrule=call.rrule or "", channel=channel, agent=actor.agent)
    return Result("schedule_message", _told(scheduled), (Line(scheduled.what),))


@tool("list_scheduled", "Say what reminders and other things are scheduled, the soonest first.", ListScheduled,
      scope="read")  # fmt: skip
def list_scheduled(actor: Actor, call: ListScheduled) -> Result:
    rows = list(_waiting(actor)[:MOST_TOLD])
    return Result("list_scheduled", {"count": len(rows), "scheduled": [_told(each) for each in rows]})


@tool(
    "cancel_scheduled",
    "Cancel a reminder, or something else that is scheduled.",
    CancelScheduled,
    scope="chat",
    writes=("schedule_cancelled",),
)
def cancel(actor: Actor, call: CancelScheduled) -> Result:
    scheduled = cancel_scheduled(_meant(actor, call.what), by=actor)
    return Result("cancel_scheduled", _told(scheduled), (Line(scheduled.what),))


def _waiting(actor: Actor) -> Any:
    """What the person may see, and in a room only what everybody in it may hear of."""
    assert actor.member is not None
    rows = ScheduledMessage.objects.visible_to(actor.member).pending().select_related("channel", "home")
    if actor.reply_channel is not None:
        here = Channel.objects.filter(pk=actor.reply_channel).first()
        if here is not None and here.kind in ROOM_KINDS:
            open_to_all = Channel.objects.filter(home=actor.home, kind="public").values("pk")
            rows = rows.filter(channel__in=open_to_all) | rows.filter(channel=here)
    return rows.order_by("trigger_at", "pk")


def _meant(actor: Actor, what: str) -> ScheduledMessage:
    """The one that the words fit best. Raises ActionError when none does, or several do alike."""
    rows = list(_waiting(actor))
    words = asked_words(what)
    if words:
        scored = [(covers(words, index_words(each.prompt)), each) for each in rows]
        best = max((score for score, _each in scored), default=0)
        rows = [each for score, each in scored if score == best and score > 0]
    if not rows:
        raise ActionError(_("Nothing like that is scheduled."))
    if len(rows) > 1:
        named = ", ".join(f"“{each.what}”" for each in rows[:5])
        raise ActionError(_("Which one: %(named)s?") % {"named": named})
    found: ScheduledMessage = rows[0]
    return found


def _room(actor: Actor) -> Channel:
    """The room in which it was said, else the home's first."""
    rooms = Channel.objects.filter(home=actor.home, kind__in=ROOM_KINDS, archived_at=None)
    here = rooms.filter(pk=actor.reply_channel).first() if actor.reply_channel else None
    return here or rooms.get(is_system=True)


def _told(scheduled: ScheduledMessage) -> dict[str, Any]:
    return {
        "id": str(scheduled.pk),
        "what": scheduled.what,
        "at": scheduled.trigger_at,
        "often": scheduled.how_often,
        "rrule": scheduled.rrule,
        "room": scheduled.channel.name,
    }
