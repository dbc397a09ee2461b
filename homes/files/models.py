"""Pictures and PDFs that are attached to rows of a home."""

import functools
import operator
from collections.abc import Collection
from datetime import timedelta
from pathlib import PurePath
from typing import Any, ClassVar, Self
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _

from homes.accounts.models import User
from homes.files import hooks
from homes.files.checks import CheckedFile
from homes.models import Home, Membership
from pantry.models import HomeRowQuerySet, Row

EXTENSIONS = {"image/jpeg": ".jpg", "image/webp": ".webp", "application/pdf": ".pdf"}


def file_storage() -> Storage:
    """Return the storage that the setting FILES_STORAGE names, by default a folder of the data folder."""
    return storages["files"]


class StoredFileQuerySet(HomeRowQuerySet["StoredFile"]):
    def attached(self) -> Self:
        """Leave out files that were removed."""
        return self.filter(removed_at=None)

    def with_rows(self) -> Self:
        """Leave out files whose row was deleted."""
        rows = (
            models.Q(kind=kind, target_id__in=each.model.objects.order_by().values("pk"))
            for kind, each in hooks.kinds.items()
        )
        return self.filter(functools.reduce(operator.or_, rows))

    def of(self, kind: str, target_id: Any) -> Self:
        """Return what is attached to a row, the oldest first."""
        return self.attached().filter(kind=kind, target_id=target_id).order_by("created_at", "id")

    def exist_for(self, kind: str) -> models.Exists:
        """Return whether something is attached, as an expression in a query of rows of the kind."""
        return models.Exists(self.attached().filter(kind=kind, target_id=models.OuterRef("pk")))

    def visible_to(self, member: Membership) -> Self:
        """Return the files of the rows that the member can see."""
        targets = (
            models.Q(kind=kind, target_id__in=each.model.objects.visible_to(member).order_by().values("pk"))
            for kind, each in hooks.kinds.items()
        )
        nothing = models.Q(pk__in=[])
        return super().visible_to(member).attached().filter(functools.reduce(operator.or_, targets, nothing))

    def by_target(self, kind: str, target_ids: Collection[UUID]) -> "dict[UUID, list[StoredFile]]":
        """Return the files of several rows by the ids of these. One query."""
        files: dict[UUID, list[StoredFile]] = {}
        for file in self.attached().filter(kind=kind, target_id__in=target_ids).order_by("created_at", "id"):
            files.setdefault(file.target_id, []).append(file)
        return files


class StoredFile(Row):
    """A picture or a PDF of a home, attached to the row `target_id` of the kind `kind`.

    What is removed stays stored for LIFETIME, so that it can be brought back; likewise the files of a row that was
    deleted. They are deleted earlier if the home needs the room.
    """

    LIFETIME = timedelta(days=30)
    MAX_NAME_CHARS = 255

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("attached to"), max_length=20)
    target_id = models.UUIDField(_("row"))
    name = models.CharField(_("name"), max_length=MAX_NAME_CHARS)  # as it was uploaded; nothing depends on it
    media_type = models.CharField(_("media type"), max_length=40)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(max_length=64, editable=False)
    width = models.PositiveSmallIntegerField(_("width"), null=True)
    height = models.PositiveSmallIntegerField(_("height"), null=True)
    content = models.FileField(storage=file_storage, max_length=200, editable=False)
    thumbnail = models.FileField(storage=file_storage, max_length=200, editable=False, blank=True)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(_("removed"), null=True, editable=False)
    orphaned_at = models.DateTimeField(_("without its row since"), null=True, editable=False)

    objects: ClassVar[Any] = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.CheckConstraint(condition=models.Q(media_type__in=list(EXTENSIONS)), name="file_type_known"),
            models.UniqueConstraint(
                fields=["kind", "target_id", "sha256"],
                condition=models.Q(removed_at=None),
                name="file_attached_once",
            ),
        ]
        indexes = [models.Index(fields=["home", "kind", "target_id"], name="file_target")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        return self.width is not None

    @property
    def download_name(self) -> str:
        """Return the name with the extension of what the file is, whatever it was called."""
        return (PurePath(self.name).stem.strip() or "file") + EXTENSIONS[self.media_type]

    @property
    def attachable(self) -> hooks.Attachable:
        return hooks.kinds[self.kind]

    def write(self, checked: CheckedFile) -> None:
        """Write the contents into the storage, and set the fields that describe them. The row is not saved."""
        self.media_type, self.size, self.sha256 = checked.media_type, len(checked.content), checked.sha256
        self.width, self.height = checked.width, checked.height
        path = f"{self.home_id}/{self.pk}"
        self.content.save(path + EXTENSIONS[self.media_type], ContentFile(checked.content), save=False)
        if checked.thumbnail:
            self.thumbnail.save(f"{path}-thumbnail.webp", ContentFile(checked.thumbnail), save=False)

    def read(self) -> bytes | None:
        """Return the contents, or None if they are lost."""
        try:
            with self.content.open("rb") as file:
                return bytes(file.read())
        except FileNotFoundError:
            return None

    def delete_contents(self) -> None:
        """Delete the contents from the storage. Idempotent."""
        for field in (self.content, self.thumbnail):
            if field.name:
                field.storage.delete(field.name)
