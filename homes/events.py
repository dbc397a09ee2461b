"""Writing the log. Every action ends with `record`."""

import logging
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, ClassVar, Self, TypeVar
from uuid import UUID

from django.db import connection, models, transaction
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, PlainSerializer

from homes import registry
from homes.actors import Actor
from homes.errors import NotAllowed
from homes.models import Event, Home
from pantry import broadcast
from pantry.db import next_number
from pantry.models import Changes, as_json

log = logging.getLogger(__name__)

Number = Annotated[Decimal, PlainSerializer(as_json, return_type=str)]


class Snapshot(BaseModel):
    """The state of a row as clients see it. Every field is named, none is extra."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class EventData(BaseModel):
    """What an event says is so now. One subclass a family of events, registered with `@event(...)`."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)
    subject: ClassVar[str]

    @classmethod
    def of(cls, row: models.Model) -> Self:
        """The data of an event about `row`: its snapshot under the name of its kind."""
        return cls.model_validate({cls.subject: row})


SCHEMAS: dict[str, type[EventData]] = {}
Schema = TypeVar("Schema", bound=type[EventData])


def event(*types: str) -> Callable[[Schema], Schema]:
    """Register the schema of one or more event types."""

    def register(schema: Schema) -> Schema:
        for name in types:
            SCHEMAS[name] = schema
        return schema

    return register


def record(
    type: str,  # noqa: A002
    subject: models.Model,
    *,
    by: Actor,
    changes: Changes | None = None,
    audience: UUID | None = None,
    data: EventData | None = None,
    at: datetime | None = None,
) -> Event:
    """Write the event as the last statements of the action's transaction, and hint to the streams after the commit.

    `audience` names the private channel whose members may read it; without one the whole home may. `at` is for
    what happened earlier and elsewhere and is brought in now.
    Taking the number locks the home's row until the commit, so the order of numbers is the order of commits.
    Costs one UPDATE and one INSERT. Raises KeyError for a type without a schema, and NotAllowed for a subject of
    another home: whatever a door let through, nobody changes what is not at home with them.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(f"{type} was recorded outside of a transaction")
    if (subject.pk if isinstance(subject, Home) else subject.home_id) != by.home.pk:  # type: ignore[attr-defined]
        raise NotAllowed(_("That is in another home."))
    written = Event.objects.create(
        **({"created_at": at} if at else {}),
        home_id=by.home.pk,
        seq=next_number(Home, by.home.pk, "last_seq"),
        type=type,
        actor_user=by.user,
        actor_agent=by.agent,
        door=by.door,
        channel_id=audience,
        op_id=by.op_id,
        meant_at=by.meant_at,
        subject_id=subject.pk,
        data=(data or SCHEMAS[type].of(subject)).model_dump(mode="json"),
        changes=changes or {},
    )
    transaction.on_commit(partial(announce, by.home.pk, written.seq, type), robust=True)
    return written


def announce(home_id: UUID, seq: int, event_type: str) -> None:
    """Tell the streams and the listeners of a committed event. Never raises, for what was committed is answered."""
    broadcast.hint(home_id, seq)
    for listener in registry.listeners.get(event_type, ()):
        try:
            listener(home_id, seq)
        except Exception as error:  # noqa: BLE001 (a broker that is away raises exceptions of its own)
            log.warning("a listener for %s failed, its sweep will find the event: %s", event_type, error)


def already_done(by: Actor, *types: str) -> Any:
    """The id of what this very operation of a device did before, if it did. The caller holds a lock."""
    if by.op_id is None:
        return None
    done = Event.objects.filter(home_id=by.home.pk, op_id=by.op_id, actor_user=by.user, type__in=types)
    return done.values_list("subject_id", flat=True).first()
