"""Schedule, cancel and fire messages. Firing creates the run and advances the schedule in one transaction."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from chat.actions import open_assistant
from chat.models import Channel, ChannelKind, ChannelMember
from groceries.actions.recurring import next_occurrence
from homes.events.actor import Actor
from homes.events.log import action, find_previous_result, home_lock, record
from homes.events.models import Origin
from homes.models import Agent, Home, Membership
from pantry.errors import ActionError, ChoiceNeeded
from pantry.recurrence import HORIZON, normalize_rule
from pantry.sweeps import pass_over_errors
from pantry.text import clean_text
from pixie.models import Run, ScheduledMessage, ScheduleStatus

RELATED = ("home", "agent", "channel", "created_by")


def schedule_message(
    prompt: str, at: datetime, *, by: Actor, rrule: str = "", channel: Channel | None = None, agent: Agent | None = None
) -> ScheduledMessage:
    """Schedule `prompt` for an agent, once at `at` or repeatedly by `rrule`. Without a channel it answers in the
    person's own chat with it.

    Raises ActionError for a time that is past or too far away, an invalid rule, and a channel that cannot be used.
    """
    if (scheduled_id := find_previous_result(by, "schedule_created")) is not None:
        return ScheduledMessage.objects.get(pk=scheduled_id)
    rule = normalize_rule(rrule)
    trigger_at = _first_trigger(rule, at, by)  # before the lock is taken
    return _schedule_message(prompt, at, rule, trigger_at, channel, agent, by=by)


@action
def _schedule_message(
    prompt: str,
    at: datetime,
    rule: str,
    trigger_at: datetime,
    channel: Channel | None,
    agent: Agent | None,
    *,
    by: Actor,
) -> ScheduledMessage:
    assert by.user is not None
    if (scheduled_id := find_previous_result(by, "schedule_created")) is not None:
        return ScheduledMessage.objects.get(pk=scheduled_id)
    prompt = clean_text(prompt)
    if not prompt:
        raise ActionError(_("Say what should be done."))
    if len(prompt) > ScheduledMessage.MAX_LENGTH:
        raise ActionError(
            _("That is too long. Use at most %(most)d characters.") % {"most": ScheduledMessage.MAX_LENGTH}
        )
    if ScheduledMessage.objects.pending().filter(home=by.home).count() >= ScheduledMessage.MAX_PENDING:
        raise ActionError(
            _("%(most)d things are already scheduled. Cancel one first.") % {"most": ScheduledMessage.MAX_PENDING}
        )
    agent = agent or Agent.objects.default_agent(by.home)
    if agent is None or agent.home_id != by.home.pk:
        raise ActionError(_("No agent in this home is awake."))
    if channel is not None and not (by.member and _is_allowed(channel, agent, by.member)):
        raise ActionError(_("Choose a room that you're in, or your own chat with %(agent)s."), agent=agent)
    scheduled = ScheduledMessage(
        home=by.home,
        agent=agent,
        channel=channel or open_assistant(agent, by=replace(by, agent=None)),
        created_by=by.user,
        prompt=prompt,
        starts_at=at,
        trigger_at=trigger_at,
        rrule=rule,
        scopes=by.scopes,
    )
    scheduled.save(force_insert=True)
    _record("schedule_created", scheduled, by)
    return scheduled


@action
def cancel_scheduled(scheduled: ScheduledMessage, *, by: Actor) -> ScheduledMessage:
    """Cancel it, if it is pending. Idempotent."""
    scheduled = scheduled.reload(*RELATED)
    if scheduled.is_pending:
        _change(scheduled, "schedule_cancelled", by, status=ScheduleStatus.CANCELLED)
    return scheduled


@action
def resume_scheduled(scheduled: ScheduledMessage, *, by: Actor) -> ScheduledMessage:
    """Resume a cancelled schedule. Raises ActionError if its time has passed."""
    scheduled, now = scheduled.reload(*RELATED), timezone.now()
    if scheduled.status != ScheduleStatus.CANCELLED:
        return scheduled
    next_trigger = scheduled.trigger_at if scheduled.trigger_at > now else scheduled.due_after(now)
    if next_trigger is None:
        raise ActionError(_("Its time has already passed."))
    scheduled.scopes = by.limit(scheduled.scopes)
    _change(scheduled, "schedule_resumed", by, status=ScheduleStatus.PENDING, trigger_at=next_trigger)
    return scheduled


def fire_scheduled(scheduled: ScheduledMessage, now: datetime) -> Run | None:
    """Start the run if it is due and advance to the next time after `now`; missed times are made up for once.

    Returns None if it is not due. Cancels it if its author has left the home, since it runs with their rights.
    """
    with home_lock(scheduled.home_id):
        scheduled = scheduled.reload(*RELATED)
        if not scheduled.is_due(now):
            return None
        by = Actor(home=scheduled.home, origin=Origin.TASK)
        member = Membership.objects.for_user(scheduled.created_by).filter(home=scheduled.home_id).first()
        if member is None:
            _change(scheduled, "schedule_cancelled", by, status=ScheduleStatus.CANCELLED)
            return None
        channel = scheduled.channel
        if not _is_allowed(channel, scheduled.agent, member):  # archived, or the author has left it
            channel = open_assistant(scheduled.agent, by=Actor.of(member, Origin.TASK))
        run = Run.objects.create(
            home=scheduled.home,
            agent=scheduled.agent,
            channel=channel,
            scheduled_message=scheduled,
            scheduled_for=scheduled.trigger_at,
        )
        next_trigger = scheduled.due_after(now)
        fields: dict[str, Any] = {"trigger_at": next_trigger} if next_trigger else {"status": ScheduleStatus.FIRED}
        _change(scheduled, "schedule_fired", by, channel=channel, **fields)
        return run


def fire_due(now: datetime) -> set[UUID]:
    """Start a run for each schedule that is due. Return their homes. A failure does not stop the others."""
    homes = set()
    for scheduled in ScheduledMessage.objects.due(now).filter(home__is_complete=True).order_by("trigger_at"):
        with pass_over_errors("pixie.fire_scheduled", scheduled.pk):
            if fire_scheduled(scheduled, now) is not None:
                homes.add(scheduled.home_id)
    return homes


def cancel_schedules_of(member: Membership, by: Actor) -> None:
    """Cancel what a leaving member scheduled, since it runs with their rights."""
    for scheduled in ScheduledMessage.objects.pending().filter(home=member.home_id, created_by=member.user_id):
        cancel_scheduled(scheduled, by=by)


def move_schedules(home: Home, old_zone: ZoneInfo, by: Actor) -> None:
    """Keep the local time of what is scheduled after a change of the home's time zone."""
    for scheduled in ScheduledMessage.objects.pending().filter(home=home).select_related("channel"):
        times = {"starts_at": scheduled.starts_at, "trigger_at": scheduled.trigger_at}
        moved = {name: at.astimezone(old_zone).replace(tzinfo=home.zone).astimezone(UTC) for name, at in times.items()}
        _change(scheduled, "schedule_moved", by, **moved)


