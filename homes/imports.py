"""Import an exported file as a new home, in the background.

The file waits in the database for a worker, which writes the rows in short transactions, so that other homes can be
written to meanwhile. The home has no members before the last one, so nobody sees an unfinished import. When it fails or
is cancelled, the home is deleted; when the worker dies, another one begins again with another home.
"""

import logging
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from threading import Event as Flag
from typing import Any, TypeVar
from uuid import UUID, uuid4

import orjson
import pydantic
from celery import current_app
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models import F, Model
from django.db.models.functions import Least
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from homes import hooks
from homes.accounts.models import User
from homes.actions import create_home
from homes.closing import erase_home
from homes.events.actor import Actor
from homes.events.log import home_lock, record, record_all
from homes.events.models import Event, Origin
from homes.export import FORMAT
from homes.models import Agent, Home, Import, ImportState, Membership
from homes.schemas import HomeSnapshot
from pantry.db import is_temporary
from pantry.errors import ActionError, Conflict
from pantry.sweeps import delete_in_batches, pass_over_errors
from pantry.text import visible_line

log = logging.getLogger(__name__)

BATCH_ROWS = 100  # in a transaction, about 25 ms
MAX_ROWS = 200_000  # of a section

Row = TypeVar("Row")
Built = tuple[Model, Event]

INTEGER_RANGES = BaseDatabaseOperations.integer_field_ranges

process_ends = Flag()


class Interrupted(Exception):
    """The import was cancelled or taken over, or the process ends."""


def start_import(file: dict[str, Any], user: User, *, pk: UUID | None = None) -> Import:
    """Store a file for a worker. Idempotent for the same `pk`. Raises Conflict during another import of the user's,
    and ActionError if the user can't create another home."""
    content = zlib.compress(orjson.dumps(file, default=str), level=1)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # of two concurrent requests the second waits here
        imports = Import.objects.defer("file").filter(user=user)
        if pk and (existing := imports.filter(pk=pk).first()) is not None:
            return existing
        if imports.unfinished().exists():
            raise Conflict(_("You're already importing a home. Wait until that is done, or cancel it."))
        Home.objects.check_limit(user)
        name = visible_line(file["home"]["name"])
        job = Import.objects.create(user=user, name=name, file=content, **({"pk": pk} if pk else {}))
        transaction.on_commit(partial(current_app.send_task, "homes.perform_imports"), robust=True)
        return job


def cancel_import(job: Import) -> None:
    """Cancel the import; its worker deletes what it has written. Raises Conflict if the home is complete already."""
    _end(Import.objects.unfinished().filter(pk=job.pk), ImportState.CANCELLED)
    if Import.objects.filter(pk=job.pk, state=ImportState.DONE).exists():
        raise Conflict(_("The home is already imported. You can leave it like any other."))


def perform_next() -> bool:
    """Perform the oldest import that no worker performs. Returns whether there was one."""
    job = _claim()
    if job is not None:
        with translation.override(job.user.locale):
            _perform(job)
    return job is not None


@transaction.atomic
def _claim() -> Import | None:
    job = Import.objects.free(timezone.now()).order_by("created_at").select_for_update(skip_locked=True).first()
    if job is None:
        return None
    job.state, job.heartbeat_at, job.home_id = ImportState.WORKING, timezone.now(), uuid4()
    job.attempts, job.done_rows = job.attempts + 1, 0
    job.save(update_fields=["state", "heartbeat_at", "home_id", "attempts", "done_rows"])
    return job


def _perform(job: Import) -> None:
    mine = Import.objects.filter(home_id=job.home_id, state=ImportState.WORKING)
    try:
        if job.attempts > Import.MAX_ATTEMPTS:
            raise ActionError(_("The server stopped each time it imported this file. Ask the person who runs it."))
        import_home(job)
    except Interrupted:
        mine.update(state=ImportState.WAITING, attempts=F("attempts") - 1)
    except (ActionError, ValidationError) as error:
        _end(mine, ImportState.FAILED, " ".join(getattr(error, "messages", [str(error)])))
    except Exception as error:
        log.exception("import %s failed", job.pk)
        if not is_temporary(error):  # else it is taken up again after MAX_PAUSE
            message = _("Something went wrong on our side, so nothing was imported. Try again later.")
            _end(mine, ImportState.FAILED, message)


def _end(imports: Any, state: ImportState, error: str = "") -> None:
    imports.update(state=state, error=error, file=b"", finished_at=timezone.now())


def import_home(job: Import) -> None:
    """Create the home with the user as its only member. Raises InvalidFile, other ActionErrors, and Interrupted.

    What other people wrote keeps their names.
    """
    file = orjson.loads(zlib.decompress(job.file))
    if not isinstance(file, dict) or file.get("format") != FORMAT:
        raise ActionError(_("This file isn't an exported home."))
    with file_location("home"):
        unimported = {"id", "shares_examples"}  # an owner agrees to that here
        fields = HomeSnapshot.model_validate(file.get("home")).model_dump(exclude=unimported)
        fields["name"] = visible_line(fields["name"])
        if fields["locale"] not in dict(settings.LANGUAGES):  # of another version or server
            fields["locale"] = settings.LANGUAGE_CODE
        Home(created_by=job.user, **fields).full_clean()
    parts = [(name, part) for name, part in hooks.exports.items() if file.get(name) is not None]
    rows = 0
    for name, part in parts:
        with file_location(name):
            rows += _validate(part.schema, file[name])
    Import.objects.filter(pk=job.pk).update(total_rows=rows)
    owner = create_home(job.user, origin=Origin.API, pk=job.home_id, is_complete=False, **fields)
    by = Actor.of(owner, Origin.API)
    try:
        for name, part in parts:
            with file_location(name):
                part.load(by, part.schema.validate_python(file[name]))
        _finish(owner, by)
    except BaseException:
        with pass_over_errors("homes.import", owner.home_id):
            delete_unfinished(owner.home_id)
        raise


