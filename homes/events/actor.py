"""The actor of an action: a member, an agent or the system, and the interface used."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from django.utils import timezone

from homes.events.models import Origin
from pantry.api.throttles import count_or_refuse, identify
from pantry.errors import MissingScope

if TYPE_CHECKING:
    from homes.accounts.models import User
    from homes.models import Agent, Home, Membership


@dataclass(frozen=True, slots=True)
class Actor:
    """A member, an agent acting for a member, an agent by itself, or none of them (a scheduled task).

    The member's permissions apply: an agent that acts for Ben may do what Ben may. If Ben asked for it with a personal
    token, the agent may do only what the token may.
    """

    home: "Home"
    member: "Membership | None" = None
    agent: "Agent | None" = None
    origin: str = Origin.BROWSER
    op_id: UUID | None = None
    staff_user: "User | None" = None  # who acts from the admin, without being a member
    meant_at: datetime | None = None  # when the action was taken, if the device was offline and sends it only now
    reply_channel: UUID | None = None  # that the results will be posted in, if others read it
    address: str | None = None  # the client's IP address, if there is a client
    scopes: list[str] | None = None  # of the personal token that it came with; None for all
    counted: set[str] = field(default_factory=set, compare=False)  # rate limits; shared by the parts of the operation

    @classmethod
    def of(
        cls,
        member: "Membership",
        origin: str = Origin.BROWSER,
        op_id: UUID | None = None,
        address: str | None = None,
        *,
        scopes: list[str] | None = None,
    ) -> "Actor":
        return cls(home=member.home, member=member, origin=origin, op_id=op_id, address=address, scopes=scopes)

    def allows(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes

    def require(self, scope: str) -> None:
        """Raise MissingScope unless the actor's token has the scope."""
        if not self.allows(scope):
            raise MissingScope(scope)

    def count_change(self) -> None:
        """Count what a client changes, once for a whole operation, so that none stops halfway. Raises RateLimited."""
        if self.address is not None and "changes" not in self.counted:
            count_or_refuse("changes", identify(self.address, self.user))
            self.counted.add("changes")

    def limit(self, scopes: list[str] | None) -> list[str] | None:
        """Return those of the scopes that the actor has, too."""
        return self.scopes if scopes is None else [scope for scope in scopes if self.allows(scope)]

    def as_agent(self, agent: "Agent") -> "Actor":
        return replace(self, agent=agent, origin=Origin.AGENT)

    def sub_operation(self, index: int) -> "Actor":
        """Return the actor for one part of an operation. Its `op_id` is derived, so retries get the same one."""
        return self if self.op_id is None else replace(self, op_id=uuid5(self.op_id, str(index)))

    @property
    def moment(self) -> datetime:
        """Return when the action was taken: now, or earlier on an offline device."""
        return self.meant_at or timezone.now()

    @property
    def user(self) -> "User | None":
        return self.member.user if self.member else self.staff_user

    @property
    def is_owner(self) -> bool:
        return self.member is not None and self.member.is_owner
