"""Import an exported file as a new home.

Rows are written in short transactions, so that other homes can be written to meanwhile. The home has no members before
the last one, so nobody sees an unfinished import; when it fails, or its process dies, the home is deleted.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

import pydantic
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import F, Model, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from homes import hooks
from homes.accounts.models import User
from homes.actions import create_home
from homes.closing import erase_home
from homes.events.actor import Actor
from homes.events.log import home_lock, record, record_all
from homes.events.models import Event
from homes.export import FORMAT
from homes.models import Agent, Home, Membership
from homes.schemas import HomeSnapshot
from pantry.errors import ActionError, Busy
from pantry.sweeps import delete_in_batches, pass_over_errors
from pantry.text import visible_line

BATCH_ROWS = 100  # in a transaction, about 25 ms
MAX_ROWS = 200_000  # of a section
MAX_PAUSE = timedelta(minutes=5)  # between two transactions: longer only if the process has died
RETRY_AFTER_SECONDS = 10

Row = TypeVar("Row")
Built = tuple[Model, Event]


def import_home(file: Any, user: User, *, origin: str, pk: UUID | None = None) -> Membership:
    """Create a home with `user` as its only member from an exported file. Idempotent for the same `pk`.

    What other people wrote keeps their names. Raises InvalidFile, and Busy during another import of the user's.
    """
    if not isinstance(file, dict) or file.get("format") != FORMAT:
        raise ActionError(_("This file isn't an exported home."))
    with file_location("home"):
        fields = HomeSnapshot.model_validate(file.get("home")).model_dump(exclude={"id"})
        fields["name"] = visible_line(fields["name"])
        if fields["locale"] not in dict(settings.LANGUAGES):  # of another version or server
            fields["locale"] = settings.LANGUAGE_CODE
    parts = [(name, part) for name, part in hooks.exports.items() if file.get(name) is not None]
    for name, part in parts:
        with file_location(name):
            _validate(part.schema, file[name])
    owner = _begin(user, origin, pk, fields)
    if owner.home.import_heartbeat_at is None:
        return owner
    by = Actor.of(owner, origin)
    try:
        for name, part in parts:
            with file_location(name):
                part.load(by, part.schema.validate_python(file[name]))
        _finish(owner, by)
    except BaseException:
        with pass_over_errors("homes.import", owner.home_id):
            delete_unfinished(owner.home_id)
        raise
    return owner


def _validate(schema: pydantic.TypeAdapter[Any], part: Any) -> None:
    """Validate a part of the file. The rows of long sections are discarded, to need no memory for all of them."""
    for section, rows in part.items() if isinstance(part, dict) else ():
        if isinstance(rows, list) and len(rows) > MAX_ROWS:
            raise InvalidFile(_("There are more than %(most)d rows.") % {"most": MAX_ROWS}, section)
    data = schema.validate_python(part)
    for section, rows in data if isinstance(data, pydantic.BaseModel) else ():
        if isinstance(rows, Iterator):
            with file_location(section):
                deque(rows, maxlen=0)


@transaction.atomic
def _begin(user: User, origin: str, pk: UUID | None, fields: dict[str, Any]) -> Membership:
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # of two concurrent requests the second waits here
    if _unfinished().filter(Q(created_by=user, import_heartbeat_at__gt=timezone.now() - MAX_PAUSE) | Q(pk=pk)).exists():
        raise Busy(_("You're already importing a home. Wait until that is done."), RETRY_AFTER_SECONDS)
    with file_location("home"):
        return create_home(user, origin=origin, pk=pk, import_heartbeat_at=timezone.now(), **fields)


def _finish(owner: Membership, by: Actor) -> None:
    """Show the home to its owner. Agents must not answer imported messages."""
    with import_lock(by):
        owner.save(force_insert=True)
        record("member_joined", owner, by=by)
        home = Home.objects.filter(pk=owner.home_id)
        Agent.objects.filter(home=owner.home_id).update(enqueued_seq=home.values("last_seq"))
        home.update(import_heartbeat_at=None)
        owner.home.import_heartbeat_at = None


@contextmanager
def import_lock(by: Actor) -> Iterator[None]:
    """Open a transaction that locks the unfinished home. Raises TimeoutError if it may be deleted meanwhile."""
    with home_lock(by.home.pk):
        now = timezone.now()
        alive = _unfinished().filter(pk=by.home.pk, import_heartbeat_at__gt=now - MAX_PAUSE)
        if not alive.update(import_heartbeat_at=now):
            raise TimeoutError(f"the import of home {by.home.pk} wrote nothing for {MAX_PAUSE}")
        yield


def import_rows(
    by: Actor,
    section: str,
    rows: Iterable[Row],
    build: Callable[[Row], Built | None],
    insert: Callable[[list[Built]], None] | None = None,
) -> None:
    """Insert the rows of a long section and their events, in transactions of BATCH_ROWS. Errors name the row.

    `build` returns the new row and its event, or None for a duplicate. It is called without a lock. `insert` inserts
    rows whose events are numbered already.
    """
    numbered = enumerate(rows)
    while batch := list(islice(numbered, BATCH_ROWS)):
        built: dict[int, Built] = {}
        for index, row in batch:
            with file_location(section, index):
                if (new := build(row)) is not None:
                    built[index] = new
        try:
            _insert(by, list(built.values()), insert)
        except (IntegrityError, DataError):
            for index, new in built.items():  # to find out which one it is
                with file_location(section, index):
                    _insert(by, [new], insert)


def _insert(by: Actor, built: list[Built], insert: Callable[[list[Built]], None] | None) -> None:
    if built:
        with import_lock(by):
            record_all([event for _row, event in built], by=by)
            (insert or insert_rows)(built)


def insert_rows(built: Sequence[Built]) -> None:
    rows = [row for row, _event in built]
    type(rows[0])._default_manager.bulk_create(rows)


def import_each(by: Actor, section: str, rows: Iterable[Row], import_row: Callable[[Row], None]) -> None:
    """Import the rows of a short section with actions, each in a transaction. Errors name the row."""
    for index, row in enumerate(rows):
        with file_location(section, index), import_lock(by):
            import_row(row)


def validate_row(row: Model, *exclude: str) -> None:
    """Validate the row's fields, without its relations. Raises ValidationError."""
    fields = row._meta.concrete_fields
    skipped = [field.name for field in fields if field.is_relation or (field.null and getattr(row, field.name) is None)]
    row.clean_fields(exclude={*skipped, *exclude})


