"""The state of a home today."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from pantry_pixie.groceries import Forecast, GroceryList, RecurringItem
from pantry_pixie.operations import HOME, ClientT, Id, Model, Resource, operation
from pantry_pixie.pantry import Batch
from pantry_pixie.planner import Occurrence, Task


class Unread(Model):
    """A room or chat with unread messages. Only a room has a name."""

    channel: UUID
    kind: str
    name: str
    unread: int


class TodayView(Model):
    """`tasks` are overdue or due today, yours and nobody's first; of the current list, `to_get` items are to buy
    and `got` are in the basket; `recurring` and `forecasts` are what is needed soon, `use_soon` what the
    pantry has that is expired or will be; `spent` and `left` are of this month and its budget."""

    day: date
    tasks: list[Task]
    events: list[Occurrence]
    current_list: GroceryList | None
    to_get: int
    got: int
    shoppers: list[UUID]
    recurring: list[RecurringItem]
    forecasts: list[Forecast]
    use_soon: list[Batch]
    spent: Decimal
    left: Decimal | None
    unread: list[Unread]


class Today(Resource[ClientT], path=f"{HOME}/today"):
    """The state of a home today, for the signed-in member."""

    @operation("GET", "", TodayView)
    def get(self, home: Id) -> None: ...
