"""Export and import the groceries of a home."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import count
from typing import Annotated, Any, cast
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field, TypeAdapter

from groceries.actions import remove_category
from groceries.actions.aisles import MAX_AISLES
from groceries.actions.barcodes import MAX_BARCODES, TOO_MANY_BARCODES
from groceries.actions.batches import MAX_BATCHES, PANTRY_FULL
from groceries.actions.expenses import check_expense
from groceries.actions.items import display_name_and_key
from groceries.actions.recurring import check_day, check_rule, first_due
from groceries.attachments import ENTRY, EXPENSE, TRIP
from groceries.barcodes import read_barcode
from groceries.models import (
    Barcode,
    Category,
    Expense,
    ExpenseShare,
    Frequency,
    GroceryList,
    Item,
    ItemAlias,
    ListEntry,
    PantryBatch,
    RecurringItem,
    Store,
    Trip,
)
from groceries.models.item import DEFAULT_CATEGORIES
from groceries.parsing.quantities import normalize_unit
from groceries.schemas import AliasSnapshot, CategorySnapshot, ItemSnapshot, ListSnapshot, StoreSnapshot
from homes.accounts.models import User
from homes.events.actor import Actor
from homes.events.log import new_event
from homes.events.schemas import Number, Snapshot
from homes.export import Moment
from homes.files.export import BATCH_ROWS as FILE_BATCH_ROWS
from homes.files.export import FileImport, FileRow, export_files
from homes.files.models import StoredFile
from homes.hooks import Export
from homes.imports import Built, import_rows, insert_rows, keep_row, require_row, validate_row
from homes.models import Membership
from pantry.errors import ActionError
from pantry.recurrence import HORIZON
from pantry.text import clean_line
from pantry.years import check_year

FETCHED_ROWS = 2000  # at a time
Text = Annotated[str, AfterValidator(clean_line)]


class ItemRow(ItemSnapshot):
    name: Text
    description: Text
    default_unit: Text
    min_unit: Text = ""
    last_purchased_at: Moment | None


class AliasRow(AliasSnapshot):
    name: Text


class ListRow(ListSnapshot):
    name: Text
    approved_at: Moment | None
    completed_at: Moment | None
    archived_at: Moment | None
    created_at: Moment


class EntryRow(Snapshot):
    id: UUID | None = None  # of one with files or a batch
    list_id: UUID
    item_id: UUID
    quantity: Number
    unit: Text
    note: Text
    state: str
    listed_at: Moment
    added_by_id: UUID | None
    assigned_to_id: UUID | None = None
    purchased_by_id: UUID | None
    purchased_at: Moment | None
    price_paid: Number | None
    position: int | None = None


class TripRow(Snapshot):
    id: UUID | None = None  # of one with files
    list_id: UUID
    user_id: UUID | None
    created_at: Moment
    ended_at: Moment
    total: Number | None


class PersonRow(Snapshot):
    user_id: UUID | None
    name: Annotated[Text, Field(min_length=1)]


class ShareRow(Snapshot):
    person: PersonRow
    amount: Number


class ExpenseRow(Snapshot):
    id: UUID | None = None  # of one with files
    title: Text
    amount: Number
    spent_on: Annotated[date, AfterValidator(check_year)]
    category: Text
    is_payment: bool
    payer: PersonRow
    note: Text
    created_at: Moment
    rrule: Annotated[Text, Field(max_length=200)] = ""
    starts_on: date | None = None
    next_due_at: Moment | None = None
    paused_at: Moment | None = None
    shares: Annotated[tuple[ShareRow, ...], Field(min_length=1)]


class RuleRow(Snapshot):
    item_id: UUID
    quantity: Number
    unit: Text
    frequency: str
    rrule: Annotated[Text, Field(max_length=200)]
    starts_on: date | None = None  # missing in the files of earlier versions
    next_due_at: Moment | None = None
    paused_at: Moment | None


class BatchRow(Snapshot):
    item_id: UUID
    quantity: Number
    unit: Text
    best_before: Annotated[date, AfterValidator(check_year)] | None
    place: str
    created_at: Moment
    entry_id: UUID | None = None


class BarcodeRow(Snapshot):
    item_id: UUID
    code: Text
    quantity: Number | None
    unit: Text


class Groceries(Snapshot):
    categories: Iterable[CategorySnapshot]
    stores: Iterable[StoreSnapshot] = ()
    items: Iterable[ItemRow]
    lists: Iterable[ListRow]
    entries: Iterable[EntryRow]
    recurring: Iterable[RuleRow]
    trips: Iterable[TripRow] = ()
    aliases: Iterable[AliasRow] = ()
    expenses: Iterable[ExpenseRow] = ()
    pantry: Iterable[BatchRow] = ()
    barcodes: Iterable[BarcodeRow] = ()
    files: Iterable[FileRow] = ()


def export_groceries(member: Membership) -> Any:
    """Return the rows of the home as iterators, by section."""
    home = member.home_id
    has_batch = Exists(PantryBatch.objects.filter(entry_id=OuterRef("pk")))
    entries = ListEntry.objects.filter(home=home).annotate(
        has_files=StoredFile.objects.exist_for(ENTRY), has_batch=has_batch
    )
    expenses = Expense.objects.filter(home=home).with_people().with_files()
    trips = Trip.objects.filter(home=home).with_receipt()
    return {
        "pantry": _rows(BatchRow, PantryBatch.objects.filter(home=home).order_by("created_at", "id")),
        "barcodes": _rows(BarcodeRow, Barcode.objects.filter(home=home).order_by("code")),
        "files": export_files(member.home, {ENTRY: entries, EXPENSE: expenses, TRIP: trips}),
        "entries": _rows_with_ids(EntryRow, entries.order_by("created_at")),
        "expenses": _rows_with_ids(ExpenseRow, expenses.order_by("created_at")),
        "trips": _rows_with_ids(TripRow, trips.order_by("created_at")),
        "recurring": _rows(RuleRow, RecurringItem.objects.filter(home=home).order_by("created_at")),
        "aliases": _rows(AliasRow, ItemAlias.objects.filter(home=home)),
        "lists": _rows(ListRow, GroceryList.objects.filter(home=home).order_by("created_at")),
        "items": _rows(ItemRow, Item.objects.filter(home=home).order_by("search_key")),
        "stores": _rows(StoreSnapshot, Store.objects.filter(home=home)),
        "categories": _rows(CategorySnapshot, Category.objects.filter(home=home)),
    }


def _rows(schema: type[Snapshot], rows: QuerySet[Any]) -> Iterator[dict[str, Any]]:
    return (schema.model_validate(row).model_dump(mode="json") for row in rows.iterator(chunk_size=FETCHED_ROWS))


def _rows_with_ids(schema: type[Snapshot], rows: QuerySet[Any]) -> Iterator[dict[str, Any]]:
    """Yield the rows, with the ids of those that have files or a batch in the pantry."""
    for row in rows.iterator(chunk_size=FETCHED_ROWS):
        exported = schema.model_validate(row).model_dump(mode="json")
        if not (row.has_files or getattr(row, "has_batch", False)):
            del exported["id"]
        yield exported


class GroceriesImport:
    """The import of groceries into a new home. Every row gets a new id and an event.

    The dictionaries have the new rows by the ids in the file.
    """

    def __init__(self, by: Actor) -> None:
        self.by = by
        self.categories: dict[UUID, Category] = {}
        self.stores: dict[UUID, Store] = {}
        self.items: dict[UUID, Item] = {}
        self.items_by_key: dict[str, Item] = {}
        self.lists: dict[UUID, GroceryList] = {}
        self.codes: set[str] = set()
        self.batch_count = 0
        self.names: dict[tuple[UUID | None, str], str] = {}
        self.targets: dict[tuple[str, UUID], UUID] = {}

    def run(self, groceries: Groceries) -> None:
        by = self.by
        for category in Category.objects.filter(home=by.home):
            remove_category(category, by=by)
        import_rows(by, "categories", groceries.categories, self.build_category)
        import_rows(by, "stores", groceries.stores, self.build_store)
        import_rows(by, "items", groceries.items, self.build_item)
        import_rows(by, "aliases", groceries.aliases, self.build_alias)
        import_rows(by, "lists", groceries.lists, self.build_list)
        import_rows(by, "entries", groceries.entries, self.build_entry)
        import_rows(by, "recurring", groceries.recurring, self.build_rule)
        import_rows(by, "trips", groceries.trips, self.build_trip)
        import_rows(by, "expenses", groceries.expenses, self.build_expense, _insert_expenses)
        import_rows(by, "pantry", groceries.pantry, self.build_batch)
        import_rows(by, "barcodes", groceries.barcodes, self.build_barcode)
        files = FileImport(by, self.targets)
        import_rows(by, "files", groceries.files, files.build, batch_rows=FILE_BATCH_ROWS)

    def build_category(self, row: CategorySnapshot) -> Built:
        name = clean_line(row.name)
        stands_for = row.stands_for or (name if name in DEFAULT_CATEGORIES else "")
        if len(self.categories) >= MAX_AISLES:
            raise ActionError(_("A home can have %(max)d aisles. Merge or delete one first.") % {"max": MAX_AISLES})
        category = Category(home=self.by.home, name=name, position=row.position, stands_for=stands_for)
        validate_row(category)
        keep_row(self.categories, row.id, category)
        return category, new_event("category_created", category, by=self.by)

    def build_store(self, row: StoreSnapshot) -> Built:
        aisles = [str(self.categories[pk].pk) for pk in row.aisles if pk in self.categories]
        name, is_sorted_by_hand = clean_line(row.name), row.is_sorted_by_hand
        store = Store(home=self.by.home, name=name, aisles=aisles, is_sorted_by_hand=is_sorted_by_hand)
        validate_row(store)
        keep_row(self.stores, row.id, store)
        return store, new_event("store_created", store, by=self.by)

    def build_item(self, row: ItemRow) -> Built | None:
        """Return None for a name that this version, unlike that of the file, does not distinguish from another one."""
        name, key = display_name_and_key(row.name)
        if (existing := self.items_by_key.get(key)) is not None:
            keep_row(self.items, row.id, existing)
            return None
        fields = row.model_dump(exclude={"id", "name", "category_id"})
        item = Item(home=self.by.home, name=name, normalized_name=key, **fields)
        item.category = require_row(self.categories, row.category_id)
        validate_row(item, "normalized_name")
        keep_row(self.items, row.id, item)
        self.items_by_key[key] = item
        return item, new_event("item_created", item, by=self.by)

    def build_alias(self, row: AliasRow) -> Built | None:
        """Return None for a name that this version does not distinguish from another one."""
        item = require_row(self.items, row.item_id)
        name, key = display_name_and_key(row.name)
        if key in self.items_by_key:
            return None
        self.items_by_key[key] = item
        alias = ItemAlias(home=self.by.home, item=item, name=name, normalized_name=key)
        validate_row(alias, "normalized_name")
        return alias, new_event("item_alias_added", alias, by=self.by)

    def build_list(self, row: ListRow) -> Built:
        """Leave out who approved it, unless that is the importing member."""
        by, fields = self.by, row.model_dump(exclude={"id", "store_id"})
        store = require_row(self.stores, row.store_id) if row.store_id else None
        if by.user is None or fields["approved_by_id"] != by.user.pk:
            fields["approved_by_id"] = None
        grocery_list = GroceryList(home=by.home, store=store, **fields)
        validate_row(grocery_list)
        keep_row(self.lists, row.id, grocery_list)
        return grocery_list, new_event("list_created", grocery_list, by=by)

    def build_entry(self, row: EntryRow) -> Built:
        """Leave out references to people other than the importing member."""
        by, fields = self.by, row.model_dump(exclude={"id"})
        grocery_list = require_row(self.lists, fields.pop("list_id"))
        item = require_row(self.items, fields.pop("item_id"))
        for name in ("added_by_id", "assigned_to_id", "purchased_by_id"):
            fields[name] = by.user.pk if by.user and fields[name] == by.user.pk else None
        entry = ListEntry(home=by.home, list=grocery_list, item=item, **fields)
        validate_row(entry)
        self.keep_target(ENTRY, row.id, entry)
        return entry, new_event("list_item_added", entry, by=by)

    def build_trip(self, row: TripRow) -> Built:
        by, fields = self.by, row.model_dump(exclude={"id"})
        grocery_list = require_row(self.lists, fields.pop("list_id"))
        user_id = fields.pop("user_id")
        trip = Trip(home=by.home, list=grocery_list, **fields)
        trip.user = by.user if by.user and user_id == by.user.pk else None
        validate_row(trip)
        self.keep_target(TRIP, row.id, trip)
        return trip, new_event("shopping_ended", trip, by=by)

    def build_expense(self, row: ExpenseRow) -> Built:
        """Keep the names of other people than the importing member: without them nobody knows who owes what."""
        by, fields = self.by, row.model_dump(exclude={"id", "payer", "shares"})
        paid_by, paid_by_name = self.person(row.payer)
        expense = Expense(home=by.home, paid_by=paid_by, paid_by_name=paid_by_name, created_by=by.user, **fields)
        validate_row(expense)
        expense.shares = []
        for share in row.shares:
            user, name = self.person(share.person)
            share_row = ExpenseShare(home=by.home, expense=expense, user=user, name=name, amount=share.amount)
            validate_row(share_row)
            expense.shares.append(share_row)
        check_expense(expense)
        if expense.rrule:
            check_rule(expense.rrule)
            check_day(row.starts_on or row.spent_on, by.home, expense.rrule)
        self.keep_target(EXPENSE, row.id, expense)
        return expense, new_event("expense_created", expense, by=by)

    def build_batch(self, row: BatchRow) -> Built:
        """Build a batch, which follows the purchase that it came from, if that is in the file."""
        fields = row.model_dump(exclude={"item_id", "entry_id"})
        if row.entry_id is not None:
            fields["entry_id"] = self.targets.get((ENTRY, row.entry_id))
        self.batch_count += 1
        if self.batch_count > MAX_BATCHES:
            raise ActionError(PANTRY_FULL % {"max": MAX_BATCHES})
        batch = PantryBatch(home=self.by.home, item=require_row(self.items, row.item_id), **fields)
        validate_row(batch)
        return batch, new_event("pantry_added", batch, by=self.by)

    def build_barcode(self, row: BarcodeRow) -> Built | None:
        """Return None for a code that this version does not distinguish from another one."""
        code, item = read_barcode(row.code), require_row(self.items, row.item_id)
        if code in self.codes:
            return None
        if len(self.codes) >= MAX_BARCODES:
            raise ActionError(TOO_MANY_BARCODES % {"max": MAX_BARCODES})
        self.codes.add(code)
        barcode = Barcode(home=self.by.home, item=item, code=code, quantity=row.quantity, unit=row.unit)
        validate_row(barcode)
        return barcode, new_event("barcode_added", barcode, by=self.by)

    def keep_target(self, kind: str, pk: UUID | None, row: ListEntry | Trip | Expense) -> None:
        """Keep the id of a row that the files in the file may refer to."""
        if pk is not None:
            self.targets[kind, pk] = row.pk

    def person(self, row: PersonRow) -> tuple[User | None, str]:
        """Return the importing member, or the name of somebody else, numbered if others in the file have it, too."""
        if self.by.user is not None and row.user_id == self.by.user.pk:
            return self.by.user, ""
        key = (row.user_id, "" if row.user_id else row.name)
        if key not in self.names:
            numbered = (row.name if number == 1 else f"{row.name} {number}" for number in count(1))
            self.names[key] = next(name for name in numbered if name not in self.names.values())
        return None, self.names[key]

    def build_rule(self, row: RuleRow) -> Built | None:
        """Build a recurring item, due as it was or next by its rule. Return None if it has ended since the export."""
        by, item = self.by, require_row(self.items, row.item_id)
        fields = row.model_dump(exclude={"item_id", "frequency"})
        rule = RecurringItem(home=by.home, item=item, created_by=by.user, **fields)
        validate_row(rule, "starts_on", "next_due_at")
        rule.unit = normalize_unit(row.unit) or item.default_unit or "piece"
        rule.rrule = row.rrule or Frequency(row.frequency).rrule
        check_rule(rule.rrule)
        now = timezone.now()
        if row.starts_on is None or row.next_due_at is None or not now < row.next_due_at < now + HORIZON:
            try:
                rule.starts_on, rule.next_due_at = first_due(by.home, rule.rrule, row.starts_on)
            except ActionError:
                if row.next_due_at is not None and row.next_due_at < now:
                    return None
                raise
        return rule, new_event("recurring_set", rule, by=by)


def _insert_expenses(built: Sequence[Built]) -> None:
    insert_rows(built)
    ExpenseShare.objects.bulk_create(share for expense, _event in built for share in cast(Expense, expense).shares)


GROCERIES = Export(export_groceries, TypeAdapter(Groceries), lambda by, groceries: GroceriesImport(by).run(groceries))