def require_row(rows: dict[UUID, Row], pk: UUID) -> Row:
    """Return an imported row by its id in the file. Raises ActionError for an unknown id."""
    if pk not in rows:
        raise ActionError(_("It refers to %(id)s, which isn't in the file.") % {"id": pk})
    return rows[pk]


class InvalidFile(ActionError):
    """An error in the file, with the keys and indexes that lead to it."""

    def __init__(self, reason: str, *path: Any) -> None:
        self.reason, self.path = reason, path
        message = _("This file isn't an exported home: see %(path)s. %(message)s")
        super().__init__(message % {"path": ".".join(map(str, path)), "message": reason})


@contextmanager
def file_location(*path: Any) -> Iterator[None]:
    """Turn errors in the block into an InvalidFile at this path."""
    try:
        yield
    except InvalidFile as error:
        raise InvalidFile(error.reason, *path, *error.path) from error
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        raise InvalidFile(first["msg"], *path, *first["loc"]) from error
    except ValidationError as error:
        has_fields = hasattr(error, "error_dict")
        field, messages = next(iter(error.message_dict.items())) if has_fields else ("", error.messages)
        raise InvalidFile(messages[0], *path, *([field] if field else [])) from error
    except ActionError as error:
        raise InvalidFile(str(error), *path) from error
    except (IntegrityError, DataError, OverflowError, ValueError) as error:
        raise InvalidFile(_("This contradicts the rest of the file."), *path) from error


def delete_unfinished(home_id: UUID) -> None:
    """Delete a home whose import was cut: its many rows in short transactions, its log and itself in the last."""
    for model in reversed(apps.get_models()):  # those that refer to others come after them
        is_of_home = any(field.name == "home" for field in model._meta.concrete_fields)
        if is_of_home and model._meta.app_label not in ("homes", "events"):
            delete_in_batches(model._default_manager.filter(home=home_id))
    with suppress(Home.DoesNotExist):  # another sweep was faster
        erase_home(Home.objects.get(pk=home_id))


def delete_abandoned() -> None:
    """Delete the homes whose import wrote nothing for MAX_PAUSE."""
    for home in _unfinished().filter(import_heartbeat_at__lte=timezone.now() - MAX_PAUSE):
        with pass_over_errors("homes.delete_abandoned_imports", home.pk):
            delete_unfinished(home.pk)


def abandon_all() -> None:
    """Mark all imports as abandoned when the only process starts: they have died with the previous one."""
    _unfinished().update(import_heartbeat_at=F("import_heartbeat_at") - MAX_PAUSE)


def _unfinished() -> Any:
    return Home.objects.exclude(import_heartbeat_at=None)
