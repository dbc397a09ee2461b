"""What the apps add to the live connection. Each registers one `LiveHooks` when it is ready."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from rest_framework.serializers import BaseSerializer

from homes.models import Membership

CanView = Callable[[Membership, UUID], bool]
UnreadCounts = Callable[[UUID, set[UUID]], dict[UUID, dict[UUID, int]]]


@dataclass(frozen=True)
class Command:
    """`run(by, **fields)` does it; `shape` says what the fields are, and `scope` what a personal token needs."""

    run: Callable[..., Any]
    shape: type[BaseSerializer[Any]]
    scope: str
    is_recorded: bool = True
    """It writes an event where it changes something."""


commands: dict[str, Command] = {}
can_view: list[CanView] = []
unread_counts: list[UnreadCounts] = []
unread_after: set[str] = set()


@dataclass(frozen=True, kw_only=True)
class LiveHooks:
    commands: Mapping[str, Command] = field(default_factory=dict)
    """What a client may ask for over its socket, by the frame's type."""
    can_view: CanView | None = None
    """Tell whether a member sees the list or channel of that id, and so may be shown as looking at it."""
    unread_counts: UnreadCounts | None = None
    """Count the unread messages of people, by person and channel; again after each event in `unread_after`."""
    unread_after: Collection[str] = ()


def register(app: LiveHooks) -> None:
    commands.update(app.commands)
    if app.can_view:
        can_view.append(app.can_view)
    if app.unread_counts:
        unread_counts.append(app.unread_counts)
    unread_after.update(app.unread_after)
