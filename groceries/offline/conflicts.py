"""Changes of an entry that conflict with an offline client's change. Read from the event log."""

from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter
from typing import Any
from uuid import UUID, uuid5

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from groceries.models import Category, ListEntry
from groceries.parsing.entries import MAX_LINES
from groceries.parsing.quantities import add_amounts, format_amount
from groceries.schemas import AmountChange
from homes.events.actor import Actor
from homes.events.models import Event
from pantry.errors import ActionError

Amount = tuple[Decimal, str]
AMOUNT_FIELDS = {"quantity", "unit"}


@dataclass
class EntryHistory:
    """An entry, the amount that `by` saw, and what happened to the entry since."""

    entry: ListEntry
    by: Actor
    seen_amount: Amount
    events: list[Event]
    """All events of the entry, oldest first."""
    unseen: list[Event]
    other_amounts: list[Amount] = field(default_factory=list)
    """What others had asked for already, if `seen_amount` is only a part of the entry's amount."""

    def later_change(self, *columns: str) -> Event | None:
        """Return the newest unseen change of `columns` (default: any) that was made after this one.

        Ignores increments of the amount (except steps, without `columns`), sorting, and moves to the next list.
        """
        increments = {AmountChange.ADDED, AmountChange.STEPPED} if columns else {AmountChange.ADDED}
        for event in reversed(self.unseen):
            changed = (
                set(event.changes)
                - {"list", "position"}
                - (AMOUNT_FIELDS if _amount_change(event) in increments else set())
            )
            if event.moment > self.by.moment and changed and (not columns or changed & set(columns)):
                return event
        return None

    def later_aisle_change(self) -> Event | None:
        """Return the newest change of the item's aisle that was made after this one."""
        updates = _events_of(self.by, self.entry.item_id).filter(type="item_updated")
        later = [event for event in updates if "category" in event.changes and event.moment > self.by.moment]
        return later[-1] if later else None

    def unseen_purchase(self) -> Event | None:
        """Return the unseen purchase of an entry that is still purchased."""
        purchases = [event for event in self.unseen if event.type == "list_item_purchased"]
        return purchases[-1] if purchases and self.entry.is_purchased else None

    def later_removal(self) -> Event | None:
        """Return the later removal of an entry that is still removed."""
        return self.later_change("state") if self.entry.is_removed else None

    def later_put_back(self) -> Event | None:
        """Return the later event that put the entry back, if it is still pending."""
        event = self.later_change("state") if self.entry.is_pending else None
        return event if event is not None and event.type == "list_item_put_back" else None

    def other_additions(self, *kinds: AmountChange) -> list[Amount]:
        """Return the amounts that others asked for, beside the amount that `by` saw."""
        return [*self.other_amounts, *(_increment(event) for event in self.unseen if _amount_change(event) in kinds)]


def entry_histories(target: UUID, seen: int | None, by: Actor) -> list[EntryHistory]:
    """Return the history of entry `target` since version `seen`.

    If `target` is the `op_id` of an add by the same person, return those of the entries that it created or increased.
    The caller must hold the home's lock. Raises ActionError if there is neither.
    """
    entry = ListEntry.objects.filter(home=by.home, pk=target).first()
    if entry is not None:
        return [_history_since_version(entry, seen, by)]
    op_ids = [target, *(uuid5(target, str(index)) for index in range(MAX_LINES))]
    events = Event.objects.filter(home=by.home, op_id__in=op_ids, actor_user=by.user, redacted_at=None)
    first_events: dict[Any, Event] = {}
    # Sorted here: with ORDER BY, SQLite would read the home's whole log.
    for event in sorted(events.filter(type__in=["list_item_added", "list_item_updated"]), key=attrgetter("seq")):
        first_events.setdefault(event.subject_id, event)
    entries = ListEntry.objects.in_bulk(first_events)
    if not entries:
        raise ActionError(_("That item no longer exists."))
    return [_history_since_add(entries[pk], event, by) for pk, event in first_events.items() if pk in entries]


def _history_since_version(entry: ListEntry, seen: int | None, by: Actor) -> EntryHistory:
    entry, events = _current(entry, by)
    seen_events = [event for event in events if seen is not None and event.data["entry"]["version"] <= seen]
    if seen_events:
        amount, unseen = _amount_after(seen_events[-1]), _unseen(events, seen_events[-1], by)
    else:  # the version that was seen is unknown: compare times
        amount, unseen = (entry.quantity, entry.unit), [event for event in events if event.moment > by.moment]
    return _follow_merges(EntryHistory(entry, by, amount, events, unseen))


def _history_since_add(entry: ListEntry, added: Event, by: Actor) -> EntryHistory:
    entry, events = _current(entry, by)
    unseen = _unseen(events, added, by)
    if added.type == "list_item_updated":
        return _follow_merges(EntryHistory(entry, by, _increment(added), events, unseen, [_amount_before(added)]))
    return _follow_merges(EntryHistory(entry, by, _amount_after(added), events, unseen))


