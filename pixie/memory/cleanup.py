"""Once a night memory is tidied: what stands no more is dropped, what says the same twice becomes one.

Bounded: so many passages a night, and each night goes on where the last one ended. What is to be dropped is computed
outside of any lock, and each passage is dropped by itself. That a night is done is noted last: a worker that dies
before leaves the rest to the next one.
"""

from collections import defaultdict
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from homes import hooks
from homes.events.actor import Actor
from homes.events.log import home_lock
from homes.events.models import Event, Origin
from homes.models import Home
from pantry.db import analyze_table, search_by_vector
from pantry.sweeps import pass_over_errors
from pixie.actions import forget_passage
from pixie.models import MemoryPosition, Passage, Source
from pixie.nlu.keywords import hard_words

MOST = 400  # passages a night
NIGHT = range(3, 6)  # hours of the home's clock
SAME = 0.95  # the cosine from which two sentences with the same names, numbers and denials say the same
FACTS = (Source.NOTE, Source.CONVERSATION, Source.DECISION)  # a purchase is another one each time


def homes_at_night() -> list[UUID]:
    """Where it is night, something is remembered, and nobody tidied yet."""
    known = Passage.objects.filter(home=OuterRef("pk"))
    homes = Home.objects.filter(Exists(known)).select_related("memory_position")
    due = []
    for home in homes:
        with pass_over_errors("pixie.tidy_memory", home.pk):
            due += [home.pk] if is_due(home) else []
    return due


def is_due(home: Home) -> bool:
    now = home.now()
    position = getattr(home, "memory_position", None)
    return now.hour in NIGHT and (position is None or position.tidied_on != now.date())


def tidy(home_id: UUID) -> int:
    """Returns how many passages were dropped; 0 also when this night's was done."""
    position, _new = MemoryPosition.objects.get_or_create(home_id=home_id)
    home = Home.objects.get(pk=home_id)
    home.memory_position = position
    if not is_due(home):
        return 0
    rows = _next(position)
    by = Actor(home=home, origin=Origin.TASK)
    dropped = {passage.pk for passage in _redacted(home) + _groundless(rows) if _forget(by, passage)}
    for passage in rows:
        if passage.pk not in dropped and (older := _same(passage)) is not None and _forget(by, older, passage):
            dropped.add(older.pk)
    position.tidied_on = home.now().date()
    position.tidied_to = rows[-1].pk if len(rows) == MOST else None
    MemoryPosition.objects.filter(pk=position.pk).update(tidied_on=position.tidied_on, tidied_to=position.tidied_to)
    analyze_table(Passage)
    return len(dropped)


def _forget(by: Actor, passage: Passage, *others: Passage) -> bool:
    """Forget the passage, unless it or one of the others was changed or forgotten since they were compared."""
    with home_lock(passage.home_id):
        for row in (passage, *others):
            if not Passage.objects.filter(pk=row.pk, version=row.version).exists():
                return False
        forget_passage(passage, by=by)
    return True


def _next(position: MemoryPosition) -> list[Passage]:
    rows = Passage.objects.filter(home=position.home_id).order_by("pk").select_related("channel")
    if position.tidied_to is not None:
        rows = rows.filter(pk__gt=position.tidied_to)
    return list(rows[:MOST])


def _redacted(home: Home) -> list[Passage]:
    redacted = Event.objects.filter(home=home, seq=OuterRef("seq"), redacted_at__isnull=False)
    return list(Passage.objects.filter(Exists(redacted), home=home).select_related("channel")[:MOST])


def _groundless(rows: list[Passage]) -> list[Passage]:
    """Those whose message was deleted, whose purchase was put back, and so on."""
    sources: dict[str, set[UUID]] = defaultdict(set)
    for row in rows:
        if row.source_id is not None and row.source in hooks.still_valid:
            sources[row.source].add(row.source_id)
    standing = {source: hooks.still_valid[source](ids) for source, ids in sources.items()}
    known = [row for row in rows if row.source_id is not None and row.source in standing]
    return [row for row in known if row.source_id not in standing[row.source]]


def _same(passage: Passage) -> Passage | None:
    """The elder one that says the same to the same people; the newer one's words are the ones that stay."""
    if passage.embedding is None or passage.source not in FACTS:
        return None
    import numpy

    vector = numpy.frombuffer(bytes(passage.embedding), dtype=numpy.float16).astype(numpy.float32)
    others = Passage.objects.filter(home=passage.home_id, channel=passage.channel, source__in=FACTS)
    others = others.filter(Q(said_at__lt=passage.said_at) | Q(said_at=passage.said_at, pk__lt=passage.pk))
    alike = [pk for pk, cosine in search_by_vector(others, passage.home_id, vector, 5) if cosine >= SAME]
    for other in Passage.objects.filter(pk__in=alike).select_related("channel").order_by("said_at"):
        if other.user_id == passage.user_id and hard_words(other.content) == hard_words(passage.content):
            return other
    return None
