"""Merge changes that members made offline. docs/offline.md has the rules as a table.

Each function applies what does not conflict with later changes and records the rest as `list_item_overtaken`. The
actor has a `meant_at`, the time of the change on the device. `target` is the id of an entry, or the `op_id` of an add
by the same person; `seen` is the version of the entry on the device, None for an entry that it had just added.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import wraps
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groceries.actions.entries import (
    add_entry,
    assign_entry,
    change_entry,
    purchase_entry,
    put_back_entry,
    remove_entry,
    step_entry,
)
from groceries.actions.items import update_item
from groceries.actions.lists import current_list
from groceries.models import Category, GroceryList, ListEntry
from groceries.offline.conflicts import (
    AMOUNT_FIELDS,
    Amount,
    EntryHistory,
    describe_conflict,
    entry_histories,
    total_amount,
)
from groceries.parsing.entries import Line
from groceries.parsing.quantities import add_amounts, normalize_unit
from groceries.schemas import AmountChange, EntrySnapshot, OvertakenEvent
from homes.events.actor import Actor
from homes.events.log import action, record
from homes.events.models import Event
from homes.events.offline import MergeResult
from pantry.errors import ActionError
from pantry.models import as_json

OTHERS_ADDED = gettext_lazy("Others asked for %(item)s too, so theirs stays on the list.")
EVENT_COLUMNS = {"note": "note", "name": "item", "price_paid": "price_paid", "assigned_to": "assigned_to"}


@action
def merge_add(list_id: UUID, lines: list[Line], *, by: Actor, note: str = "") -> MergeResult:
    """Add items to the list or, if it has been completed, to the current one."""
    if not lines:
        raise ActionError(_("What should go on the list?"))
    target_list = GroceryList.objects.filter(home=by.home, pk=list_id).first()
    if target_list is None:
        raise ActionError(_("That list doesn't exist."))
    grocery_list = target_list if target_list.is_open else current_list(by=by)
    for index, line in enumerate(lines):
        line_actor = by if len(lines) == 1 else by.sub_operation(index)
        entry, _is_new = add_entry(
            grocery_list, line.name, by=line_actor, quantity=line.quantity, unit=line.unit, note=line.note
        )
    result = merge_change(entry.pk, by=by, note=note) if note else MergeResult()
    if grocery_list == target_list:
        return result
    message = _("“%(list)s” is done, so it went onto “%(open)s”.") % {"list": target_list, "open": grocery_list}
    return MergeResult(result.lost, " ".join([message, result.message]).strip())


@action
def merge_change(target: UUID, *, by: Actor, seen: int | None = None, **fields: Any) -> MergeResult:
    """Change the fields of `change_entry`, `assigned_to` and `category`. The latest change of each field prevails.

    Quantity and unit count as one field, to which unseen additions are added. Restores an entry that was removed
    earlier.
    """
    histories = entry_histories(target, seen, by)
    if len(histories) > 1:
        raise ActionError(_("That became several items. Change them one by one."))
    history = histories[0]
    if reason := _unchangeable_reason(history):
        return _record_overtaken("change_entry", history, fields, set(fields), reason)
    lost, reasons = _lost_fields(history, fields)
    entry = _change(history, **{name: value for name, value in fields.items() if name not in lost})
    if entry.is_removed and len(lost) < len(fields):
        entry = put_back_entry(entry, by=by)
    history.entry = entry
    return _record_overtaken("change_entry", history, fields, lost, *reasons) if lost else MergeResult()


def _merge_each(merge: Callable[..., MergeResult]) -> Callable[..., MergeResult]:
    """Return an action that merges one entry, or all entries of one add, and combines the results."""

    @action
    @wraps(merge)
    def merge_all(target: UUID, *args: Any, by: Actor, seen: int | None = None, **fields: Any) -> MergeResult:
        results = [merge(history, *args, **fields) for history in entry_histories(target, seen, by)]
        lost = sorted({name for result in results for name in result.lost})
        return MergeResult(tuple(lost), " ".join(dict.fromkeys(result.message for result in results if result.message)))

    return merge_all


@_merge_each
def merge_step(history: EntryHistory, steps: int) -> MergeResult:
    """Apply +/- steps cumulatively. Restores an entry that was removed earlier."""
    if reason := _unchangeable_reason(history):
        return _record_overtaken("step_entry", history, {"steps": steps}, {"quantity"}, reason)
    if step_entry(history.entry, steps, by=history.by).is_removed:
        put_back_entry(history.entry, by=history.by)
    return MergeResult()


@_merge_each
def merge_purchase(history: EntryHistory, price: Decimal | None = None) -> MergeResult:
    """Purchase what was seen, even on a completed list or after a removal, unless it was put back later.

    Unseen additions stay pending. The latest of several prices prevails.
    """
    fields = {} if price is None else {"price_paid": price}
    earlier_purchase = history.unseen_purchase()
    if (event := history.later_put_back()) is not None:
        reason = describe_conflict(event, "state", history.by)
        return _record_overtaken("purchase_entry", history, fields, {"state", *fields}, reason)
    if not history.entry.is_purchased:
        return _purchase_seen_amount(history, price)
    if history.entry.price_paid is None:
        purchase_entry(history.entry, by=history.by, price=price)
    elif price is not None:
        lost, reasons = _lost_fields(history, fields)
        if lost:
            return _record_overtaken("purchase_entry", history, fields, lost, *reasons)
        change_entry(history.entry, by=history.by, price_paid=price)
    return MergeResult(message=_already_purchased_message(earlier_purchase))


@_merge_each
def merge_put_back(history: EntryHistory) -> MergeResult:
    """Make an entry pending again, unless it was purchased or removed later."""
    if history.entry.is_pending:
        return MergeResult()
    if reason := _archived_reason(history) or _reason(history.later_change("state"), history.by):
        return _record_overtaken("put_back_entry", history, {}, {"state"}, reason)
    put_back_entry(history.entry, by=history.by)
    return MergeResult()


@_merge_each
def merge_remove(history: EntryHistory) -> MergeResult:
    """Remove what was seen, unless it was changed later or purchased. Unseen additions stay."""
    if history.entry.is_removed:
        return MergeResult()
    later = history.unseen_purchase() or history.later_change()
    if reason := _archived_reason(history) or _reason(later, history.by):
        return _record_overtaken("remove_entry", history, {}, {"state"}, reason)
    if (added := _amount_added_by_others(history)) is not None:
        history.entry = change_entry(history.entry, by=history.by, quantity=added[0], unit=added[1])
        message = OTHERS_ADDED % {"item": history.entry.item}
        return _record_overtaken("remove_entry", history, {}, {"state"}, message)
    remove_entry(history.entry, by=history.by)
    return MergeResult()


def _purchase_seen_amount(history: EntryHistory, price: Decimal | None) -> MergeResult:
    """Purchase the amount that was seen and add the rest to the current list."""
    entry, by, rest = history.entry, history.by, _amount_added_by_others(history)
    bought = None
    if rest is not None and entry.is_pending:
        bought = add_amounts(entry.quantity, entry.unit, -rest[0], rest[1])
    if rest is None or bought is None or bought[0] <= 0:
        purchase_entry(entry, by=by, price=price)
        return MergeResult()
    entry = change_entry(entry, by=by, quantity=bought[0], unit=bought[1])
    purchase_entry(entry, by=by, price=price)
    grocery_list = entry.list if entry.list.is_open else current_list(by=by)
    add_entry(grocery_list, entry.item, by=replace(by, op_id=None), quantity=rest[0], unit=rest[1])
    return MergeResult(message=OTHERS_ADDED % {"item": entry.item})


def _amount_added_by_others(history: EntryHistory) -> Amount | None:
    """Return the amount that others added beside the amount that was seen, None if there is none."""
    additions = history.other_additions(AmountChange.ADDED)
    amount = total_amount(additions[0], additions[1:]) if additions else None
    return amount if amount is not None and amount[0] > 0 else None


def _change(history: EntryHistory, category: Category | None = None, **fields: Any) -> ListEntry:
    if AMOUNT_FIELDS & fields.keys():
        quantity, unit = history.seen_amount
        typed = fields.get("quantity", quantity), normalize_unit(fields.get("unit", unit)) or "piece"
        amount = total_amount(typed, history.other_additions(AmountChange.ADDED, AmountChange.STEPPED))
        fields["quantity"], fields["unit"] = amount if amount[0] > 0 else typed
    who = [fields.pop("assigned_to")] if "assigned_to" in fields else []
    entry = change_entry(history.entry, by=history.by, **fields)
    for user in who:
        entry = assign_entry(entry, user, by=history.by)
    if category is not None and entry.item_id == history.entry.item_id:
        entry.item = update_item(entry.item, by=history.by, category=category)
    return entry


def _lost_fields(history: EntryHistory, fields: dict[str, Any]) -> tuple[set[str], list[str]]:
    """Return which of `fields` were changed later by someone else, and messages that say so."""
    later = {name: history.later_change(column) for name, column in EVENT_COLUMNS.items()}
    later |= {"category": history.later_aisle_change()}
    later |= dict.fromkeys(AMOUNT_FIELDS, history.later_change(*AMOUNT_FIELDS))
    lost = {name for name in fields if later[name] is not None}
    described = {"quantity" if name in AMOUNT_FIELDS else name for name in lost}
    reasons = [_reason(later[name], history.by, name) for name in sorted(described)]
    if "price_paid" in fields and not history.entry.is_purchased:
        lost.add("price_paid")
        reasons.append(_("%(item)s is not in the basket, so it has no price.") % {"item": history.entry.item})
    return lost, reasons


def _unchangeable_reason(history: EntryHistory) -> str:
    """Explain why the entry can't change: its list is archived, or someone removed it later. Empty if it can."""
    return _archived_reason(history) or _reason(history.later_removal(), history.by)


def _already_purchased_message(purchase: Event | None) -> str:
    if purchase is None or purchase.actor_user is None:
        return ""
    params = {"name": purchase.actor_user.get_short_name(), "item": purchase.data["entry"]["item"]["name"]}
    return _("%(name)s just took %(item)s.") % params


def _archived_reason(history: EntryHistory) -> str:
    grocery_list = history.entry.list
    return _("“%(list)s” was archived.") % {"list": grocery_list} if grocery_list.archived_at else ""


def _reason(event: Event | None, by: Actor, field: str = "state") -> str:
    return describe_conflict(event, field, by) if event is not None else ""


def _record_overtaken(
    verb: str, history: EntryHistory, fields: dict[str, Any], lost: set[str], *reasons: str
) -> MergeResult:
    values = {name: None if value is None else str(as_json(value)) for name, value in fields.items()}
    entry = EntrySnapshot.model_validate(history.entry)
    data = OvertakenEvent(entry=entry, verb=verb, meant=values, lost=sorted(lost))
    record("list_item_overtaken", history.entry, by=history.by, data=data)
    return MergeResult(tuple(sorted(lost)), " ".join(reasons))
