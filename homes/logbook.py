"""What the stream asks the log, in a thread of its own."""

from collections.abc import Collection
from uuid import UUID

from homes import registry
from homes.models import Event, Home

BATCH = 500
JOINED, LEFT = "channel_joined", "channel_left"  # the log's own word on who is in a private channel


def state(home_id: UUID) -> tuple[int, dict[UUID, set[UUID]]]:
    """How far the log goes, and who may read what is not for all."""
    seq = Home.objects.values_list("last_seq", flat=True).get(pk=home_id)
    audiences: dict[UUID, set[UUID]] = {}
    for source in registry.audiences:
        audiences.update(source(home_id))
    return seq, audiences


def events(home_id: UUID, after: int, upto: int | None = None) -> list[Event]:
    found = Event.objects.filter(home=home_id).after(after)
    return list(found.filter(seq__lte=upto)[:BATCH] if upto is not None else found[:BATCH])


def positions(home_ids: Collection[UUID]) -> dict[UUID, int]:
    return dict(Home.objects.filter(pk__in=home_ids).values_list("pk", "last_seq"))


def moved(event: Event) -> tuple[UUID, UUID | None]:
    """Which channel a JOINED or LEFT event is about, and which person; None for an agent and for a redacted event."""
    if event.type not in (JOINED, LEFT) or not event.data.get("user_id"):
        return event.pk, None
    return UUID(event.data["channel_id"]), UUID(event.data["user_id"])
