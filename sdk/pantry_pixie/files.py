"""Pictures and PDFs that are attached to list items, expenses and shopping trips."""

from datetime import datetime
from typing import Literal, TypedDict, Unpack
from uuid import UUID

from pantry_pixie.operations import HOME, ClientT, Id, NamedRow, Page, Resource, Upload, operation

FileKind = Literal["entry", "expense", "trip"]


class StoredFile(NamedRow):
    """`target_id`: the list item (`entry`), expense or trip that it is attached to. A PDF has no width and height."""

    kind: str
    target_id: UUID
    media_type: str
    size: int
    sha256: str
    width: int | None
    height: int | None
    uploaded_by: UUID | None
    created_at: datetime


class FileQuery(TypedDict, total=False):
    kind: FileKind
    target_id: Id
    limit: int
    cursor: str


class Files(Resource[ClientT], path=f"{HOME}/files"):
    """Files, newest first. `client.files.add(home, "expense", expense, Path("receipt.jpg"))` attaches one; a list item
    has one picture, which a new one replaces."""

    @operation("GET", "", Page[StoredFile])
    def list(self, home: Id, **query: Unpack[FileQuery]) -> None: ...
    @operation("POST", "", StoredFile)
    def add(self, home: Id, kind: FileKind, target_id: Id, file: Upload) -> None: ...
    @operation("GET", "/{file}", StoredFile)
    def get(self, home: Id, file: Id) -> None: ...
    @operation("GET", "/{file}/content", bytes)
    def download(self, home: Id, file: Id) -> None: ...
    @operation("GET", "/{file}/thumbnail", bytes)
    def thumbnail(self, home: Id, file: Id) -> None: ...
    @operation("DELETE", "/{file}")
    def delete(self, home: Id, file: Id) -> None: ...
