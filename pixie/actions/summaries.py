"""Post the daily summary. The message and its record for the day are one transaction."""

from datetime import datetime
from uuid import UUID, uuid5

from django.utils import timezone, translation

from chat.actions import send_message
from chat.models import Channel, Message
from homes.events.actor import Actor
from homes.events.log import action, home_lock, record
from homes.events.models import Origin
from homes.models import Agent, Home
from pantry.sweeps import pass_over_errors
from pixie.models import DailyPosition, SummaryChoice
from pixie.schemas import SummaryTold
from pixie.suggestions.summary import compose, is_due


@action
def choose_summary(hour: int | None, *, by: Actor) -> SummaryChoice:
    """Set the hour, in the home's time zone, at which the summary is posted; None for never."""
    existing = SummaryChoice.objects.filter(home=by.home).first()
    choice = existing or SummaryChoice(home=by.home, hour=SummaryChoice.DEFAULT_HOUR)
    if changes := choice.assign(hour=hour):
        choice.save()
        record("summary_chosen", choice, by=by, changes=changes)
    return choice


def post_summary(home_id: UUID, now: datetime) -> Message | None:
    """Post the day's summary in the home's first room.

    Returns None if it was posted today, is empty, or no agent is active.
    """
    with home_lock(home_id):
        position, _new = DailyPosition.objects.get_or_create(home_id=home_id)
        home = Home.objects.select_related("summary_choice").get(pk=home_id)
        if not is_due(home, position, now):
            return None
        day = now.astimezone(home.zone).date()
        DailyPosition.objects.filter(pk=position.pk).update(summed_up_on=day)
        agent = Agent.objects.default_agent(home)
        room = Channel.objects.filter(home=home, is_system=True).first()
        with translation.override(home.locale), timezone.override(home.zone):
            text = compose(home)
        if not text or agent is None or room is None:
            return None
        by = Actor(home=home, agent=agent, origin=Origin.TASK)
        message = send_message(room, text, by=by, pk=uuid5(home.pk, f"summary {day}"), metadata={"intent": "summary"})
        record("summary_told", home, by=by, data=SummaryTold(message_id=message.pk))
        return message


def post_summaries(now: datetime) -> int:
    """Post the summary of every home that is due. Returns their number. Errors in one home do not affect the others."""
    count = 0
    for home in Home.objects.select_related("summary_choice", "daily_position").iterator():
        with pass_over_errors("pixie.sum_up", home.pk):
            if is_due(home, getattr(home, "daily_position", None), now):
                count += post_summary(home.pk, now) is not None
    return count
