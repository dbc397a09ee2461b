"""What happened with lists, items and money, as sentences."""

from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groceries.models import Category, GroceryList, ListState, Store, expense_category_label
from groceries.templatetags.amounts import amount
from homes.activity import list_changes
from homes.events.models import Event
from homes.hooks import Activity, Names
from homes.models import Home
from pantry.money import money
from pantry.recurrence import describe_rule

_STATES = {
    ListState.DRAFT: gettext_lazy("%(who)s made “%(list)s” a draft again."),
    ListState.APPROVED: gettext_lazy("%(who)s approved “%(list)s”."),
    ListState.COMPLETED: gettext_lazy("%(who)s completed “%(list)s”."),
}
_FIELDS = {
    "note": gettext_lazy("note"),
    "item": gettext_lazy("item"),
    "name": gettext_lazy("name"),
    "category": gettext_lazy("aisle"),
    "position": gettext_lazy("place"),
    "store": gettext_lazy("store"),
    "description": gettext_lazy("description"),
    "price_paid": gettext_lazy("price"),
    "estimated_price": gettext_lazy("usual price"),
    "amount": gettext_lazy("amount"),
    "total": gettext_lazy("total"),
    "title": gettext_lazy("title"),
    "spent_on": gettext_lazy("day"),
    "paid_by": gettext_lazy("who paid"),
    "rrule": gettext_lazy("rule"),
    "starts_on": gettext_lazy("first day"),
}
_MONEY = {"price_paid", "estimated_price", "total"}


def names_of(home: Home, ids: Collection[str]) -> Names:
    """Return the names of lists, stores and aisles. Three queries."""
    names: dict[str, str] = {}
    for model in (GroceryList, Store, Category):
        names.update((str(row.pk), str(row)) for row in model.objects.filter(home=home, pk__in=ids))
    return names


def _facts(event: Event, names: Names) -> dict[str, object]:
    """Return all that sentences say of an event: the names of its rows, the amount, and what changed."""
    data, currency = event.data, event.home.currency
    row: dict[str, Any] = data.get("entry") or data.get("recurring") or data.get("batch") or data.get("barcode") or {}
    item = (row or data).get("item") or {}
    on_list = row or data.get("trip") or data.get("claim") or data.get("guest_link") or {}
    grocery_list = data.get("list") or {}
    facts: dict[str, object] = {
        "item": item.get("name", ""),
        "thing": _thing(row) if row.get("quantity") else "",
        "list": grocery_list.get("name") or names.get(on_list.get("list_id", "")) or _("a list that was deleted"),
        "changes": list_changes(_changes(event, names, currency)),
    }
    for key in ("category", "store", "alias", "guest_link", "merged"):
        facts[key] = data.get(key, {}).get("name", "") if isinstance(data.get(key), dict) else ""
    if "barcode" in data:
        facts["code"] = row["code"]
    if row.get("assigned_to_id"):
        facts["name"] = names.get(row["assigned_to_id"]) or _("Former member")
    if "claim" in data:
        facts["category"] = names.get(data["claim"]["category_id"]) or _("an aisle")
    if row.get("price_paid"):
        facts["price"] = money(Decimal(row["price_paid"]), currency)
    if "trip" in data:
        facts["total"] = money(Decimal(data["trip"].get("total") or 0), currency)
    if "recurring" in data:
        facts["rule"] = describe_rule(row["rrule"])
    return facts | (_expense_facts(data["expense"], names, currency) if "expense" in data else {})


def _thing(row: dict[str, Any]) -> str:
    """Return the item with its amount: “Milk (2 l)”, “Milk” for a single one."""
    quantity = amount({"quantity": Decimal(row["quantity"]), "unit": row["unit"]})
    return row["item"]["name"] if quantity == "1" else f"{row['item']['name']} ({quantity})"


def _expense_facts(expense: dict[str, Any], names: Names, currency: str) -> dict[str, object]:
    payee = expense["shares"][0] if expense["shares"] else {}
    return {
        "expense": expense["title"] or _("a payment"),
        "sum": money(Decimal(expense["amount"]), currency),
        "payer": names.get(expense["paid_by_id"] or "") or expense["paid_by_name"] or _("Former member"),
        "payee": names.get(payee.get("user_id") or "") or payee.get("name") or _("Former member"),
    }


