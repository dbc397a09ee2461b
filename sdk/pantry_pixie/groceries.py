"""What a home buys: aisles, items, lists, recurring items, and what it costs."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Required, TypedDict, Unpack
from uuid import UUID

from pantry_pixie.events import Happening
from pantry_pixie.operations import (
    HOME,
    ClientT,
    CsvQuery,
    Id,
    Model,
    NamedRow,
    Page,
    Paging,
    Period,
    PeriodQuery,
    Resource,
    Row,
    operation,
)

Number = Decimal | int | str
ItemOrder = Literal["name", "newest"]
ListKind = Literal["lists", "templates", "archived"]
ListState = Literal["draft", "approved", "completed"]
EntryState = Literal["pending", "purchased", "removed"]
Frequency = Literal["daily", "weekly", "biweekly", "monthly", "yearly"]


class Category(NamedRow):
    """An aisle. `label` is its name in the home's language."""

    label: str
    position: int


class OrderedCategories(Model):
    results: list[Category]


class Categories(Resource[ClientT], path=f"{HOME}/categories"):
    """Aisles, in the order of the shop. `order` takes the ids of all of them. Only an empty one can be deleted; `merge`
    moves the items of one `into` another, which it returns."""

    @operation("GET", "", Page[Category])
    def list(self, home: Id, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "", Category)
    def create(self, home: Id, name: str, *, position: int = ...) -> None: ...
    @operation("PATCH", "/{category}", Category)
    def update(self, home: Id, category: Id, *, name: str = ..., position: int = ...) -> None: ...
    @operation("POST", "/order", OrderedCategories)
    def order(self, home: Id, ids: Sequence[Id]) -> None: ...
    @operation("POST", "/{category}/merge", Category)
    def merge(self, home: Id, category: Id, into: Id) -> None: ...
    @operation("DELETE", "/{category}")
    def delete(self, home: Id, category: Id) -> None: ...


class Store(NamedRow):
    """`aisles` has ids of aisles in the order of the store; it is empty before the first trip."""

    is_sorted_by_hand: bool
    aisles: list[UUID]


class Stores(Resource[ClientT], path=f"{HOME}/stores"):
    """Stores. The order of their aisles is learned from shopping trips. `update` with `aisles`, the ids of all aisles
    of the home, sets it by hand; with `is_sorted_by_hand=False` it is learned again."""

    @operation("GET", "", Page[Store])
    def list(self, home: Id, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "", Store)
    def create(self, home: Id, name: str) -> None: ...
    @operation("GET", "/{store}", Store)
    def get(self, home: Id, store: Id) -> None: ...
    @operation("PATCH", "/{store}", Store)
    def update(
        self,
        home: Id,
        store: Id,
        *,
        name: str = ...,
        aisles: Sequence[Id] = ...,
        is_sorted_by_hand: Literal[False] = ...,
    ) -> None: ...
    @operation("DELETE", "/{store}")
    def delete(self, home: Id, store: Id) -> None: ...


class ItemSummary(NamedRow):
    description: str
    category: str
    default_unit: str


class Item(ItemSummary):
    """Something a home buys. `quantity` and `unit` are the usual amount."""

    quantity: Decimal | None
    unit: str
    estimated_price: Decimal | None
    last_purchased_at: datetime | None
    aliases: list[str]
    snoozed_until: date | None
    has_forecasts: bool
    is_favourite: bool = False


class ItemFields(TypedDict, total=False):
    """`category` is the name of an aisle. `aliases` are all other names that mean the item."""

    description: str
    category: str
    quantity: Number | None
    unit: str
    estimated_price: Number | None
    is_favourite: bool
    aliases: Sequence[str]


