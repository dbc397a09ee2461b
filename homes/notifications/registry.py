"""The kinds of notifications, and the events that cause them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from homes.events.models import Event
from homes.models import Membership


@dataclass(frozen=True)
class NoticeKind:
    """A kind of notification that members can turn off."""

    name: str
    label: Any  # of its checkbox
    lifetime: timedelta  # how long after the event it may still be sent
    urgency: str = "normal"  # of RFC 8030: `high` wakes a phone that is saving its battery


@dataclass(frozen=True)
class Answer:
    """A button of a notification, and the page that it opens. Devices show two; some show none."""

    label: str
    url: str


@dataclass(frozen=True)
class Notice:
    """The content of a notification on a device. A newer one with the same `tag` replaces it."""

    title: str
    body: str
    url: str
    tag: str
    answers: tuple[Answer, ...] = ()


Builder = Callable[[Event, Membership], Notice | None]

kinds: dict[str, NoticeKind] = {}
notices: dict[str, tuple[NoticeKind, Builder]] = {}
