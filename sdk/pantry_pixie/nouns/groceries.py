"""What a home buys: aisles, items, lists, what comes back, what it costs, and the log of it all."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from pantry_pixie import models
from pantry_pixie.models import EntryState, Frequency, ListState, Page
from pantry_pixie.operations import UNSET, Id, Noun, Unset, Way, operation

Amount = Decimal | int | str
HOME = "/api/homes/{home}"


class Categories(Noun[Way]):
    @operation("GET", f"{HOME}/categories", Page[models.Category])
    def list(self, home: Id, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET) -> None:
        """Aisles, in the order of the shop."""

    @operation("POST", f"{HOME}/categories", models.Category)
    def create(self, home: Id, name: str, *, position: int | Unset = UNSET) -> None:
        """Add an aisle."""

    @operation("PATCH", f"{HOME}/categories/{{category}}", models.Category)
    def change(self, home: Id, category: Id, *, name: str | Unset = UNSET, position: int | Unset = UNSET) -> None:
        """Rename or move an aisle."""

    @operation("DELETE", f"{HOME}/categories/{{category}}")
    def remove(self, home: Id, category: Id) -> None:
        """Remove an empty aisle."""


class Items(Noun[Way]):
    @operation("GET", f"{HOME}/items", Page[models.Item])
    def list(
        self,
        home: Id,
        *,
        q: str | Unset = UNSET,
        category: str | Unset = UNSET,
        order: str | Unset = UNSET,
        limit: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> None:
        """What the home buys. `q` is how a word of it begins, `order` is `name` or `newest`."""

    @operation("POST", f"{HOME}/items", models.Item)
    def create(
        self,
        home: Id,
        name: str,
        *,
        description: str | Unset = UNSET,
        category: str | Unset = UNSET,
        quantity: Amount | None | Unset = UNSET,
        unit: str | Unset = UNSET,
        estimated_price: Amount | None | Unset = UNSET,
    ) -> None:
        """Add an item; one of that name that is there already is answered, with these fields."""

    @operation("GET", f"{HOME}/items/{{item}}", models.Item)
    def get(self, home: Id, item: Id) -> None:
        """An item."""

    @operation("PATCH", f"{HOME}/items/{{item}}", models.Item)
    def change(
        self,
        home: Id,
        item: Id,
        *,
        name: str | Unset = UNSET,
        description: str | Unset = UNSET,
        category: str | Unset = UNSET,
        quantity: Amount | None | Unset = UNSET,
        unit: str | Unset = UNSET,
        estimated_price: Amount | None | Unset = UNSET,
    ) -> None:
        """Change an item. `category` is the name of an aisle."""

    @operation("DELETE", f"{HOME}/items/{{item}}")
    def remove(self, home: Id, item: Id) -> None:
        """Remove an item that was never bought."""


class Lists(Noun[Way]):
    @operation("GET", f"{HOME}/lists", Page[models.GroceryList])
    def list(
        self,
        home: Id,
        *,
        state: ListState | Unset = UNSET,
        limit: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> None:
        """Lists, the newest first."""

    @operation("POST", f"{HOME}/lists", models.FullList)
    def create(self, home: Id, *, name: str | Unset = UNSET) -> None:
        """Begin a list, as a draft."""

    @operation("GET", f"{HOME}/lists/{{list}}", models.FullList)
    def get(self, home: Id, list: Id) -> None:
        """A list, and what stands on it."""

    @operation("PATCH", f"{HOME}/lists/{{list}}", models.FullList)
    def change(self, home: Id, list: Id, *, name: str | Unset = UNSET, state: ListState | Unset = UNSET) -> None:
        """Rename, approve, complete or reopen a list."""

    @operation("DELETE", f"{HOME}/lists/{{list}}")
    def archive(self, home: Id, list: Id) -> None:
        """Put a list away; what was bought on it stays in the books."""


class Shopping(Noun[Way]):
    @operation("GET", f"{HOME}/lists/{{list}}/shopping", models.Shopping)
    def get(self, home: Id, list: Id) -> None:
        """Who shops with this list now, and in which aisles."""

    @operation("POST", f"{HOME}/lists/{{list}}/shopping", models.Shopping)
    def start(self, home: Id, list: Id) -> None:
        """Go shopping with a list; the others are told."""

    @operation("DELETE", f"{HOME}/lists/{{list}}/shopping")
    def end(self, home: Id, list: Id) -> None:
        """Come back; the aisles that one took are free again."""

    @operation("PUT", f"{HOME}/lists/{{list}}/aisles/{{category}}", models.Shopping)
    def take_aisle(self, home: Id, list: Id, category: Id) -> None:
        """Take an aisle. Raises Invalid while somebody else has it."""

    @operation("DELETE", f"{HOME}/lists/{{list}}/aisles/{{category}}")
    def release_aisle(self, home: Id, list: Id, category: Id) -> None:
        """Let an aisle go, whoever has it."""


class Entries(Noun[Way]):
    @operation("GET", f"{HOME}/lists/{{list}}/items", Page[models.Entry])
    def list(
        self,
        home: Id,
        list: Id,
        *,
        state: EntryState | Unset = UNSET,
        limit: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> None:
        """What stands on a list; with `state="removed"` what was taken off."""

    @operation("POST", f"{HOME}/lists/{{list}}/items", models.Entry)
    def add(
        self,
        home: Id,
        list: Id,
        name: str | Unset = UNSET,
        *,
        item_id: Id | Unset = UNSET,
        quantity: Amount | Unset = UNSET,
        unit: str | Unset = UNSET,
        note: str | Unset = UNSET,
    ) -> None:
        """Put something on a list, by `name` or `item_id`; what is there already adds up."""

    @operation("GET", f"{HOME}/lists/{{list}}/items/{{entry}}", models.Entry)
    def get(self, home: Id, list: Id, entry: Id) -> None:
        """One thing on a list."""

    @operation("PATCH", f"{HOME}/lists/{{list}}/items/{{entry}}", models.Entry)
    def change(
        self,
        home: Id,
        list: Id,
        entry: Id,
        *,
        version: int | Unset = UNSET,
        name: str | Unset = UNSET,
        state: EntryState | Unset = UNSET,
        quantity: Amount | Unset = UNSET,
        unit: str | Unset = UNSET,
        note: str | Unset = UNSET,
        price_paid: Amount | None | Unset = UNSET,
    ) -> None:
        """Purchased, put back, more, a note. Raises Conflict when `version` is not the one that is there."""

    @operation("DELETE", f"{HOME}/lists/{{list}}/items/{{entry}}")
    def remove(self, home: Id, list: Id, entry: Id) -> None:
        """Take an entry off its list."""


class RecurringItems(Noun[Way]):
    @operation("GET", f"{HOME}/recurring", Page[models.Recurring])
    def list(self, home: Id, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET) -> None:
        """What comes back by itself, in the order in which it is due."""

    @operation("POST", f"{HOME}/recurring", models.Recurring)
    def create(
        self,
        home: Id,
        name: str | Unset = UNSET,
        *,
        frequency: Frequency,
        item_id: Id | Unset = UNSET,
        rrule: str | Unset = UNSET,
        quantity: Amount | Unset = UNSET,
        unit: str | Unset = UNSET,
    ) -> None:
        """Let something come back, by `name` or `item_id`; saying it again changes the rule."""

    @operation("GET", f"{HOME}/recurring/{{recurring}}", models.Recurring)
    def get(self, home: Id, recurring: Id) -> None:
        """One rule."""

    @operation("PATCH", f"{HOME}/recurring/{{recurring}}", models.Recurring)
    def change(
        self,
        home: Id,
        recurring: Id,
        *,
        frequency: Frequency | Unset = UNSET,
        rrule: str | Unset = UNSET,
        quantity: Amount | Unset = UNSET,
        unit: str | Unset = UNSET,
        paused: bool | Unset = UNSET,
    ) -> None:
        """Change, pause or resume a rule."""

    @operation("DELETE", f"{HOME}/recurring/{{recurring}}")
    def stop(self, home: Id, recurring: Id) -> None:
        """Stop a rule."""


class Money(Noun[Way]):
    @operation("GET", f"{HOME}/spending", models.Spending)
    def spending(
        self,
        home: Id,
        *,
        from_: date | str | Unset = UNSET,
        to: date | str | Unset = UNSET,
        group_by: str | Unset = UNSET,
    ) -> None:
        """What was spent, by `category`, `member`, `week` or `month`; this month where no day is said."""


class Events(Noun[Way]):
    @operation("GET", f"{HOME}/events", models.EventPage)
    def list(self, home: Id, *, after: int | Unset = UNSET, limit: int | Unset = UNSET) -> None:
        """What happened after an event, in order. At most 1,000."""

    @operation("POST", f"{HOME}/undo", models.EventPage)
    def undo(self, home: Id, seq: int) -> None:
        """Put back what one event changed, as a new event; answers with the events that did it."""

    @operation("POST", f"{HOME}/intents", models.IntentResults)
    def bring_in(self, home: Id, now: datetime, intents: Sequence[models.Intent], *, by: Id | Unset = UNSET) -> None:
        """What was done without a signal, in order, at most 100. `now` is the clock by which it was meant. The same
        `op_id` is done once, whoever sends it how often."""

    @operation("GET", f"{HOME}/audit", Page[models.AuditedEvent])
    def audit(self, home: Id, *, before: int | Unset = UNSET, limit: int | Unset = UNSET) -> None:
        """Who changed what, the newest first (owners)."""