class Items(Resource[ClientT], path=f"{HOME}/items"):
    """The things that the home buys. Creating an item with an existing name updates it; only one that was never bought
    can be deleted. `q` is the beginning of a word. `merge` lets all that refers to an item mean the one `into` which it
    is merged, and returns that."""

    @operation("GET", "", Page[Item])
    def list(
        self, home: Id, *, q: str = ..., category: str = ..., order: ItemOrder = ..., **paging: Unpack[Paging]
    ) -> None: ...
    @operation("POST", "", Item)
    def create(self, home: Id, name: str, **fields: Unpack[ItemFields]) -> None: ...
    @operation("GET", "/{item}", Item)
    def get(self, home: Id, item: Id) -> None: ...
    @operation("PATCH", "/{item}", Item)
    def update(self, home: Id, item: Id, *, name: str = ..., **fields: Unpack[ItemFields]) -> None: ...
    @operation("POST", "/{item}/merge", Item)
    def merge(self, home: Id, item: Id, into: Id) -> None: ...
    @operation("DELETE", "/{item}")
    def delete(self, home: Id, item: Id) -> None: ...


class Entry(Row):
    """An item on a list. `listed_at` after the list's `approved_at` means that it was added after the approval."""

    item: ItemSummary
    quantity: Decimal
    unit: str
    note: str
    state: EntryState
    version: int
    listed_at: datetime
    added_by: UUID | None
    assigned_to: UUID | None = None
    purchased_by: UUID | None
    purchased_at: datetime | None
    price_paid: Decimal | None
    position: int | None = None


class ChangedEntries(Model):
    results: list[Entry]


class GroceryList(NamedRow):
    store: UUID | None
    state: ListState
    is_template: bool
    approved_by: UUID | None
    approved_at: datetime | None
    completed_at: datetime | None
    archived_at: datetime | None
    created_at: datetime


class FullList(GroceryList):
    """`items` are in the order of the shop."""

    items: list[Entry]


class Trip(Model):
    """`total` is that of the receipt."""

    id: UUID
    user: UUID | None
    created_at: datetime
    ended_at: datetime | None
    total: Decimal | None


class Shopper(Model):
    user: UUID
    since: datetime


class ClaimedAisle(Model):
    category: UUID
    user: UUID


class Shopping(Model):
    shoppers: list[Shopper]
    aisles: list[ClaimedAisle]


class Suggestion(Model):
    """`text` is what was typed, completed with the name."""

    text: str
    name: str
    quantity: Decimal | None
    unit: str
    icon: str
    is_favourite: bool = False
    reason: str


class Suggestions(Model):
    results: list[Suggestion]


class FileLine(Model):
    """A line of a file, or an item of its list. `problem` says why it can't be taken."""

    from_list: str
    number: int
    name: str
    quantity: Decimal | None
    unit: str | None
    note: str
    category: str
    is_bought: bool
    problem: str


class TakenLines(Model):
    lines: list[FileLine]
    results: list[Entry]


class Recipe(Model):
    """A recipe of a web page. `serves` is for how many it is, if `portions` names one number."""

    name: str
    portions: str
    serves: Decimal | None
    text: str


class PastEntry(Row):
    """An item as it was on a list. It `is_gone` if it is on no list now; `moved_to` is the list on which it is."""

    name: str
    quantity: Decimal
    unit: str
    note: str
    state: EntryState
    price_paid: Decimal | None
    is_gone: bool
    moved_to: UUID | None


class PastList(NamedRow):
    state: ListState
    items: list[PastEntry]


