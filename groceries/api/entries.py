"""API of the items on a list."""

from typing import Any

from django.db import transaction
from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from groceries import actions
from groceries.api.fields import EXAMPLE_ID, amount
from groceries.api.items import ListedItem
from groceries.models import EntryState, GroceryList, Item, ListEntry
from homes.api.viewsets import HomeViewSet
from homes.models import Membership
from pantry.api.endpoints import action_endpoint, endpoint, retrieve_endpoint
from pantry.api.fields import Id, Integer, Line, NumberField, OneOf, ShortList, money
from pantry.api.pagination import column_names, serialize_columns

MAX_ENTRIES = 500  # in one change


class EntrySerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    item = ListedItem()
    quantity = NumberField()
    unit = serializers.CharField()
    note = serializers.CharField()
    state = serializers.ChoiceField(choices=EntryState.choices)
    version = serializers.IntegerField()
    listed_at = serializers.DateTimeField(help_text="Later than the list's `approved_at`: nobody has approved it.")
    added_by = serializers.UUIDField(source="added_by_id", allow_null=True)
    assigned_to = serializers.UUIDField(source="assigned_to_id", allow_null=True, help_text="The user who gets it.")
    purchased_by = serializers.UUIDField(source="purchased_by_id", allow_null=True)
    purchased_at = serializers.DateTimeField(allow_null=True)
    price_paid = NumberField(allow_null=True)
    position = serializers.IntegerField(allow_null=True, help_text="In its aisle; null for one that was never sorted.")


def list_entries(grocery_list: GroceryList) -> list[dict[str, Any]]:
    """Serialize the entries of a list, ordered by aisle."""
    entries = (
        ListEntry.objects.filter(list=grocery_list).exclude(state=EntryState.REMOVED).in_aisles(grocery_list.store)
    )
    return serialize_columns(EntrySerializer, entries.values(*column_names(EntrySerializer)))


class NewEntry(OneOf):
    """Either `item_id` or `name`. The quantity defaults to the item's usual one."""

    one_of = ("item_id", "name")

    item_id = Id(required=False)
    name = Line(100, required=False)
    quantity = amount(required=False)
    unit = Line(20, required=False)
    note = Line(200, blank=True, required=False)


class EntryChange(serializers.Serializer):  # type: ignore[type-arg]
    version = Integer(1, required=False, help_text="The version that the client last saw.")
    name = Line(100, required=False, help_text="Selects another item of the home, or creates one.")
    list_id = Id(required=False, help_text="Moves it to another list.")
    state = serializers.ChoiceField(required=False, choices=EntryState.choices)
    quantity = amount(required=False)
    unit = Line(20, required=False)
    note = Line(200, blank=True, required=False)
    assigned_to = Id(required=False, allow_null=True, help_text="A member's `user_id`: who gets it.")
    price_paid = money(required=False, allow_null=True)


class EntriesChange(OneOf):
    """Either a `state` or the `list_id` of another list, for several list items."""

    one_of = ("state", "list_id")

    ids = ShortList(child=Id(), min_length=1, max_length=MAX_ENTRIES)
    state = serializers.ChoiceField(required=False, choices=EntryState.choices)
    list_id = Id(required=False)


class EntryOrder(serializers.Serializer):  # type: ignore[type-arg]
    ids = ShortList(child=Id(), min_length=1, max_length=MAX_ENTRIES, help_text="Of pending list items of one aisle.")


class EntriesSerializer(serializers.Serializer):  # type: ignore[type-arg]
    results = EntrySerializer(many=True)


ENTRY_QUERY = {"state": serializers.ChoiceField(required=False, choices=EntryState.choices)}


class EntryViewSet(HomeViewSet):
    tag = "List items"
    lookup_url_kwarg = "entry_id"
    queryset = ListEntry.objects.select_related("list", "item__category")
    serializer_class = EntrySerializer

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(list=self.kwargs["list_id"])

    def get_list(self) -> Any:
        return self.get_visible(GroceryList, pk=self.kwargs["list_id"])

    @endpoint("List the items on a list", paginated=True, query=ENTRY_QUERY)
    def list(self, query: dict[str, Any]) -> Any:
        """Lists pending and purchased items. `?state=removed` lists removed ones."""
        entries = ListEntry.objects.filter(list=self.get_list()).order_by("created_at", "id")
        return entries.filter(**query) if query else entries.exclude(state=EntryState.REMOVED)

    @endpoint(
        "Add an item to a list, or raise its amount", request=NewEntry,
        also={200: EntrySerializer}, example={"name": "eggs", "quantity": "1", "unit": "dozen"},
    )  # fmt: skip
    def create(self, data: dict[str, Any]) -> Response:
        """Returns 201 with a new list item, 200 with an existing one whose amount was raised."""
        item = data.pop("name", None) or self.get_visible(Item, pk=data.pop("item_id"))
        return self.created(*actions.add_entry(self.get_list(), item, by=self.actor(), **data))

    retrieve = retrieve_endpoint("Retrieve a list item")

    @endpoint(
        "Change, purchase or put back a list item", request=EntryChange, errors=(404, 409),
        example={"state": "purchased", "price_paid": "45", "version": 1},
    )  # fmt: skip
    @transaction.atomic
    def partial_update(self, entry: ListEntry, data: dict[str, Any]) -> ListEntry:
        by, state = self.actor(), data.pop("state", None)
        if "list_id" in data:
            data["list"] = self.get_visible(GroceryList, pk=data.pop("list_id"))
        if state is None and "price_paid" in data and entry.is_purchased:
            entry = actions.correct_price(entry, data.pop("price_paid"), by=by, version=data.pop("version", None))
        price = data.pop("price_paid", None) if state == EntryState.PURCHASED else None
        if "assigned_to" in data:
            user_id = data.pop("assigned_to")
            member = self.get_visible(Membership, user=user_id) if user_id else None
            version = data.pop("version", None)
            entry = actions.assign_entry(entry, member.user if member else None, by=by, version=version)
        if data:
            entry = actions.change_entry(entry, by=by, **data)
        if state == EntryState.PURCHASED:
            entry = actions.purchase_entry(entry, by=by, price=price)
        elif state == EntryState.PENDING:
            entry = actions.put_back_entry(entry, by=by)
        elif state == EntryState.REMOVED:
            entry = actions.remove_entry(entry, by=by)
        return entry

    destroy = action_endpoint(actions.remove_entry, "Remove a list item", errors=(400, 404))

    @endpoint(
        "Put list items of an aisle in order", request=EntryOrder, response=EntriesSerializer, status=200,
        example={"ids": [EXAMPLE_ID]}, errors=(400, 404),
    )  # fmt: skip
    def order(self, data: dict[str, Any]) -> Any:
        """Others of the aisle stay where they are. Returns the pending list items of the aisle."""
        return {"results": actions.sort_entries(self.get_list(), data["ids"], by=self.actor())}

    @endpoint(
        "Change the state of several list items, or move them", request=EntriesChange,
        response=EntriesSerializer, example={"ids": [EXAMPLE_ID], "state": "purchased"}, errors=(400, 404),
    )  # fmt: skip
    def bulk(self, data: dict[str, Any]) -> Any:
        """All or, if one of them can't be changed, none."""
        by, entries = self.actor(), list(self.get_queryset().filter(pk__in=data["ids"]))
        if len(entries) != len(set(data["ids"])):
            raise Http404
        if "state" in data:
            changed = actions.set_entry_states(entries, data["state"], by=by)
        else:
            changed = actions.move_entries(entries, self.get_visible(GroceryList, pk=data["list_id"]), by=by)
        return {"results": changed}
