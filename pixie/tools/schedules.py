"""Tools for reminders and scheduled questions."""

from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field

from chat.models import ROOM_KINDS, Channel, quotable_channels_q
from homes.events.actor import Actor
from pantry.errors import ActionError, ChoiceNeeded
from pantry.years import check_year
from pixie import actions
from pixie.memory.keywords import coverage, index_words, query_words
from pixie.models import ScheduledMessage
from pixie.tools.arguments import Rule
from pixie.tools.lookup import quote_names
from pixie.tools.registry import Effects, Line, Result, tool

MAX_RESULTS = 20
PROMPT = "“Remind us: take the bins out”, or the question or request to handle then"


def _resolve_place(actor: Actor, for_home: bool, **_rest: Any) -> dict[str, Any]:
    return {"room": _room(actor).name} if for_home else {}


@tool(scope="chat", effects=Effects(speaks=True, for_everyone="for_home"), resolve=_resolve_place)
def schedule_message(
    actor: Actor,
    prompt: Annotated[str, Field(min_length=1, max_length=ScheduledMessage.MAX_LENGTH, description=PROMPT)],
    at: Annotated[
        datetime,
        AfterValidator(check_year),
        Field(description="The first time, in ISO 8601; without an offset, in the home's time zone"),
    ],
    rrule: Annotated[Rule, Field(max_length=200)] = None,
    for_home: Annotated[
        bool, Field(description="True to post it in a room; otherwise in the person's own chat with the agent")
    ] = False,
) -> Result:
    """Schedule a reminder or a request, once or repeatedly."""
    moment = at if at.tzinfo else at.replace(tzinfo=actor.home.zone)
    channel = _room(actor) if for_home else None
    scheduled = actions.schedule_message(
        prompt, moment, by=actor, rrule=rrule or "", channel=channel, agent=actor.agent
    )
    return Result("schedule_message", _facts(scheduled), (Line(scheduled.what),))


@tool(scope="read")
def list_scheduled(actor: Actor) -> Result:
    """List scheduled reminders and requests, soonest first."""
    rows = list(_pending(actor)[:MAX_RESULTS])
    return Result("list_scheduled", {"count": len(rows), "scheduled": [_facts(scheduled) for scheduled in rows]})


def _resolve_scheduled(actor: Actor, what: str) -> dict[str, Any]:
    return {"what": _find_scheduled(actor, what).what}


@tool(scope="chat", effects=Effects(takes_away=True), resolve=_resolve_scheduled)
def cancel_scheduled(
    actor: Actor,
    what: Annotated[str, Field(max_length=500, description="Words from its text; empty if there is only one")] = "",
) -> Result:
    """Cancel a scheduled reminder or request."""
    scheduled = actions.cancel_scheduled(_find_scheduled(actor, what), by=actor)
    return Result("cancel_scheduled", _facts(scheduled), (Line(scheduled.what),))


def _pending(actor: Actor) -> Any:
    """Return the pending schedules that the person, and in a room all of its members, may see."""
    assert actor.member is not None
    rows = ScheduledMessage.objects.visible_to(actor.member).pending().select_related("channel", "home")
    return rows.filter(quotable_channels_q(actor.reply_channel, "channel__")).order_by("trigger_at", "pk")


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
        choices = [scheduled.what for scheduled in rows[:5]]
        raise ChoiceNeeded(
            _("Which one: %(named)s?"), what, {each: each for each in choices}, named=quote_names(choices)
        )
    return rows[0]


def _room(actor: Actor) -> Channel:
    """Return the room of the conversation, else the home's first room."""
    rooms = Channel.objects.filter(home=actor.home, kind__in=ROOM_KINDS, archived_at=None)
    channel = rooms.filter(pk=actor.reply_channel).first() if actor.reply_channel else None
    return channel or rooms.get(is_system=True)


def _facts(scheduled: ScheduledMessage) -> dict[str, Any]:
    return {
        "id": str(scheduled.pk),
        "what": scheduled.what,
        "is_reminder": scheduled.is_reminder,
        "at": scheduled.trigger_at,
        "often": scheduled.how_often,
        "rrule": scheduled.rrule,
        "room": scheduled.channel.name,
    }
