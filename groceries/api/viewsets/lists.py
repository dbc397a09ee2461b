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


class ListDoor(HomeViewSet):
    """A door of one list, or of the home's lists."""

    def get_queryset(self) -> Any:
        return GroceryList.objects.visible_to(self.member)

    def the_list(self, list_id: UUID) -> GroceryList:
        found: GroceryList = get_object_or_404(self.get_queryset(), pk=list_id)
        return found


class ListViewSet(ListDoor):
    @describe("Lists, the newest first", tag=LISTS, pages=shapes.ListSerializer, query=shapes.ListQuery)
    def list(self, request: Request, **kwargs: Any) -> Response:
        rows = self.get_queryset().filter(**self.validated_query(shapes.ListQuery))
        return paginate_columns(request, rows, ["-created_at", "-id"], shapes.ListSerializer)

    @describe(
        "Begin a list, as a draft", tag=LISTS, takes=shapes.NewList, gives=shapes.FullList,
        posts=True, example={"name": "Weekly shop"},
    )  # fmt: skip
    def create(self, request: Request, **kwargs: Any) -> Response:
        made = create_list(self.validated_body(shapes.NewList).get("name", ""), by=self.actor())
        return Response(shapes.full_list(made))

    @describe("A list, and what stands on it", tag=LISTS, gives=shapes.FullList)
    def retrieve(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        return Response(shapes.full_list(self.the_list(list_id)))

    @describe(
        "Rename, approve, complete or reopen a list", tag=LISTS, takes=shapes.ListChange, gives=shapes.FullList,
        example={"state": "approved"},
    )  # fmt: skip
    def partial_update(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        grocery_list = self.the_list(list_id)
        return Response(shapes.full_list(self.change(grocery_list, self.validated_body(shapes.ListChange))))

    @describe("Put a list away; what was bought on it stays in the books", tag=LISTS, status=204)
    def destroy(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        archive_list(self.the_list(list_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @transaction.atomic
    def change(self, grocery_list: GroceryList, fields: dict[str, Any]) -> GroceryList:
        """The name and the state: both or, when one is refused, neither."""
        if "name" in fields:
            grocery_list = rename_list(grocery_list, fields["name"], by=self.actor())
        if "state" in fields:
            grocery_list = change_list_state(grocery_list, fields["state"], by=self.actor())
        return grocery_list


class EntryViewSet(ListDoor):
    @describe("What stands on a list", tag=ENTRIES, pages=shapes.EntrySerializer, query=shapes.EntryQuery)
    def list(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        """All that is to get or was got; `?state=removed` shows what was taken off."""
        entries = ListEntry.objects.filter(list=self.the_list(list_id))
        asked = self.validated_query(shapes.EntryQuery)
        entries = entries.filter(**asked) if asked else entries.exclude(state=EntryState.REMOVED)
        rows = entries.values_list(*shapes.ENTRY_COLUMNS, named=True)
        return paginate(request, rows, ["created_at", "id"], shapes.entries)

    @describe(
        "Put something on a list; what is there already adds up", tag=ENTRIES, takes=shapes.NewEntry,
        gives=shapes.EntrySerializer, status=201, also={200: shapes.EntrySerializer}, posts=True,
        example={"name": "eggs", "quantity": "1", "unit": "dozen"},
    )  # fmt: skip
    def create(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        """201 with a new entry, 200 with one that was there and asks for more now."""
        grocery_list, fields = self.the_list(list_id), self.validated_body(shapes.NewEntry)
        thing = fields.pop("name", None)
        if thing is None:
            thing = get_object_or_404(Item.objects.visible_to(self.member), pk=fields.pop("item_id"))
        entry, is_new = add_entry(grocery_list, thing, by=self.actor(), **fields)
        return Response(self.represent(entry), status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    @describe("One thing on a list", tag=ENTRIES, gives=shapes.EntrySerializer)
    def retrieve(self, request: Request, list_id: UUID, entry_id: UUID, **kwargs: Any) -> Response:
        return Response(self.represent(self.the_entry(list_id, entry_id)))

    @describe(
        "Change an entry: purchased, put back, more, a note", tag=ENTRIES, takes=shapes.EntryChange,
        gives=shapes.EntrySerializer, refuses=(403, 404, 409),
        example={"state": "purchased", "price_paid": "45", "version": 1},
    )  # fmt: skip
    def partial_update(self, request: Request, list_id: UUID, entry_id: UUID, **kwargs: Any) -> Response:
        entry = self.the_entry(list_id, entry_id)
        return Response(self.represent(self.change(entry, **self.validated_body(shapes.EntryChange))))

    @transaction.atomic
    def change(
        self, entry: ListEntry, version: int | None = None, state: str | None = None, **fields: Any
    ) -> ListEntry:
        """The fields and the state: both or, when one is refused, neither. `version` is the one the client saw."""
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

    @describe("Take an entry off its list", tag=ENTRIES, status=204, refuses=(400, 403, 404))
    def destroy(self, request: Request, list_id: UUID, entry_id: UUID, **kwargs: Any) -> Response:
        remove_entry(self.the_entry(list_id, entry_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def represent(self, row: ListEntry) -> Any:
        return shapes.entry(row)

    def the_entry(self, list_id: UUID, entry_id: UUID) -> ListEntry:
        entries = ListEntry.objects.visible_to(self.member).select_related("list", "item__category")
        found: ListEntry = get_object_or_404(entries, pk=entry_id, list=list_id)
        return found
