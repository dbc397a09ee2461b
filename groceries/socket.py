"""Commands on lists from live connections."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import serializers

from groceries.actions import add_entry, change_list_state, purchase_entry
from groceries.api.entries import NewEntry
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
    item = fields.pop("name", None) or _get_visible(by, Item, fields.pop("item_id"))
    add_entry(_get_visible(by, GroceryList, list_id), item, by=by, **fields)


def purchase(by: Actor, entry_id: UUID, price_paid: Decimal | None = None) -> None:
    purchase_entry(_get_visible(by, ListEntry, entry_id), by=by, price=price_paid)


def change_state(by: Actor, list_id: UUID, state: str) -> None:
    change_list_state(_get_visible(by, GroceryList, list_id), state, by=by)


def can_view_list(member: Membership, pk: UUID) -> bool:
    return GroceryList.objects.visible_to(member).filter(pk=pk).exists()


def _get_visible(by: Actor, model: type[GroceryList | Item | ListEntry], pk: UUID) -> Any:
    assert by.member is not None
    return get_object_or_404(model.objects.visible_to(by.member), pk=pk)
