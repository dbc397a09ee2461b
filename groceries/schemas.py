"""Event schemas of groceries."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from homes.events.schemas import EventData, Number, Snapshot, event, row_event


class AmountChange(StrEnum):
    """The way in which an amount changed: set to a value, increased by an addition, or by a press on + or −."""

    SET = "set"
    ADDED = "added"
    STEPPED = "stepped"


@row_event("category", "category_created", "category_updated", "category_removed")
class CategorySnapshot(Snapshot):
    id: UUID
    name: str
    position: int
    stands_for: str = ""


@row_event("item", "item_created", "item_updated", "item_removed")
class ItemSnapshot(Snapshot):
    id: UUID
    name: str
    description: str
    category_id: UUID
    default_quantity: Number | None
    default_unit: str
    estimated_price: Number | None
    last_purchased_at: datetime | None
    snoozed_until: date | None = None
    has_forecasts: bool = True
    min_quantity: Number | None = None
    min_unit: str = ""
    is_favourite: bool = False


@row_event("store", "store_created", "store_updated", "store_removed")
class StoreSnapshot(Snapshot):
    """`aisles`: the ids of aisles in the order of the store, maybe with some that were removed since."""

    id: UUID
    name: str
    is_sorted_by_hand: bool
    aisles: tuple[UUID, ...]


@row_event("alias", "item_alias_added", "item_alias_removed")
class AliasSnapshot(Snapshot):
    id: UUID
    item_id: UUID
    name: str


@event("items_merged", "items_split")
class ItemsMerged(EventData):
    """All that referred to `merged` refers to `item`, and its name is the `alias`; after a split, the other way round.

    `moved` are the ids of the rows that refer to another item now, None if they are too many to be undone.
    """

    subject: ClassVar[str] = "item"
    item: ItemSnapshot
    merged: ItemSnapshot
    alias: AliasSnapshot | None
    moved: tuple[UUID, ...] | None


@event("categories_merged", "categories_split")
class CategoriesMerged(EventData):
    """The items of `merged` are in `category`; after a split, those that are `moved` are in `merged` again.

    `moved` is None after a merge of too many items to be undone.
    """

    subject: ClassVar[str] = "category"
    category: CategorySnapshot
    merged: CategorySnapshot
    moved: tuple[UUID, ...] | None


@row_event("batch", "pantry_added", "pantry_updated", "pantry_removed")
class BatchSnapshot(Snapshot):
    """`entry_id`: the purchase that it came from."""

    id: UUID
    item: ItemSnapshot
    quantity: Number
    unit: str
    best_before: date | None
    place: str
    entry_id: UUID | None
    created_at: datetime


@row_event("barcode", "barcode_added", "barcode_removed")
class BarcodeSnapshot(Snapshot):
    id: UUID
    item: ItemSnapshot
    code: str
    quantity: Number | None
    unit: str


@row_event("guest_link", "guest_link_created", "guest_link_revoked")
class GuestLinkSnapshot(Snapshot):
    id: UUID
    list_id: UUID
    name: str
    can_change: bool
    created_by_id: UUID
    expires_at: datetime
    revoked_at: datetime | None


@row_event("list", "list_created", "list_updated", "list_state_changed")
class ListSnapshot(Snapshot):
    id: UUID
    name: str
    store_id: UUID | None = None
    state: str
    is_template: bool
    approved_by_id: UUID | None
    approved_at: datetime | None
    completed_at: datetime | None
    archived_at: datetime | None
    created_at: datetime


@event("list_deleted")
class ListDeletedEvent(EventData):
    """`entry_ids`: the entries that were left to get, by which the list can be restored."""

    subject: ClassVar[str] = "list"
    list: ListSnapshot
    entry_ids: tuple[UUID, ...]


class EntrySnapshot(Snapshot):
    id: UUID
    list_id: UUID
    item: ItemSnapshot
    quantity: Number
    unit: str
    note: str
    state: str
    listed_at: datetime
    added_by_id: UUID | None
    added_by_agent_id: UUID | None
    assigned_to_id: UUID | None = None
    purchased_by_id: UUID | None
    purchased_at: datetime | None
    price_paid: Number | None
    position: int | None = None
    version: int


@row_event("recurring", "recurring_set", "recurring_updated", "recurring_stopped")
class RecurringSnapshot(Snapshot):
    id: UUID
    item: ItemSnapshot
    quantity: Number
    unit: str
    frequency: str
    rrule: str
    starts_on: date
    next_due_at: datetime
    paused_at: datetime | None


class ShareSnapshot(Snapshot):
    """`name`: of somebody without an account here, who has no `user_id`."""

    user_id: UUID | None
    name: str
    amount: Number


@row_event("expense", "expense_created", "expense_updated", "expense_removed")
class ExpenseSnapshot(Snapshot):
    """`is_payment`: it is a payment from who paid to the only one with a share."""

    id: UUID
    title: str
    amount: Number
    spent_on: date
    category: str
    is_payment: bool
    paid_by_id: UUID | None
    paid_by_name: str
    note: str
    created_by_id: UUID | None
    rrule: str = ""
    starts_on: date | None = None
    next_due_at: datetime | None = None
    paused_at: datetime | None = None
    shares: tuple[ShareSnapshot, ...]


@row_event("trip", "shopping_started", "shopping_ended", "shopping_total_changed")
class TripSnapshot(Snapshot):
    id: UUID
    list_id: UUID
    user_id: UUID | None
    created_at: datetime
    ended_at: datetime | None
    total: Number | None = None


@row_event("claim", "aisle_claimed", "aisle_released")
class ClaimSnapshot(Snapshot):
    id: UUID
    list_id: UUID
    category_id: UUID
    user_id: UUID


@event(
    "list_item_added",
    "list_item_updated",
    "list_item_assigned",
    "list_item_sorted",
    "list_item_purchased",
    "list_item_put_back",
    "list_item_removed",
)
class EntryEvent(EventData):
    """`amount`: how the amount changed. `part_of`: the entry that a removed entry was merged into."""

    subject: ClassVar[str] = "entry"
    entry: EntrySnapshot
    amount: AmountChange = AmountChange.SET
    part_of: UUID | None = None


@event("list_item_overtaken")
class OvertakenEvent(EventData):
    """An offline change to `meant`, of which the fields `lost` were overruled by later changes."""

    subject: ClassVar[str] = "entry"
    entry: EntrySnapshot
    verb: str
    meant: dict[str, str | None]
    lost: list[str]
