"""What happened on a list, and the list as it was at an earlier moment, both read from the event log."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from groceries.models import EntryState, GroceryList, ListEntry
from groceries.schemas import EntrySnapshot, ItemSnapshot, ListSnapshot
from homes.events.models import Event

_ENTRY = "list_item_"
_MOVES = ("items_merged", "items_split")


@dataclass(frozen=True)
class PastEntry:
    """An entry as it was, and the row that it is now, or is part of: None if that was deleted with its item."""

    snapshot: EntrySnapshot
    row: ListEntry | None

    @property
    def id(self) -> UUID:
        return self.snapshot.id

    @property
    def name(self) -> str:
        return self.snapshot.item.name

    @property
    def quantity(self) -> Decimal:
        return self.snapshot.quantity

    @property
    def unit(self) -> str:
        return self.snapshot.unit

    @property
    def is_purchased(self) -> bool:
        return self.snapshot.state == EntryState.PURCHASED

    @property
    def is_gone(self) -> bool:
        """Return whether it is on no list now."""
        return self.row is None or self.row.is_removed

    @property
    def moved_to(self) -> GroceryList | None:
        """Return the other list on which it is now."""
        is_elsewhere = self.row is not None and not self.row.is_removed and self.row.list_id != self.snapshot.list_id
        return self.row.list if self.row and is_elsewhere else None


@dataclass(frozen=True)
class PastList:
    """A list as it was: its own fields, and the entries that were on it, as they came onto it."""

    snapshot: ListSnapshot
    entries: list[PastEntry]

    @property
    def pending(self) -> list[PastEntry]:
        return [entry for entry in self.entries if not entry.is_purchased]

    @property
    def basket(self) -> list[PastEntry]:
        return [entry for entry in self.entries if entry.is_purchased]

    @property
    def gone(self) -> list[PastEntry]:
        return [entry for entry in self.entries if entry.is_gone]


def events_of(grocery_list: GroceryList) -> Any:
    """Return the events of the list, its entries, trips and guest links, newest first.

    Reads the home's log back to the list's beginning, since entries that moved or were deleted are found nowhere else:
    20 to 45 ms for 10,000 events.
    """
    list_id = str(grocery_list.pk)
    begin = (
        Event.objects.filter(home=grocery_list.home_id, subject_id=grocery_list.pk).order_by("seq").values("seq")[:1]
    )
    on_list = _entry_events(list_id)
    for name, types in (("trip", "shopping_"), ("claim", "aisle_"), ("guest_link", "guest_link_")):
        on_list |= Q(("type__startswith", types), (f"data__{name}__list_id", list_id))
    events = Event.objects.filter(Q(subject_id=grocery_list.pk) | on_list, home=grocery_list.home_id, seq__gte=begin)
    return events.order_by("-seq")


def _entry_events(list_id: str) -> Q:
    """Match the events of entries that were on the list before or after them."""
    return Q(type__startswith=_ENTRY) & (Q(data__entry__list_id=list_id) | Q(changes__list__0=list_id))


def list_as_it_was(
    grocery_list: GroceryList, *, before: int | None = None, at: datetime | None = None
) -> PastList | None:
    """Return the list as it was before an event, or at a moment; None if it did not exist. Four queries."""
    until = Q()
    if before is not None:
        until &= Q(seq__lt=before)
    if at is not None:
        until &= Q(created_at__lte=at)
    events = events_of(grocery_list).filter(until)
    newest = events.filter(subject_id=grocery_list.pk, type__startswith="list_").first()
    if newest is None or newest.type == "list_deleted":
        return None
    last = events.filter(_entry_events(str(grocery_list.pk))).exclude(type="list_item_overtaken")
    last = last.order_by().values("subject_id").annotate(last=Max("seq")).values("last")
    rows = Event.objects.filter(home=grocery_list.home_id, seq__in=last).values_list("data", flat=True)
    snapshots = [EntrySnapshot.model_validate(data["entry"]) for data in rows if data]
    snapshots = [each for each in snapshots if each.list_id == grocery_list.pk and each.state != EntryState.REMOVED]
    items = _items_at({each.item.id: each.item for each in snapshots}, grocery_list, until)
    rows_now = rows_of([each.id for each in snapshots])
    entries = [
        PastEntry(each.model_copy(update={"item": items[each.item.id]}), rows_now.get(each.id)) for each in snapshots
    ]
    entries.sort(key=lambda entry: (entry.snapshot.listed_at, entry.id))
    return PastList(ListSnapshot.model_validate(newest.data["list"]), entries)


def rows_of(ids: Collection[UUID]) -> dict[UUID, ListEntry]:
    """Return the rows of entries by the ids that they had. Of one that was added to another, it is that. Two queries,
    and two for each time that others were added to others."""
    rows = {row.pk: row for row in ListEntry.objects.select_related("list", "item__category").filter(pk__in=ids)}
    removed = [row.pk for row in rows.values() if row.is_removed]
    parts = Event.objects.filter(type="list_item_removed", subject_id__in=removed).order_by("seq")
    part_of = {pk: UUID(twin) for pk, twin in parts.values_list("subject_id", "data__part_of") if pk and twin}
    twins = rows_of(set(part_of.values()) - rows.keys()) if part_of else {}
    present = {**rows, **twins}
    return rows | {
        pk: present[twin] for pk, twin in part_of.items() if twin in present and not present[twin].is_removed
    }


def _items_at(items: dict[UUID, ItemSnapshot], grocery_list: GroceryList, until: Q) -> dict[UUID, ItemSnapshot]:
    """Return the items as they were then: with a new name, or as what they were merged into."""
    changes: QuerySet[Event] = Event.objects.filter(until, home=grocery_list.home_id)
    changes = changes.filter(Q(type="item_updated", subject_id__in=items) | Q(type__in=_MOVES)).order_by("seq")
    latest, meaning = dict(items), {pk: pk for pk in items}
    for event_type, data in changes.values_list("type", "data").filter(data__has_key="item"):
        item = ItemSnapshot.model_validate(data["item"])
        latest[item.id] = item
        if event_type in _MOVES:
            merged = ItemSnapshot.model_validate(data["merged"])
            latest[merged.id] = merged
            old, new = (merged.id, item.id) if event_type == "items_merged" else (item.id, merged.id)
            moved = {pk for pk, now in meaning.items() if now == old} if event_type == "items_merged" else {merged.id}
            meaning |= dict.fromkeys(moved & meaning.keys(), new)
    return {pk: latest[now] for pk, now in meaning.items()}
