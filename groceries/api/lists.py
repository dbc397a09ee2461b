"""API of lists, and of what to add to them."""

from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import get_language
from rest_framework import serializers

from groceries import actions
from groceries.api.entries import EntrySerializer, list_entries
from groceries.models import GroceryList, ListState, Store
from groceries.suggestions import MAX_LIMIT, suggest
from homes.api.viewsets import HomeViewSet
from pantry.api.endpoints import action_endpoint, endpoint, retrieve_endpoint
from pantry.api.fields import Boolean, Id, Line, NumberField, Text


class ListSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    store = serializers.UUIDField(source="store_id", allow_null=True, help_text="Where it is shopped with.")
    state = serializers.ChoiceField(choices=ListState.choices)
    is_template = serializers.BooleanField()
    approved_by = serializers.UUIDField(source="approved_by_id", allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    archived_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField(help_text="Tells lists of the same name apart.")


class FullList(ListSerializer):
    items = EntrySerializer(many=True)


def full_list(grocery_list: GroceryList) -> dict[str, Any]:
    """Serialize a list with its entries, ordered by aisle."""
    return {**ListSerializer(grocery_list).data, "items": list_entries(grocery_list)}


class ListChange(serializers.Serializer):  # type: ignore[type-arg]
    name = Line(80, required=False)
    state = serializers.ChoiceField(required=False, choices=ListState.choices)
    archived = Boolean(required=False)
    store_id = Id(required=False, allow_null=True, help_text="Where to shop with it.")


class NewList(serializers.Serializer):  # type: ignore[type-arg]
    """A list or a template, empty or with the items of another one."""

    name = Line(80, required=False)
    is_template = Boolean(required=False)
    store_id = Id(required=False, help_text="Where to shop with it.")
    copy_of = Id(required=False, help_text="The list or template that it gets the items of, and its name.")


LIST_QUERY = {
    "state": serializers.ChoiceField(required=False, choices=ListState.choices),
    "kind": serializers.ChoiceField(
        required=False, choices=["lists", "templates", "archived"], help_text="Defaults to lists."
    ),
}

SUGGESTION_QUERY = {
    "q": Text(4000, blank=True, required=False, help_text="What is typed so far."),
    "limit": serializers.IntegerField(
        min_value=1, max_value=MAX_LIMIT, required=False, help_text="At most so many; 8 by default."
    ),
}


class ItemSuggestion(serializers.Serializer):  # type: ignore[type-arg]
    text = serializers.CharField(help_text="What is typed, completed: to add it, or to go on with.")
    name = serializers.CharField()
    quantity = NumberField(allow_null=True, help_text="The usual amount.")
    unit = serializers.CharField()
    icon = serializers.CharField(help_text="An emoji, or empty.")
    is_favourite = serializers.BooleanField()
    reason = serializers.CharField(help_text="Why, in the language of the request, or empty.")


class ItemSuggestions(serializers.Serializer):  # type: ignore[type-arg]
    results = ItemSuggestion(many=True)


class ListViewSet(HomeViewSet):
    tag = "Lists"
    lookup_url_kwarg = "list_id"
    queryset = GroceryList.objects.all()
    serializer_class: Any = FullList

    def get_queryset(self) -> Any:
        """Return the archived lists of the home, too."""
        return GroceryList.objects.filter(home=self.home)

    @endpoint(
        "List lists, templates or archived lists, newest first", paginated=True, query=LIST_QUERY,
        response=ListSerializer,
    )  # fmt: skip
    def list(self, query: dict[str, Any]) -> Any:
        kind = query.pop("kind", "lists")
        lists = self.get_queryset().filter(archived_at__isnull=kind != "archived", **query)
        if kind != "archived":
            lists = lists.filter(is_template=kind == "templates")
        return lists.order_by("-created_at", "-id")

    @endpoint("Create a list or a template", request=NewList, status=200, example={"name": "Weekly shop"})
    def create(self, data: dict[str, Any]) -> GroceryList:
        source, store_id = data.pop("copy_of", None), data.pop("store_id", None)
        store = self.get_visible(Store, pk=store_id) if store_id else None
        if source is None:
            return actions.create_list(by=self.actor(), store=store, **data)
        copy = actions.copy_list(self.get_visible(GroceryList, pk=source), by=self.actor(), **data)
        return actions.choose_store(copy, store, by=self.actor()) if store else copy

    @endpoint("Retrieve the current list with its items")
    def current(self) -> GroceryList:
        """Returns the newest open list, which pages, the command and agents mean where none is named."""
        current = GroceryList.objects.visible_to(self.member).current()
        if current is None:
            raise Http404
        return current

    retrieve = retrieve_endpoint("Retrieve a list with its items")

    @endpoint(
        "Rename, approve, complete, reopen, archive or restore a list, or choose its store",
        request=ListChange,
        example={"state": "approved"},
    )  # fmt: skip
    @transaction.atomic
    def partial_update(self, grocery_list: GroceryList, data: dict[str, Any]) -> GroceryList:
        by = self.actor()
        if "name" in data:
            grocery_list = actions.rename_list(grocery_list, data["name"], by=by)
        if "store_id" in data:
            store = self.get_visible(Store, pk=data["store_id"]) if data["store_id"] else None
            grocery_list = actions.choose_store(grocery_list, store, by=by)
        if "state" in data:
            grocery_list = actions.change_list_state(grocery_list, data["state"], by=by)
        if "archived" in data:
            change = actions.archive_list if data["archived"] else actions.restore_list
            grocery_list = change(grocery_list, by=by)
        return grocery_list

    @endpoint("Remove what is left to get on a list", errors=(400, 404), status=200)
    def clear(self, grocery_list: GroceryList) -> GroceryList:
        actions.clear_list(grocery_list, by=self.actor())
        return grocery_list

    destroy = action_endpoint(
        actions.delete_list, "Delete a list", errors=(400, 404),
        description="Refused if something on it was bought, since that is part of the home's spending: archive it.",
    )  # fmt: skip

    def represent(self, row: GroceryList) -> Any:
        return full_list(row)


class SuggestionViewSet(ListViewSet):
    serializer_class = ItemSuggestions

    @endpoint("Suggest items for a list", query=SUGGESTION_QUERY)
    def retrieve(self, grocery_list: GroceryList, query: dict[str, Any]) -> dict[str, Any]:
        """Completes what is typed; without `q`, suggests what the home usually buys and is not on the list."""
        limit = {"limit": query["limit"]} if "limit" in query else {}
        return {"results": suggest(grocery_list, query.get("q", ""), get_language() or "", **limit)}

    def represent(self, row: Any) -> Any:
        return self.serializer_class(row).data
