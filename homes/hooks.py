"""Hooks for the apps above. Each app registers one `AppHooks` in its `ready()`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from homes.events.actor import Actor
from homes.events.models import Event
from homes.models import Home, Membership

if TYPE_CHECKING:
    from homes.search import SearchQuery, SearchResult


@dataclass(frozen=True)
class Memory:
    """A sentence about an event. A later memory of the same subject replaces it."""

    content: str
    source: str  # `purchase`, `task`, `event`, `decision` or `conversation`
    tags: tuple[str, ...] = ()
    channel: UUID | None = None  # only its members may see the memory; None: the whole home
    user: UUID | None = None  # the author
    author_name: str = ""  # of an author without an account here
    at: datetime | None = None


@dataclass(frozen=True)
class Export:
    """A part of a home's file."""

    dump: Callable[[Membership], Any]
    """Return it as JSON values; long lists are iterators. Rows come before those that they refer to, so that the file
    stays consistent under concurrent changes."""
    schema: TypeAdapter[Any]
    """The type of such a part. Long lists are declared as `Iterable`, so that they are validated row by row."""
    load: Callable[[Actor, Any], None]
    """Import a validated part into a new home, in short transactions."""


Names = Mapping[str, str]  # of people, rooms and lists, by id


@dataclass(frozen=True)
class Activity:
    """A kind of events that members read as sentences: docs/architecture.md, “Activity”."""

    label: Any
    sentences: Mapping[str, Any]
    """The sentence of each event type, or a function that returns the one that fits the event. It has the placeholder
    `%(who)s` and those of the facts."""
    facts: Callable[[Event, Names], dict[str, object]]
    by_people: frozenset[str] = frozenset()
    """Types of events that are left out if nobody made them, since they only follow from others."""


MemoryOf = Callable[[Event], Memory | None]  # None deletes the subject's memory
StillValid = Callable[[set[UUID]], set[UUID]]  # returns the subjects whose memories still hold
Finder = Callable[[Membership, "SearchQuery"], "list[SearchResult]"]

on_home_created: list[Callable[[Actor], None]] = []
on_member_left: list[Callable[[Membership, Actor], None]] = []
on_time_zone_changed: list[Callable[[Home, ZoneInfo, Actor], None]] = []
on_home_erased: list[Callable[[Home], None]] = []
exports: dict[str, Export] = {}
finders: dict[str, Finder] = {}
memories: dict[str, MemoryOf] = {}
activities: dict[str, Activity] = {}
names: list[Callable[[Home, Collection[str]], Names]] = []
still_valid: dict[str, StillValid] = {}


@dataclass(frozen=True, kw_only=True)
class AppHooks:
    """Functions of an app that this package calls. Those named `on_…` run inside the transaction of the action."""

    on_home_created: Callable[[Actor], None] | None = None
    on_member_left: Callable[[Membership, Actor], None] | None = None  # called before the membership is deleted
    on_time_zone_changed: Callable[[Home, ZoneInfo, Actor], None] | None = None  # with the former time zone
    on_home_erased: Callable[[Home], None] | None = None  # called before the home's rows are deleted
    exports: Mapping[str, Export] = field(default_factory=dict)  # by the part's name
    early_exports: Mapping[str, Export] = field(default_factory=dict)  # before those of other apps, which refer to them
    finders: Mapping[str, Finder] = field(default_factory=dict)  # search functions, by kind of result
    memories: Mapping[str, MemoryOf] = field(default_factory=dict)  # by event type
    still_valid: Mapping[str, StillValid] = field(default_factory=dict)  # by source
    activities: Mapping[str, Activity] = field(default_factory=dict)  # by the key of the kind
    names: Callable[[Home, Collection[str]], Names] | None = None  # returns the names of the app's rows with these ids


def register(app: AppHooks) -> None:
    if app.on_home_created:
        on_home_created.append(app.on_home_created)
    if app.on_member_left:
        on_member_left.append(app.on_member_left)
    if app.on_time_zone_changed:
        on_time_zone_changed.append(app.on_time_zone_changed)
    if app.on_home_erased:
        on_home_erased.append(app.on_home_erased)
    registered = dict(exports)
    exports.clear()
    exports.update({**app.early_exports, **registered, **app.exports})
    finders.update(app.finders)
    memories.update(app.memories)
    still_valid.update(app.still_valid)
    activities.update(app.activities)
    if app.names:
        names.append(app.names)
