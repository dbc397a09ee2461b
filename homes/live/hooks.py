"""Register an app's commands and queries for the live stream. Each app registers one `LiveHooks`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rest_framework.serializers import BaseSerializer

from homes.models import Membership

CanView = Callable[[Membership, UUID], bool]
UnreadCounts = Callable[[UUID, set[UUID]], dict[UUID, dict[UUID, int]]]  # of users in a home, by channel


@dataclass(frozen=True)
class Command:
    """A client command: `run(by, **fields)`, its serializer, and the `scope` that a personal token needs."""

    run: Callable[..., Any]
    serializer: type[BaseSerializer[Any]]
    scope: str
    is_recorded: bool = True  # whether it writes an event when it changes something


commands: dict[str, Command] = {}
can_view: list[CanView] = []
unread_counts: list[UnreadCounts] = []
unread_after: set[str] = set()


@dataclass(frozen=True, kw_only=True)
class LiveHooks:
    commands: Mapping[str, Command]  # of clients over the WebSocket, by the frame's type
    can_view: CanView  # whether a member can see the list or channel of that id, so that it may be their focus
    unread_counts: UnreadCounts | None = None
    """Count unread messages; called again after each event type in `unread_after`."""
    unread_after: Collection[str] = ()


def register(app: LiveHooks) -> None:
    commands.update(app.commands)
    can_view.append(app.can_view)
    if app.unread_counts:
        unread_counts.append(app.unread_counts)
    unread_after.update(app.unread_after)
