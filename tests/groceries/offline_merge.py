"""Helpers for tests of merging offline changes. docs/offline.md has the rules as a table.

In these tests Nok was offline and had seen version 1 of everything: her changes arrive after those of the others, but
were made some minutes before.
"""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from groceries.models import ListEntry
from homes.events.models import Event
from homes.events.offline import MergeResult
from tests.factories import by

APPLIED = MergeResult()


def ago(member, minutes, op_id=None):
    return replace(by(member, op_id=op_id or uuid4()), meant_at=timezone.now() - timedelta(minutes=minutes))


def reload(entry):
    return ListEntry.objects.select_related("item__category").get(pk=entry.pk)


def pending_entries(grocery_list):
    return sorted(str(entry) for entry in grocery_list.entries.pending())


def overtaken_changes(home):
    """Return (verb, intended fields, lost fields) of every change that was overruled."""
    events = Event.objects.filter(home=home, type="list_item_overtaken").order_by("seq")
    return [(event.data["verb"], event.data["meant"], event.data["lost"]) for event in events]
