"""Attach files to the rows of a home, and remove them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

import homes.files.schemas  # noqa: F401 (registers the events' schemas)
from homes.events.actor import Actor
from homes.events.log import action, find_previous_result, record, subject_of
from homes.events.models import Event
from homes.files import hooks
from homes.files.checks import check_file
from homes.files.deletion import erase
from homes.files.models import StoredFile
from pantry.errors import ActionError, check_length
from pantry.text import clean_line


def add_file(kind: str, target: Any, name: str, content: bytes, *, by: Actor) -> StoredFile:
    """Attach a file to the row `target` of the kind, instead of its old one where the kind allows one only.

    Idempotent: a row has the same file once. Raises ActionError for a file that `check_file` refuses, and if the row
    or the home has no room for it. Checking and storing it takes seconds, so both come before the home's lock.
    """
    by.count_change()
    name = check_length(clean_line(name), StoredFile.MAX_NAME_CHARS) or _("File")
    checked = check_file(content, hooks.kinds[kind].media_types)
    file = StoredFile(home=by.home, kind=kind, target_id=target.pk, name=name, uploaded_by=by.user)
    try:
        file.write(checked)
        attached = _attach(file, by=by)
    except BaseException:
        file.delete_contents()
        raise
    if attached.pk != file.pk:
        file.delete_contents()
    return attached


@action
def _attach(file: StoredFile, *, by: Actor) -> StoredFile:
    attached = StoredFile.objects.filter(home=by.home).of(file.kind, file.target_id)
    if (file_id := find_previous_result(by, "file_added")) and (same := attached.filter(pk=file_id).first()):
        return same
    _check_target(file)
    if (same := attached.filter(sha256=file.sha256).first()) is not None:
        return same
    if file.attachable.max_files == 1:
        for other in attached:
            _remove(other, by)
    else:
        _check_number(file)
    _make_room(file)
    file.save(force_insert=True)
    record("file_added", file, by=by)
    return file


@action
def remove_file(file: StoredFile, *, by: Actor) -> None:
    """Remove a file from its row. Idempotent. It stays stored for a while, so that this can be undone."""
    current = StoredFile.objects.attached().filter(pk=file.pk, home=by.home).first()
    if current is not None:
        _remove(current, by)


def _remove(file: StoredFile, by: Actor) -> None:
    file.removed_at = timezone.now()
    file.save(update_fields=["removed_at"])
    record("file_removed", file, by=by)


def move_files(kind: str, source_id: UUID, target_id: UUID, *, by: Actor) -> None:
    """Attach the files of a row to the one that takes its place; remove those that it has no room for.

    The caller must hold the home's lock.
    """
    for file in StoredFile.objects.of(kind, source_id):
        others = StoredFile.objects.of(kind, target_id)
        has_room = others.count() < file.attachable.max_files and not others.filter(sha256=file.sha256).exists()
        _remove(file, by)
        if has_room:
            file.target_id, file.removed_at = target_id, None
            file.save(update_fields=["target_id", "removed_at"])
            record("file_added", file, by=by)


def _check_target(file: StoredFile) -> None:
    file.attachable.check(file.attachable.model.objects.get(pk=file.target_id, home=file.home_id))


def _check_number(file: StoredFile) -> None:
    most = file.attachable.max_files
    if StoredFile.objects.of(file.kind, file.target_id).count() >= most:
        raise ActionError(_("There can be %(max)d files here. Remove one first.") % {"max": most})


def _make_room(file: StoredFile) -> None:
    """Delete the oldest files that were removed, or whose row was, if the home has no room for another one without.

    Raises ActionError.
    """
    rows = StoredFile.objects.filter(home=file.home_id)
    excess = (rows.aggregate(sum=Sum("size"))["sum"] or 0) + file.size - settings.FILES_HOME_BYTES
    if excess <= 0:
        return
    removed = list(rows.exclude(pk__in=rows.attached().with_rows().values("pk")).order_by("removed_at", "id"))
    if sum(each.size for each in removed) < excess:
        limit = {"max": settings.FILES_HOME_BYTES // 1_000_000}
        raise ActionError(_("The files of this home may have %(max)d MB together. Remove some first.") % limit)
    for each in removed:
        if excess > 0:
            excess -= each.size
            erase(each)


def _undo_added(event: Event, by: Actor) -> None:
    remove_file(subject_of(event, StoredFile.objects.all()), by=by)


def _undo_removed(event: Event, by: Actor) -> None:
    file: StoredFile = subject_of(event, StoredFile.objects.all())
    if file.removed_at is None:
        return
    _check_target(file)
    if StoredFile.objects.of(file.kind, file.target_id).filter(sha256=file.sha256).exists():
        return  # the same was uploaded again
    if file.attachable.max_files == 1 and StoredFile.objects.of(file.kind, file.target_id).exists():
        raise ActionError(_("There is another picture now. Remove it first."))
    _check_number(file)
    file.removed_at = None
    file.save(update_fields=["removed_at"])
    record("file_added", file, by=by)


UNDO: dict[str, Callable[[Event, Actor], None]] = {"file_added": _undo_added, "file_removed": _undo_removed}
