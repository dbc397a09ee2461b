"""Lists and their entries."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.shortcuts import get_object_or_404
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from groceries.actions import (
    add_entry,
    archive_list,
    change_entry,
    change_list_state,
    create_list,
    purchase_entry,
    put_back_entry,
    remove_entry,
    rename_list,
)
from groceries.api import serializers as shapes
from groceries.models import EntryState, GroceryList, Item, ListEntry
from homes.api.viewsets import HomeViewSet
from pantry.api.pagination import paginate, paginate_columns
from pantry.api.schema import describe

LISTS, ENTRIES = "Lists", "List items"


class ListScopedViewSet(HomeViewSet):
    """A viewset of lists or of what belongs to a list."""

    def get_queryset(self) -> Any:
        return GroceryList.objects.visible_to(self.member)

    def get_list(self, list_id: UUID) -> GroceryList:
        grocery_list: GroceryList = get_object_or_404(self.get_queryset(), pk=list_id)
        return grocery_list


class ListViewSet(ListScopedViewSet):
    @describe("List lists, newest first", tag=LISTS, pages=shapes.ListSerializer, query=shapes.ListQuery)
    def list(self, request: Request, **kwargs: Any) -> Response:
        rows = self.get_queryset().filter(**self.validated_query(shapes.ListQuery))
        return paginate_columns(request, rows, ["-created_at", "-id"], shapes.ListSerializer)

    @describe(
        "Create a list", tag=LISTS, takes=shapes.NewList, gives=shapes.FullList,
        posts=True, example={"name": "Weekly shop"},
    )  # fmt: skip
    def create(self, request: Request, **kwargs: Any) -> Response:
        grocery_list = create_list(self.validated_body(shapes.NewList).get("name", ""), by=self.actor())
        return Response(shapes.full_list(grocery_list))

    @describe("Retrieve a list with its items", tag=LISTS, gives=shapes.FullList)
    def retrieve(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        return Response(shapes.full_list(self.get_list(list_id)))

    @describe(
        "Rename, approve, complete or reopen a list", tag=LISTS, takes=shapes.ListChange, gives=shapes.FullList,
        example={"state": "approved"},
    )  # fmt: skip
    def partial_update(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        grocery_list = self.get_list(list_id)
        return Response(shapes.full_list(self.change(grocery_list, self.validated_body(shapes.ListChange))))

    @describe("Archive a list, keeping its purchases in the home's spending", tag=LISTS, status=204)
    def destroy(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        archive_list(self.get_list(list_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @transaction.atomic
    def change(self, grocery_list: GroceryList, fields: dict[str, Any]) -> GroceryList:
        """Change name and state in one transaction."""
        if "name" in fields:
            grocery_list = rename_list(grocery_list, fields["name"], by=self.actor())
        if "state" in fields:
            grocery_list = change_list_state(grocery_list, fields["state"], by=self.actor())
        return grocery_list


class EntryViewSet(ListScopedViewSet):
    @describe("List the items on a list", tag=ENTRIES, pages=shapes.EntrySerializer, query=shapes.EntryQuery)
    def list(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        """Lists pending and purchased items. `?state=removed` lists removed ones."""
        entries = ListEntry.objects.filter(list=self.get_list(list_id))
        query = self.validated_query(shapes.EntryQuery)
        entries = entries.filter(**query) if query else entries.exclude(state=EntryState.REMOVED)
        rows = entries.values_list(*shapes.ENTRY_COLUMNS, named=True)
        return paginate(request, rows, ["created_at", "id"], shapes.entries)

    @describe(
        "Add an item to a list, or raise its amount", tag=ENTRIES, takes=shapes.NewEntry,
        gives=shapes.EntrySerializer, status=201, also={200: shapes.EntrySerializer}, posts=True,
        example={"name": "eggs", "quantity": "1", "unit": "dozen"},
    )  # fmt: skip
    def create(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        """Returns 201 with a new list item, 200 with an existing one whose amount was raised."""
        grocery_list, fields = self.get_list(list_id), self.validated_body(shapes.NewEntry)
        item = fields.pop("name", None)
        if item is None:
            item = get_object_or_404(Item.objects.visible_to(self.member), pk=fields.pop("item_id"))
        entry, is_new = add_entry(grocery_list, item, by=self.actor(), **fields)
        return Response(self.represent(entry), status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    @describe("Retrieve a list item", tag=ENTRIES, gives=shapes.EntrySerializer)
    def retrieve(self, request: Request, list_id: UUID, entry_id: UUID, **kwargs: Any) -> Response:
        return Response(self.represent(self.get_entry(list_id, entry_id)))

    @describe(
        "Change, purchase or put back a list item", tag=ENTRIES, takes=shapes.EntryChange,
        gives=shapes.EntrySerializer, refuses=(403, 404, 409),
        example={"state": "purchased", "price_paid": "45", "version": 1},
    )  # fmt: skip
    def partial_update(self, request: Request, list_id: UUID, entry_id: UUID, **kwargs: Any) -> Response:
        entry = self.get_entry(list_id, entry_id)
        return Response(self.represent(self.change(entry, **self.validated_body(shapes.EntryChange))))

    @transaction.atomic
    def change(
        self, entry: ListEntry, version: int | None = None, state: str | None = None, **fields: Any
    ) -> ListEntry:
        """Change fields and state in one transaction. `version` is the one that the client saw."""
        price = fields.pop("price_paid", None) if state == EntryState.PURCHASED else None
        if fields or version is not None:
            entry = change_entry(entry, by=self.actor(), version=version, **fields)
        if state == EntryState.PURCHASED:
            entry = purchase_entry(entry, by=self.actor(), price=price)
        elif state == EntryState.PENDING:
            entry = put_back_entry(entry, by=self.actor())
        elif state == EntryState.REMOVED:
            entry = remove_entry(entry, by=self.actor())
        return entry

    @describe("Remove a list item", tag=ENTRIES, status=204, refuses=(400, 403, 404))
    def destroy(self, request: Request, list_id: UUID, entry_id: UUID, **kwargs: Any) -> Response:
        remove_entry(self.get_entry(list_id, entry_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def represent(self, row: ListEntry) -> Any:
        return shapes.entry(row)

    def get_entry(self, list_id: UUID, entry_id: UUID) -> ListEntry:
        entries = ListEntry.objects.visible_to(self.member).select_related("list", "item__category")
        entry: ListEntry = get_object_or_404(entries, pk=entry_id, list=list_id)
        return entry
