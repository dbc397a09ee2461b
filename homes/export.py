"""Export a home to a JSON file. homes/imports.py imports it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import IO, Annotated, Any
from uuid import UUID

import orjson
import pydantic
from django.utils import timezone
from django.utils.translation import gettext as _

from homes import hooks
from homes.models import Membership
from homes.schemas import HomeSnapshot, MemberSnapshot
from pantry.errors import Busy
from pantry.years import check_year

FORMAT = 1
BATCH_ROWS = 500
MAX_MEMORY_BYTES = 1_000_000  # larger exports go to a temporary file
RETRY_AFTER_SECONDS = 5

_exporting: set[UUID] = set()
_lock = Lock()


def _in_utc(moment: datetime) -> datetime:
    return check_year(moment).astimezone(UTC)


Moment = Annotated[pydantic.AwareDatetime, pydantic.AfterValidator(_in_utc)]


def export_home(member: Membership) -> Iterator[bytes]:
    """Yield all that the member may see as JSON, in chunks, so that memory stays bounded."""
    members = Membership.objects.visible_to(member)
    payload = {
        "format": FORMAT,
        "exported_at": timezone.now().isoformat(),
        "home": HomeSnapshot.model_validate(member.home).model_dump(mode="json"),
        "members": [MemberSnapshot.model_validate(row).model_dump(mode="json") for row in members],
        **{name: part.dump(member) for name, part in hooks.exports.items()},
    }
    return json_chunks(payload)


def spool(chunks: Iterable[bytes], user_id: UUID) -> IO[bytes]:
    """Return the chunks as a file, from which a slow reader can be sent them without a thread or a connection.

    Raises Busy while this process writes another export of the user's.
    """
    with _lock:
        if user_id in _exporting:
            raise Busy(_("You're already exporting. Wait until that is done."), RETRY_AFTER_SECONDS)
        _exporting.add(user_id)
    file = SpooledTemporaryFile(MAX_MEMORY_BYTES)  # noqa: SIM115 (the response closes it)
    try:
        file.writelines(chunks)
    except BaseException:
        file.close()
        raise
    finally:
        with _lock:
            _exporting.remove(user_id)
    file.seek(0)
    return file


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
