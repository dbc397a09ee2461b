"""What happened to an entry that somebody without a signal had not seen. Read from the log."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from groceries.models import Category, ListEntry
from groceries.parsing.entries import MAX_LINES
from groceries.parsing.quantities import add_amounts, format_amount
from groceries.schemas import AmountChange
from homes.events.actor import Actor
from homes.events.models import Event
from pantry.errors import ActionError

Amount = tuple[Decimal, str]
AMOUNT = {"quantity", "unit"}


@dataclass
class EntryHistory:
    """An entry as it stands now, and what led there from what `by` saw of it."""

    entry: ListEntry
    by: Actor
    seen: Amount
    log: list[Event]
    """All that happened to the entry, the oldest first."""
    unseen: list[Event]
    beside: list[Amount] = field(default_factory=list)
    """What others wanted of it already, where what `by` saw is only a part of it."""

    def later(self, *columns: str) -> Event | None:
        """The newest that was meant after this, and changed one of `columns`, or anything. What adds up overtakes no
        amount, what was added is a wish of its own, and moving along to the next list is no change."""
        sums = {AmountChange.ADDED, AmountChange.STEPPED} if columns else {AmountChange.ADDED}
        for event in reversed(self.unseen):
            changed = set(event.changes) - {"list"} - (AMOUNT if _how(event) in sums else set())
            if event.moment > self.by.moment and changed and (not columns or changed & set(columns)):
                return event
        return None

    def later_aisle(self) -> Event | None:
        """The newest move of the item into another aisle that was meant after this."""
        moves = _log(self.by, self.entry.item_id).filter(type="item_updated")
        later = [event for event in moves if "category" in event.changes and event.moment > self.by.moment]
        return later[-1] if later else None

    def bought(self) -> Event | None:
        """Who bought it unseen, where it lies in the basket still."""
        ticks = [event for event in self.unseen if event.type == "list_item_purchased"]
        return ticks[-1] if ticks and self.entry.is_purchased else None

    def taken_off(self) -> Event | None:
        """Who took it off the list after this, where it is off still."""
        return self.later("state") if self.entry.is_removed else None

    def put_back(self) -> Event | None:
        """Who took it out of the basket after this, where it is to get still."""
        back = self.later("state") if self.entry.is_pending else None
        return back if back is not None and back.type == "list_item_put_back" else None

    def last_move(self) -> Event | None:
        return next((event for event in reversed(self.log) if "state" in event.changes), None)

    def additions(self, *how: AmountChange) -> list[Amount]:
        """What others want of it, beside what `by` saw."""
        return [*self.beside, *(_growth(event) for event in self.unseen if _how(event) in how)]


def entry_histories(target: UUID, seen: int | None, by: Actor) -> list[EntryHistory]:
    """Of the entry of that id, at whose version `seen` the person looked; or of the entries that their own adding
    under the `op_id` of that id made. Locks the lists. Raises ActionError where there is neither."""
    entry = ListEntry.objects.filter(home=by.home, pk=target).first()
    if entry is not None:
        return [_story(entry, seen, by)]
    ids = [target, *(uuid5(target, str(index)) for index in range(MAX_LINES))]
    own = Event.objects.filter(home=by.home, op_id__in=ids, actor_user=by.user, redacted_at=None)
    added: dict[Any, Event] = {}
    for event in own.filter(type__in=["list_item_added", "list_item_updated"]).order_by("seq"):
        added.setdefault(event.subject_id, event)
    entries = ListEntry.objects.in_bulk(added)
    if not entries:
        raise ActionError(_("That is not here any more."))
    return [_own_story(entries[pk], event, by) for pk, event in added.items() if pk in entries]


def _story(entry: ListEntry, seen: int | None, by: Actor) -> EntryHistory:
    entry, log = _current(entry, by)
    base = next((event for event in reversed(log) if seen is not None and _version(event) <= seen), None)
    if base is None:  # nobody knows what was seen: what was meant before this
        unseen = [event for event in log if event.moment > by.moment]
        return _followed(EntryHistory(entry, by, (entry.quantity, entry.unit), log, unseen))
    return _followed(EntryHistory(entry, by, _amount(base), log, _unseen(log, base, by)))


def _own_story(entry: ListEntry, added: Event, by: Actor) -> EntryHistory:
    entry, log = _current(entry, by)
    grown = added.type == "list_item_updated"
    beside = [_before(added)] if grown else []
    return _followed(
        EntryHistory(entry, by, _growth(added) if grown else _amount(added), log, _unseen(log, added, by), beside)
    )


def _followed(story: EntryHistory) -> EntryHistory:
    """On to the entry that it became part of, if it did."""
    while story.entry.is_removed and (gone := story.last_move()) is not None and gone.data.get("part_of"):
        story.entry, story.log = _current(ListEntry.objects.get(pk=gone.data["part_of"]), story.by)
        joined = next((event for event in story.log if event.seq > gone.seq), None)
        if joined is None:  # redacted
            break
        story.beside.append(_before(joined))
        story.unseen = [event for event in story.unseen if event != gone] + _unseen(story.log, joined, story.by)
    return story


def _current(entry: ListEntry, by: Actor) -> tuple[ListEntry, list[Event]]:
    """Return the entry as it is now, and its events. Call it inside the home's lock."""
    found: ListEntry = ListEntry.objects.select_related("item__category", "list").get(pk=entry.pk)
    return found, list(_log(by, entry.pk))


