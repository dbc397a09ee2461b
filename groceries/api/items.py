"""API of the items that a home knows."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from groceries import actions
from groceries.actions.items import MAX_ALIASES
from groceries.api.fields import INTO, Merge, amount
from groceries.models import Category, Item
from groceries.parsing.quantities import normalize_unit
from homes.api.viewsets import HomeViewSet
from pantry.api.endpoints import action_endpoint, endpoint, retrieve_endpoint
from pantry.api.fields import Boolean, Line, NumberField, ShortList, Text, money
from pantry.errors import ActionError


class ListedItem(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    category = serializers.CharField(source="category.name")
    default_unit = serializers.CharField()


class ItemSerializer(ListedItem):
    """An item with its usual amount, `quantity` and `unit`."""

    quantity = NumberField(source="default_quantity", allow_null=True)
    unit = serializers.CharField(source="default_unit")
    estimated_price = NumberField(allow_null=True)
    last_purchased_at = serializers.DateTimeField(allow_null=True)
    aliases = serializers.ListField(child=serializers.CharField(), source="alias_names")
    snoozed_until = serializers.DateField(allow_null=True, help_text="The day until which it is not needed.")
    has_forecasts = serializers.BooleanField(help_text="False: its forecasts are refused.")
    is_favourite = serializers.BooleanField(help_text="It is suggested before anything is typed.")


class ItemChange(serializers.Serializer):  # type: ignore[type-arg]
    name = Line(100, required=False)
    description = Line(200, blank=True, required=False)
    category = Line(40, required=False, help_text="Name of an aisle.")
    quantity = amount(required=False, allow_null=True, source="default_quantity", help_text="The usual amount.")
    unit = Line(20, blank=True, required=False, source="default_unit")
    estimated_price = money(required=False, allow_null=True)
    is_favourite = Boolean(required=False)
    aliases = ShortList(
        child=Line(100), max_length=MAX_ALIASES, required=False, help_text="All other names that mean the item."
    )


class NewItem(ItemChange):
    name = Line(100)


ITEM_QUERY = {
    "q": Text(100, blank=True, required=False, help_text="Start of any word of the name or an alias."),
    "category": Line(40, required=False, help_text="Name of an aisle."),
    "order": serializers.ChoiceField(required=False, choices=["name", "newest"]),
}


class ItemViewSet(HomeViewSet):
    tag = "Items"
    lookup_url_kwarg = "item_id"
    queryset = Item.objects.select_related("category").prefetch_related("aliases")
    serializer_class = ItemSerializer

    @endpoint("List items; `q` filters by the start of a word", paginated=True, query=ITEM_QUERY, columns=False)
    def list(self, query: dict[str, Any]) -> Any:
        items = self.get_queryset()
        if prefix := query.get("q", "").strip():
            items = items.matching(prefix, self.home)
        if "category" in query:
            items = items.filter(category__name=query["category"])
        is_newest_first = query.get("order") == "newest"
        return items.order_by("-created_at", "-id") if is_newest_first else items.order_by("search_key", "id")

    @endpoint(
        "Create an item, or update the one of that name", request=NewItem, status=200,
        example={"name": "eggs", "quantity": "1", "unit": "dozen", "category": "protein"},
    )  # fmt: skip
    def create(self, data: dict[str, Any]) -> Item:
        item, _is_new = actions.create_item(by=self.actor(), **self.clean(data))
        return item

    retrieve = retrieve_endpoint("Retrieve an item")

    @endpoint("Change an item", request=ItemChange, example={"category": "dairy"})
    def partial_update(self, item: Item, data: dict[str, Any]) -> Item:
        return actions.update_item(item, by=self.actor(), **self.clean(data))

    destroy = action_endpoint(actions.remove_item, "Remove an item that was never bought", errors=(400, 404))

    @endpoint("Merge an item into another one", request=Merge, status=200, errors=(400, 404), example=INTO)
    def merge(self, item: Item, data: dict[str, Any]) -> Item:
        """Its list items, purchases, recurring items and aliases become those of the item that stays, which is
        returned, and its name becomes an alias of it."""
        return actions.merge_items(item, self.get_visible(Item, pk=data["into"]), by=self.actor())

    def clean(self, fields: dict[str, Any]) -> dict[str, Any]:
        if "category" in fields:
            category = Category.objects.filter(home=self.home, name=fields["category"]).first()
            if category is None:
                raise ActionError(_("There's no aisle with that name."))
            fields["category"] = category
        if "default_unit" in fields:
            fields["default_unit"] = normalize_unit(fields["default_unit"])
        return fields
