"""What is at home, and the barcodes that a home knows."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypedDict, Unpack
from uuid import UUID

from pantry_pixie.groceries import Amount, Entry, ItemSummary, Number
from pantry_pixie.operations import HOME, ClientT, Id, Model, Page, Paging, Resource, Row, operation

Place = Literal["", "fridge", "freezer", "cupboard"]


class Batch(Row):
    """An amount of an item with one best-before date. `list_item_id` is the purchase that it came from."""

    item: ItemSummary
    quantity: Decimal
    unit: str
    best_before: date | None
    place: Place
    list_item_id: UUID | None
    created_at: datetime


class StockAmount(Model):
    quantity: Decimal
    unit: str


class Stock(Model):
    """The stock of an item. `uncounted` amounts can't be converted to the unit of the minimum; `best_before` is
    the first one."""

    item: ItemSummary
    amounts: list[StockAmount]
    minimum: StockAmount | None
    is_below_minimum: bool
    uncounted: list[StockAmount]
    best_before: date | None


class Use(Stock):
    """The rest of the stock. `list_item` is set if the item was put on a list, since less than its minimum is left."""

    list_item: Entry | None


class Barcode(Row):
    code: str
    item: ItemSummary
    quantity: Decimal | None
    unit: str


class BatchDetails(TypedDict, total=False):
    best_before: date | str
    place: Place


class BatchFields(Amount, BatchDetails, total=False):
    pass


class BatchChanges(Amount, total=False):
    best_before: date | str | None
    place: Place


class Pantry(Resource[ClientT], path=f"{HOME}/pantry"):
    """The stock by item, with minimums. `use` takes the first best-before date first, all without a
    quantity, and refuses more than there is. `keep` sets the minimum, None for none."""

    @operation("GET", "", Page[Stock])
    def list(self, home: Id, *, q: str = ..., **paging: Unpack[Paging]) -> None: ...
    @operation("GET", "/{item}", Stock)
    def get(self, home: Id, item: Id) -> None: ...
    @operation("PATCH", "/{item}", Stock)
    def keep(self, home: Id, item: Id, quantity: Number | None, *, unit: str = ...) -> None: ...
    @operation("POST", "/{item}/use", Use)
    def use(self, home: Id, item: Id, **amount: Unpack[Amount]) -> None: ...


class Batches(Resource[ClientT], path=f"{HOME}/pantry/batches"):
    """The batches in the pantry, the oldest first; with `until`, those that are best before that day or on it, the
    first to use first. `use` takes all of a batch without a quantity."""

    @operation("GET", "", Page[Batch])
    def list(self, home: Id, *, until: date | str = ..., **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "", Batch)
    def create(self, home: Id, name: str = ..., *, item_id: Id = ..., **fields: Unpack[BatchFields]) -> None: ...
    @operation("GET", "/{batch}", Batch)
    def get(self, home: Id, batch: Id) -> None: ...
    @operation("PATCH", "/{batch}", Batch)
    def update(self, home: Id, batch: Id, **changes: Unpack[BatchChanges]) -> None: ...
    @operation("POST", "/{batch}/use", Use)
    def use(self, home: Id, batch: Id, *, quantity: Number = ...) -> None: ...


class Barcodes(Resource[ClientT], path=f"{HOME}/barcodes"):
    """The meanings of barcodes in the home. `create` replaces what a code meant before."""

    @operation("GET", "", Page[Barcode])
    def list(self, home: Id, *, code: str = ..., **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "", Barcode)
    def create(self, home: Id, code: str, name: str = ..., *, item_id: Id = ..., **amount: Unpack[Amount]) -> None: ...
    @operation("DELETE", "/{barcode}")
    def delete(self, home: Id, barcode: Id) -> None: ...
