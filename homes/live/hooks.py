"""Register an app's commands and queries for the live stream. Each app registers one `LiveHooks`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rest_framework.serializers import BaseSerializer

from homes.models import Membership


@dataclass(frozen=True)
class Command:
    """A client command: `run(by, **fields)`, its serializer, and the `scope` that a personal token needs."""

    run: Callable[..., Any]
    serializer: type[BaseSerializer[Any]]
    scope: str
    is_recorded: bool = True  # whether it writes an event when it changes something


@dataclass(frozen=True, kw_only=True)
class LiveHooks:
    commands: Mapping[str, Command]  # of clients over the WebSocket, by the frame's type
    can_view: Callable[[Membership, UUID], bool]  # whether a member may have the list or channel of that id as focus
    unread_counts: Callable[[UUID, set[UUID]], dict[UUID, dict[UUID, int]]] | None = None  # by user and channel
    unread_after: Collection[str] = ()  # the event types after which they are counted again


registered: list[LiveHooks] = []
commands: dict[str, Command] = {}


def register(app: LiveHooks) -> None:
    registered.append(app)
    commands.update(app.commands)