class Lists(Resource[ClientT], path=f"{HOME}/lists"):
    """Lists, newest first. `current` is the newest open one, which is meant where none is named. `copy_of` creates one
    with the items of another list or template. The purchases of an archived one stay in the home's spending; `delete`
    raises Invalid if there are any. `claim_aisle` raises Invalid while another shopper has it. `take_file` takes the
    text of another product's file, or with `dry_run` only reads it. `read_recipe` reads a web page, whose
    ingredients are a text for `take_file`."""

    @operation("GET", "", Page[GroceryList])
    def list(self, home: Id, *, state: ListState = ..., kind: ListKind = ..., **paging: Unpack[Paging]) -> None: ...
    @operation("GET", "/current", FullList)
    def current(self, home: Id) -> None: ...
    @operation("POST", "", FullList)
    def create(
        self, home: Id, *, name: str = ..., copy_of: Id = ..., is_template: bool = ..., store_id: Id = ...
    ) -> None: ...
    @operation("GET", "/{list}", FullList)
    def get(self, home: Id, list: Id) -> None: ...
    @operation("PATCH", "/{list}", FullList)
    def update(
        self,
        home: Id,
        list: Id,
        *,
        name: str = ...,
        state: ListState = ...,
        archived: bool = ...,
        store_id: Id | None = ...,
    ) -> None: ...
    @operation("POST", "/{list}/clear", FullList)
    def clear(self, home: Id, list: Id) -> None: ...
    @operation("DELETE", "/{list}")
    def delete(self, home: Id, list: Id) -> None: ...
    @operation("GET", "/{list}/history", Page[Happening])
    def history(self, home: Id, list: Id, *, before: int = ..., limit: int = ...) -> None: ...
    @operation("GET", "/{list}/past", PastList)
    def past(self, home: Id, list: Id, *, before: int = ..., at: datetime | str = ...) -> None: ...
    @operation("POST", "/{list}/past", ChangedEntries)
    def bring_back(
        self, home: Id, list: Id, *, before: int = ..., at: datetime | str = ..., ids: Sequence[Id] = ...
    ) -> None: ...
    @operation("POST", "/{list}/import", TakenLines)
    def take_file(
        self,
        home: Id,
        list: Id,
        text: str,
        *,
        from_list: str = ...,
        serves: Number = ...,
        portions: Number = ...,
        dry_run: bool = ...,
    ) -> None: ...
    @operation("POST", "/{list}/recipe", Recipe)
    def read_recipe(self, home: Id, list: Id, url: str) -> None: ...
    @operation("GET", "/{list}/suggestions", Suggestions)
    def suggestions(self, home: Id, list: Id, *, q: str = ..., limit: int = ...) -> None: ...
    @operation("GET", "/{list}/shopping", Shopping)
    def shopping(self, home: Id, list: Id) -> None: ...
    @operation("POST", "/{list}/shopping", Shopping)
    def start_shopping(self, home: Id, list: Id) -> None: ...
    @operation("DELETE", "/{list}/shopping")
    def end_shopping(self, home: Id, list: Id, *, total: Number = ...) -> None: ...
    @operation("GET", "/{list}/trips", Page[Trip])
    def trips(self, home: Id, list: Id, **paging: Unpack[Paging]) -> None: ...
    @operation("PATCH", "/{list}/trips/{trip}", Trip)
    def change_trip_total(self, home: Id, list: Id, trip: Id, *, total: Number | None) -> None: ...
    @operation("PUT", "/{list}/aisles/{category}", Shopping)
    def claim_aisle(self, home: Id, list: Id, category: Id) -> None: ...
    @operation("DELETE", "/{list}/aisles/{category}")
    def release_aisle(self, home: Id, list: Id, category: Id) -> None: ...


class GuestLink(Row):
    """`name`: who it is for. `can_change`: may add and tick, too."""

    name: str
    can_change: bool
    state: Literal["open", "revoked", "expired"]
    created_by: UUID
    expires_at: datetime
    created_at: datetime


class NewGuestLink(GuestLink):
    """`url` is the link to send. It is shown only once."""

    token: str
    url: str


class GuestLinks(Resource[ClientT], path=f"{HOME}/lists/{{list}}/guest-links"):
    """Links that share one list with people who have no account, newest first. `delete` revokes one."""

    @operation("GET", "", Page[GuestLink])
    def list(self, home: Id, list: Id, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "", NewGuestLink)
    def create(self, home: Id, list: Id, name: str, *, days: Literal[1, 7, 30], can_change: bool = ...) -> None: ...
    @operation("DELETE", "/{link}")
    def delete(self, home: Id, list: Id, link: Id) -> None: ...


class Amount(TypedDict, total=False):
    quantity: Number
    unit: str


class EntryChanges(Amount, total=False):
    version: int
    name: str
    list_id: Id
    note: str
    state: EntryState
    assigned_to: Id | None
    price_paid: Number | None


