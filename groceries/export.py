"""What a home buys, as part of its file."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Model
from django.utils.translation import gettext as _
from pydantic import AfterValidator, AwareDatetime, Field

from groceries.actions import create_category, create_item, pause_recurring, set_recurring
from groceries.models import Category, GroceryList, Item, ListEntry, RecurringItem
from groceries.schemas import CategorySnapshot, ItemSnapshot, ListSnapshot
from homes.actors import Actor
from homes.errors import Refused
from homes.events import Number, Snapshot, record
from homes.models import Membership
from homes.texts import clean_line

MOST_ROWS = 20_000
Text = Annotated[str, AfterValidator(clean_line)]


class ItemRow(ItemSnapshot):
    name: Text
    description: Text
    default_unit: Text
    last_purchased_at: AwareDatetime | None


class ListRow(ListSnapshot):
    name: Text
    completed_at: AwareDatetime | None
    archived_at: AwareDatetime | None
    created_at: AwareDatetime


class EntryRow(Snapshot):
    list_id: UUID
    item_id: UUID
    quantity: Number
    unit: Text
    note: Text
    state: str
    added_by_id: UUID | None
    purchased_by_id: UUID | None
    purchased_at: AwareDatetime | None
    price_paid: Number | None


class RuleRow(Snapshot):
    item_id: UUID
    quantity: Number
    unit: Text
    frequency: str
    rrule: Annotated[Text, Field(max_length=200)]
    paused_at: datetime | None


class Groceries(Snapshot):
    categories: list[CategorySnapshot] = Field(max_length=MOST_ROWS)
    items: list[ItemRow] = Field(max_length=MOST_ROWS)
    lists: list[ListRow] = Field(max_length=MOST_ROWS)
    entries: list[EntryRow] = Field(max_length=MOST_ROWS)
    recurring: list[RuleRow] = Field(max_length=MOST_ROWS)


def write_groceries(member: Membership) -> Any:
    home = member.home_id
    rows = {
        "categories": Category.objects.filter(home=home),
        "items": Item.objects.filter(home=home).order_by("name"),
        "lists": GroceryList.objects.filter(home=home).order_by("created_at"),
        "entries": ListEntry.objects.filter(home=home).order_by("created_at"),
        "recurring": RecurringItem.objects.filter(home=home).order_by("created_at"),
    }
    return Groceries.model_validate({name: list(found) for name, found in rows.items()}).model_dump(mode="json")


def read_groceries(by: Actor, part: Any) -> None:
    """Into a home that was just founded. Every row gets an id of this home, and its event."""
    told = Groceries.model_validate(part)
    aisles = {category.name: category for category in Category.objects.filter(home=by.home)}
    places = {
        row.id: aisles.get(row.name) or create_category(row.name, by=by, position=row.position)
        for row in told.categories
    }
    items = {row.id: _item(row, places, by) for row in told.items}
    lists = {row.id: _list(row, by) for row in told.lists}
    for row in told.entries:
        _entry(row, _of(lists, row.list_id), _of(items, row.item_id), by)
    for rule in told.recurring:
        _rule(rule, _of(items, rule.item_id), by)


def _item(row: ItemRow, places: dict[UUID, Category], by: Actor) -> Item:
    fields = row.model_dump(exclude={"id", "name", "category_id"})
    _fit(Item(name=row.name, **fields), "normalized_name", "category")
    return create_item(row.name, by=by, category=_of(places, row.category_id), **fields)[0]


def _list(row: ListRow, by: Actor) -> GroceryList:
    made = GroceryList(home=by.home, **row.model_dump(exclude={"id"}))
    _fit(made)
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
    _fit(entry)
    entry.save(force_insert=True)
    record("list_item_added", entry, by=by)


def _rule(row: RuleRow, item: Item, by: Actor) -> None:
    """Due as if it had been set now."""
    _fit(RecurringItem(**row.model_dump(exclude={"item_id"})), "next_due_at")
    rule = set_recurring(item, row.frequency, by=by, rrule=row.rrule, quantity=row.quantity, unit=row.unit)
    if row.paused_at:
        pause_recurring(rule, by=by)


def _fit(row: Model, *but: str) -> None:
    """Raises ValidationError for values that the row cannot hold; what it points at was looked up already."""
    links = [field.name for field in row._meta.get_fields() if field.is_relation]
    row.clean_fields(exclude={*links, *but})


def _of(known: dict[UUID, Any], pk: UUID) -> Any:
    if pk not in known:
        raise Refused(_("This export does not fit together."))
    return known[pk]
