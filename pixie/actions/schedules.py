"""What an agent does later. Firing is one transaction: the run, and the schedule that has moved on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from chat.actions import open_assistant
from chat.models import Channel, ChannelKind, ChannelMember
from homes.events.actor import Actor
from homes.events.log import action, find_previous_result, home_lock, record
from homes.events.models import Event, Origin
from homes.models import Agent, Membership
from pantry.errors import ActionError
from pantry.recurrence import is_rule, next_time
from pantry.text import clean_text
from pixie.models import Run, ScheduledMessage, ScheduleStatus

FARTHEST = timedelta(days=5 * 366)


@action
def schedule_message(
    prompt: str, at: datetime, *, by: Actor, rrule: str = "", channel: Channel | None = None, agent: Agent | None = None
) -> ScheduledMessage:
    """Let an agent do what `prompt` says at that time, or from then on as `rrule` says. Without a channel it answers in
    the person's own talk with it.

    Raises ActionError for a time that is over or too far away, a rule that is none, and a channel that is not for it.
    """
    assert by.user is not None
    if (known := find_previous_result(by, "schedule_created")) is not None:
        done: ScheduledMessage = ScheduledMessage.objects.get(pk=known)
        return done
    prompt = clean_text(prompt)
    if not prompt:
        raise ActionError(_("Say what is to be done then."))
    if len(prompt) > ScheduledMessage.MAX_LENGTH:
        raise ActionError(_("That is too long: %(most)d letters at most.") % {"most": ScheduledMessage.MAX_LENGTH})
    if ScheduledMessage.objects.pending().filter(home=by.home).count() >= ScheduledMessage.MOST:
        raise ActionError(_("%(most)d things wait already. Cancel one first.") % {"most": ScheduledMessage.MOST})
    agent = agent or Agent.objects.default_agent(by.home)
    if agent is None or agent.home_id != by.home.pk:
        raise ActionError(_("No agent of this home is awake."))
    rule = rrule.strip().removeprefix("RRULE:").upper()
    scheduled = ScheduledMessage(
        home=by.home,
        agent=agent,
        channel=_place(channel, agent, by) or open_assistant(agent, by=replace(by, agent=None)),
        created_by=by.user,
        prompt=prompt,
        starts_at=at,
        trigger_at=_first_time(rule, at, by),
        rrule=rule,
    )
    scheduled.save(force_insert=True)
    _tell("schedule_created", scheduled, by)
    return scheduled


@action
def cancel_scheduled(scheduled: ScheduledMessage, *, by: Actor) -> ScheduledMessage:
    """A second time, and after it was done, it is harmless."""
    scheduled = _current(scheduled.pk)
    if scheduled.is_pending:
        _move(scheduled, "schedule_cancelled", by, status=ScheduleStatus.CANCELLED)
    return scheduled


@action
def resume_scheduled(scheduled: ScheduledMessage, *, by: Actor) -> ScheduledMessage:
    """What was cancelled waits again. Raises ActionError when its time has passed meanwhile."""
    scheduled, now = _current(scheduled.pk), timezone.now()
    if scheduled.status != ScheduleStatus.CANCELLED:
        return scheduled
    following = scheduled.trigger_at if scheduled.trigger_at > now else scheduled.due_after(now)
    if following is None:
        raise ActionError(_("Its time has passed meanwhile."))
    _move(scheduled, "schedule_resumed", by, status=ScheduleStatus.PENDING, trigger_at=following)
    return scheduled


def fire_scheduled(scheduled: ScheduledMessage, now: datetime) -> Run | None:
    """Begin the run if it is due, once, and move on past `now`: however late it comes, what was missed is made up for a
    single time. None when there was nothing to do. Who scheduled it and left has no rights to lend."""
    with home_lock(scheduled.home_id):
        return _fire(_current(scheduled.pk), now)


def _fire(scheduled: ScheduledMessage, now: datetime) -> Run | None:
    if not scheduled.is_due(now):
        return None
    by = Actor(home=scheduled.home, origin=Origin.TASK)
    member = Membership.objects.of(scheduled.created_by).filter(home=scheduled.home_id).first()
    if member is None:
        _move(scheduled, "schedule_cancelled", by, status=ScheduleStatus.CANCELLED)
        return None
    lender = Actor.of(member, Origin.TASK)
    place = _place_now(scheduled, lender) or open_assistant(scheduled.agent, by=lender)
    run = Run.objects.create(
        home=scheduled.home,
        agent=scheduled.agent,
        channel=place,
        scheduled_message=scheduled,
        scheduled_for=scheduled.trigger_at,
    )
    following = scheduled.due_after(now)
    then: dict[str, Any] = {"trigger_at": following} if following else {"status": ScheduleStatus.FIRED}
    _move(scheduled, "schedule_fired", by, channel=place, **then)
    return run


def cancel_parting(member: Membership, by: Actor) -> None:
    """What somebody scheduled is done with their rights, so it ends when they leave."""
    for scheduled in ScheduledMessage.objects.pending().filter(home=member.home_id, created_by=member.user_id):
        cancel_scheduled(scheduled, by=by)


def _current(pk: UUID) -> ScheduledMessage:
    rows = ScheduledMessage.objects.select_related("home", "agent", "channel", "created_by")
    current: ScheduledMessage = rows.get(pk=pk)
    return current


def _move(scheduled: ScheduledMessage, event_type: str, by: Actor, **fields: Any) -> None:
    changes = scheduled.assign(**fields)
    scheduled.save()
    _tell(event_type, scheduled, by, changes)


def _tell(event_type: str, scheduled: ScheduledMessage, by: Actor, changes: Any = None) -> None:
    record(event_type, scheduled, by=by, changes=changes, audience=scheduled.channel.audience)


def _first_time(rule: str, at: datetime, by: Actor) -> datetime:
    now = timezone.now()
    if at > now + FARTHEST:
        raise ActionError(_("That is too far away: five years at most."))
    if not rule:
        if at <= now:
            raise ActionError(_("That time has passed. When shall it be?"))
        return at.astimezone(UTC)
    if not is_rule(rule):
        raise ActionError(_("“%(rule)s” is not a rule for repeating.") % {"rule": rule[:200]})
    if at < now - FARTHEST:
        raise ActionError(_("That time has passed. When shall it be?"))
    first = next_time(rule, at, by.home.zone, max(now, at - timedelta(seconds=1)))
    if first is None:
        raise ActionError(_("“%(rule)s” never comes round.") % {"rule": rule})
    return first


def _place(channel: Channel | None, agent: Agent, by: Actor) -> Channel | None:
    """The channel, where the person may have it done. Raises ActionError."""
    if channel is None:
        return None
    assert by.member is not None
    if not _is_fit(channel, agent, by.member):
        raise ActionError(
            _("It can be said in a room that you are in, or in your own talk with %(agent)s.") % {"agent": agent}
        )
    return channel


def _place_now(scheduled: ScheduledMessage, by: Actor) -> Channel | None:
    """Where it was to be, unless that was put away or who scheduled it is out of it by now."""
    assert by.member is not None
    return scheduled.channel if _is_fit(scheduled.channel, scheduled.agent, by.member) else None


def _is_fit(channel: Channel, agent: Agent, member: Membership) -> bool:
    seen: Any = Channel.objects.visible_to(member)
    if channel.kind == ChannelKind.DM or not seen.filter(pk=channel.pk, archived_at=None).exists():
        return False
    return channel.kind != ChannelKind.ASSISTANT or ChannelMember.objects.filter(channel=channel, agent=agent).exists()


def _undo_created(event: Event, by: Actor) -> None:
    cancel_scheduled(_subject(event), by=by)


def _undo_cancelled(event: Event, by: Actor) -> None:
    resume_scheduled(_subject(event), by=by)


def _subject(event: Event) -> ScheduledMessage:
    subject: Any = event.subject_id
    found: ScheduledMessage | None = ScheduledMessage.objects.filter(pk=subject, home=event.home_id).first()
    if found is None:
        raise ActionError(_("That is gone by now."))
    return found


UNDO = {"schedule_created": _undo_created, "schedule_cancelled": _undo_cancelled}
