"""Export and import the groceries of a home."""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from django.db.models import QuerySet
from pydantic import AfterValidator, Field

from groceries.actions import (
    create_category,
    create_item,
    pause_recurring,
    remove_category,
    set_recurring,
    update_category,
)
from groceries.models import Category, GroceryList, Item, ListEntry, RecurringItem
from groceries.schemas import CategorySnapshot, ItemSnapshot, ListSnapshot
from homes.events.actor import Actor
from homes.events.log import record
from homes.events.schemas import Number, Snapshot
from homes.export import Moment, import_rows, require_row, validate_row
from homes.models import Membership
from pantry.text import clean_line

MAX_ROWS = 20_000
Text = Annotated[str, AfterValidator(clean_line)]


class ItemRow(ItemSnapshot):
    name: Text
    description: Text
    default_unit: Text
    last_purchased_at: Moment | None


class ListRow(ListSnapshot):
    name: Text
    completed_at: Moment | None
    archived_at: Moment | None
    created_at: Moment


class EntryRow(Snapshot):
    list_id: UUID
    item_id: UUID
    quantity: Number
    unit: Text
    note: Text
    state: str
    added_by_id: UUID | None
    purchased_by_id: UUID | None
    purchased_at: Moment | None
    price_paid: Number | None


class RuleRow(Snapshot):
    item_id: UUID
    quantity: Number
    unit: Text
    frequency: str
    rrule: Annotated[Text, Field(max_length=200)]
    paused_at: Moment | None


class Groceries(Snapshot):
    categories: list[CategorySnapshot] = Field(max_length=MAX_ROWS)
    items: list[ItemRow] = Field(max_length=MAX_ROWS)
    lists: list[ListRow] = Field(max_length=MAX_ROWS)
    entries: list[EntryRow] = Field(max_length=MAX_ROWS)
    recurring: list[RuleRow] = Field(max_length=MAX_ROWS)


def export_groceries(member: Membership) -> Any:
    """Return the rows of the home as iterators, by section."""
    home = member.home_id
    return {
        "entries": _rows(EntryRow, ListEntry.objects.filter(home=home).order_by("created_at")),
        "recurring": _rows(RuleRow, RecurringItem.objects.filter(home=home).order_by("created_at")),
        "lists": _rows(ListRow, GroceryList.objects.filter(home=home).order_by("created_at")),
        "items": _rows(ItemRow, Item.objects.filter(home=home).order_by("name")),
        "categories": _rows(CategorySnapshot, Category.objects.filter(home=home)),
    }


def _rows(schema: type[Snapshot], rows: QuerySet[Any]) -> Iterator[dict[str, Any]]:
    return (schema.model_validate(row).model_dump(mode="json") for row in rows.iterator())


def import_groceries(by: Actor, part: Any) -> None:
    """Import groceries into a new home. Every row gets a new id and an event."""
    groceries = Groceries.model_validate(part)
    defaults = {category.name: category for category in Category.objects.filter(home=by.home)}
    categories = import_rows("categories", groceries.categories, lambda row: _import_category(row, defaults, by))
    for category in defaults.values():  # those that the file does not have
        remove_category(category, by=by)
    items = import_rows("items", groceries.items, lambda row: _import_item(row, categories, by))
    lists = import_rows("lists", groceries.lists, lambda row: _import_list(row, by))
    import_rows("entries", groceries.entries, lambda row: _import_entry(row, lists, items, by))
    import_rows("recurring", groceries.recurring, lambda row: _import_rule(row, items, by))


def _import_category(row: CategorySnapshot, defaults: dict[str, Category], by: Actor) -> Category:
    aisle = defaults.pop(row.name, None) or create_category(row.name, by=by, position=row.position)
    return update_category(aisle, by=by, position=row.position)


def _import_item(row: ItemRow, categories: dict[UUID, Category], by: Actor) -> Item:
    fields = row.model_dump(exclude={"id", "name", "category_id"})
    validate_row(Item(name=row.name, **fields), "normalized_name", "category")
    return create_item(row.name, by=by, category=require_row(categories, row.category_id), **fields)[0]


def _import_list(row: ListRow, by: Actor) -> GroceryList:
    grocery_list = GroceryList(home=by.home, **row.model_dump(exclude={"id"}))
    validate_row(grocery_list)
    grocery_list.save(force_insert=True)
    record("list_created", grocery_list, by=by)
    return grocery_list


def _import_entry(row: EntryRow, lists: dict[UUID, GroceryList], items: dict[UUID, Item], by: Actor) -> None:
    """Import an entry, dropping references to people other than the importing member."""
    fields = row.model_dump()
    grocery_list, item = require_row(lists, fields.pop("list_id")), require_row(items, fields.pop("item_id"))
    for name in ("added_by_id", "purchased_by_id"):
        fields[name] = by.user.pk if by.user and fields[name] == by.user.pk else None
    entry = ListEntry(home=by.home, list=grocery_list, item=item, **fields)
    validate_row(entry)
    entry.save(force_insert=True)
    record("list_item_added", entry, by=by)


def _import_rule(row: RuleRow, items: dict[UUID, Item], by: Actor) -> None:
    """Import a recurring item, due as if it were new."""
    item = require_row(items, row.item_id)
    validate_row(RecurringItem(**row.model_dump(exclude={"item_id"})), "next_due_at")
    rule = set_recurring(item, row.frequency, by=by, rrule=row.rrule, quantity=row.quantity, unit=row.unit)
    if row.paused_at:
        pause_recurring(rule, by=by, at=row.paused_at)
