"""Commands on lists from live connections."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import serializers

from groceries.actions import add_entry, change_list_state, purchase_entry
from groceries.api.serializers import NewEntry
from groceries.models import GroceryList, Item, ListEntry, ListState
from homes.events.actor import Actor
from homes.models import Membership
from pantry.api.fields import Id, money


class EntryFrame(NewEntry):
    list_id = Id()


class PurchaseFrame(serializers.Serializer):  # type: ignore[type-arg]
    entry_id = Id()
    price_paid = money(required=False, allow_null=True)


class StateFrame(serializers.Serializer):  # type: ignore[type-arg]
    list_id = Id()
    state = serializers.ChoiceField(choices=ListState.choices)


def add(by: Actor, list_id: UUID, **fields: Any) -> None:
    item = fields.pop("name", None)
    if item is None:
        item = get_object_or_404(Item.objects.visible_to(_member(by)), pk=fields.pop("item_id"))
    add_entry(get_list(by, list_id), item, by=by, **fields)


def purchase(by: Actor, entry_id: UUID, price_paid: Decimal | None = None) -> None:
    entry = get_object_or_404(ListEntry.objects.visible_to(_member(by)).select_related("list", "item"), pk=entry_id)
    purchase_entry(entry, by=by, price=price_paid)


def change_state(by: Actor, list_id: UUID, state: str) -> None:
    change_list_state(get_list(by, list_id), state, by=by)


def get_list(by: Actor, list_id: UUID) -> GroceryList:
    grocery_list: GroceryList = get_object_or_404(GroceryList.objects.visible_to(_member(by)), pk=list_id)
    return grocery_list


def can_view_list(member: Membership, pk: UUID) -> bool:
    return GroceryList.objects.visible_to(member).filter(pk=pk).exists()


def _member(by: Actor) -> Membership:
    assert by.member is not None
    return by.member
