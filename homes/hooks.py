"""What the apps above add to the household. Each registers one `AppHooks` when it is ready."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from homes.events.actor import Actor
from homes.events.models import Event
from homes.models import Membership

if TYPE_CHECKING:
    from homes.search import SearchQuery, SearchResult


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


Export = tuple[Callable[[Membership], Any], Callable[[Actor, Any], None]]
MemoryOf = Callable[[Event], Memory | None]  # None: what was remembered of the subject is no longer so
StillValid = Callable[[set[UUID]], set[UUID]]
Finder = Callable[[Membership, "SearchQuery"], "list[SearchResult]"]

on_home_created: list[Callable[[Actor], None]] = []
on_member_left: list[Callable[[Membership, Actor], None]] = []
exports: dict[str, Export] = {}
finders: dict[str, Finder] = {}
memories: dict[str, MemoryOf] = {}
still_valid: dict[str, StillValid] = {}


@dataclass(frozen=True, kw_only=True)
class AppHooks:
    on_home_created: Callable[[Actor], None] | None = None
    """Furnish a new home, inside the transaction that creates it."""
    on_member_left: Callable[[Membership, Actor], None] | None = None
    """Give up what a member has, inside the transaction in which they leave and before they are deleted."""
    exports: Mapping[str, Export] = field(default_factory=dict)
    """Write a part of a home as JSON, and read it back inside one transaction. Iterators stand for long lists. What
    points at other rows is written first, so that all it points at is in the file whatever happens meanwhile."""
    early_exports: Mapping[str, Export] = field(default_factory=dict)
    """Parts that come before those of all other apps, because these refer to them."""
    finders: Mapping[str, Finder] = field(default_factory=dict)
    """Search rows, by the kind of what is found."""
    memories: Mapping[str, MemoryOf] = field(default_factory=dict)
    """Turn an event of a type into a memory."""
    still_valid: Mapping[str, StillValid] = field(default_factory=dict)
    """Return those of the subjects, by source, whose memories still hold."""


def register(app: AppHooks) -> None:
    if app.on_home_created:
        on_home_created.append(app.on_home_created)
    if app.on_member_left:
        on_member_left.append(app.on_member_left)
    later = dict(exports)
    exports.clear()
    exports.update({**app.early_exports, **later, **app.exports})
    finders.update(app.finders)
    memories.update(app.memories)
    still_valid.update(app.still_valid)