class Entries(Resource[ClientT], path=f"{HOME}/lists/{{list}}/items"):
    """The items on a list. `add` takes a `name` or an `item_id`, and raises the amount of an existing entry; `update`
    raises Conflict if `version` is not the current one, and moves it to another list by `list_id`. `update_many`
    changes up to 500 of them, or none; `order` puts those of an aisle in order. Removed entries are listed only with
    `state="removed"`."""

    @operation("GET", "", Page[Entry])
    def list(self, home: Id, list: Id, *, state: EntryState = ..., **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "", Entry)
    def add(
        self, home: Id, list: Id, name: str = ..., *, item_id: Id = ..., note: str = ..., **amount: Unpack[Amount]
    ) -> None: ...
    @operation("GET", "/{entry}", Entry)
    def get(self, home: Id, list: Id, entry: Id) -> None: ...
    @operation("PATCH", "/{entry}", Entry)
    def update(self, home: Id, list: Id, entry: Id, **changes: Unpack[EntryChanges]) -> None: ...
    @operation("POST", "/bulk", ChangedEntries)
    def update_many(
        self, home: Id, list: Id, ids: Sequence[Id], *, state: EntryState = ..., list_id: Id = ...
    ) -> None: ...
    @operation("POST", "/order", ChangedEntries)
    def order(self, home: Id, list: Id, ids: Sequence[Id]) -> None: ...
    @operation("DELETE", "/{entry}")
    def remove(self, home: Id, list: Id, entry: Id) -> None: ...


class RecurringItem(Row):
    item: ItemSummary
    quantity: Decimal
    unit: str
    frequency: Frequency | Literal["other"]
    rrule: str
    starts_on: date
    next_due_at: datetime
    paused_at: datetime | None


class RecurringFields(Amount, total=False):
    """`rrule`, a recurrence rule of RFC 5545, takes precedence over `frequency`."""

    frequency: Frequency
    rrule: str
    starts_on: date | str


class RecurringChanges(RecurringFields, total=False):
    paused: bool


class RecurringItems(Resource[ClientT], path=f"{HOME}/recurring"):
    """Items that are added to the list regularly, next due first. An item can have several."""

    @operation("GET", "", Page[RecurringItem])
    def list(self, home: Id, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "", RecurringItem)
    def create(self, home: Id, name: str = ..., *, item_id: Id = ..., **fields: Unpack[RecurringFields]) -> None: ...
    @operation("GET", "/{recurring}", RecurringItem)
    def get(self, home: Id, recurring: Id) -> None: ...
    @operation("PATCH", "/{recurring}", RecurringItem)
    def update(self, home: Id, recurring: Id, **changes: Unpack[RecurringChanges]) -> None: ...
    @operation("DELETE", "/{recurring}")
    def stop(self, home: Id, recurring: Id) -> None: ...
    @operation("POST", "/{recurring}/skip", RecurringItem)
    def skip(self, home: Id, recurring: Id) -> None: ...
    @operation("POST", "/{recurring}/snooze", RecurringItem)
    def snooze(self, home: Id, recurring: Id, day: date | str) -> None: ...
    @operation("POST", "/{recurring}/add", Entry)
    def add(self, home: Id, recurring: Id) -> None: ...


class Forecast(Model):
    """A forecast of when an item runs out, with its reason. Only a refused item can be without the days."""

    item_id: UUID
    name: str
    interval_days: int | None
    spread_days: int | None
    last_on: date | None
    runs_out_on: date | None
    buy_on: date | None
    chance: float | None
    reason: str
    is_offered: bool
    is_refused: bool
    snoozed_until: date | None


class ForecastList(Model):
    results: list[Forecast]


class Forecasts(Resource[ClientT], path=f"{HOME}/forecasts"):
    """Forecasts of what the home runs out of, the first first. Without a day, `snooze` takes part of the item's
    interval."""

    @operation("GET", "", ForecastList)
    def list(self, home: Id) -> None: ...
    @operation("POST", "/{item}/add", Entry)
    def add(self, home: Id, item: Id) -> None: ...
    @operation("POST", "/{item}/snooze", Item)
    def snooze(self, home: Id, item: Id, *, day: date | str = ...) -> None: ...
    @operation("POST", "/{item}/refuse", Item)
    def refuse(self, home: Id, item: Id) -> None: ...
    @operation("POST", "/{item}/allow", Item)
    def allow(self, home: Id, item: Id) -> None: ...


