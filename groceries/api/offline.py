"""Offline commands on lists. Quantities and prices are parsed as in the page's forms."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework import serializers

from groceries import actions
from groceries.actions.items import read_lines
from groceries.api.entries import MAX_ENTRIES
from groceries.forms import PriceField, QuantityField
from groceries.models import Category, GroceryList
from groceries.parsing.entries import MAX_TEXT_CHARS, Line
from groceries.parsing.quantities import MAX_UNIT_LENGTH
from homes.accounts.models import User
from homes.events.actor import Actor
from homes.events.offline import MergeResult, OfflineCommand
from homes.models import Membership
from pantry.api.fields import Id, OneOf
from pantry.errors import ActionError


class TypedQuantity(serializers.CharField):
    def to_internal_value(self, data: Any) -> Any:
        return QuantityField().clean(super().to_internal_value(data))


class TypedPrice(serializers.CharField):
    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Return None, no price, for a field that was emptied."""
        return super().run_validation(None if data == "" else data)

    def to_internal_value(self, data: Any) -> Any:
        return PriceField(required=False, currency=self.context["home"].currency).clean(super().to_internal_value(data))


class AddSerializer(OneOf):
    """Either `text` as typed, which can be several items, or one item by `name`."""

    one_of = ("text", "name")

    list = Id()
    text = serializers.CharField(required=False, max_length=MAX_TEXT_CHARS)
    name = serializers.CharField(required=False, max_length=100)
    quantity = TypedQuantity(required=False)
    unit = serializers.CharField(required=False, allow_blank=True, max_length=MAX_UNIT_LENGTH)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)


class ListSerializer(serializers.Serializer):  # type: ignore[type-arg]
    list = Id()


class TripEndSerializer(ListSerializer):
    total = TypedPrice(required=False, allow_blank=True, allow_null=True)


class EntrySerializer(serializers.Serializer):  # type: ignore[type-arg]
    entry = Id()


class ChangeSerializer(EntrySerializer):
    """Only the fields that the person changed."""

    name = serializers.CharField(required=False, max_length=100)
    quantity = TypedQuantity(required=False)
    unit = serializers.CharField(required=False, allow_blank=True, max_length=MAX_UNIT_LENGTH)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)
    price_paid = TypedPrice(required=False, allow_blank=True, allow_null=True)
    assigned_to = serializers.CharField(required=False, allow_blank=True, max_length=36)
    category = Id(required=False)


class OrderSerializer(ListSerializer):
    entries = serializers.ListField(child=Id(), min_length=1, max_length=MAX_ENTRIES)


class PurchaseSerializer(EntrySerializer):
    price = TypedPrice(required=False, allow_blank=True, allow_null=True)


class StepSerializer(EntrySerializer):
    steps = serializers.IntegerField(min_value=-100, max_value=100)


def add(data: dict[str, Any], seen: int | None, by: Actor) -> MergeResult:
    name = data.get("name")
    lines = [Line(name, data.get("quantity"), data.get("unit"))] if name else read_lines(data["text"], by.home)
    return actions.merge_add(data["list"], lines, by=by, note=data.get("note", ""))


def merge_change(target: UUID, *, by: Actor, **fields: Any) -> MergeResult:
    if "category" in fields:
        fields["category"] = Category.objects.filter(home=by.home, pk=fields["category"]).first()
        if fields["category"] is None:
            raise ActionError("That aisle doesn't exist.")
    if "assigned_to" in fields:
        fields["assigned_to"] = find_user(fields["assigned_to"], by)
    return actions.merge_change(target, by=by, **fields)


def find_user(user_id: str, by: Actor) -> User | None:
    """Return the member's user, None for an empty id. Raises ActionError for anybody else."""
    if not user_id:
        return None
    members = Membership.objects.filter(home=by.home).select_related("user")
    member = next((each for each in members if str(each.user_id) == user_id), None)
    if member is None:
        raise ActionError(_("That person doesn't live here."))
    return member.user


def sort_entries(data: dict[str, Any], seen: int | None, by: Actor) -> MergeResult:
    actions.sort_entries(find_list(data["list"], by), data["entries"], by=by)
    return MergeResult()


def start_shopping(data: dict[str, Any], seen: int | None, by: Actor) -> MergeResult:
    actions.start_shopping(find_list(data["list"], by), by=by)
    return MergeResult()


def end_shopping(data: dict[str, Any], seen: int | None, by: Actor) -> MergeResult:
    actions.end_shopping(find_list(data["list"], by), by=by, total=data.get("total"))
    return MergeResult()


def find_list(pk: UUID, by: Actor) -> GroceryList:
    grocery_list = GroceryList.objects.filter(home=by.home, pk=pk).first()
    if grocery_list is None:
        raise ActionError(_("That list doesn't exist."))
    return grocery_list


def entry_command(serializer: type[EntrySerializer], merge: Callable[..., MergeResult]) -> OfflineCommand:
    def merge_entry(data: dict[str, Any], seen: int | None, by: Actor) -> MergeResult:
        return merge(data.pop("entry"), by=by, seen=seen, **data)

    return OfflineCommand(serializer, merge_entry)


OFFLINE_COMMANDS = {
    "add_entry": OfflineCommand(AddSerializer, add),
    "change_entry": entry_command(ChangeSerializer, merge_change),
    "step_entry": entry_command(StepSerializer, actions.merge_step),
    "purchase_entry": entry_command(PurchaseSerializer, actions.merge_purchase),
    "put_back_entry": entry_command(EntrySerializer, actions.merge_put_back),
    "sort_entries": OfflineCommand(OrderSerializer, sort_entries),
    "start_shopping": OfflineCommand(ListSerializer, start_shopping),
    "end_shopping": OfflineCommand(TripEndSerializer, end_shopping),
    "remove_entry": entry_command(EntrySerializer, actions.merge_remove),
}