def _change(scheduled: ScheduledMessage, event_type: str, by: Actor, **fields: Any) -> None:
    changes = scheduled.assign(**fields)
    scheduled.save()
    _record(event_type, scheduled, by, changes)


def _record(event_type: str, scheduled: ScheduledMessage, by: Actor, changes: Any = None) -> None:
    record(event_type, scheduled, by=by, changes=changes, audience=scheduled.channel.audience)


def _first_trigger(rule: str, at: datetime, by: Actor) -> datetime:
    now = timezone.now()
    if at > now + HORIZON:
        raise ActionError(_("That is too far away. Choose a time within the next five years."))
    if not rule:
        if at <= now:
            raise _time_has_passed(at, by)
        return at.astimezone(UTC)
    if at < now - HORIZON:
        raise _time_has_passed(at, by)
    return next_occurrence(rule, at, by.home, max(now, at - timedelta(seconds=1)))


def _time_has_passed(at: datetime, by: Actor) -> ChoiceNeeded:
    hour = at.astimezone(by.home.zone).timetz()
    tomorrow = datetime.combine(by.home.now().date() + timedelta(days=1), hour)
    label = _("Tomorrow at %(time)s") % {"time": formats.time_format(hour)}
    return ChoiceNeeded(_("That time has passed. When should it be?"), at, {label: tomorrow.isoformat()})


def _is_allowed(channel: Channel, agent: Agent, member: Membership) -> bool:
    visible: Any = Channel.objects.visible_to(member)
    if channel.kind == ChannelKind.DM or not visible.filter(pk=channel.pk, archived_at=None).exists():
        return False
    return channel.kind != ChannelKind.ASSISTANT or ChannelMember.objects.filter(channel=channel, agent=agent).exists()