class Share(Model):
    person: str
    name: str
    amount: Decimal


class Expense(Row):
    """`paid_by` and `person`: a user's id or, for somebody without an account there, the name in an imported file."""

    title: str
    amount: Decimal
    spent_on: date
    category: str
    is_payment: bool
    paid_by: str
    paid_by_name: str
    note: str
    rrule: str
    next_due_at: datetime | None
    paused_at: datetime | None
    created_by: UUID | None
    created_at: datetime
    shares: list[Share]


class NewShare(TypedDict, total=False):
    person: Required[Id]
    amount: Number
    weight: int


class ExpenseDetails(TypedDict, total=False):
    spent_on: date | str
    category: str
    paid_by: Id
    note: str
    rrule: str | None
    shares: Sequence[NewShare]


class ExpenseChanges(ExpenseDetails, total=False):
    title: str
    amount: Number
    paused: bool


class ExpenseQuery(PeriodQuery, Paging, total=False): ...


class ExpenseGroup(Model):
    """`key` is a category, who paid (like `Expense.paid_by`), or the first day of a month."""

    key: str
    label: str
    total: Decimal


class ExpenseTotals(Period):
    currency: str
    total: Decimal
    groups: list[ExpenseGroup]


class Expenses(Resource[ClientT], path=f"{HOME}/expenses"):
    """Shared expenses and payments, newest first. Without `shares`, a new one is shared equally by all members; those
    with an `amount` have that, and the others divide the rest by `weight`."""

    @operation("GET", "", Page[Expense])
    def list(self, home: Id, **query: Unpack[ExpenseQuery]) -> None: ...
    @operation("GET", "/csv", str)
    def csv(self, home: Id, **query: Unpack[CsvQuery]) -> None: ...
    @operation("GET", "/totals", ExpenseTotals)
    def totals(
        self, home: Id, *, group_by: Literal["category", "member", "month"] = ..., **query: Unpack[PeriodQuery]
    ) -> None: ...
    @operation("POST", "", Expense)
    def create(self, home: Id, title: str, amount: Number, **details: Unpack[ExpenseDetails]) -> None: ...
    @operation("GET", "/{expense}", Expense)
    def get(self, home: Id, expense: Id) -> None: ...
    @operation("PATCH", "/{expense}", Expense)
    def update(self, home: Id, expense: Id, **changes: Unpack[ExpenseChanges]) -> None: ...
    @operation("DELETE", "/{expense}")
    def delete(self, home: Id, expense: Id) -> None: ...


class Settlements(Resource[ClientT], path=f"{HOME}/settlements"):
    """Payments between members, newest first. They are changed and deleted like expenses."""

    @operation("GET", "", Page[Expense])
    def list(self, home: Id, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "", Expense)
    def create(
        self, home: Id, payer: Id, payee: Id, amount: Number, *, spent_on: date | str = ..., note: str = ...
    ) -> None: ...


class PersonBalance(Model):
    """`balance`: what they are owed, negative if they owe."""

    person: str
    name: str
    is_member: bool
    balance: Decimal


class ProposedPayment(Model):
    payer: str
    payee: str
    amount: Decimal


class Balances(Model):
    """The balances of people: who owes whom. After the `payments` nobody would."""

    currency: str
    people: list[PersonBalance]
    payments: list[ProposedPayment]


class SpendingGroup(Model):
    """`key` is an aisle, a user's id, a Monday or the first of a month."""

    key: str | None
    total: Decimal


class Budget(Model):
    monthly: Decimal
    left: Decimal
    days_left: int


class Spending(Period):
    """`without_price` is the number of purchases that have none."""

    currency: str
    total: Decimal
    without_price: int
    groups: list[SpendingGroup]
    budget: Budget | None
