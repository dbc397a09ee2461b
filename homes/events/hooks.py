"""Register private channels and listeners for the event log."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from homes.models import Membership

Audiences = Mapping[UUID, set[UUID]]
Listener = Callable[[UUID, int], object]

listeners: dict[str, list[Listener]] = {}


@dataclass(frozen=True, kw_only=True)
class PrivateChannels:
    """The private channels of an app: only their members may read their events."""

    audiences: Callable[[UUID], Audiences]  # returns the user ids of each private channel of a home
    of_member: Callable[["Membership"], Any]  # returns the ids of those that a member is in now, as a query


private_channels: list[PrivateChannels] = []
register = private_channels.append


def listen(event_type: str, listener: Listener) -> None:
    """Call `listener(home id, seq)` after the commit of each event of the type, in the process that wrote it.

    A listener is only a nudge: a sweep must find the same work, since the process may die before the call.
    """
    listeners.setdefault(event_type, []).append(listener)
