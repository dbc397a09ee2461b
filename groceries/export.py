"""What a home buys, as part of its file."""

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
from homes.export import Moment, file_location, require_row, validate_row
from homes.models import Membership
from pantry.text import clean_line

MOST_ROWS = 20_000
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
    categories: list[CategorySnapshot] = Field(max_length=MOST_ROWS)
    items: list[ItemRow] = Field(max_length=MOST_ROWS)
    lists: list[ListRow] = Field(max_length=MOST_ROWS)
    entries: list[EntryRow] = Field(max_length=MOST_ROWS)
    recurring: list[RuleRow] = Field(max_length=MOST_ROWS)


def write_groceries(member: Membership) -> Any:
    home = member.home_id
    return {
        "entries": _rows(EntryRow, ListEntry.objects.filter(home=home).order_by("created_at")),
        "recurring": _rows(RuleRow, RecurringItem.objects.filter(home=home).order_by("created_at")),
        "lists": _rows(ListRow, GroceryList.objects.filter(home=home).order_by("created_at")),
        "items": _rows(ItemRow, Item.objects.filter(home=home).order_by("name")),
        "categories": _rows(CategorySnapshot, Category.objects.filter(home=home)),
    }


def _rows(shape: type[Snapshot], found: QuerySet[Any]) -> Iterator[dict[str, Any]]:
    return (shape.model_validate(row).model_dump(mode="json") for row in found.iterator())


def read_groceries(by: Actor, part: Any) -> None:
    """Into a home that was just founded. Every row gets an id of this home, and its event."""
    told = Groceries.model_validate(part)
    places = _aisles(told.categories, by)
    items: dict[UUID, Item] = {}
    for index, thing in enumerate(told.items):
        with file_location("items", index):
            items[thing.id] = _item(thing, places, by)
    lists: dict[UUID, GroceryList] = {}
    for index, row in enumerate(told.lists):
        with file_location("lists", index):
            lists[row.id] = _list(row, by)
    for index, entry in enumerate(told.entries):
        with file_location("entries", index):
            _entry(entry, require_row(lists, entry.list_id), require_row(items, entry.item_id), by)
    for index, rule in enumerate(told.recurring):
        with file_location("recurring", index):
            _rule(rule, require_row(items, rule.item_id), by)


def _aisles(rows: list[CategorySnapshot], by: Actor) -> dict[UUID, Category]:
    """Those of the file, and none of those that every home begins with besides."""
    born = {category.name: category for category in Category.objects.filter(home=by.home)}
    places: dict[UUID, Category] = {}
    for index, row in enumerate(rows):
        with file_location("categories", index):
            aisle = born.pop(row.name, None) or create_category(row.name, by=by, position=row.position)
            places[row.id] = update_category(aisle, by=by, position=row.position)
    for category in born.values():
        remove_category(category, by=by)
    return places


def _item(row: ItemRow, places: dict[UUID, Category], by: Actor) -> Item:
    fields = row.model_dump(exclude={"id", "name", "category_id"})
    validate_row(Item(name=row.name, **fields), "normalized_name", "category")
    return create_item(row.name, by=by, category=require_row(places, row.category_id), **fields)[0]


def _list(row: ListRow, by: Actor) -> GroceryList:
    made = GroceryList(home=by.home, **row.model_dump(exclude={"id"}))
    validate_row(made)
    made.save(force_insert=True)
    record("list_created", made, by=by)
    return made


def _entry(row: EntryRow, on: GroceryList, item: Item, by: Actor) -> None:
    """Who is no member here is named nowhere."""
    me = by.user.pk if by.user else None
    fields = row.model_dump(exclude={"list_id", "item_id", "added_by_id", "purchased_by_id"})
    entry = ListEntry(home=by.home, list=on, item=item, **fields)
    entry.added_by_id = me if row.added_by_id == me else None
    entry.purchased_by_id = me if row.purchased_by_id == me else None
    validate_row(entry)
    entry.save(force_insert=True)
    record("list_item_added", entry, by=by)


def _rule(row: RuleRow, item: Item, by: Actor) -> None:
    """Due as if it had been set now."""
    validate_row(RecurringItem(**row.model_dump(exclude={"item_id"})), "next_due_at")
    rule = set_recurring(item, row.frequency, by=by, rrule=row.rrule, quantity=row.quantity, unit=row.unit)
    if row.paused_at:
        pause_recurring(rule, by=by, at=row.paused_at)
