"""What people did to a list without a signal, brought in later. docs/offline.md has the rules as a table.

Each verb does what still stands and says what does not, which is in the log as `list_item_overtaken`. The actor has
a `meant_at`. `target` is an entry's id, or the `op_id` of the person's own adding; `seen` is the version of the entry
that they looked at, None for what they had just added.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groceries.actions.entries import (
    add_entry,
    change_entry,
    purchase_entry,
    put_back_entry,
    remove_entry,
    step_entry,
)
from groceries.actions.items import update_item
from groceries.actions.lists import current_list
from groceries.models import Category, GroceryList, ListEntry
from groceries.offline.conflicts import AMOUNT, Amount, EntryHistory, entry_histories, total, why
from groceries.parsing.entries import Line
from groceries.parsing.quantities import add_amounts, normalize_unit
from groceries.schemas import AmountChange, EntrySnapshot, OvertakenEvent
from homes.events.actor import Actor
from homes.events.log import action, record
from homes.events.models import Event
from homes.events.offline import MergeResult
from pantry.errors import ActionError
from pantry.models import as_json

OTHERS = gettext_lazy("Others asked for %(item)s, too: what they want stays.")
COLUMNS = {"note": "note", "name": "item", "price_paid": "price_paid"}


@action
def merge_add(list_id: UUID, lines: list[Line], *, by: Actor, note: str = "") -> MergeResult:
    """Adding is never lost: when the list is done by now, it goes onto the one that is open."""
    if not lines:
        raise ActionError(_("What should go on the list?"))
    meant = GroceryList.objects.filter(home=by.home, pk=list_id).first()
    if meant is None:
        raise ActionError(_("There is no such list here."))
    grocery_list = meant if meant.is_open else current_list(by=by)
    for index, line in enumerate(lines):
        each = by if len(lines) == 1 else by.sub_operation(index)
        entry, _is_new = add_entry(grocery_list, line.name, by=each, quantity=line.quantity, unit=line.unit)
    settled = merge_change(entry.pk, by=by, note=note) if note else MergeResult()
    if grocery_list == meant:
        return settled
    elsewhere = _("“%(list)s” is done, so it went onto “%(open)s”.") % {"list": meant, "open": grocery_list}
    return MergeResult(settled.lost, " ".join([elsewhere, settled.message]).strip())


@action
def merge_change(target: UUID, *, by: Actor, seen: int | None = None, **fields: Any) -> MergeResult:
    """`fields` as of `change_entry`, and `category`. By field, the later meant stands; a number and its unit are one
    field, and what others added to it unseen adds up. Who changes what was taken off before that wants it back."""
    stories = entry_histories(target, seen, by)
    if len(stories) > 1:
        raise ActionError(_("That became several things. Change each by itself."))
    story = stories[0]
    if gone := _gone(story):
        return _overtaken("change_entry", story, fields, set(fields), gone)
    lost, reasons = _lost(story, fields)
    entry = _change(story, **{name: value for name, value in fields.items() if name not in lost})
    if entry.is_removed and len(lost) < len(fields):
        entry = put_back_entry(entry, by=by)
    story.entry = entry
    return _overtaken("change_entry", story, fields, lost, *reasons) if lost else MergeResult()


@action
def merge_step(target: UUID, steps: int, *, by: Actor, seen: int | None = None) -> MergeResult:
    """Steps add up, whatever others did. Who steps what was taken off before wants it back."""

    def step(story: EntryHistory) -> MergeResult:
        if gone := _gone(story):
            return _overtaken("step_entry", story, {"steps": steps}, {"quantity"}, gone)
        if step_entry(story.entry, steps, by=by).is_removed:
            put_back_entry(story.entry, by=by)
        return MergeResult()

    return _each(step, target, seen, by)


@action
def merge_purchase(target: UUID, *, by: Actor, seen: int | None = None, price: Decimal | None = None) -> MergeResult:
    """What was bought was bought, on a list that is done and after a removal, too. Only who put it back later is
    right against that. What others added unseen is still to get. Of two prices the later meant stands."""
    fields = {} if price is None else {"price_paid": price}

    def purchase(story: EntryHistory) -> MergeResult:
        before = story.bought()
        if (back := story.put_back()) is not None:
            return _overtaken("purchase_entry", story, fields, {"state", *fields}, why(back, "state", by))
        if not story.entry.is_purchased:
            return _purchase(story, price)
        if story.entry.price_paid is None:
            purchase_entry(story.entry, by=by, price=price)
        elif price is not None:
            lost, reasons = _lost(story, fields)
            if lost:
                return _overtaken("purchase_entry", story, fields, lost, *reasons)
            change_entry(story.entry, by=by, price_paid=price)
        return MergeResult(message=_taken(before))

    return _each(purchase, target, seen, by)


@action
def merge_put_back(target: UUID, *, by: Actor, seen: int | None = None) -> MergeResult:
    """Out of the basket, unless somebody ticked it or took it off later."""

    def put_back(story: EntryHistory) -> MergeResult:
        if story.entry.is_pending:
            return MergeResult()
        if overtaken := _put_away(story) or _why(story.later("state"), by):
            return _overtaken("put_back_entry", story, {}, {"state"}, overtaken)
        put_back_entry(story.entry, by=by)
        return MergeResult()

    return _each(put_back, target, seen, by)


@action
def merge_remove(target: UUID, *, by: Actor, seen: int | None = None) -> MergeResult:
    """Takes off what was seen. What others added unseen stays, and so does what somebody changed later, or bought."""

    def remove(story: EntryHistory) -> MergeResult:
        if story.entry.is_removed:
            return MergeResult()
        kept = _put_away(story) or _why(story.bought() or story.later(), by)
        if kept:
            return _overtaken("remove_entry", story, {}, {"state"}, kept)
        if (rest := _wanted_beside(story)) is not None:
            story.entry = change_entry(story.entry, by=by, quantity=rest[0], unit=rest[1])
            return _overtaken("remove_entry", story, {}, {"state"}, OTHERS % {"item": story.entry.item})
        remove_entry(story.entry, by=by)
        return MergeResult()

    return _each(remove, target, seen, by)


def _each(settle: Callable[[EntryHistory], MergeResult], target: UUID, seen: int | None, by: Actor) -> MergeResult:
    """One entry, or those that one adding made."""
    settled = [settle(story) for story in entry_histories(target, seen, by)]
    lost = sorted({name for each in settled for name in each.lost})
    return MergeResult(tuple(lost), " ".join(dict.fromkeys(each.message for each in settled if each.message)))


def _purchase(story: EntryHistory, price: Decimal | None) -> MergeResult:
    entry, rest = story.entry, _wanted_beside(story)
    bought = (
        add_amounts(entry.quantity, entry.unit, -rest[0], rest[1]) if rest is not None and entry.is_pending else None
    )
    if rest is None or bought is None or bought[0] <= 0:
        purchase_entry(entry, by=story.by, price=price)
        return MergeResult()
    entry = change_entry(entry, by=story.by, quantity=bought[0], unit=bought[1])
    purchase_entry(entry, by=story.by, price=price)
    grocery_list = entry.list if entry.list.is_open else current_list(by=story.by)
    add_entry(grocery_list, entry.item, by=replace(story.by, op_id=None), quantity=rest[0], unit=rest[1])
    return MergeResult(message=OTHERS % {"item": entry.item})


def _wanted_beside(story: EntryHistory) -> Amount | None:
    """What others added, beside what the person saw."""
    wishes = story.additions(AmountChange.ADDED)
    wanted = total(wishes[0], wishes[1:]) if wishes else None
    return wanted if wanted is not None and wanted[0] > 0 else None


def _change(story: EntryHistory, category: Category | None = None, **fields: Any) -> ListEntry:
    if AMOUNT & fields.keys():
        quantity, unit = story.seen
        typed = fields.get("quantity", quantity), normalize_unit(fields.get("unit", unit)) or "piece"
        amount = total(typed, story.additions(AmountChange.ADDED, AmountChange.STEPPED))
        fields["quantity"], fields["unit"] = amount if amount[0] > 0 else typed
    entry = change_entry(story.entry, by=story.by, **fields)
    if category is not None and entry.item_id == story.entry.item_id:
        entry.item = update_item(entry.item, by=story.by, category=category)
    return entry


def _lost(story: EntryHistory, fields: dict[str, Any]) -> tuple[set[str], list[str]]:
    """On which of `fields` something else stands, and why."""
    later = {name: story.later(column) for name, column in COLUMNS.items()}
    later |= {"category": story.later_aisle()} | dict.fromkeys(AMOUNT, story.later(*AMOUNT))
    lost = {name for name in fields if later[name] is not None}
    told = {"quantity" if name in AMOUNT else name for name in lost}
    reasons = [_why(later[name], story.by, name) for name in sorted(told)]
    if "price_paid" in fields and not story.entry.is_purchased:
        lost.add("price_paid")
        reasons.append(_("%(item)s is not in the basket, so it has no price.") % {"item": story.entry.item})
    return lost, reasons


def _gone(story: EntryHistory) -> str:
    """Why there is nothing left to change: its list was put away, or somebody took it off later."""
    return _put_away(story) or _why(story.taken_off(), story.by)


def _taken(before: Event | None) -> str:
    """To two who reach for the same thing."""
    if before is None or before.actor_user is None:
        return ""
    words = {"name": before.actor_user.get_short_name(), "item": before.data["entry"]["item"]["name"]}
    return _("%(name)s just took %(item)s.") % words


def _put_away(story: EntryHistory) -> str:
    grocery_list = story.entry.list
    return _("“%(list)s” was put away.") % {"list": grocery_list} if grocery_list.archived_at else ""


def _why(event: Event | None, by: Actor, name: str = "state") -> str:
    return why(event, name, by) if event is not None else ""


def _overtaken(verb: str, story: EntryHistory, fields: dict[str, Any], lost: set[str], *reasons: str) -> MergeResult:
    meant = {name: None if value is None else str(as_json(value)) for name, value in fields.items()}
    entry = EntrySnapshot.model_validate(story.entry)
    data = OvertakenEvent(entry=entry, verb=verb, meant=meant, lost=sorted(lost))
    record("list_item_overtaken", story.entry, by=story.by, data=data)
    return MergeResult(tuple(sorted(lost)), " ".join(reasons))