def _changes(event: Event, names: Names, currency: str) -> dict[str, tuple[object, object]]:
    """Return what changed in words, by label. Other fields and those without a label are left out."""
    row = event.data.get("entry") or event.data.get("recurring")
    changes: dict[str, tuple[object, object]] = {}
    if row and event.changes.keys() & {"quantity", "unit"}:
        pairs = {name: event.changes.get(name, [row[name], row[name]]) for name in ("quantity", "unit")}
        old, new = (
            amount({"quantity": Decimal(pairs["quantity"][at] or 0), "unit": pairs["unit"][at]}) for at in (0, 1)
        )
        changes[str(_FIELDS["amount"])] = (old, new)
    for field in _FIELDS:  # in this order, which PostgreSQL does not keep
        if (pair := event.changes.get(field)) is not None:
            unit = currency if field in _MONEY or (field == "amount" and "expense" in event.data) else ""
            before, after = (_value(field, each, names, unit) for each in pair)
            changes[str(_FIELDS[field])] = (before, after)
    if "item" in event.changes and row:
        changes[str(_FIELDS["item"])] = ("", row["item"]["name"])
    return changes


def _value(field: str, value: Any, names: Names, currency: str) -> object:
    if value in (None, ""):
        return ""
    if currency:
        return money(Decimal(value), currency)
    if field == "rrule":
        return describe_rule(value)
    if field == "category":
        return names.get(value) or expense_category_label(value)
    if field in ("store", "paid_by"):  # other texts are what people wrote, even if that is the id of something
        return names.get(value, "")
    return value


def _if_known(what: Any, without: Any) -> Callable[[Event], str]:
    """Return a function that returns `what` for an event that says what changed, else `without`."""
    labelled = _FIELDS.keys() | {"quantity", "unit"}
    return lambda event: what if event.changes.keys() & labelled else without


def _entry_updated(event: Event) -> str:
    if "list" in event.changes:
        return _("%(who)s moved %(thing)s to “%(list)s”.")
    if event.changes.keys() & (_FIELDS.keys() | {"quantity", "unit"}):
        return _("%(who)s changed %(item)s: %(changes)s.")
    return _("%(who)s changed %(item)s.")


def _entry_removed(event: Event) -> str:
    if event.data.get("part_of"):
        return _("%(who)s added %(thing)s to what was on “%(list)s” already.")
    return _("%(who)s took %(thing)s off “%(list)s”.")


def _entry_purchased(event: Event) -> str:
    if event.data["entry"]["price_paid"]:
        return _("%(who)s bought %(thing)s for %(price)s.")
    return _("%(who)s bought %(thing)s.")


def _list_created(event: Event) -> str:
    is_template = event.data["list"]["is_template"]
    return _("%(who)s created the template “%(list)s”.") if is_template else _("%(who)s started “%(list)s”.")


def _list_updated(event: Event) -> str:
    if "archived_at" in event.changes:
        is_archived = event.changes["archived_at"][1] is not None
        return _("%(who)s archived “%(list)s”.") if is_archived else _("%(who)s restored “%(list)s”.")
    return _("%(who)s changed “%(list)s”: %(changes)s.")


def _shopping_ended(event: Event) -> str:
    if event.data["trip"].get("total"):
        return _("%(who)s ended the shopping for “%(list)s”: %(total)s.")
    return _("%(who)s ended the shopping for “%(list)s”.")


def _total_changed(event: Event) -> str:
    if event.data["trip"].get("total"):
        return _("%(who)s set the total of the shopping for “%(list)s” to %(total)s.")
    return _("%(who)s removed the total of the shopping for “%(list)s”.")


def _expense_created(event: Event) -> str:
    if event.data["expense"]["is_payment"]:
        return _("%(payer)s paid %(payee)s %(sum)s.")
    return _("%(who)s added the expense %(expense)s: %(sum)s, paid by %(payer)s.")


def _store_updated(event: Event) -> str:
    if "name" in event.changes:
        return _("%(who)s changed the store %(store)s: %(changes)s.")
    return _("%(who)s changed the order of aisles in %(store)s.")


def _entry_assigned(event: Event) -> str:
    if event.data["entry"]["assigned_to_id"]:
        return _("%(who)s asked %(name)s to get %(item)s.")
    return _("%(who)s said that anybody can get %(item)s.")


