"""Nightly cleanup of memory: delete passages that are no longer valid, and merge duplicates.

Each night handles a limited number of passages and continues where the last one stopped. What to delete is computed
without a lock, and each passage is deleted in a transaction of its own. The night is recorded as done last: if a worker
dies before, another one does the rest.
"""

from collections import defaultdict
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from homes import hooks
from homes.events.actor import Actor
from homes.events.log import home_lock
from homes.events.models import Event, Origin
from homes.models import Home
from pantry.db import analyze_table, search_by_vector, unindex_row
from pantry.sweeps import pass_over_errors
from pixie.actions import forget_passage
from pixie.memory.keywords import distinguishing_words
from pixie.models import MemoryPosition, Passage, Source

MAX_PASSAGES = 400  # per night
NIGHT_HOURS = range(3, 6)  # in the home's time zone
DUPLICATE_COSINE = 0.95  # from here on two sentences with the same names, numbers and negations are duplicates
MERGED_SOURCES = (Source.NOTE, Source.CONVERSATION, Source.DECISION)  # similar purchases are separate ones


def due_homes() -> list[UUID]:
    """Return the homes with passages where it is night and cleanup has not run yet."""
    passages = Passage.objects.filter(home=OuterRef("pk"))
    homes = Home.objects.complete().filter(Exists(passages)).select_related("memory_position")
    due = []
    for home in homes:
        with pass_over_errors("pixie.tidy_memory", home.pk):
            due += [home.pk] if is_due(home) else []
    return due


def is_due(home: Home) -> bool:
    now = home.now()
    position = getattr(home, "memory_position", None)
    return now.hour in NIGHT_HOURS and (position is None or position.tidied_on != now.date())


def tidy(home_id: UUID) -> int:
    """Clean up the home's memory. Return how many passages were deleted, 0 if this night is already done."""
    position, _new = MemoryPosition.objects.get_or_create(home_id=home_id)
    home = Home.objects.get(pk=home_id)
    home.memory_position = position
    if not is_due(home):
        return 0
    passages = Passage.objects.filter(home=home, pk__gt=position.tidied_to or UUID(int=0)).select_related("channel")
    rows = list(passages.order_by("pk")[:MAX_PASSAGES])
    by = Actor(home=home, origin=Origin.TASK)
    redacted_events = Event.objects.filter(home=home, seq=OuterRef("seq"), redacted_at__isnull=False)
    redacted = Passage.objects.filter(Exists(redacted_events), home=home).select_related("channel")[:MAX_PASSAGES]
    deleted = {passage.pk for passage in [*redacted, *_invalid(rows)] if _delete(by, passage)}
    for passage in rows:
        if passage.pk in deleted or (older := _older_duplicate(passage)) is None:
            continue
        if _delete(by, older, passage):
            deleted.add(older.pk)
    position.tidied_on = home.now().date()
    position.tidied_to = rows[-1].pk if len(rows) == MAX_PASSAGES else None
    MemoryPosition.objects.filter(pk=position.pk).update(tidied_on=position.tidied_on, tidied_to=position.tidied_to)
    analyze_table(Passage)
    return len(deleted)


def _delete(by: Actor, passage: Passage, *others: Passage) -> bool:
    """Delete the passage, unless it or one of the others was changed or deleted since they were compared."""
    with home_lock(passage.home_id):
        for row in (passage, *others):
            if not Passage.objects.filter(pk=row.pk, version=row.version).exists():
                return False
        forget_passage(passage, by=by)
    return True


def _invalid(rows: list[Passage]) -> list[Passage]:
    """Return the passages whose source is gone: a deleted message, a purchase that was put back."""
    source_ids: dict[str, set[UUID]] = defaultdict(set)
    for row in rows:
        if row.source_id is not None and row.source in hooks.still_valid:
            source_ids[row.source].add(row.source_id)
    valid = {source: hooks.still_valid[source](ids) for source, ids in source_ids.items()}
    checked = [row for row in rows if row.source_id is not None and row.source in valid]
    return [row for row in checked if row.source_id not in valid[row.source]]


def _older_duplicate(passage: Passage) -> Passage | None:
    """Return an older passage of the same author and channel with the same meaning; the newer wording stays."""
    if passage.embedding is None or passage.source not in MERGED_SOURCES:
        return None
    import numpy

    vector = numpy.frombuffer(bytes(passage.embedding), dtype=numpy.float16).astype(numpy.float32)
    older = Passage.objects.filter(home=passage.home_id, channel=passage.channel, source__in=MERGED_SOURCES)
    older = older.filter(Q(said_at__lt=passage.said_at) | Q(said_at=passage.said_at, pk__lt=passage.pk))
    similar = [pk for pk, cosine in search_by_vector(older, passage.home_id, vector, 5) if cosine >= DUPLICATE_COSINE]
    words = distinguishing_words(passage.content)
    for other in Passage.objects.filter(pk__in=similar).select_related("channel").order_by("said_at"):
        if other.user_id == passage.user_id and distinguishing_words(other.content) == words:
            return other
    return None


def unindex_home(home: Home) -> None:
    """Remove a home's passages from the word index, before they are deleted."""
    for passage in Passage.objects.filter(home=home).only("pk").iterator():
        unindex_row(passage)