def _follow_merges(history: EntryHistory) -> EntryHistory:
    """Continue with the entry that this one was merged into, if any."""
    while history.entry.is_removed:
        removal = next((event for event in reversed(history.events) if "state" in event.changes), None)
        if removal is None or not removal.data.get("part_of"):
            break
        history.entry, history.events = _current(ListEntry.objects.get(pk=removal.data["part_of"]), history.by)
        merge = next((event for event in history.events if event.seq > removal.seq), None)
        if merge is None:  # redacted
            break
        history.other_amounts.append(_amount_before(merge))
        unseen = [event for event in history.unseen if event != removal]
        history.unseen = unseen + _unseen(history.events, merge, history.by)
    return history


def _current(entry: ListEntry, by: Actor) -> tuple[ListEntry, list[Event]]:
    """Return the current row of an entry and its events. The caller must hold the home's lock."""
    current: ListEntry = ListEntry.objects.select_related("item__category", "list").get(pk=entry.pk)
    return current, list(_events_of(by, entry.pk))


def _events_of(by: Actor, subject: UUID) -> Any:
    return Event.objects.filter(home=by.home, subject_id=subject, redacted_at=None).order_by("seq")


def _unseen(events: list[Event], base: Event, by: Actor) -> list[Event]:
    """Return the events after `base`, except for the person's own earlier changes on any device."""
    user = by.user.pk if by.user else None
    return [
        event
        for event in events
        if event.seq > base.seq and not (event.actor_user_id == user and event.moment <= by.moment)
    ]


def _amount_change(event: Event) -> str | None:
    return event.data.get("amount", AmountChange.SET) if AMOUNT_FIELDS & event.changes.keys() else None


def _amount_after(event: Event) -> Amount:
    return Decimal(event.data["entry"]["quantity"]), event.data["entry"]["unit"]


def _amount_before(event: Event) -> Amount:
    quantity, unit = _amount_after(event)
    return Decimal(event.changes.get("quantity", [quantity])[0]), event.changes.get("unit", [unit])[0]


def _increment(event: Event) -> Amount:
    """Return the amount that an event added; negative if it lowered the amount."""
    quantity, unit = _amount_before(event)
    return add_amounts(*_amount_after(event), -quantity, unit) or _amount_after(event)


def total_amount(amount: Amount, increments: list[Amount]) -> Amount:
    """Return the sum, leaving out amounts of incompatible units."""
    for increment in increments:
        amount = add_amounts(*amount, *increment) or amount
    return amount


# Messages

CONFLICT_TEXTS = {
    "quantity": gettext_lazy("%(who)s changed the amount to %(amount)s after you."),
    "note": gettext_lazy("%(who)s changed the note to “%(note)s” after you."),
    "no note": gettext_lazy("%(who)s removed the note after you."),
    "name": gettext_lazy("%(who)s renamed it to “%(item)s” after you."),
    "assigned_to": gettext_lazy("%(who)s changed who gets %(item)s after you."),
    "price_paid": gettext_lazy("%(who)s changed the price to %(price)s after you."),
    "category": gettext_lazy("%(who)s moved %(item)s to %(aisle)s after you."),
    "list_item_purchased": gettext_lazy("%(who)s put %(item)s in the basket."),
    "list_item_removed": gettext_lazy("%(who)s took %(item)s off the list."),
    "list_item_put_back": gettext_lazy("%(who)s put %(item)s back on the list after you."),
}


def describe_conflict(event: Event, field: str, by: Actor) -> str:
    """Describe the change that prevailed, such as “Ben changed the amount to 3 after you.”

    `field` is the name of the field in conflict, or "state" for the whole entry.
    """
    entry = event.data.get("entry", {})
    item = entry["item"] if entry else event.data["item"]
    params = {"who": event.actor_agent or event.actor_user or _("Someone"), "item": item["name"]}
    if event.actor_agent is None and by.user is not None and event.actor_user_id == by.user.pk:
        return _("You changed %(item)s again after that.") % params
    if entry:
        params |= {"note": entry["note"], "price": entry["price_paid"]}
        params["amount"] = format_amount(Decimal(entry["quantity"]), entry["unit"], get_language() or "en")
    if field == "category":
        aisle = Category.objects.filter(pk=item["category_id"]).first()
        params["aisle"] = aisle.label if aisle else ""
    if field == "note" and not entry["note"]:
        field = "no note"
    elif field == "state" or (field == "price_paid" and not entry["price_paid"]):
        field = event.type
    return CONFLICT_TEXTS.get(field, gettext_lazy("%(who)s changed %(item)s after you.")) % params
