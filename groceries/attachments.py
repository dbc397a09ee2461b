"""The rows of groceries that can have pictures and files: an entry has a photo, an expense and a trip have receipts."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from groceries.models import Expense, ListEntry, Trip
from homes.files.hooks import PICTURES_AND_PDF, Attachable
from homes.files.models import StoredFile
from pantry.errors import ActionError

ENTRY, EXPENSE, TRIP = "entry", "expense", "trip"
MAX_RECEIPTS = 10


def entry_url(entry: ListEntry) -> str:
    return reverse("groceries:edit", args=[entry.home_id, entry.list_id, entry.pk])


def expense_url(expense: Expense) -> str:
    return reverse("groceries:expense", args=[expense.home_id, expense.pk])


def trip_url(trip: Trip) -> str:
    return reverse("groceries:trip", args=[trip.home_id, trip.list_id, trip.pk])


def require_ended(trip: Trip) -> None:
    if trip.ended_at is None:
        raise ActionError(_("This shopping trip hasn't ended yet."))


def file_context(kind: str, target: ListEntry | Expense | Trip) -> dict[str, Any]:
    """Return what templates/files/_files.html shows of a row."""
    return {
        "files": StoredFile.objects.of(kind, target.pk),
        "takes_pdf": ATTACHABLES[kind].takes_pdf,
        "max_file_bytes": settings.FILE_MAX_BYTES,
        "max_file_megabytes": settings.FILE_MAX_BYTES // 1_000_000,
        "op_id": uuid4(),
    }


ATTACHABLES = {
    ENTRY: Attachable(model=ListEntry, url=entry_url),
    EXPENSE: Attachable(model=Expense, url=expense_url, max_files=MAX_RECEIPTS, media_types=PICTURES_AND_PDF),
    TRIP: Attachable(
        model=Trip, url=trip_url, max_files=MAX_RECEIPTS, media_types=PICTURES_AND_PDF, check=require_ended
    ),
}
