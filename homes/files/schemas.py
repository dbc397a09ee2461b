"""Schemas of the events of files. The contents are not in the log."""

from datetime import datetime
from uuid import UUID

from homes.events.schemas import Snapshot, row_event


@row_event("file", "file_added", "file_removed")
class FileSnapshot(Snapshot):
    """`kind` and `target_id`: the row that the file is attached to."""

    id: UUID
    kind: str
    target_id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    width: int | None
    height: int | None
    uploaded_by_id: UUID | None
    created_at: datetime
