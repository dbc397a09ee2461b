"""What may be done to a list without a signal. Amounts and prices are read as the page's forms read them."""

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

LONGEST_TEXT = 4000


class TypedQuantity(serializers.CharField):
    def to_internal_value(self, data: Any) -> Any:
        return QuantityField().clean(super().to_internal_value(data))


class TypedPrice(serializers.CharField):
    def to_internal_value(self, data: Any) -> Any:
        return PriceField(required=False).clean(super().to_internal_value(data))


class AddSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """`text` as typed, several things if need be; or one thing by its `name`."""

    list = serializers.UUIDField()
    text = serializers.CharField(required=False, max_length=LONGEST_TEXT)
    name = serializers.CharField(required=False, max_length=100)
    quantity = TypedQuantity(required=False)
    unit = serializers.CharField(required=False, allow_blank=True, max_length=MAX_UNIT_LENGTH)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("text" in attrs) == ("name" in attrs):
            raise serializers.ValidationError("Say what by `text` or by `name`.")
        return attrs


class EntrySerializer(serializers.Serializer):  # type: ignore[type-arg]
    entry = serializers.UUIDField()


class ChangeSerializer(EntrySerializer):
    """What the person changed, and nothing else."""

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


def add(said: dict[str, Any], seen: int | None, by: Actor) -> MergeResult:
    named = said.get("name")
    lines = [Line(named, said.get("quantity"), said.get("unit"))] if named else parse_lines(said["text"])
    return merge_add(said["list"], lines, by=by, note=said.get("note", ""))


def change(said: dict[str, Any], seen: int | None, by: Actor) -> MergeResult:
    target = said.pop("entry")
    if "category" in said:
        said["category"] = Category.objects.filter(home=by.home, pk=said["category"]).first()
        if said["category"] is None:
            raise ActionError("There is no such aisle here.")
    return merge_change(target, by=by, seen=seen, **said)


def step(said: dict[str, Any], seen: int | None, by: Actor) -> MergeResult:
    return merge_step(said["entry"], said["steps"], by=by, seen=seen)


def purchase(said: dict[str, Any], seen: int | None, by: Actor) -> MergeResult:
    return merge_purchase(said["entry"], by=by, seen=seen, price=said.get("price"))


def put_back(said: dict[str, Any], seen: int | None, by: Actor) -> MergeResult:
    return merge_put_back(said["entry"], by=by, seen=seen)


def remove(said: dict[str, Any], seen: int | None, by: Actor) -> MergeResult:
    return merge_remove(said["entry"], by=by, seen=seen)


INTENTS = {
    "add_entry": OfflineCommand(AddSerializer, add),
    "change_entry": OfflineCommand(ChangeSerializer, change),
    "step_entry": OfflineCommand(StepSerializer, step),
    "purchase_entry": OfflineCommand(PurchaseSerializer, purchase),
    "put_back_entry": OfflineCommand(EntrySerializer, put_back),
    "remove_entry": OfflineCommand(EntrySerializer, remove),
}
