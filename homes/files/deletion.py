"""Delete from the storage what nothing needs any more."""

from contextlib import suppress
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from homes.files import hooks
from homes.files.models import StoredFile, file_storage
from homes.models import Home
from pantry.sweeps import pass_over_errors


def delete_contents_of_home(home: Home) -> None:
    """Delete what the home has stored, once the transaction that deletes the home is committed."""
    transaction.on_commit(partial(_delete_folder, str(home.pk)), robust=True)


def _delete_folder(folder: str, before: datetime | None = None, keep: frozenset[str] = frozenset()) -> None:
    """Delete the folder or, if that is not all, what is in it but neither in `keep` nor new since `before`."""
    storage = file_storage()
    with suppress(FileNotFoundError):
        paths = [f"{folder}/{name}" for name in storage.listdir(folder)[1]]
        old = [each for each in paths if each not in keep and (not before or storage.get_modified_time(each) < before)]
        for path in old:
            storage.delete(path)
        if len(old) == len(paths):
            storage.delete(folder)


def delete_old_files(now: datetime) -> None:
    """Delete files that were removed, or whose row was deleted, longer ago than LIFETIME, and stored contents that no
    row has, as of an upload whose process died."""
    long_ago = now - StoredFile.LIFETIME
    for kind, attachable in hooks.kinds.items():
        rows = StoredFile.objects.filter(kind=kind)
        exists = Exists(attachable.model.objects.filter(pk=OuterRef("target_id")))
        rows.filter(~exists, orphaned_at=None).update(orphaned_at=now)
        rows.filter(exists).exclude(orphaned_at=None).update(orphaned_at=None)
    old = StoredFile.objects.filter(Q(removed_at__lt=long_ago) | Q(orphaned_at__lt=long_ago)).order_by("pk")
    for file in old.iterator():
        with pass_over_errors("homes.tidy_files", file.pk):
            erase(file)
    _delete_strays(long_ago)


def erase(file: StoredFile) -> None:
    """Delete the row and, when that is committed, the contents."""
    StoredFile.objects.filter(pk=file.pk).delete()
    transaction.on_commit(file.delete_contents, robust=True)


def _delete_strays(before: datetime) -> None:
    with suppress(FileNotFoundError):
        for folder in file_storage().listdir("")[0]:
            with pass_over_errors("homes.tidy_files", folder):
                paths = StoredFile.objects.filter(home=UUID(folder)).values_list("content", "thumbnail")
                _delete_folder(folder, before, frozenset(path for row in paths for path in row))
