"""Lock a home, record events, and notify listeners. Every action locks its home first and ends with `record`."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from homes.events import hooks
from homes.events.actor import Actor
from homes.events.chain import seal
from homes.events.models import Event
from homes.events.schemas import SCHEMAS, EventData
from pantry import broadcast
from pantry.db import check_foreign_keys, is_foreign_key_violation
from pantry.errors import ActionError, Forbidden, Gone
from pantry.models import Changes, MutableRow

log = logging.getLogger(__name__)

Params = ParamSpec("Params")
Returned = TypeVar("Returned")
_locked_home: ContextVar[UUID | None] = ContextVar("locked home", default=None)
ADVANCE = """
UPDATE homes_home SET last_seq = last_seq + %s WHERE id = %s
RETURNING last_seq, (SELECT hash FROM events_event WHERE home_id = %s ORDER BY seq DESC LIMIT 1)
"""


@contextmanager
def home_lock(home_id: UUID) -> Iterator[None]:
    """Open a transaction that locks the home's row until it ends. Reentrant.

    It is the first lock of every action, and rows that are locked after it belong to the same home, so there are no
    deadlocks. Work on several homes needs one transaction for each. Do slow computations before entering.
    On SQLite the transaction locks the whole database anyway.

    Costs one SELECT on PostgreSQL. Raises Home.DoesNotExist, and RuntimeError inside the lock of another home.
    """
    if (held := _locked_home.get()) is not None and held != home_id:
        raise RuntimeError(f"cannot lock home {home_id} while holding the lock of home {held}")
    is_nested = connection.in_atomic_block
    with transaction.atomic():
        if held is None and connection.features.has_select_for_update:
            homes = apps.get_model("homes", "Home").objects
            homes.select_for_update(no_key=True).values_list("pk").get(pk=home_id)
        token = _locked_home.set(home_id)
        try:
            yield
        finally:
            _locked_home.reset(token)
        if held is None and is_nested:
            check_foreign_keys()  # not at the outer transaction's end, where no interface handles the error


def action(function: Callable[Params, Returned]) -> Callable[Params, Returned]:
    """Run the function under the `home_lock` of its actor's home. The actor is the keyword argument `by`.

    Raises Gone if a row that the caller has read was deleted before the lock was taken.
    """

    @wraps(function)
    def locked(*args: Params.args, **kwargs: Params.kwargs) -> Returned:
        by = kwargs["by"]
        assert isinstance(by, Actor)
        try:
            with home_lock(by.home.pk):
                return function(*args, **kwargs)
        except (ObjectDoesNotExist, IntegrityError) as error:
            if isinstance(error, IntegrityError) and not is_foreign_key_violation(error):
                raise
            log.info("%s needs a row that was deleted meanwhile: %s", function.__qualname__, error)
            raise Gone(_("That no longer exists.")) from error

    return locked


def _advance(home: Any, count: int = 1) -> tuple[int, str]:
    """Add `count` to the home's last number. Returns it, and the hash of the last event before.

    One statement, with UPDATE … RETURNING, which the ORM does not support.
    """
    with connection.cursor() as cursor:
        pk = home._meta.pk.get_db_prep_value(home.pk, connection)
        cursor.execute(ADVANCE, [count, pk, pk])
        if (row := cursor.fetchone()) is None:
            raise home.__class__.DoesNotExist
    return int(row[0]), row[1] or ""


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
    """Write the event in the action's transaction, and announce it after the commit.

    `audience` is the private channel whose members may read it; None for the whole home. `at` is the time of an event
    that happened before it is recorded. The home's lock makes numbers follow the order of commits.
    Costs one UPDATE and one INSERT. Raises KeyError for a type without a schema, TransactionManagementError outside
    of the home's lock, and Forbidden for a subject of another home, whichever interface let it through; RateLimited
    for the first event of an operation, if the person has changed too much.
    """
    _require_lock(by.home)
    by.count_change()
    event = new_event(type, subject, by=by, changes=changes, audience=audience, data=data, at=at)
    event.seq, previous = _advance(by.home)
    seal(event, previous)
    event.save(force_insert=True)
    transaction.on_commit(partial(announce, by.home.pk, event.seq, type), robust=True)
    return event


def record_all(events: Sequence[Event], *, by: Actor) -> None:
    """Number and write new events of a home that is being imported. They are not announced: nobody is in it yet.

    Costs one UPDATE, and one INSERT for some dozen events.
    """
    _require_lock(by.home)
    last, previous = _advance(by.home, len(events))
    for seq, event in enumerate(events, last - len(events) + 1):
        event.seq = seq
        previous = seal(event, previous)
    Event.objects.bulk_create(events)


def new_event(
    type: str,  # noqa: A002
    subject: models.Model,
    *,
    by: Actor,
    changes: Changes | None = None,
    audience: UUID | None = None,
    data: EventData | None = None,
    at: datetime | None = None,
) -> Event:
    """Return an event without a number. The arguments and errors are those of `record`; it needs no lock."""
    if getattr(subject, "home_id", subject.pk) != by.home.pk:
        raise Forbidden(_("That belongs to another home."))
    return Event(
        **({"created_at": at} if at else {}),
        home_id=by.home.pk,
        type=type,
        actor_user=by.user,
        actor_agent=by.agent,
        origin=by.origin,
        channel_id=audience,
        op_id=by.op_id,
        meant_at=by.meant_at,
        subject_id=subject.pk,
        data=(data or SCHEMAS[type].of(subject)).model_dump(mode="json"),
        changes=changes or {},
    )


def _require_lock(home: models.Model) -> None:
    if _locked_home.get() != home.pk:
        raise transaction.TransactionManagementError("an event was recorded outside of the home's lock")


def save_changes(
    row: MutableRow,
    type: str,  # noqa: A002
    *,
    by: Actor,
    audience: UUID | None = None,
    **fields: Any,
) -> Changes:
    """Set the fields, save the row and record the event. Does nothing if the row has these values already."""
    if changes := row.assign(**fields):
        row.save()
        record(type, row, by=by, changes=changes, audience=audience)
    return changes


def announce(home_id: UUID, seq: int, event_type: str) -> None:
    """Notify the streams and the listeners of a committed event. Never raises, since the action has succeeded."""
    broadcast.hint(home_id, seq)
    for listener in hooks.listeners.get(event_type, ()):
        try:
            listener(home_id, seq)
        except Exception as error:  # noqa: BLE001 (a broker that is away raises exceptions of its own)
            log.warning("a listener for %s failed, a sweep will find the event: %s", event_type, error)


def find_previous_result(by: Actor, *types: str) -> Any:
    """Return the subject id of the event that the same operation wrote earlier, else None. Needs the home's lock."""
    if by.op_id is None:
        return None
    events = Event.objects.filter(home_id=by.home.pk, op_id=by.op_id, actor_user=by.user, type__in=types)
    return events.values_list("subject_id", flat=True).first()


def subject_of(event: Event, rows: models.QuerySet[Any] | models.Manager[Any]) -> Any:
    """Return the one of `rows` that the event is about. Raises ActionError if it no longer exists."""
    row = rows.filter(pk=event.subject_id, home=event.home_id).first()
    if row is None:
        raise ActionError(_("That no longer exists."))
    return row
