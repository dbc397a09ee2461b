"""Lists in JSON, in the shapes that clients know."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from groceries.models import EntryState, GroceryList, Item, ListEntry, ListState
from pantry.models import as_json


class NumberField(serializers.Field):  # type: ignore[type-arg]
    """A quantity or price as a string without trailing zeros: exact, whatever the client's numbers are."""

    def to_representation(self, value: Decimal) -> Any:
        return as_json(value)


class ItemSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    category = serializers.CharField(source="category.name", read_only=True)

    class Meta:
        model = Item
        fields = ["id", "name", "description", "category", "default_unit"]


class EntrySerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    item = ItemSerializer(read_only=True)
    quantity = NumberField()
    price_paid = NumberField()
    added_by = serializers.UUIDField(source="added_by_id", read_only=True)
    purchased_by = serializers.UUIDField(source="purchased_by_id", read_only=True)

    class Meta:
        model = ListEntry
        fields = [
            "id", "item", "quantity", "unit", "note", "state", "version", "added_by", "purchased_by",
            "purchased_at", "price_paid",
        ]  # fmt: skip


class ListSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    class Meta:
        model = GroceryList
        fields = ["id", "name", "state", "completed_at", "created_at"]


class FullListSerializer(ListSerializer):
    items = serializers.SerializerMethodField()

    class Meta(ListSerializer.Meta):
        fields = [*ListSerializer.Meta.fields, "items"]

    def get_items(self, grocery_list: GroceryList) -> list[dict[str, Any]]:
        """Read as columns, not as rows of three models: a long list costs half."""
        entries = ListEntry.objects.filter(list=grocery_list).exclude(state=EntryState.REMOVED).in_aisles()
        return [_entry(*row) for row in entries.values_list(*COLUMNS)]


COLUMNS = [
    "pk", "item", "item__name", "item__description", "item__category__name", "item__default_unit", "quantity", "unit",
    "note", "state", "version", "added_by", "purchased_by", "purchased_at", "price_paid",
]  # fmt: skip


def _entry(
    pk: Any, item: Any, name: str, description: str, category: str, usual_unit: str, quantity: Any, *rest: Any
) -> dict[str, Any]:
    thing = {"id": item, "name": name, "description": description, "category": category, "default_unit": usual_unit}
    unit, note, state, version, added_by, purchased_by, purchased_at, price = rest
    return {
        "id": pk,
        "item": thing,
        "quantity": as_json(quantity),
        "unit": unit,
        "note": note,
        "state": state,
        "version": version,
        "added_by": added_by,
        "purchased_by": purchased_by,
        "purchased_at": purchased_at,
        "price_paid": as_json(price),
    }


class NewEntry(serializers.Serializer):  # type: ignore[type-arg]
    """`item_id` or `name`; without a quantity the item's usual one."""

    item_id = serializers.UUIDField(required=False)
    name = serializers.CharField(required=False, max_length=100)
    quantity = serializers.DecimalField(required=False, max_digits=8, decimal_places=3, min_value=Decimal("0.001"))
    unit = serializers.CharField(required=False, max_length=20)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("item_id" in attrs) == ("name" in attrs):
            raise serializers.ValidationError("Name the thing by `item_id` or by `name`.")
        return attrs


class EntryChange(serializers.Serializer):  # type: ignore[type-arg]
    version = serializers.IntegerField(required=False)
    state = serializers.ChoiceField(required=False, choices=EntryState.choices)
    quantity = serializers.DecimalField(required=False, max_digits=8, decimal_places=3, min_value=Decimal("0.001"))
    unit = serializers.CharField(required=False, max_length=20)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)
    price_paid = serializers.DecimalField(
        required=False, allow_null=True, max_digits=10, decimal_places=2, min_value=Decimal(0)
    )


class ListChange(serializers.Serializer):  # type: ignore[type-arg]
    name = serializers.CharField(required=False, max_length=80)
    state = serializers.ChoiceField(required=False, choices=ListState.choices)