def _validate(schema: pydantic.TypeAdapter[Any], part: Any) -> int:
    """Validate a part of the file, and count its rows. Those of long sections are discarded, to save memory."""
    sections = part if isinstance(part, dict) else {"": part}
    rows_of = {section: rows for section, rows in sections.items() if isinstance(rows, list)}
    for section, rows in rows_of.items():
        if len(rows) > MAX_ROWS:
            raise InvalidFile(_("There are more than %(most)d rows.") % {"most": MAX_ROWS}, section)
    data = schema.validate_python(part)
    for section, rows in data if isinstance(data, pydantic.BaseModel) else ():
        if isinstance(rows, Iterator):
            with file_location(section):
                deque(rows, maxlen=0)
    return sum(map(len, rows_of.values()))


def _finish(owner: Membership, by: Actor) -> None:
    """Show the home to its owner. Agents must not answer imported messages."""
    with import_lock(by):
        owner.save(force_insert=True)
        record("member_joined", owner, by=by)
        home = Home.objects.filter(pk=owner.home_id)
        Agent.objects.filter(home=owner.home_id).update(enqueued_seq=home.values("last_seq"))
        home.update(is_complete=True)
        job = Import.objects.filter(home_id=owner.home_id)
        job.update(done_rows=F("total_rows"))
        _end(job, ImportState.DONE)


@contextmanager
def import_lock(by: Actor, rows: int = 0) -> Iterator[None]:
    """Open a transaction that locks the unfinished home and writes so many rows. Raises Interrupted."""
    with home_lock(by.home.pk):
        mine = Import.objects.filter(home_id=by.home.pk, state=ImportState.WORKING)
        done_rows = Least(F("done_rows") + rows, F("total_rows"))
        if process_ends.is_set() or not mine.update(heartbeat_at=timezone.now(), done_rows=done_rows):
            raise Interrupted
        yield


def import_rows(
    by: Actor,
    section: str,
    rows: Iterable[Row],
    build: Callable[[Row], Built | None],
    insert: Callable[[list[Built]], None] | None = None,
    batch_rows: int | None = None,
) -> None:
    """Insert the rows of a long section and their events, in transactions of BATCH_ROWS or fewer. Errors name the row.

    `build` returns the new row and its event, or None for a duplicate. It is called without a lock. `insert` inserts
    rows whose events are numbered already.
    """
    numbered = enumerate(rows)
    while batch := list(islice(numbered, batch_rows or BATCH_ROWS)):
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
        with import_lock(by, len(built)):
            record_all([event for _row, event in built], by=by)
            (insert or insert_rows)(built)


def insert_rows(built: Sequence[Built]) -> None:
    rows = [row for row, _event in built]
    type(rows[0])._default_manager.bulk_create(rows)


def import_each(by: Actor, section: str, rows: Iterable[Row], import_row: Callable[[Row], None]) -> None:
    """Import the rows of a short section with actions, each in a transaction. Errors name the row."""
    for index, row in enumerate(rows):
        with file_location(section, index), import_lock(by, 1):
            import_row(row)


def validate_row(row: Model, *exclude: str) -> None:
    """Validate the row's fields, without its relations. Raises ValidationError.

    Numbers are limited to the columns of PostgreSQL, also with SQLite, which would store larger ones.
    """
    fields = row._meta.concrete_fields
    skipped = [field.name for field in fields if field.is_relation or (field.null and getattr(row, field.name) is None)]
    row.clean_fields(exclude={*skipped, *exclude})
    for name in {field.name for field in fields} - {*skipped, *exclude}:
        bounds = INTEGER_RANGES.get(row._meta.get_field(name).get_internal_type())
        if bounds and not bounds[0] <= getattr(row, name) <= bounds[1]:
            raise ValidationError({name: _("Enter a number up to %(most)d.") % {"most": bounds[1]}})


def keep_row(rows: dict[UUID, Row], pk: UUID, row: Row) -> None:
    """Keep an imported row by its id in the file. Raises ActionError if another one has the id."""
    if pk in rows:
        raise ActionError(_("Another row has the id %(id)s, too.") % {"id": pk})
    rows[pk] = row


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


def delete_leftovers() -> None:
    """Delete the unfinished homes that no worker is importing any more."""
    current = Import.objects.filter(state=ImportState.WORKING).values("home_id")
    for home in Home.objects.filter(is_complete=False).exclude(pk__in=current):
        with pass_over_errors("homes.sweep_imports", home.pk):
            delete_unfinished(home.pk)


def release_all() -> None:
    """Let all imports begin again when the only process starts: their workers have died with the previous one."""
    Import.objects.filter(state=ImportState.WORKING).update(state=ImportState.WAITING)
