"""A home as one file, and a home made from one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Any, TypeVar
from uuid import UUID

import orjson
import pydantic
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
BATCH = 500  # rows
Row = TypeVar("Row")


def in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("no calendar knows this time") from error


Moment = Annotated[pydantic.AwareDatetime, pydantic.AfterValidator(in_utc)]


def export_home(member: Membership) -> Iterator[bytes]:
    """All that the member may see, as JSON, piece by piece: no home is too large to be held."""
    members = Membership.objects.visible_to(member)
    file = {
        "format": FORMAT,
        "exported_at": timezone.now().isoformat(),
        "home": HomeSnapshot.model_validate(member.home).model_dump(mode="json"),
        "members": [MemberSnapshot.model_validate(each).model_dump(mode="json") for each in members],
        **{name: write(member) for name, (write, _read) in hooks.exports.items()},
    }
    return _pieces(file)


def _pieces(part: Any) -> Iterator[bytes]:
    if isinstance(part, dict) and part:
        for place, (name, value) in enumerate(part.items()):
            yield (b"," if place else b"{") + orjson.dumps(name) + b":"
            yield from _pieces(value)
        yield b"}"
    elif isinstance(part, Iterator):
        between = b"["
        while rows := list(islice(part, BATCH)):
            yield between + orjson.dumps(rows)[1:-1]
            between = b","
        yield b"[]" if between == b"[" else b"]"
    else:
        yield orjson.dumps(part)


@transaction.atomic
def import_home(file: Any, user: User, *, origin: str) -> Membership:
    """A new home of `user` like the one in the file. Other people come in by invitation; what they said bears their
    names. Raises ActionError for what is no such file, and says where."""
    if not isinstance(file, dict) or file.get("format") != FORMAT:
        raise ActionError(_("This is not the export of a home."))
    with raise_action_error():
        with file_location("home"):
            told = HomeSnapshot.model_validate(file.get("home")).model_dump(exclude={"id"})
            told["name"] = visible_line(told["name"])
            owner = create_home(user, origin=origin, **told)
        for name, (_write, read) in hooks.exports.items():
            if file.get(name) is not None:
                with file_location(name), home_lock(owner.home_id):
                    read(Actor.of(owner, origin), file[name])
    # What was said there was answered there.
    Agent.objects.filter(home=owner.home_id).update(mail_seq=Home.objects.values("last_seq").filter(pk=owner.home_id))
    return owner


class InvalidFile(Exception):
    """`why` the file cannot be read, and `where` in it."""

    def __init__(self, why: str, *where: Any) -> None:
        self.why, self.where = why, where


@contextmanager
def file_location(*where: Any) -> Iterator[None]:
    """Whatever is wrong inside is wrong at this place of the file."""
    try:
        yield
    except InvalidFile as error:
        raise InvalidFile(error.why, *where, *error.where) from error
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        raise InvalidFile(first["msg"], *where, *first["loc"]) from error
    except ValidationError as error:
        field, why = next(iter(error.message_dict.items())) if hasattr(error, "error_dict") else ("", error.messages)
        raise InvalidFile(why[0], *where, *([field] if field else [])) from error
    except ActionError as error:
        raise InvalidFile(str(error), *where) from error
    except (IntegrityError, DataError, OverflowError, ValueError) as error:
        raise InvalidFile(_("This does not fit together with the rest."), *where) from error


@contextmanager
def raise_action_error() -> Iterator[None]:
    try:
        yield
    except InvalidFile as error:
        where = ".".join(str(part) for part in error.where)
        sentence = _("This is not the export of a home: see %(where)s. %(why)s")
        raise ActionError(sentence % {"where": where, "why": error.why}) from error


def validate_row(row: Model, *but: str) -> None:
    """Raises ValidationError for values that the row cannot hold; what it points at was looked up already."""
    fields = row._meta.concrete_fields
    empty = [field.name for field in fields if field.is_relation or (field.null and getattr(row, field.name) is None)]
    row.clean_fields(exclude={*empty, *but})


def require_row(rows: dict[UUID, Row], pk: UUID) -> Row:
    """What the file named before."""
    if pk not in rows:
        raise ActionError(_("It leads to %(id)s, which is not in the file.") % {"id": pk})
    return rows[pk]
