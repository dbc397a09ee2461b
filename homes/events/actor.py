"""Who acts, for whom, through which door."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from django.utils import timezone

from homes.events.models import Origin

if TYPE_CHECKING:
    from homes.accounts.models import User
    from homes.models import Agent, Home, Membership


@dataclass(frozen=True, slots=True)
class Actor:
    """A member, an agent for a member, an agent by itself, or nobody (a schedule).

    Rights are the member's: an agent that acts for Ben may do what Ben may.
    """

    home: "Home"
    member: "Membership | None" = None
    agent: "Agent | None" = None
    origin: str = Origin.BROWSER
    op_id: UUID | None = None
    staff_user: "User | None" = None
    """Who acts from the back office, without being a member."""
    meant_at: datetime | None = None
    """When the person did it, where their device had no signal and brings it in now."""
    reply_channel: UUID | None = None
    """The channel in which others read along as they are answered."""

    @classmethod
    def of(cls, member: "Membership", origin: str = Origin.BROWSER, op_id: UUID | None = None) -> "Actor":
        return cls(home=member.home, member=member, origin=origin, op_id=op_id)

    def as_agent(self, agent: "Agent") -> "Actor":
        """The same person, with the agent's hands."""
        return replace(self, agent=agent, origin=Origin.AGENT)

    def sub_operation(self, index: int) -> "Actor":
        """One of several acts of the same operation, each with an `op_id` of its own, the same every time."""
        return self if self.op_id is None else replace(self, op_id=uuid5(self.op_id, str(index)))

    @property
    def moment(self) -> datetime:
        """When it is done: now, or when it was meant."""
        return self.meant_at or timezone.now()

    @property
    def user(self) -> "User | None":
        return self.member.user if self.member else self.staff_user

    @property
    def is_owner(self) -> bool:
        return self.member is not None and self.member.is_owner
