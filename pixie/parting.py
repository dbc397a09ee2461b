"""Whether an agent can go without leaving a gap."""

from django.db.models import Exists, OuterRef, Q

from chat.models import ChannelMember
from homes.models import Agent, Event
from pixie.models import Run


def is_removable(agent: Agent) -> bool:
    """Nobody spoke with it, and it did nothing. One query."""
    spoken_with = Exists(ChannelMember.objects.filter(agent=OuterRef("pk"))) | Exists(
        Run.objects.filter(agent=OuterRef("pk"))
    )
    has_acted = Exists(Event.objects.filter(home=agent.home_id, actor_agent=OuterRef("pk")))
    untouched: bool = Agent.objects.filter(pk=agent.pk).exclude(Q(spoken_with) | Q(has_acted)).exists()
    return untouched
