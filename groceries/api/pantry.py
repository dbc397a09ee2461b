"""API of what is at home, and of barcodes."""

from typing import Any

from django.db.models import Prefetch
from rest_framework import serializers

from groceries import actions
from groceries.actions.pantry import Use
from groceries.api.entries import EntrySerializer
from groceries.api.fields import amount
from groceries.api.items import ListedItem
from groceries.barcodes import read_barcode
from groceries.models import Barcode, Item, PantryBatch, Place
from groceries.pantry_presenter import stocked_items
from groceries.stock import Stock
from homes.api.viewsets import HomeViewSet
from pantry.api.endpoints import action_endpoint, endpoint, retrieve_endpoint
from pantry.api.fields import Date, Id, Line, NumberField, OneOf, Text

PLACES = ["", *Place.values]


class BatchSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    item = ListedItem()
    quantity = NumberField()
    unit = serializers.CharField()
    best_before = serializers.DateField(allow_null=True)
    place = serializers.ChoiceField(choices=PLACES)
    list_item_id = serializers.UUIDField(source="entry_id", allow_null=True, help_text="The purchase it came from.")
    created_at = serializers.DateTimeField()


class BatchChange(serializers.Serializer):  # type: ignore[type-arg]
    quantity = amount(required=False)
    unit = Line(20, required=False)
    best_before = Date(required=False, allow_null=True)
    place = serializers.ChoiceField(required=False, choices=PLACES)


class NewBatch(OneOf):
    """Either `item_id` or `name`. Without an amount, it is the item's usual one or a single piece."""

    one_of = ("item_id", "name")

    item_id = Id(required=False)
    name = Line(100, required=False)
    quantity = amount(required=False)
    unit = Line(20, required=False)
    best_before = Date(required=False)
    place = serializers.ChoiceField(required=False, choices=PLACES)


class StockAmount(serializers.Serializer):  # type: ignore[type-arg]
    quantity = NumberField()
    unit = serializers.CharField()


class StockSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """The stock of an item. Amounts in units that can't be converted into each other stay apart."""

    item = ListedItem()
    amounts = StockAmount(many=True)
    minimum = StockAmount(allow_null=True)
    is_below_minimum = serializers.BooleanField()
    uncounted = StockAmount(many=True, help_text="Amounts that can't be converted to the unit of the minimum.")
    best_before = serializers.DateField(allow_null=True, help_text="The first one.")


class UseSerializer(StockSerializer):
    """The rest of the stock, and the list item if the item was put on a list for that."""

    list_item = EntrySerializer(allow_null=True)


class BatchUse(serializers.Serializer):  # type: ignore[type-arg]
    quantity = amount(required=False, help_text="In the unit of the batch. Without it, all of it.")


class StockUse(serializers.Serializer):  # type: ignore[type-arg]
    quantity = amount(required=False, help_text="Without it, all that is at home.")
    unit = Line(20, required=False, help_text="Without it, that of what is at home.")


class Minimum(serializers.Serializer):  # type: ignore[type-arg]
    quantity = amount(allow_null=True, help_text="Null for no minimum.")
    unit = Line(20, required=False)


class BarcodeSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    code = serializers.CharField()
    item = ListedItem()
    quantity = NumberField(allow_null=True)
    unit = serializers.CharField()


class NewBarcode(OneOf):
    """Either `item_id` or `name`, and the amount in a package if that is to be remembered, too."""

    one_of = ("item_id", "name")

    code = Line(Barcode.MAX_CHARS)
    item_id = Id(required=False)
    name = Line(100, required=False)
    quantity = amount(required=False)
    unit = Line(20, required=False)


STOCK_QUERY = {"q": Text(100, blank=True, required=False, help_text="Start of any word of the name or an alias.")}
BATCH_QUERY = {"until": Date(required=False, help_text="Only what is best before this day, or on it.")}
BARCODE_QUERY = {"code": Line(Barcode.MAX_CHARS, required=False)}


def stock_facts(stock: Stock) -> dict[str, Any]:
    amounts = {name: [each._asdict() for each in getattr(stock, name)] for name in ("amounts", "uncounted")}
    return {
        "item": stock.item,
        **amounts,
        "minimum": stock.minimum and stock.minimum._asdict(),
        "is_below_minimum": stock.is_below_minimum,
        "best_before": stock.batches[0].best_before if stock.batches else None,
    }