LISTS = Activity(
    label=gettext_lazy("Lists and shopping"),
    facts=_facts,
    sentences={
        "list_created": _list_created,
        "list_updated": _list_updated,
        "list_state_changed": lambda event: str(_STATES[event.data["list"]["state"]]),
        "list_deleted": gettext_lazy("%(who)s deleted “%(list)s”."),
        "list_item_added": gettext_lazy("%(who)s added %(thing)s to “%(list)s”."),
        "list_item_updated": _entry_updated,
        "list_item_purchased": _entry_purchased,
        "list_item_put_back": gettext_lazy("%(who)s put %(thing)s back on “%(list)s”."),
        "list_item_removed": _entry_removed,
        "list_item_assigned": _entry_assigned,
        "list_item_sorted": gettext_lazy("%(who)s moved %(item)s up or down on “%(list)s”."),
        "list_item_overtaken": gettext_lazy("%(who)s changed %(item)s offline, after somebody else had changed it."),
        "shopping_started": gettext_lazy("%(who)s went shopping with “%(list)s”."),
        "shopping_ended": _shopping_ended,
        "shopping_total_changed": _total_changed,
        "aisle_claimed": gettext_lazy("%(who)s took the aisle %(category)s of “%(list)s”."),
        "aisle_released": gettext_lazy("%(who)s left the aisle %(category)s of “%(list)s”."),
        "guest_link_created": gettext_lazy("%(who)s shared “%(list)s” with %(guest_link)s."),
        "guest_link_revoked": gettext_lazy("%(who)s revoked the link of %(guest_link)s to “%(list)s”."),
    },
)
ITEMS = Activity(
    label=gettext_lazy("Items, aisles and stores"),
    facts=_facts,
    sentences={
        "item_created": gettext_lazy("%(who)s created the item %(item)s."),
        "item_updated": _if_known(
            gettext_lazy("%(who)s changed the item %(item)s: %(changes)s."),
            gettext_lazy("%(who)s changed the item %(item)s."),
        ),
        "item_removed": gettext_lazy("%(who)s deleted the item %(item)s."),
        "item_alias_added": gettext_lazy("%(who)s gave an item the other name %(alias)s."),
        "item_alias_removed": gettext_lazy("%(who)s removed %(alias)s, the other name of an item."),
        "items_merged": gettext_lazy("%(who)s merged the item %(merged)s into %(item)s."),
        "items_split": gettext_lazy("%(who)s separated the item %(merged)s from %(item)s again."),
        "category_created": gettext_lazy("%(who)s created the aisle %(category)s."),
        "category_updated": _if_known(
            gettext_lazy("%(who)s changed the aisle %(category)s: %(changes)s."),
            gettext_lazy("%(who)s changed the aisle %(category)s."),
        ),
        "category_removed": gettext_lazy("%(who)s deleted the aisle %(category)s."),
        "categories_merged": gettext_lazy("%(who)s merged the aisle %(merged)s into %(category)s."),
        "categories_split": gettext_lazy("%(who)s separated the aisle %(merged)s from %(category)s again."),
        "store_created": gettext_lazy("%(who)s added the store %(store)s."),
        "store_updated": _store_updated,
        "store_removed": gettext_lazy("%(who)s removed the store %(store)s."),
        "recurring_set": gettext_lazy("%(who)s made %(thing)s come back: %(rule)s."),
        "recurring_updated": gettext_lazy("%(who)s changed when %(thing)s comes back."),
        "recurring_stopped": gettext_lazy("%(who)s stopped %(thing)s from coming back."),
    },
)
PANTRY = Activity(
    label=gettext_lazy("Pantry"),
    facts=_facts,
    sentences={
        "pantry_added": gettext_lazy("%(who)s put %(thing)s into the pantry."),
        "pantry_updated": gettext_lazy("%(who)s changed what is at home of %(item)s: %(thing)s."),
        "pantry_removed": gettext_lazy("%(who)s took %(thing)s out of the pantry."),
        "barcode_added": gettext_lazy("%(who)s noted that the barcode %(code)s is %(item)s."),
        "barcode_removed": gettext_lazy("%(who)s forgot the barcode %(code)s of %(item)s."),
    },
)
EXPENSES = Activity(
    label=gettext_lazy("Shared expenses"),
    facts=_facts,
    sentences={
        "expense_created": _expense_created,
        "expense_updated": _if_known(
            gettext_lazy("%(who)s changed the expense %(expense)s: %(changes)s."),
            gettext_lazy("%(who)s changed the expense %(expense)s."),
        ),
        "expense_removed": gettext_lazy("%(who)s removed the expense %(expense)s of %(sum)s."),
    },
)
ACTIVITIES = {"lists": LISTS, "items": ITEMS, "pantry": PANTRY, "expenses": EXPENSES}
