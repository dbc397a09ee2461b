"""Offline commands on lists. Quantities and prices are parsed as in the page's forms."""

from typing import Any

from rest_framework import serializers

from groceries.actions import (
    merge_add,
    merge_change,
    merge_purchase,
    merge_put_back,
    merge_remove,
    merge_step,
)
from groceries.forms import PriceField, QuantityField
from groceries.models import Category
from groceries.parsing.entries import Line, parse_lines
from groceries.parsing.quantities import MAX_UNIT_LENGTH
from homes.events.actor import Actor
from homes.events.offline import MergeResult, OfflineCommand
from pantry.errors import ActionError

MAX_TEXT_CHARS = 4000


class TypedQuantity(serializers.CharField):
    def to_internal_value(self, data: Any) -> Any:
        return QuantityField().clean(super().to_internal_value(data))


class TypedPrice(serializers.CharField):
    def to_internal_value(self, data: Any) -> Any:
        return PriceField(required=False).clean(super().to_internal_value(data))


class AddSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """Either `text` as typed, which can be several items, or one item by `name`."""

    list = serializers.UUIDField()
    text = serializers.CharField(required=False, max_length=MAX_TEXT_CHARS)
    name = serializers.CharField(required=False, max_length=100)
    quantity = TypedQuantity(required=False)
    unit = serializers.CharField(required=False, allow_blank=True, max_length=MAX_UNIT_LENGTH)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("text" in attrs) == ("name" in attrs):
            raise serializers.ValidationError("Give either `text` or `name`.")
        return attrs


class EntrySerializer(serializers.Serializer):  # type: ignore[type-arg]
    entry = serializers.UUIDField()


class ChangeSerializer(EntrySerializer):
    """Only the fields that the person changed."""

    name = serializers.CharField(required=False, max_length=100)
    quantity = TypedQuantity(required=False)
    unit = serializers.CharField(required=False, allow_blank=True, max_length=MAX_UNIT_LENGTH)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)
    price_paid = TypedPrice(required=False, allow_blank=True, allow_null=True)
    category = serializers.UUIDField(required=False)


class PurchaseSerializer(EntrySerializer):
    price = TypedPrice(required=False, allow_blank=True, allow_null=True)


class StepSerializer(EntrySerializer):
    steps = serializers.IntegerField(min_value=-100, max_value=100)


def add(data: dict[str, Any], seen: int | None, by: Actor) -> MergeResult:
    name = data.get("name")
    lines = [Line(name, data.get("quantity"), data.get("unit"))] if name else parse_lines(data["text"])
    return merge_add(data["list"], lines, by=by, note=data.get("note", ""))


def change(data: dict[str, Any], seen: int | None, by: Actor) -> MergeResult:
    target = data.pop("entry")
    if "category" in data:
        data["category"] = Category.objects.filter(home=by.home, pk=data["category"]).first()
        if data["category"] is None:
            raise ActionError("That aisle doesn't exist.")
    return merge_change(target, by=by, seen=seen, **data)


def step(data: dict[str, Any], seen: int | None, by: Actor) -> MergeResult:
    return merge_step(data["entry"], data["steps"], by=by, seen=seen)


def purchase(data: dict[str, Any], seen: int | None, by: Actor) -> MergeResult:
    return merge_purchase(data["entry"], by=by, seen=seen, price=data.get("price"))


def put_back(data: dict[str, Any], seen: int | None, by: Actor) -> MergeResult:
    return merge_put_back(data["entry"], by=by, seen=seen)


def remove(data: dict[str, Any], seen: int | None, by: Actor) -> MergeResult:
    return merge_remove(data["entry"], by=by, seen=seen)


OFFLINE_COMMANDS = {
    "add_entry": OfflineCommand(AddSerializer, add),
    "change_entry": OfflineCommand(ChangeSerializer, change),
    "step_entry": OfflineCommand(StepSerializer, step),
    "purchase_entry": OfflineCommand(PurchaseSerializer, purchase),
    "put_back_entry": OfflineCommand(EntrySerializer, put_back),
    "remove_entry": OfflineCommand(EntrySerializer, remove),
}
