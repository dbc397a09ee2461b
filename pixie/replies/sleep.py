"""What an agent that sleeps says: that it does, once."""

from django.utils.translation import gettext as _

from chat.models import Channel, Message
from homes.events.models import Event
from homes.models import Agent


def sentence() -> str:
    return _("I am asleep, so nothing was done. An owner can wake me in the settings.")


def was_told(agent: Agent, channel: Channel) -> bool:
    """It said so there since it fell asleep."""
    log = Event.objects.filter(home=agent.home_id, subject_id=agent.pk, changes__has_key="is_active")
    fell_asleep = log.order_by("-seq").values_list("seq", flat=True).first() or 0
    told = Message.objects.filter(channel=channel, author_agent=agent, metadata__asleep=True, seq__gt=fell_asleep)
    return told.exists()
