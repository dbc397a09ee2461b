"""Where the apps above `homes` plug in. `homes` imports none of them: each registers itself when it is ready.

- founding: what a new home is given (aisles, rooms, Pixie), inside the transaction that founds it.
- parting: what somebody who leaves a home gives up, inside the transaction in which they leave.
- audiences: who is in which private channel of a home, for the stream.
- private_channels: the ids of those that a member is in now, as a query.
- exports: what of theirs a home takes along, as JSON, and how it is read back, inside one transaction. Iterators stand
  for lists that may be long. What points at other rows goes first, so that all it points at is in the file, too,
  whatever happens while it is written.
- intents: what a device may bring in later that was done without a signal, by kind (docs/offline.md).
- listeners: who wants to know, after the commit, that an event of a type was written (mailboxes, push).
- notices: what people's devices are told of an event of a type, by kind; each may turn a kind off.
- memories: what of an event of a type is worth remembering; and, by source, which of what was remembered still stands.
- commands: what a client may ask for over its socket, by the frame's type.
- places: whether a member sees the thing of that id, a list or a channel, and so may be shown as looking at it.
- finders: who looks for something in their rows, by the kind of what they find (`homes.search`).
- undoing: what puts back the event of a type, inside the transaction of `undo_event`.
- unread: how many messages the people who are here have not read, by person and channel; counted again after
  `unread_after`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from rest_framework.serializers import BaseSerializer

    from homes.events.actor import Actor
    from homes.events.offline import IntentKind
    from homes.models import Event, Membership
    from homes.search import Found, Wanted

Audiences = Mapping[UUID, set[UUID]]


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


@dataclass(frozen=True)
class Memory:
    """What an event comes to in one sentence. One memory a subject: a later one of it takes its place."""

    content: str
    source: str
    """purchase, task, event, decision or conversation."""
    tags: tuple[str, ...] = ()
    channel: UUID | None = None
    """Whoever is in it may know; without one, the whole home."""
    user: UUID | None = None
    """Who did or said it; `author_name` of somebody who is nobody here."""
    author_name: str = ""
    at: datetime | None = None


Draw = Callable[["Event", "Membership"], Notice | None]


@dataclass(frozen=True)
class Command:
    """`run(by, **fields)` does it; `shape` says what the fields are, and `scope` what a personal token needs."""

    run: Callable[..., Any]
    shape: "type[BaseSerializer[Any]]"
    scope: str
    is_recorded: bool = True
    """It writes an event where it changes something."""


founding: list[Callable[["Actor"], None]] = []
parting: list[Callable[["Membership", "Actor"], None]] = []
audiences: list[Callable[[UUID], Audiences]] = []
private_channels: list[Callable[["Membership"], Any]] = []
exports: dict[str, tuple[Callable[["Membership"], Any], Callable[["Actor", Any], None]]] = {}
intents: dict[str, "IntentKind"] = {}
listeners: dict[str, list[Callable[[UUID, int], None]]] = {}
kinds: dict[str, NoticeKind] = {}
notices: dict[str, tuple[NoticeKind, Draw]] = {}
commands: dict[str, Command] = {}
undoing: dict[str, Callable[["Event", "Actor"], None]] = {}
finders: dict[str, Callable[["Membership", "Wanted"], "list[Found]"]] = {}
memories: dict[str, Callable[["Event"], Memory | None]] = {}  # None: what was remembered of the subject is no more so
standing: dict[str, Callable[[set[UUID]], set[UUID]]] = {}  # by source, of these subjects those that are still so
places: list[Callable[["Membership", UUID], bool]] = []
unread: list[Callable[[UUID, set[UUID]], dict[UUID, dict[UUID, int]]]] = []
unread_after: set[str] = set()


def listen(event_type: str, listener: Callable[[UUID, int], None]) -> None:
    """Call `listener(home id, seq)` after the commit of each event of the type, in the process that wrote it.

    A listener only nudges: what it sets going must also be found by a sweep, for the process may die first.
    """
    listeners.setdefault(event_type, []).append(listener)


def announce(event_type: str, kind: NoticeKind, draw: Draw) -> None:
    """Tell people's devices of each event of the type.

    `draw(event, member)` says what that member is told as things are *now*, in the language that is active; None
    when it does not concern them, they may not see it (any more), or have seen it. It is asked when the event is
    found in the log and again when the notice is sent. Who acted is never told, so it is not asked for them.
    """
    from homes.tasks import nudge_notices

    kinds[kind.name] = kind
    notices[event_type] = kind, draw
    listen(event_type, nudge_notices)
