"""Queries on the event log, of the live stream (which run in the log threads) and of undo."""

from collections.abc import Collection
from typing import Any
from uuid import UUID, uuid5

import orjson
from django.apps import apps
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from homes.events import hooks
from homes.events.models import Event

BATCH_ROWS = 500
COLUMNS = ["seq", "type", "actor_user_id", "actor_agent_id", "op_id", "created_at"]
JOINED, LEFT = "channel_joined", "channel_left"  # the events that change who is in a private channel


def state(home_id: UUID) -> tuple[int, dict[UUID, set[UUID]]]:
    """Return the log's last number, and the user ids of each private channel."""
    seq = _homes().values_list("last_seq", flat=True).get(pk=home_id)
    audiences: dict[UUID, set[UUID]] = {}
    for channels in hooks.private_channels:
        audiences.update(channels.audiences(home_id))
    return seq, audiences


def events(home_id: UUID, after: int, upto: int | None = None) -> list[Event]:
    """Return the next batch of events after the number `after`, up to `upto` if given."""
    rows = Event.objects.filter(home=home_id).after(after)
    return list(rows.filter(seq__lte=upto)[:BATCH_ROWS] if upto is not None else rows[:BATCH_ROWS])


def positions(home_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the last number of each home's log. One query."""
    return dict(_homes().filter(pk__in=home_ids).values_list("pk", "last_seq"))


def membership_change(event: Event) -> tuple[UUID, UUID | None]:
    """Return the channel and the user of a JOINED or LEFT event. The user is None for agents and redacted events."""
    if event.type not in (JOINED, LEFT) or not event.data.get("user_id"):
        return event.pk, None
    return UUID(event.data["channel_id"]), UUID(event.data["user_id"])


def event_rows(events: QuerySet[Event], *columns: str) -> Any:
    """Select the columns that `row_payload` needs, and `columns`. Half the cost of model instances."""
    as_text = {f"{name}_text": Cast(name, TextField()) for name in ("data", "changes")}
    return events.annotate(**as_text).values_list(*COLUMNS, *as_text, *columns, named=True)


def row_payload(row: Any) -> dict[str, Any]:
    """Return the payload of a row of `event_rows`. Its JSON is not parsed, so only orjson can encode it."""
    return event_payload(row, orjson.Fragment(row.data_text), orjson.Fragment(row.changes_text))


def event_payload(event: Any, data: Any = None, changes: Any = None) -> dict[str, Any]:
    """Return the event in the format that clients get over every transport."""
    return {
        "seq": event.seq,
        "type": event.type,
        "actor": {"user": event.actor_user_id, "agent": event.actor_agent_id},
        "at": event.created_at,
        "data": data or event.data,
        "changes": changes or event.changes,
        "op_id": event.op_id,
    }


def _homes() -> Any:
    # `Home` is in a package above this one.
    return apps.get_model("homes", "Home").objects


def was_part_undone(event: Event, *types: str, **about: Any) -> bool:
    """Return whether a part of the event's operation was undone before it: an event of these types, about that."""
    if event.op_id is None:
        return False
    parts = Event.objects.filter(home=event.home_id, op_id=event.op_id, type__in=types, **about)
    undoings = [uuid5(pk, "undo") for pk in parts.values_list("pk", flat=True)]
    return Event.objects.filter(home=event.home_id, op_id__in=undoings).exists()