def _log(by: Actor, subject: UUID) -> Any:
    return Event.objects.filter(home=by.home, subject_id=subject, redacted_at=None).order_by("seq")


def _unseen(log: list[Event], base: Event, by: Actor) -> list[Event]:
    """What came after `base`, save for what the person did before this on whatever device."""
    user = by.user.pk if by.user else None
    return [
        event
        for event in log
        if event.seq > base.seq and not (event.actor_user_id == user and event.moment <= by.moment)
    ]


def _how(event: Event) -> str | None:
    """How an event changed the amount, if it did."""
    how: str | None = event.data.get("amount", AmountChange.SET) if AMOUNT & event.changes.keys() else None
    return how


def _version(event: Event) -> int:
    version: int = event.data["entry"]["version"]
    return version


def _amount(event: Event) -> Amount:
    return Decimal(event.data["entry"]["quantity"]), event.data["entry"]["unit"]


def _before(event: Event) -> Amount:
    quantity, unit = _amount(event)
    return Decimal(event.changes.get("quantity", [quantity])[0]), event.changes.get("unit", [unit])[0]


def _growth(event: Event) -> Amount:
    """By how much an event raised the amount, or lowered it."""
    quantity, unit = _before(event)
    return add_amounts(*_amount(event), -quantity, unit) or _amount(event)


def total(amount: Amount, more: list[Amount]) -> Amount:
    """The sum. What does not fit the unit is left out."""
    for each in more:
        amount = add_amounts(*amount, *each) or amount
    return amount


# In words


def why(event: Event, field: str, by: Actor) -> str:
    """What stands instead: “Ben changed the amount to 3 after you.” Of `field`, or of the whole entry (`state`)."""
    entry = event.data.get("entry", {})
    item = entry["item"]["name"] if entry else event.data["item"]["name"]
    who = (
        event.actor_agent.display_name
        if event.actor_agent
        else event.actor_user.name
        if event.actor_user
        else _("Somebody")
    )
    words = {"who": who, "item": item}
    if event.actor_agent is None and by.user is not None and event.actor_user_id == by.user.pk:
        return _("You changed %(item)s again after that.") % words
    if field == "quantity":
        words["amount"] = format_amount(Decimal(entry["quantity"]), entry["unit"], get_language() or "en")
        return _("%(who)s changed the amount to %(amount)s after you.") % words
    if field == "note" and entry["note"]:
        return _("%(who)s changed the note to “%(note)s” after you.") % {**words, "note": entry["note"]}
    if field == "note":
        return _("%(who)s took the note away after you.") % words
    if field == "name":
        return _("%(who)s made it “%(item)s” after you.") % words
    if field == "price_paid" and entry["price_paid"]:
        return _("%(who)s changed the price to %(price)s after you.") % {**words, "price": entry["price_paid"]}
    if field == "category":
        aisle = Category.objects.filter(pk=event.data["item"]["category_id"]).first()
        return _("%(who)s put %(item)s into %(aisle)s after you.") % {**words, "aisle": aisle.label if aisle else ""}
    if event.type == "list_item_purchased":
        return _("%(who)s put %(item)s into the basket.") % words
    if event.type == "list_item_removed":
        return _("%(who)s took %(item)s off the list.") % words
    if event.type == "list_item_put_back":
        return _("%(who)s put %(item)s back on the list after you.") % words
    return _("%(who)s changed %(item)s after you.") % words
