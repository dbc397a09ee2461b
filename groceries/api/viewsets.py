"""Lists and their entries at the API: the same verbs as everywhere, in JSON."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.shortcuts import get_object_or_404
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from groceries.actions import (
    add_entry,
    change_entry,
    change_list_state,
    create_list,
    purchase_entry,
    put_back_entry,
    remove_entry,
    rename_list,
)
from groceries.api.serializers import (
    EntryChange,
    EntrySerializer,
    FullListSerializer,
    ListChange,
    ListSerializer,
    NewEntry,
)
from groceries.models import EntryState, GroceryList, Item, ListEntry
from homes.api.access import HomeViewSet


class ListViewSet(HomeViewSet):
    def get_queryset(self) -> Any:
        return GroceryList.objects.visible_to(self.member).order_by("-created_at")

    def list(self, request: Request, **kwargs: Any) -> Response:
        return Response({"results": ListSerializer(self.get_queryset()[:100], many=True).data})

    def create(self, request: Request, **kwargs: Any) -> Response:
        said = ListChange(data=request.data)
        said.is_valid(raise_exception=True)
        made = create_list(said.validated_data.get("name", ""), by=self.actor())
        return Response(FullListSerializer(made).data, status=status.HTTP_201_CREATED)

    def retrieve(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        return Response(FullListSerializer(self.the_list(list_id)).data)

    def partial_update(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        grocery_list = self.the_list(list_id)
        said = ListChange(data=request.data)
        said.is_valid(raise_exception=True)
        return Response(FullListSerializer(self.change(grocery_list, said.validated_data)).data)

    @transaction.atomic
    def change(self, grocery_list: GroceryList, fields: dict[str, Any]) -> GroceryList:
        """The name and the state: both or, when one is refused, neither."""
        if "name" in fields:
            grocery_list = rename_list(grocery_list, fields["name"], by=self.actor())
        if "state" in fields:
            grocery_list = change_list_state(grocery_list, fields["state"], by=self.actor())
        return grocery_list

    def the_list(self, list_id: UUID) -> GroceryList:
        found: GroceryList = get_object_or_404(self.get_queryset(), pk=list_id)
        return found


class EntryViewSet(HomeViewSet):
    def create(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        """201 with a new entry, 200 with one that was there and asks for more now."""
        grocery_list = get_object_or_404(GroceryList.objects.visible_to(self.member), pk=list_id)
        said = NewEntry(data=request.data)
        said.is_valid(raise_exception=True)
        fields = said.validated_data
        thing = fields.pop("name", None)
        if thing is None:
            thing = get_object_or_404(Item.objects.visible_to(self.member), pk=fields.pop("item_id"))
        entry, is_new = add_entry(grocery_list, thing, by=self.actor(), **fields)
        return Response(EntrySerializer(entry).data, status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    def partial_update(self, request: Request, list_id: UUID, entry_id: UUID, **kwargs: Any) -> Response:
        entry = self.the_entry(list_id, entry_id)
        said = EntryChange(data=request.data)
        said.is_valid(raise_exception=True)
        return Response(EntrySerializer(self.change(entry, **said.validated_data)).data)

    @transaction.atomic
    def change(
        self, entry: ListEntry, version: int | None = None, state: str | None = None, **fields: Any
    ) -> ListEntry:
        """The fields and the state: both or, when one is refused, neither. `version` is the one the client saw."""
        price = fields.pop("price_paid", None) if state == EntryState.PURCHASED else None
        if fields:
            entry = change_entry(entry, by=self.actor(), version=version, **fields)
        if state == EntryState.PURCHASED:
            entry = purchase_entry(entry, by=self.actor(), price=price)
        elif state == EntryState.PENDING:
            entry = put_back_entry(entry, by=self.actor())
        elif state == EntryState.REMOVED:
            entry = remove_entry(entry, by=self.actor())
        return entry

    def destroy(self, request: Request, list_id: UUID, entry_id: UUID, **kwargs: Any) -> Response:
        remove_entry(self.the_entry(list_id, entry_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def the_entry(self, list_id: UUID, entry_id: UUID) -> ListEntry:
        entries = ListEntry.objects.visible_to(self.member).select_related("list", "item__category")
        found: ListEntry = get_object_or_404(entries, pk=entry_id, list=list_id)
        return found
