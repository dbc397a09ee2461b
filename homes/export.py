"""Export a home to a JSON file, and import it as a new home."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Any, TypeVar
from uuid import UUID

import orjson
import pydantic
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from homes import hooks
from homes.accounts.models import User
from homes.actions import create_home
from homes.events.actor import Actor
from homes.events.log import home_lock
from homes.models import Agent, Home, Membership
from homes.schemas import HomeSnapshot, MemberSnapshot
from pantry.errors import ActionError
from pantry.text import visible_line

FORMAT = 1
BATCH_ROWS = 500
Row = TypeVar("Row")


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("this time is out of range") from error


Moment = Annotated[pydantic.AwareDatetime, pydantic.AfterValidator(_in_utc)]


def export_home(member: Membership) -> Iterator[bytes]:
    """Yield all that the member may see as JSON, in chunks, so that memory stays bounded."""
    members = Membership.objects.visible_to(member)
    payload = {
        "format": FORMAT,
        "exported_at": timezone.now().isoformat(),
        "home": HomeSnapshot.model_validate(member.home).model_dump(mode="json"),
        "members": [MemberSnapshot.model_validate(row).model_dump(mode="json") for row in members],
        **{name: export(member) for name, (export, _import) in hooks.exports.items()},
    }
    return json_chunks(payload)


def json_chunks(value: Any) -> Iterator[bytes]:
    """Encode as JSON; an iterator becomes an array, encoded in batches."""
    if isinstance(value, dict) and value:
        for index, (name, member) in enumerate(value.items()):
            yield (b"," if index else b"{") + orjson.dumps(name) + b":"
            yield from json_chunks(member)
        yield b"}"
    elif isinstance(value, Iterator):
        separator = b"["
        while rows := list(islice(value, BATCH_ROWS)):
            yield separator + orjson.dumps(rows)[1:-1]
            separator = b","
        yield b"[]" if separator == b"[" else b"]"
    else:
        yield orjson.dumps(value)


@transaction.atomic
def import_home(file: Any, user: User, *, origin: str) -> Membership:
    """Create a home with `user` as its only member from an exported file. Raises InvalidFile.

    What other people wrote keeps their names.
    """
    if not isinstance(file, dict) or file.get("format") != FORMAT:
        raise ActionError(_("This file isn't an exported home."))
    with file_location("home"):
        fields = HomeSnapshot.model_validate(file.get("home")).model_dump(exclude={"id"})
        fields["name"] = visible_line(fields["name"])
        if fields["locale"] not in dict(settings.LANGUAGES):  # of another version or server
            fields["locale"] = settings.LANGUAGE_CODE
        owner = create_home(user, origin=origin, **fields)
    for name, (_export, import_part) in hooks.exports.items():
        if file.get(name) is not None:
            with file_location(name), home_lock(owner.home_id):
                import_part(Actor.of(owner, origin), file[name])
    # Agents must not answer imported messages.
    Agent.objects.filter(home=owner.home_id).update(
        enqueued_seq=Home.objects.values("last_seq").filter(pk=owner.home_id)
    )
    return owner


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


def import_rows(section: str, rows: Iterable[Any], import_row: Callable[[Any], Row]) -> dict[UUID, Row]:
    """Import the rows of a section. Returns the results by the rows' ids in the file; errors name the row."""
    imported: dict[Any, Row] = {}
    for index, row in enumerate(rows):
        with file_location(section, index):
            imported[getattr(row, "id", index)] = import_row(row)
    return imported
