"""The files of rows in the export of a home. Each app exports and imports those of its own rows."""

import functools
import operator
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import IO, Annotated, Any, cast
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile

import orjson
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from pydantic import AfterValidator, Base64Bytes

from homes.events.actor import Actor
from homes.events.log import new_event
from homes.events.schemas import Snapshot
from homes.export import Moment
from homes.files import hooks
from homes.files.checks import check_file
from homes.files.models import StoredFile
from homes.files.schemas import FileSnapshot
from homes.imports import Built, validate_row
from homes.models import Home
from pantry.errors import ActionError
from pantry.text import clean_line

MAX_EXPORTED_BYTES = 30_000_000  # of contents in the file of a home: encoded, an import takes these and the other rows
_UNSAFE = re.compile(r"[\x00-\x1f/\\:]")  # in a name inside an archive
BATCH_ROWS = 10  # in a transaction of an import: each picture takes a second before it


class FileRow(Snapshot):
    """A file. `content`: in base64, or null in the file of a home with too many. `target_id`: the id of a row in it."""

    kind: str
    target_id: UUID
    name: Annotated[str, AfterValidator(clean_line)]
    uploaded_by_id: UUID | None
    created_at: Moment
    content: Base64Bytes | None


def export_files(home: Home, targets: Mapping[str, QuerySet[Any]]) -> Iterator[dict[str, Any]]:
    """Yield the files of rows by their kinds, the newest first: with their contents, as long as these fit."""
    left = MAX_EXPORTED_BYTES
    rows = (Q(kind=kind, target_id__in=rows.order_by().values("pk")) for kind, rows in targets.items())
    files = StoredFile.objects.attached().filter(functools.reduce(operator.or_, rows), home=home)
    for file in files.order_by("-created_at", "-id").iterator():
        content = file.read() if file.size <= left else None
        left -= len(content or b"")
        yield {
            "kind": file.kind,
            "target_id": str(file.target_id),
            "name": file.name,
            "uploaded_by_id": str(file.uploaded_by_id) if file.uploaded_by_id else None,
            "created_at": file.created_at.isoformat(),
            "content": b64encode(content).decode() if content else None,
        }


def archive_files(home: Home) -> Iterator[bytes]:
    """Yield a ZIP with all files of the home, and `files.json`, which says what they are attached to."""
    stream = _Stream()
    index = []
    with ZipFile(cast(IO[bytes], stream), "w", ZIP_STORED) as archive:
        files = StoredFile.objects.attached().with_rows().filter(home=home).order_by("created_at", "id")
        for file in files.iterator():
            if (content := file.read()) is not None:
                path = f"{file.kind}/{file.pk}-{_UNSAFE.sub('_', file.download_name)}"
                archive.writestr(path, content)
                index.append({"path": path, **FileSnapshot.model_validate(file).model_dump(mode="json")})
                yield stream.take()
        archive.writestr("files.json", orjson.dumps(index))
    yield stream.take()


class _Stream:
    """A file that keeps what is written to it until it is taken."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self.parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """ZipFile calls it."""

    def take(self) -> bytes:
        content = b"".join(self.parts)
        self.parts.clear()
        return content


class FileImport:
    """The import of the files of an app into a new home."""

    def __init__(self, by: Actor, targets: dict[tuple[str, UUID], UUID]) -> None:
        """`targets`: the ids of the new rows, by the kinds and ids in the file."""
        self.by, self.targets = by, targets
        self.numbers: Counter[UUID] = Counter()
        self.known: set[tuple[UUID, str]] = set()

    def build(self, row: FileRow) -> Built | None:
        """Check and store a file. Returns None for one without contents, and for one that its row has already: pictures
        that differed can be the same after they were encoded anew."""
        target_id = self.targets.get((row.kind, row.target_id))
        if target_id is None:
            raise ActionError(_("It refers to %(id)s, which isn't in the file.") % {"id": row.target_id})
        if row.content is None:
            return None
        by, attachable = self.by, hooks.kinds[row.kind]
        self.numbers[target_id] += 1
        if self.numbers[target_id] > attachable.max_files:
            raise ActionError(_("There can be %(max)d files here. Remove one first.") % {"max": attachable.max_files})
        checked = check_file(row.content, attachable.media_types, wait_seconds=None)
        if (target_id, checked.sha256) in self.known:
            return None
        self.known.add((target_id, checked.sha256))
        file = StoredFile(home=by.home, kind=row.kind, target_id=target_id, name=row.name, created_at=row.created_at)
        file.uploaded_by = by.user if by.user and row.uploaded_by_id == by.user.pk else None
        file.write(checked)
        validate_row(file)
        return file, new_event("file_added", file, by=by)