class StockViewSet(HomeViewSet):
    tag = "Pantry"
    lookup_url_kwarg = "item_id"
    queryset = Item.objects.select_related("category")
    serializer_class = StockSerializer

    @endpoint("List what is at home, and what should be", paginated=True, query=STOCK_QUERY, columns=False)
    def list(self, query: dict[str, Any]) -> Any:
        items = stocked_items(self.home)
        if prefix := query.get("q", "").strip():
            items = items.filter(pk__in=Item.objects.matching(prefix, self.home).values("pk"))
        batches = Prefetch("batches", PantryBatch.objects.soonest_first())
        return items.prefetch_related(batches).order_by("search_key", "id")

    retrieve = retrieve_endpoint("Retrieve what is at home of an item")

    @endpoint("Set or clear the minimum of an item", request=Minimum, errors=(400, 404), example={"quantity": "6"})
    def partial_update(self, item: Item, data: dict[str, Any]) -> Item:
        """If less is at home, the item is put on the current list, unless it is to get on an open one."""
        return actions.keep_in_stock(item, data["quantity"], data.get("unit"), by=self.actor())

    @endpoint("Use some or all of an item", request=StockUse, response=UseSerializer, errors=(400, 404), example={})
    def use(self, item: Item, data: dict[str, Any]) -> dict[str, Any]:
        """Takes the first best-before date first. More than there is is refused."""
        if "quantity" in data:
            return use_facts(actions.use_from_pantry(item, data["quantity"], data.get("unit"), by=self.actor()))
        return use_facts(actions.use_up(item, by=self.actor()))

    def represent(self, row: Item) -> Any:
        is_listed = "batches" in getattr(row, "_prefetched_objects_cache", {})
        stock = Stock(row, list(row.batches.all())) if is_listed else Stock.of(row)
        return StockSerializer(stock_facts(stock)).data


def use_facts(use: Use) -> dict[str, Any]:
    return {**stock_facts(use.stock), "list_item": use.entry}


class BatchViewSet(HomeViewSet):
    tag = "Pantry"
    lookup_url_kwarg = "batch_id"
    queryset = PantryBatch.objects.select_related("item__category")
    serializer_class = BatchSerializer

    @endpoint("List batches, the oldest first", paginated=True, query=BATCH_QUERY, columns=False)
    def list(self, query: dict[str, Any]) -> Any:
        """With `until`, those with the first best-before date come first."""
        if "until" in query:
            return self.get_queryset().filter(best_before__lte=query["until"]).order_by("best_before", "id")
        return self.get_queryset().order_by("created_at", "id")

    @endpoint(
        "Put something into the pantry", request=NewBatch, errors=(400, 404),
        example={"name": "milk", "quantity": "2", "unit": "l", "best_before": "2026-12-24", "place": "fridge"},
    )  # fmt: skip
    def create(self, data: dict[str, Any]) -> PantryBatch:
        item = data.pop("name", None) or self.get_visible(Item, pk=data.pop("item_id"))
        return actions.add_to_pantry(item, by=self.actor(), **data)

    retrieve = retrieve_endpoint("Retrieve a batch")
    partial_update = action_endpoint(
        actions.change_batch, "Change a batch", request=BatchChange, errors=(400, 404), example={"place": "freezer"}
    )

    @endpoint("Use some or all of a batch", request=BatchUse, response=UseSerializer, errors=(400, 404), example={})
    def use(self, batch: PantryBatch, data: dict[str, Any]) -> dict[str, Any]:
        return use_facts(actions.use_batch(batch, data.get("quantity"), by=self.actor()))


class BarcodeViewSet(HomeViewSet):
    tag = "Pantry"
    lookup_url_kwarg = "barcode_id"
    queryset = Barcode.objects.select_related("item__category").order_by("code", "id")
    serializer_class = BarcodeSerializer

    @endpoint("List barcodes, or look one up", paginated=True, query=BARCODE_QUERY, columns=False, errors=(400, 404))
    def list(self, query: dict[str, Any]) -> Any:
        barcodes = self.get_queryset()
        return barcodes.filter(code=read_barcode(query["code"])) if "code" in query else barcodes

    @endpoint(
        "Remember what a barcode means", request=NewBarcode, errors=(400, 404),
        example={"code": "4006381333931", "name": "rice", "quantity": "5", "unit": "kg"},
    )  # fmt: skip
    def create(self, data: dict[str, Any]) -> Barcode:
        """Replaces what it meant before. EAN-8, EAN-13 and UPC-A are checked by their last digit."""
        item = data.pop("name", None) or self.get_visible(Item, pk=data.pop("item_id"))
        return actions.remember_barcode(data.pop("code"), item, by=self.actor(), **data)

    destroy = action_endpoint(actions.forget_barcode, "Forget a barcode")
