"""The hash chain of a home's log, which shows changes that were made past the application.

An event's hash covers the hash before it, its columns and the hash of its contents, which stays when they are redacted.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import F, Max, Min
from django.utils.translation import gettext_lazy as _

from homes.events.models import Event

COLUMNS = (
    "id", "created_at", "home_id", "seq", "type", "actor_user_id", "actor_agent_id", "origin", "channel_id", "op_id",
    "meant_at", "subject_id",
)  # fmt: skip
BATCH_ROWS = 500
encode_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
MESSAGES = {
    "changed": _("changed after it was recorded"),
    "missing": _("missing"),
    "inserted": _("inserted past Pantry Pixie"),
    "disordered": _("changed, inserted or moved, all but perhaps the last"),
    "not_emptied": _("redacted, but not emptied"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of the events from `first` to `last`."""

    kind: str
    first: int
    last: int

    @property
    def message(self) -> str:
        return str(MESSAGES[self.kind])

    def __str__(self) -> str:
        numbers = str(self.first) if self.first == self.last else f"{self.first}–{self.last}"
        return f"{numbers}: {self.message}"


def seal(event: Event, previous: str) -> str:
    """Set the hashes of a numbered event that follows the one with the hash `previous`. Returns its hash."""
    event.salt = token_hex(16)
    event.content_hash = _content_hash(event)
    event.hash = _link_hash(event, previous)
    return event.hash


def head(home_id: UUID, seq: int | None = None) -> str:
    """Return the number and the hash of the last event up to `seq`, to note down: `812:5f3a…`."""
    rows = Event.objects.filter(home=home_id, **({} if seq is None else {"seq__lte": seq})).order_by("-seq")
    last = rows.values_list("seq", "hash").first() or (0, "")
    return f"{last[0]}:{last[1]}"


def check(home_id: UUID, after: int = 0, upto: int | None = None) -> Iterator[Finding]:
    """Yield what is wrong with the events after the number `after`, in order. Needs no lock and little memory.

    Events that are recorded meanwhile are not checked. Costs 1 s for some 20,000 events.
    """
    newest = apps.get_model("homes", "Home").objects.values_list("last_seq", flat=True).get(pk=home_id)
    end = newest if upto is None else min(newest, upto)
    rows = Event.objects.filter(home=home_id)
    previous = rows.filter(seq=after).values_list("hash", flat=True).first()
    expected, run = after + 1, _Run()
    columns = (*COLUMNS, "data", "changes", "redacted_at", "salt", "content_hash", "hash")
    events = rows.filter(seq__gt=after or -1, seq__lte=end).order_by("seq").only(*columns)
    for event in events.iterator(chunk_size=BATCH_ROWS):
        if event.seq == 0:  # the first event has the number 1
            yield Finding("inserted", 0, 0)
            continue
        if event.seq > expected:
            yield from run.close()
            yield Finding("missing", expected, event.seq - 1)
            previous = None
        if after == 0 and event.seq == 1:
            previous = ""
        is_linked = previous is None or event.hash == _link_hash(event, previous)
        has_contents = bool(event.data or event.changes or event.salt)
        is_altered = event.redacted_at is None and event.content_hash != _content_hash(event)
        if is_linked:
            yield from run.close()
            if is_altered:
                yield Finding("changed", event.seq, event.seq)
        else:
            run.extend(event.seq, is_altered)
        if event.redacted_at and has_contents:
            yield Finding("not_emptied", event.seq, event.seq)
        previous, expected = event.hash, event.seq + 1
    yield from run.close(is_end=end == newest)
    if expected <= end:
        yield Finding("missing", expected, end)
    if upto is None or upto >= newest:
        beyond = rows.filter(seq__gt=F("home__last_seq")).aggregate(first=Min("seq"), last=Max("seq"))
        if beyond["first"]:
            yield Finding("inserted", beyond["first"], beyond["last"])


def compare_head(home_id: UUID, noted: str) -> bool:
    """Tell whether the log still has the event whose `head` was noted down. Raises ValueError."""
    seq, digest = noted.split(":")
    return Event.objects.filter(home=home_id, seq=int(seq), hash=digest).exists()


class _Run:
    """Events one after another that don't fit the one before them."""

    def __init__(self) -> None:
        self.first = self.last = 0
        self.is_altered = False

    def extend(self, seq: int, is_altered: bool) -> None:
        self.first, self.last, self.is_altered = self.first or seq, seq, is_altered

    def close(self, is_end: bool = False) -> Iterator[Finding]:
        """Yield the finding. Of a single event, the next one fits its hash, so it was there before."""
        if self.first:
            kind = "disordered" if self.first < self.last else "changed"
            if kind == "changed" and is_end and self.is_altered:
                kind = "inserted"
            yield Finding(kind, self.first, self.last)
        self.first = 0


def _content_hash(event: Event) -> str:
    return _digest([event.salt, event.data, event.changes])


def _link_hash(event: Event, previous: str) -> str:
    return _digest([previous, *(_text(getattr(event, name)) for name in COLUMNS), event.content_hash])


def _text(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return None if value is None else str(value)


def _digest(value: Any) -> str:
    return hashlib.sha256(encode_canonical(value).encode()).hexdigest()
