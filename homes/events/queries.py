"""What the stream asks the log, in a thread of its own."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import orjson
from django.apps import apps
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from homes.events import hooks
from homes.events.models import Event

BATCH = 500
COLUMNS = ["seq", "type", "actor_user_id", "actor_agent_id", "op_id", "created_at"]
JOINED, LEFT = "channel_joined", "channel_left"  # the log's own word on who is in a private channel


def state(home_id: UUID) -> tuple[int, dict[UUID, set[UUID]]]:
    """How far the log goes, and who may read what is not for all."""
    seq = _homes().values_list("last_seq", flat=True).get(pk=home_id)
    audiences: dict[UUID, set[UUID]] = {}
    for source in hooks.audiences:
        audiences.update(source(home_id))
    return seq, audiences


def events(home_id: UUID, after: int, upto: int | None = None) -> list[Event]:
    found = Event.objects.filter(home=home_id).after(after)
    return list(found.filter(seq__lte=upto)[:BATCH] if upto is not None else found[:BATCH])


def positions(home_ids: Collection[UUID]) -> dict[UUID, int]:
    return dict(_homes().filter(pk__in=home_ids).values_list("pk", "last_seq"))


def moved(event: Event) -> tuple[UUID, UUID | None]:
    """Which channel a JOINED or LEFT event is about, and which person; None for an agent and for a redacted event."""
    if event.type not in (JOINED, LEFT) or not event.data.get("user_id"):
        return event.pk, None
    return UUID(event.data["channel_id"]), UUID(event.data["user_id"])


def event_payload(event: Event) -> dict[str, Any]:
    """Return the event as clients get it over every transport."""
    return _payload(event, event.data, event.changes)


def event_rows(events: QuerySet[Event], *columns: str) -> Any:
    """Select the columns of `row_payload`, and `columns`. A page of rows costs half of what one of events would."""
    as_text = {f"{name}_text": Cast(name, TextField()) for name in ("data", "changes")}
    return events.annotate(**as_text).values_list(*COLUMNS, *as_text, *columns, named=True)


def row_payload(row: Any) -> dict[str, Any]:
    """Return the payload of one of `event_rows`. Its JSON is passed through unparsed, so only orjson can encode it."""
    return _payload(row, orjson.Fragment(row.data_text), orjson.Fragment(row.changes_text))


def _payload(event: Any, data: Any, changes: Any) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "type": event.type,
        "actor": {"user": event.actor_user_id, "agent": event.actor_agent_id},
        "at": event.created_at,
        "data": data,
        "changes": changes,
        "op_id": event.op_id,
    }


def _homes() -> Any:
    """The households' model is above this package."""
    return apps.get_model("homes", "Home").objects
