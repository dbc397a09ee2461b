"""Lists, what is on them, and what was spent."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from pantry_pixie.models.base import Row

ListState = Literal["draft", "approved", "completed"]
EntryState = Literal["pending", "purchased", "removed"]
Frequency = Literal["weekly", "biweekly", "monthly"]


class Category(Row):
    """An aisle. `label` is its name as it is shown."""

    id: UUID
    name: str
    label: str
    position: int


class ListedItem(Row):
    id: UUID
    name: str
    description: str
    category: str
    default_unit: str


class Item(ListedItem):
    """Something a home buys. `quantity` and `unit` are the usual amount."""

    quantity: Decimal | None
    unit: str
    estimated_price: Decimal | None
    last_purchased_at: datetime | None


class Entry(Row):
    """One thing on a list."""

    id: UUID
    item: ListedItem
    quantity: Decimal
    unit: str
    note: str
    state: EntryState
    version: int
    added_by: UUID | None
    purchased_by: UUID | None
    purchased_at: datetime | None
    price_paid: Decimal | None


class GroceryList(Row):
    id: UUID
    name: str
    state: ListState
    completed_at: datetime | None
    created_at: datetime


class FullList(GroceryList):
    """A list with all that stands on it, in the order of the shop."""

    items: list[Entry]


class Shopper(Row):
    user: UUID
    since: datetime


class TakenAisle(Row):
    category: UUID
    user: UUID


class Shopping(Row):
    """Who shops with a list now, and who takes which aisle."""

    shoppers: list[Shopper]
    aisles: list[TakenAisle]


class Recurring(Row):
    """What comes back by itself."""

    id: UUID
    item: ListedItem
    quantity: Decimal
    unit: str
    frequency: Frequency
    rrule: str
    next_due_at: datetime
    paused_at: datetime | None


class SpendingGroup(Row):
    """`key` is an aisle, a person's id, a Monday or the first of a month."""

    key: str | None
    total: Decimal


class Budget(Row):
    monthly: Decimal
    left: Decimal
    days_left: int


class Spending(Row):
    """`without_price` counts purchases that have none."""

    model_config = ConfigDict(populate_by_name=True)

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    currency: str
    total: Decimal
    without_price: int
    groups: list[SpendingGroup]
    budget: Budget | None
