"""The kinds of notifications, and the events that cause them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from homes.events.models import Event
from homes.models import Membership


@dataclass(frozen=True)
class NoticeKind:
    """What one may choose to hear of."""

    name: str
    label: Any
    """The choice in words, translated when it is shown."""
    lives: timedelta
    """Who could not be told by then is not told: it is no news any more."""
    urgency: str = "normal"
    """As push services know it: `high` wakes a phone that saves its battery."""


@dataclass(frozen=True)
class Notice:
    """What a device shows. A newer one with the same `tag` takes its place."""

    title: str
    body: str
    url: str
    tag: str


Draw = Callable[[Event, Membership], Notice | None]

kinds: dict[str, NoticeKind] = {}
notices: dict[str, tuple[NoticeKind, Draw]] = {}
